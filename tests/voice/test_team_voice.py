"""What the team records: 0 to 60 seconds of sound, never cut off."""

import io
import wave

import pytest

from bot.domain.errors import AudioError
from bot.voice.team_voice import prepared


def sound(seconds):
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(8000)
        tone = b"".join((8000 * (1 if n % 20 < 10 else -1)).to_bytes(2, "little", signed=True) for n in range(8000))
        written.writeframes(tone * seconds)
    return file.getvalue()


@pytest.mark.parametrize("seconds", [0, 61, 300])
def test_nothing_and_too_much_are_refused(seconds):
    with pytest.raises(AudioError):
        prepared(sound(seconds))


def test_what_is_neither_becomes_a_voice_note_and_a_sound_for_calls():
    key, files = prepared(sound(5))
    assert key.startswith("team:")
    assert sorted(name.rpartition(".")[2] for name in files) == ["ogg", "wav"]
