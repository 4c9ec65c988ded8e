"""Languages that live by recordings, and what is said where one is missing: the shape of `audio/languages.yml`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.domain.message import Speech
from bot.voice import datafile
from bot.voice.recordings import Recordings

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


def spoken(folder: Path) -> dict[str, str]:
    """The languages beside Spanish in which a recording stands in the manifest, by code. Raises ContentError."""
    known = {entry.language.split("-", maxsplit=1)[0] for entry in Recordings(folder).entries}
    return {code: name for code, name in Languages.read(folder).recorded.items() if code in known}


def synthesised(language: str) -> bool:
    """Whether an engine speaks it; `es-CO` is Spanish too."""
    return language.split("-", maxsplit=1)[0] in SYNTHESISED
