"""The pictograms of lessons: what an SVG file may hold, and how its description is measured."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from bot.domain.errors import ContentError
from bot.lessons.content import Content, Sourced
from bot.lessons.measure import sentences, septets, words
from bot.lessons.schema import LessonEntry, PictureEntry
from bot.lessons.source import Location

FOLDER: Final = "images"
MAX_SVG_BYTES: Final = 16_000
MAX_WORDS: Final = 12
MAX_SENTENCES: Final = 2
MAX_SEPTETS: Final = 160
PALETTE: Final = frozenset({"#1d2430", "#ffffff", "#8a5226", "#c8201e", "#f5a81c", "#1f6fb5", "#1e7b3c", "#9aa5b1"})

_NAMESPACE: Final = "{http://www.w3.org/2000/svg}"
_VIEW: Final = "0 0 512 512"
_SHAPES: Final = frozenset(
    {"svg", "g", "defs", "clipPath", "use", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon"}
)
_ATTRIBUTES: Final = frozenset(
    {
        *("viewBox", "width", "height", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "d", "points"),
        *("id", "href", "transform", "clip-path", "clip-rule", "fill", "fill-rule", "stroke", "stroke-width"),
        *("stroke-linecap", "stroke-linejoin", "stroke-dasharray"),
    }
)
_PAINTS: Final = frozenset({"fill", "stroke"})
_INSIDE: Final = {"href": re.compile(r"#[\w-]+"), "clip-path": re.compile(r"url\(#[\w-]+\)")}
_OUTWARD: Final = re.compile(r"url\s*\(|script:|data:|://", re.IGNORECASE)


def fault(svg: bytes) -> str:
    """Why a picture may not be drawn, and what to do; '' where it may.

    Only flat shapes in the palette's colours: no text, no script, no style, nothing that is fetched or declared.
    """
    if len(svg) > MAX_SVG_BYTES:
        return f"has {len(svg)} bytes: draw it with fewer points, at most {MAX_SVG_BYTES}"
    if b"<!" in svg.replace(b"<!--", b"") or b"<?" in svg.removeprefix(b"<?xml"):
        return "declares something: remove the DOCTYPE, ENTITY, CDATA or processing instruction"
    try:
        root = ET.fromstring(svg)  # noqa: S314 nothing that it could expand or fetch passes the line above
    except (ET.ParseError, ValueError, LookupError) as error:
        return f"is no XML ({error}): correct it"
    if root.tag != f"{_NAMESPACE}svg":
        return 'is no SVG: begin with <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512">'
    if root.get("viewBox") != _VIEW:
        return f'has another frame: write viewBox="{_VIEW}"'
    return next((said for element in root.iter() if (said := _element_fault(element))), "")


def _element_fault(element: ET.Element) -> str:
    name = str(element.tag).removeprefix(_NAMESPACE)
    if name not in _SHAPES:
        return f"has <{name}>: draw it with {', '.join(sorted(_SHAPES - {'svg'}))}"
    if (element.text or "").strip() or (element.tail or "").strip():
        return f"has words in or after <{name}>: a picture has none, say them under `means`"
    for attribute, value in element.attrib.items():
        if attribute not in _ATTRIBUTES:
            return f"has `{attribute}` on <{name}>: remove it"
        inside = _INSIDE.get(attribute)
        if (inside and not inside.fullmatch(value)) or (not inside and _OUTWARD.search(value)):
            return f"has {attribute}={value!r} on <{name}>: point to nothing but an id of the same file"
        if attribute in _PAINTS and value != "none" and value.lower() not in PALETTE:
            return f"has the colour {value}: use one of the palette in images/README.md, or none"
    return ""


def picture_problems(content: Content) -> Iterator[ContentError]:
    """Pictures that are missing, unsafe or shown by no lesson, and descriptions that are too long."""
    shown: set[str] = set()
    for folder in content.modules:
        for lesson in folder.lessons:
            for at, picture in _located(lesson):
                shown.add(picture.file)
                yield from _judged(content.root, lesson, at, picture)
    for path in sorted((content.root / FOLDER).glob("*.svg")):
        if path.name not in shown:
            file = f"{FOLDER}/{path.name}"
            yield ContentError(file, 0, "no lesson shows it: name it under `picture` in one, or delete the file")


def missing_pictures(content: Content) -> Iterator[ContentError]:
    """Lessons without a picture."""
    for folder in content.modules:
        for lesson in folder.lessons:
            if next(_located(lesson), None) is None:
                yield lesson.error((), f"the lesson has no picture: draw one as {FOLDER}/README.md says, name it under `picture`")


def pictures_of(content: Content) -> Iterator[tuple[str, LessonEntry, PictureEntry]]:
    """Every picture that a lesson shows, with its module's id and the lesson."""
    for folder in content.modules:
        for lesson in folder.lessons:
            for _, picture in _located(lesson):
                yield folder.module.entry.id, lesson.entry, picture


def _located(lesson: Sourced[LessonEntry]) -> Iterator[tuple[Location, PictureEntry]]:
    entry = lesson.entry
    if entry.picture:
        yield ("picture",), entry.picture
    for country in ("CO", "PE"):
        part = getattr(entry, country)
        if part and part.picture:
            yield (country, "picture"), part.picture


def _judged(root: Path, lesson: Sourced[LessonEntry], at: Location, picture: PictureEntry) -> Iterator[ContentError]:
    path = root / FOLDER / picture.file
    if not path.is_file():
        yield lesson.error((*at, "file"), f"there is no picture {FOLDER}/{picture.file}: draw it, or correct the name")
    elif reason := fault(path.read_bytes()):
        yield ContentError(f"{FOLDER}/{picture.file}", 0, reason)
    where, said = (*at, "means"), sentences(picture.means)
    if len(said) > MAX_SENTENCES:
        yield lesson.error(where, f"the description has {len(said)} sentences: at most {MAX_SENTENCES}")
    for sentence in said:
        if words(sentence) > MAX_WORDS:
            yield lesson.error(where, f"the description has a sentence of {words(sentence)} words: at most {MAX_WORDS}, split it")
    length = septets(picture.means)
    if length is None or length > MAX_SEPTETS:
        yield lesson.error(
            where, f"the description takes {length or 'letters that no'} SMS carries: at most {MAX_SEPTETS} letters"
        )
