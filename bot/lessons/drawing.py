"""Pictures as WhatsApp and Telegram take them: PNG, drawn from `content/images/` when first needed and kept."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Final

from bot.domain.errors import ContentError
from bot.domain.message import Drawing
from bot.domain.ports import Notebook
from bot.lessons.pictures import FOLDER, fault

SIDE_PX: Final = 512
MAX_PNG_BYTES: Final = 60_000
_RENDERING: Final = "1"
"""Change it where the same SVG is to be drawn anew, in another size or by another hand."""
_WHITE: Final = "#ffffff"


class Drawings:
    """The folder of PNG files, each under the hash of its SVG. Safe to use from several threads and processes."""

    def __init__(self, content_dir: Path, folder: Path, notebook: Notebook | None = None) -> None:
        self._images = content_dir / FOLDER
        self._folder = folder.absolute()
        self._notebook = notebook

    def drawing(self, name: str) -> Drawing | None:
        """The picture of that name, drawn now where it has not been. None where it cannot be: words go without it."""
        try:
            return self.drawn(name)
        except (ContentError, OSError) as error:
            if self._notebook:
                self._notebook.event("picture_not_drawn", key=name, kind=type(error).__name__)
            return None

    def drawn(self, name: str) -> Drawing:
        """The same, but raises ContentError for a picture that may not be drawn, OSError where the disk fails."""
        svg = (self._images / Path(name).name).read_bytes()
        digest = hashlib.sha256(_RENDERING.encode() + svg).hexdigest()
        path = self._folder / f"{Path(name).stem}-{digest[:16]}.png"
        if not path.is_file():
            _keep(path, png(svg, f"{FOLDER}/{name}"))
        return Drawing(path.name, str(path))


def png(svg: bytes, file: str, side_px: int = SIDE_PX) -> bytes:
    """Draw a picture, square, on white. Raises ContentError (for `file`) for what may not be drawn."""
    reason = fault(svg)
    if reason:
        raise ContentError(file, 0, reason)
    # 3 MB that only who draws pays for.
    import resvg_py  # noqa: PLC0415

    try:
        drawn = resvg_py.svg_to_bytes(
            svg_string=svg.decode(), width=side_px, height=side_px, background=_WHITE, skip_system_fonts=True
        )
    except ValueError as error:
        raise ContentError(file, 0, f"cannot be drawn ({error}): correct it") from error
    if len(drawn) > MAX_PNG_BYTES:
        raise ContentError(file, 0, f"takes {len(drawn)} bytes as PNG: draw it simpler, at most {MAX_PNG_BYTES}")
    return drawn


def _keep(path: Path, data: bytes) -> None:
    """Write it whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, partial = tempfile.mkstemp(suffix=".part", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(partial).replace(path)
    except OSError:
        Path(partial).unlink(missing_ok=True)
        raise
