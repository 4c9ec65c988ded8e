"""What somebody has said in a call, made into a file that is small and heard well."""

from __future__ import annotations

from bot.domain.errors import AudioError
from bot.domain.voice_question import MOST_S, SHORTEST_S
from bot.voice.loudness import as_pcm
from bot.voice.transcoding import LISTENING_RATE, Form, decode, encode, mastered


def as_note(data: bytes) -> tuple[bytes, float]:
    """OGG/Opus without the silence at either end and at an even loudness, and its seconds. It does not tell where it came from.

    Raises AudioError for a broken file, silence, and less than a second of sound.
    """
    pcm = mastered(as_pcm(decode(data, limit_s=MOST_S), LISTENING_RATE))
    seconds = len(pcm.samples) / pcm.rate
    if seconds < SHORTEST_S:
        raise AudioError("less than a second of sound")
    return encode(pcm, Form.NOTE), seconds
