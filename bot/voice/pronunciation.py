"""From a written text to the words that people say."""

from __future__ import annotations

from pathlib import Path

from bot.voice.speaking import speakable


class Pronunciation:
    """The rules and words of `audio/pronunciation.yml`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, text: str) -> str:
        """The text as it is said."""
        return speakable(text)
