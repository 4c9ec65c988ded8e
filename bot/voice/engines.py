"""Which engines speak, by the setting `BATEA_TTS`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.domain.errors import ConfigurationError
from bot.voice import espeak, pico
from bot.voice.speaking import Speaker

GTTS_ADDRESS: Final = "https://translate.google.com"


@dataclass(frozen=True, slots=True)
class Voices:
    """The engines at hand: local ones, the best first, and the online one where it was asked for."""

    local: tuple[Speaker, ...] = ()
    online: Speaker | None = None


def choose_voices(tts: str, *, gtts_url: str = GTTS_ADDRESS) -> Voices:
    """The engines for a setting. Raises ConfigurationError where the one asked for by name is not installed."""
    if tts == "off":
        return Voices()
    if tts == "pico" and not pico.available():
        raise ConfigurationError("BATEA_TTS is pico, which is not built here: install a C compiler and run make, or use auto")
    if tts == "espeak" and not espeak.available():
        raise ConfigurationError("BATEA_TTS is espeak, which is not installed: run make setup, or use auto")
    local: list[Speaker] = []
    if tts != "espeak" and pico.available():
        local.append(pico.Pico())
    if espeak.available():
        local.append(espeak.Espeak())
    if tts != "gtts":
        return Voices(tuple(local))
    from bot.voice.google import Google  # noqa: PLC0415 - few want it, and its libraries take long to import

    return Voices(tuple(local), Google(gtts_url))
