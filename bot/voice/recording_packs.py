"""Packs of human recordings: one file that carries them, with consent and licence, from one Batea to another.

Every sound and the list itself are fingerprinted, so that nothing in it can be exchanged by mistake or on the way. Who made it
only the seal tells: whoever sends the pack reads it out, whoever installs the pack compares.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.domain.errors import AudioError, ContentError
from bot.domain.recording import LICENCES, Packed, Take
from bot.voice.recordings import Said, fingerprint
from bot.voice.transcoding import MAX_CLIP_S, described, duration_s

MOST_RECORDINGS: Final = 20_000
MOST_SOUND_BYTES: Final = 2_000_000
MOST_LIST_BYTES: Final = 40_000_000
_LIST: Final = "recordings.json"
_TOLERANCE_S: Final = 0.5
_Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Line(BaseModel):
    """One recording in the list of a pack."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
    key: Annotated[str, Field(min_length=1, max_length=128)]
    text: Annotated[str, Field(min_length=1, max_length=2000)]
    sound: _Hash
    duration_s: Annotated[float, Field(gt=0, le=MAX_CLIP_S)]
    size_bytes: Annotated[int, Field(gt=0, le=MOST_SOUND_BYTES)]
    speaker: Annotated[str, Field(pattern=r"^[a-z0-9-]{3,64}$")]
    consent: Said
    agreed_on: date
    terms: Annotated[str, Field(min_length=1, max_length=32)]
    licence: Annotated[str, Field(max_length=32)]
    paid: bool
    checked: bool


class _List(BaseModel):
    """The list of a pack. Its seal is the fingerprint of the lines."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["batea-recordings"]
    version: Literal[1]
    seal: _Hash
    recordings: Annotated[list[_Line], Field(max_length=MOST_RECORDINGS)]


def write_pack(packed: Iterable[Packed], sound_of: Callable[[str], bytes | None], target: Path) -> tuple[int, str]:
    """Write a pack that is whole or not there; gives how many recordings, and its seal. Raises AudioError, OSError."""
    lines = [_line(one) for one in packed]
    seal = _seal(lines)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as file:
        partial = Path(file.name)
        try:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                for sound in dict.fromkeys(line.sound for line in lines):
                    archive.writestr(_file_of(sound), _on_shelf(sound_of, sound))
                whole = _List(kind="batea-recordings", version=1, seal=seal, recordings=lines)
                archive.writestr(_LIST, whole.model_dump_json(indent=1))
            partial.chmod(0o644)
            partial.replace(target)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    return len(lines), seal


class Pack:
    """A pack that was looked through: every sound is what the list says, and nothing else is in it."""

    def __init__(self, path: Path) -> None:
        """Raises ContentError with what is wrong, OSError."""
        self.path = path
        try:
            with zipfile.ZipFile(path) as archive:
                whole = self._list(archive)
                self.seal = _seal(whole.recordings)
                self._compare_seal(whole)
                self.recordings = tuple(_packed(line) for line in whole.recordings)
                self._compare_names(archive, whole.recordings)
                for line in whole.recordings:
                    self._look(archive, line)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
            raise self._wrong("is no pack, or was cut off on the way: have it sent again") from error

    def sound(self, sound: str) -> bytes:
        """One of its sounds. Raises ContentError, OSError."""
        with zipfile.ZipFile(self.path) as archive:
            return self._sound(archive, sound)

    def _list(self, archive: zipfile.ZipFile) -> _List:
        try:
            info = archive.getinfo(_LIST)
            whole = _List.model_validate_json(archive.read(info) if info.file_size <= MOST_LIST_BYTES else b"")
        except KeyError as error:
            raise self._wrong(f"holds no {_LIST}: is it a pack of recordings?") from error
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise self._wrong(f"its list is wrong at {where}: {first['msg']}") from error
        return whole

    def _compare_seal(self, whole: _List) -> None:
        if self.seal != whole.seal:
            raise self._wrong("its list was changed after it was sealed: do not use it")

    def _compare_names(self, archive: zipfile.ZipFile, lines: list[_Line]) -> None:
        names, wanted = sorted(archive.namelist()), {_LIST, *(_file_of(line.sound) for line in lines)}
        if names != sorted(wanted):
            strange = next((name for name in names if name not in wanted or names.count(name) > 1), "")
            why = f"holds {strange[:60]!r}, which its list does not name" if strange else "lacks a sound that its list names"
            raise self._wrong(f"{why}: do not use it")
        texts = [(line.language, fingerprint(line.text)) for line in lines]
        if len(set(texts)) != len(texts):
            raise self._wrong("names a text twice in one language")

    def _look(self, archive: zipfile.ZipFile, line: _Line) -> None:
        if line.licence not in LICENCES:
            raise self._wrong(f"{line.key} has a licence that is not known here: {', '.join(LICENCES)} are")
        data = self._sound(archive, line.sound)
        try:
            good = described(data)[0::2] == ("opus", 1) and abs(duration_s(data) - line.duration_s) <= _TOLERANCE_S
        except AudioError:
            good = False
        if not good or len(data) != line.size_bytes:
            raise self._wrong(f"the sound of {line.key} is not what its list says: do not use it")

    def _sound(self, archive: zipfile.ZipFile, sound: str) -> bytes:
        info = archive.getinfo(_file_of(sound))
        data = archive.read(info) if info.file_size <= MOST_SOUND_BYTES else b""
        if hashlib.sha256(data).hexdigest() != sound:
            raise self._wrong(f"the sound {sound[:12]} was changed: do not use it")
        return data

    def _wrong(self, text: str) -> ContentError:
        return ContentError(str(self.path), 0, text)


def _on_shelf(sound_of: Callable[[str], bytes | None], sound: str) -> bytes:
    data = sound_of(sound)
    if data is None:
        raise AudioError(f"the sound {sound[:12]} is not on the shelf: record its sentence again")
    return data


def _file_of(sound: str) -> str:
    return f"sounds/{sound}.ogg"


def _seal(lines: Iterable[_Line]) -> str:
    said = json.dumps([line.model_dump(mode="json") for line in lines], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def _line(packed: Packed) -> _Line:
    take = packed.take
    return _Line(
        language=packed.language,
        key=packed.key,
        text=packed.text,
        sound=take.sound,
        duration_s=take.duration_s,
        size_bytes=take.size_bytes,
        speaker=packed.speaker,
        consent=packed.consent,
        agreed_on=packed.agreed_on,
        terms=packed.terms,
        licence=packed.licence,
        paid=packed.paid,
        checked=packed.checked,
    )


def _packed(line: _Line) -> Packed:
    take = Take(line.sound, line.duration_s, line.size_bytes)
    who = (line.speaker, line.consent, line.agreed_on, line.terms, line.licence, line.paid, line.checked)
    return Packed(line.language, line.key, line.text, fingerprint(line.text), take, *who)
