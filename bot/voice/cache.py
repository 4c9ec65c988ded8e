"""Clips on disk: written whole or not at all, by as many threads and processes at once as there are."""

from __future__ import annotations

import hashlib
import re
import time
from pathlib import Path
from typing import Final

from bot.domain.errors import AudioError
from bot.domain.message import Clip
from bot.voice import whole_file
from bot.voice.transcoding import Form, duration_s

_NAME: Final = re.compile(r"[hlpt][0-9a-f]{32}\.(?:ogg|wav)")
_ABANDONED_S: Final = 3600.0


def clip_name(*facts: str, form: Form, lasting: bool, human: bool = False) -> str:
    """The file name that stands for these facts. A clip that is not lasting may be pruned: it holds a date, a place or a name.

    In a human one a person of the studio is heard, who may take her voice back; such a one may be passing, too (`t`).
    """
    digest = hashlib.sha256("\0".join(facts).encode("utf-8", "replace")).hexdigest()
    kind = "plth"[2 * human + lasting]
    return f"{kind}{digest[:32]}.{form.ending}"


class Cache:
    """A folder of clips. Methods raise OSError where the disk fails."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._durations: dict[str, tuple[int, float]] = {}

    def _path(self, name: str) -> Path:
        return self._folder / name[1:3] / name

    def find(self, name: str) -> Clip | None:
        """The clip of that name, or None. A name that no clip can have finds nothing; a broken file is deleted."""
        if not _NAME.fullmatch(name):
            return None
        path = self._path(name)
        try:
            size_bytes = path.stat().st_size
        except FileNotFoundError:
            return None
        known = self._durations.get(name)
        if known is None or known[0] != size_bytes:
            try:
                known = (size_bytes, duration_s(path.read_bytes()))
            except AudioError:
                path.unlink(missing_ok=True)
                return None
            self._durations[name] = known
        return Clip(name, str(path), _mime(name), known[1])

    def save(self, name: str, data: bytes) -> Clip:
        """Keep a clip. Raises AudioError for data that cannot be played, so that nothing empty is ever kept."""
        length_s = duration_s(data)
        path = self._path(name)
        whole_file.write(path, data)
        self._durations[name] = (len(data), length_s)
        return Clip(name, str(path), _mime(name), length_s)

    def forget_human(self) -> int:
        """Delete every clip in which somebody of the studio is heard: what still may be is made anew. Returns how many."""
        gone = 0
        for path in self._folder.glob("*/[ht]*"):
            path.unlink(missing_ok=True)
            gone += 1
        return gone

    def prune(self, older_than_s: float) -> int:
        """Delete the passing clips that were made longer ago than that, and what killed writers left. Returns how many."""
        now = time.time()
        gone = 0
        for path in self._folder.glob("*/*"):
            limit_s = _ABANDONED_S if path.suffix == ".part" else older_than_s
            try:
                if (path.suffix == ".part" or path.name.startswith(("p", "t"))) and now - path.stat().st_mtime > limit_s:
                    path.unlink()
                    gone += 1
            except FileNotFoundError:
                continue
        return gone


def _mime(name: str) -> str:
    return next(form.mime for form in Form if name.endswith(form.ending))
