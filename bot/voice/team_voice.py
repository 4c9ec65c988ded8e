"""What a member of the team has recorded for one person: kept like a passing clip, and pruned with those."""

from __future__ import annotations

import secrets
from typing import Final

from bot.domain.errors import TooLongError
from bot.voice.cache import clip_name
from bot.voice.loudness import as_pcm
from bot.voice.transcoding import LISTENING_RATE, MAX_CLIP_S, Form, decode, encode, mastered

PREFIX: Final = "team:"
_SPACE: Final = "team-voice"


def is_recorded(key: str) -> bool:
    """Whether a speech of that key is somebody's own voice."""
    return key.startswith(PREFIX)


def name_of(key: str, form: Form) -> str:
    """The file that holds it."""
    return clip_name(_SPACE, key, form=form, lasting=False)


def prepared(sound: bytes) -> tuple[str, dict[str, bytes]]:
    """A new key, and its files by name: a voice note and what a call plays. Raises AudioError for noise, too much, or nothing.

    Nobody's words are cut off: what is longer than a clip is refused.
    """
    heard = decode(sound, limit_s=MAX_CLIP_S + 1)
    if len(heard) > MAX_CLIP_S * LISTENING_RATE:
        raise TooLongError(f"it lasts longer than {MAX_CLIP_S:.0f} seconds: record it shorter")
    pcm = as_pcm(heard, LISTENING_RATE)
    key = f"{PREFIX}{secrets.token_hex(16)}"
    return key, {name_of(key, form): encode(mastered(pcm, form), form) for form in Form}
