"""Human recordings: what was recorded, by whom, with what consent, of which text."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bot.domain.errors import ContentError
from bot.voice import datafile

MANIFEST: Final = "manifest.yml"
INDEX: Final = "manifest.json"
SOUND_ENDINGS: Final = frozenset({".ogg", ".opus", ".wav", ".mp3", ".m4a", ".flac"})
_READABLE_ENDINGS: Final = frozenset({".ogg", ".opus", ".wav", ".mp3", ".m4a"})
_SHA256: Final = re.compile(r"[0-9a-f]{64}")

Said = Annotated[str, Field(min_length=1, max_length=300)]


def fingerprint(text: str) -> str:
    """The SHA-256 of a text, white space and Unicode form aside: when it changes, a recording of the text is stale."""
    whole = unicodedata.normalize("NFC", " ".join(text.split()))
    return hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()


class Recording(BaseModel):
    """One line of the manifest."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    file: Said
    key: Said
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
    text_sha256: str
    speaker: Said
    consent: Said
    source: Said
    licence: Said
    duration_s: Annotated[float, Field(gt=0, le=60)]
    size_bytes: Annotated[int, Field(gt=0, le=16 * 1024 * 1024)]

    @field_validator("text_sha256")
    @classmethod
    def _hash_is_whole(cls, value: str) -> str:
        if not _SHA256.fullmatch(value):
            raise ValueError("write the 64 digits that `batea audio check` shows for this text")
        return value

    @field_validator("file")
    @classmethod
    def _file_is_inside(cls, value: str) -> str:
        path = PurePosixPath(value)
        if path.is_absolute() or ".." in path.parts or path.suffix not in _READABLE_ENDINGS:
            raise ValueError("name a file inside audio/ that ends in .ogg, .opus, .wav, .mp3 or .m4a")
        return value


class Manifest(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    version: Literal[1]
    recordings: list[Recording]


class Recordings:
    """The recordings of a folder with their manifest: one that people write, or the index that the studio keeps."""

    def __init__(self, folder: Path, entries: Sequence[Recording] | None = None) -> None:
        """Without `entries` the manifest is read. Raises ContentError where it breaks a rule or names the same text twice."""
        self.folder = folder
        self.manifest = folder / (MANIFEST if entries is None else INDEX)
        self._line_of: Callable[[datafile.Location], int] = lambda _: 0
        if entries is None:
            manifest, self._line_of = datafile.load(self.manifest, Manifest)
            entries = manifest.recordings
        self.entries = tuple(entries)
        self._by_text: dict[tuple[str, str], Recording] = {}
        for entry in self.entries:
            if (entry.language, entry.text_sha256) in self._by_text:
                raise self.fault(entry, f"{entry.file}: this text is recorded twice in {entry.language}")
            self._by_text[entry.language, entry.text_sha256] = entry

    def fault(self, entry: Recording, text: str) -> ContentError:
        """Something wrong with an entry, with the line on which it begins."""
        return ContentError(str(self.manifest), self._line_of(("recordings", self.entries.index(entry))), text)

    def find(self, text: str, language: str) -> Recording | None:
        """The recording of exactly this text in that language."""
        return self._by_text.get((language, fingerprint(text))) if self._by_text else None

    def path(self, entry: Recording) -> Path:
        """Where its sound lies."""
        return self.folder / entry.file

    def stranger(self, path: Path) -> ContentError:
        """What is wrong with a file that the manifest does not name."""
        return ContentError(str(self.manifest), 0, f"{path.name}: the manifest does not name this file")

    def strangers(self) -> list[Path]:
        """Sound files in the folder that the manifest does not name; in the studio's they wait to be listened to."""
        if self.manifest.name == INDEX:
            return []
        named = {self.path(entry) for entry in self.entries}
        return sorted(path for path in self.folder.rglob("*") if path.suffix in SOUND_ENDINGS and path not in named)
