"""Printed recording sheets: what a community's speaker translates by hand, who checks it, and her consent."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict

from bot.voice import datafile

FILE: Final = "sheet.yml"
_STYLE: Final = (
    "body{margin:0;color:#000;background:#fff;font:12pt/1.4 system-ui,'Noto Sans',sans-serif}"
    "main{max-width:46rem;margin:0 auto;padding:1rem}"
    "h1{font-size:20pt;margin:0 0 .3rem}h2{font-size:15pt}p{margin:.3rem 0}.key,.hint{color:#444;font-size:9.5pt}"
    ".text{font-size:13pt;font-weight:600}ol{padding-left:2rem}li,section{break-inside:avoid;margin:1rem 0}"
    ".lines{height:5.4rem;background:repeating-linear-gradient(#fff 0 1.72rem,#888 1.72rem 1.8rem)}"
    ".blank{display:flex;gap:.5rem}.blank span{flex:1;border-bottom:1px solid #444;min-height:1.6rem}"
    ".box{display:inline-block;width:1rem;height:1rem;border:1.5px solid #000;vertical-align:-.15rem}"
    ".fingerprint{font-family:monospace}section{border:1.5px solid #000;padding:.8rem}"
    "@media print{@page{size:A4;margin:15mm}main{padding:0;max-width:none}}"
)
STYLE_HASH: Final = "sha256-" + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
"""What a page's policy must allow so that a browser takes the style of a sheet."""


class _Words(BaseModel):
    """The shape of `audio/sheet.yml`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    version: Literal[1]
    title: str
    language: str
    module: str
    lead: str
    translator: str
    checker: str
    day: str
    spanish: str
    translation: str
    checked: str
    recorded: str
    consent: str
    terms: str
    agrees: str
    paid: str
    licence: str
    signature: str
    keep: str


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A sentence on a sheet: its name, its words, its fingerprint, whether it is recorded already."""

    key: str
    text: str
    id: str
    recorded: bool


def sheet(audio_dir: Path, language: str, module: str, lines: Iterable[SheetLine]) -> str:
    """A page to print, whole in itself: no line of it is filled in by a machine. Raises ContentError."""
    words, _ = datafile.load(audio_dir / FILE, _Words)
    translation = words.translation.format(language=language)
    return (
        _environment()
        .get_template("sheet.html")
        .render(
            words=words,
            language=language,
            module=module,
            lines=list(lines),
            translation=translation,
            style=Markup(_STYLE),  # noqa: S704 - our own, without any value
        )
    )


@functools.cache
def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
