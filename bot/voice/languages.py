"""Languages that live by recordings, and what is said where one is missing: the shape of `audio/languages.yml`."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.domain.message import Speech
from bot.voice import datafile
from bot.voice.recordings import Recordings
from bot.voice.shelf import Shelf

SPANISH: Final = "es"
SYNTHESISED: Final = frozenset({SPANISH})
"""The languages that an engine speaks. All others are heard from recordings, and in Spanish where there is none."""

UNRECORDED: Final = "languages.unrecorded"
"""The key of the sentence that says so."""

_FILE: Final = "languages.yml"


class Languages(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    version: Literal[1]
    recorded: dict[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")], str]
    unrecorded: Annotated[str, Field(min_length=1, max_length=200)]

    @classmethod
    def read(cls, folder: Path) -> Languages:
        """Raises ContentError."""
        return datafile.load(folder / _FILE, cls)[0]

    def notice(self, speech: Speech) -> Speech:
        """What is said before a Spanish sentence to somebody of another language."""
        return Speech(self.unrecorded, speech.language, speech.slow, key=UNRECORDED)


class HeardLanguages:
    """What is recorded at this moment. Raises ContentError where a manifest cannot be read."""

    def __init__(self, audio_dir: Path, shelf: Shelf) -> None:
        self._audio_dir = audio_dir
        self._shelf = shelf

    @cached_property
    def _names(self) -> dict[str, str]:
        return Languages.read(self._audio_dir).recorded

    @cached_property
    def _shipped(self) -> Recordings:
        return Recordings(self._audio_dir)

    def names(self) -> dict[str, str]:
        """Every language that lives by recordings, by code, whether there are any or not."""
        return dict(self._names)

    def spoken(self) -> dict[str, str]:
        """Those in which anything is recorded."""
        known = {entry.language for recordings in (self._shelf.current, self._shipped) for entry in recordings.entries}
        begun = {language.split("-", maxsplit=1)[0] for language in known}
        return {code: name for code, name in self._names.items() if code in begun}

    def recorded(self, speech: Speech) -> bool:
        """Whether a person says exactly this in its language."""
        found = (recordings.find(speech.text, speech.language) for recordings in (self._shelf.current, self._shipped))
        return any(found)


def synthesised(language: str) -> bool:
    """Whether an engine speaks it; `es-CO` is Spanish too."""
    return language.split("-", maxsplit=1)[0] in SYNTHESISED
