"""The shelf: recordings that the studio keeps in the data folder, each under its fingerprint, and what is heard of them.

What is heard is an index that is written whole. Every process that speaks looks whether it has changed, so that a recording
is heard, or heard no more, from the next reply on.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import Final

from pydantic import ValidationError

from bot.domain.errors import ContentError
from bot.voice import whole_file
from bot.voice.recordings import INDEX, Manifest, Recording, Recordings

_SOUND: Final = re.compile(r"[0-9a-f]{64}")
Seen = tuple[int, int, int]


def sound_file(sound: str) -> str:
    """Where a sound lies inside the shelf. Raises ValueError for what is no fingerprint."""
    if not _SOUND.fullmatch(sound):
        raise ValueError("not the fingerprint of a sound")
    return f"sounds/{sound[:2]}/{sound}.ogg"


class Shelf:
    """A folder of sounds and its index. Safe for several threads and processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self._lock = Lock()
        self._seen: Seen | None = None
        self._current = Recordings(self.folder, ())

    def put(self, data: bytes) -> str:
        """Keep a sound; gives its name. Raises OSError."""
        sound = hashlib.sha256(data).hexdigest()
        path = self.folder / sound_file(sound)
        if not path.exists():
            whole_file.write(path, data, lasting=True)
        else:
            os.utime(path)  # it is wanted again: not to be swept away as somebody else's old take
        return sound

    def read(self, sound: str) -> bytes | None:
        """A sound; None where there is none of that name. Takes any string: no name leads out of the shelf."""
        try:
            return (self.folder / sound_file(sound)).read_bytes()
        except (ValueError, OSError):
            return None

    def publish(self, entries: Iterable[Recording]) -> None:
        """From now on these are heard. Raises OSError."""
        manifest = Manifest(version=1, recordings=list(entries))
        whole_file.write(self.folder / INDEX, manifest.model_dump_json(indent=0).encode(), lasting=True)

    @property
    def current(self) -> Recordings:
        """What is heard now. Raises ContentError where the index cannot be read."""
        try:
            known = (self.folder / INDEX).stat()
            seen: Seen | None = (known.st_mtime_ns, known.st_size, known.st_ino)
        except OSError:
            seen = None
        if seen != self._seen:
            with self._lock:
                self._current, self._seen = Recordings(self.folder, self._read() if seen else ()), seen
        return self._current

    def forget(self, sounds: Iterable[str]) -> None:
        """Delete sounds. Raises OSError."""
        for sound in sounds:
            (self.folder / sound_file(sound)).unlink(missing_ok=True)

    def sweep(self, wanted: Iterable[str], older_than_s: float) -> int:
        """Delete the sounds that nobody wants, and that are older than that. Returns how many. Raises OSError."""
        kept, before, gone = set(wanted), time.time() - older_than_s, 0
        for path in self.folder.glob("sounds/*/*"):
            try:
                if path.stem not in kept and path.stat().st_mtime <= before:
                    path.unlink()
                    gone += 1
            except FileNotFoundError:
                continue
        return gone

    def _read(self) -> Sequence[Recording]:
        path = self.folder / INDEX
        try:
            return Manifest.model_validate_json(path.read_bytes()).recordings
        except (OSError, ValidationError) as error:
            raise ContentError(str(path), 0, "cannot be read: start Batea anew, which writes it from the database") from error
