"""Pictograms: what may be drawn, and how it is kept."""

import struct
from pathlib import Path

import pytest

from bot.domain.errors import ContentError
from bot.lessons.catalogue import Catalogue
from bot.lessons.content import read_content
from bot.lessons.drawing import MAX_PNG_BYTES, Drawings, png
from bot.lessons.pictures import MAX_SVG_BYTES, fault, missing_pictures, picture_problems, pictures_of

CONTENT = Path(__file__).resolve().parents[2] / "content"
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512">'
DOT = '<circle cx="256" cy="256" r="100" fill="#C8201E"/>'
MODULE = 'id: m1\ntitle: "P"\nobjectives: ["x"]\nstatus: draft\nreview: ["nobody"]\ncountries: [CO, PE]\norder: 1\n'
LESSON = """id: uno
title: "Uno"
picture: {file: "uno.svg", means: "Una mano con una batea."}
steps:
  - {id: s1, sources: [S20], text: "Uno.", simpler: "Un."}
"""


def svg(inside: str, head: str = HEAD) -> bytes:
    return f"{head}{inside}</svg>".encode()


@pytest.fixture
def lesson(small: Path) -> Path:
    (small / "images").mkdir(exist_ok=True)
    (small / "images" / "uno.svg").write_bytes(svg(DOT))
    file = small / "modules" / "m1-uno" / "01-uno.yml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(LESSON, encoding="utf-8")
    (file.parent / "module.yml").write_text(MODULE, encoding="utf-8")
    return file


def found(content: Path) -> list[str]:
    return [str(problem) for problem in picture_problems(read_content(content))]


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (svg("<script>alert(1)</script>"), "<script>"),
        (svg('<text x="1" y="1">No</text>'), "<text>"),
        (svg("<title>Humo</title>"), "<title>"),
        (svg("<style>*{}</style>"), "<style>"),
        (svg('<image href="x.png"/>'), "<image>"),
        (svg("<foreignObject/>"), "<foreignObject>"),
        (svg('<circle r="9" onclick="x()"/>'), "onclick"),
        (svg('<circle r="9" style="fill:url(http://x)"/>'), "style"),
        (svg('<use href="https://example.org/a.svg#b"/>'), "href"),
        (svg('<use href="#a" transform="url(//x)"/>'), "transform"),
        (svg('<g clip-path="url(other.svg#a)"/>'), "clip-path"),
        (svg('<circle r="9" fill="url(#a)"/>'), "fill"),
        (svg('<circle r="9" fill="#123456"/>'), "colour"),
        (svg("palabras"), "words"),
        (svg(DOT, HEAD.replace("512 512", "24 24")), "frame"),
        (svg(DOT, "<svg>"), "no SVG"),
        (b"<svg", "no XML"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + svg(DOT), "declares"),
        (b'<?xml version="1.0"?><?xml-stylesheet href="x"?>' + svg(DOT), "declares"),
        (svg(f"<g>{DOT * (MAX_SVG_BYTES // len(DOT))}</g>"), "bytes"),
    ],
)
def test_what_is_more_than_flat_shapes_is_not_drawn(bad: bytes, says: str) -> None:
    assert says in fault(bad)
    with pytest.raises(ContentError):
        png(bad, "images/bad.svg")


def test_a_flat_shape_is_drawn_square_on_white() -> None:
    drawn = png(svg(f'<defs><g id="a">{DOT}</g></defs><!-- una mancha --><use href="#a"/>'), "images/a.svg")
    assert drawn.startswith(b"\x89PNG")
    assert struct.unpack(">II", drawn[16:24]) == (512, 512)


def test_a_lesson_with_a_good_picture_has_no_problem(lesson: Path) -> None:
    assert found(lesson.parents[2]) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("uno.svg", "dos.svg", "01-uno.yml:3: there is no picture images/dos.svg"),
        ("Una mano con una batea.", "Una. Dos. Tres.", "3 sentences"),
        ("Una mano con una batea.", "Una mano lleva una batea y un casco y dos botas y un guante.", "14 words"),
        ("Una mano con una batea.", "La mano \u2603.", "SMS"),
    ],
)
def test_what_is_wrong_with_a_picture_is_told_with_its_line(lesson: Path, old: str, new: str, says: str) -> None:
    lesson.write_text(LESSON.replace(old, new), encoding="utf-8")
    assert any(says in problem for problem in found(lesson.parents[2])), found(lesson.parents[2])


def test_a_picture_that_no_lesson_shows_is_told(lesson: Path) -> None:
    (lesson.parents[2] / "images" / "nadie.svg").write_bytes(svg(DOT))
    assert found(lesson.parents[2]) == [
        "images/nadie.svg:0: no lesson shows it: name it under `picture` in one, or delete the file"
    ]


def test_the_strict_check_wants_a_picture_of_every_lesson(lesson: Path) -> None:
    assert list(missing_pictures(read_content(lesson.parents[2]))) == []
    lesson.write_text(LESSON.replace(LESSON.splitlines()[2] + "\n", ""), encoding="utf-8")
    (problem,) = missing_pictures(read_content(lesson.parents[2]))
    assert str(problem).startswith("modules/m1-uno/01-uno.yml:1: the lesson has no picture: draw one")


def test_every_lesson_of_the_content_has_a_picture() -> None:
    assert [str(problem) for problem in missing_pictures(read_content(CONTENT))] == []


def test_what_a_picture_shows_can_be_spoken_beforehand(catalogue: Catalogue) -> None:
    spoken = {speech.text for speech in catalogue.speeches() if speech.key.endswith("/picture")}
    for _, _, picture in pictures_of(read_content(CONTENT)):
        assert any(text.startswith(picture.means) for text in spoken), picture.means


def test_an_unsafe_picture_is_told_by_its_own_name(lesson: Path) -> None:
    (lesson.parents[2] / "images" / "uno.svg").write_bytes(svg("<script/>"))
    assert any(problem.startswith("images/uno.svg:0: has <script>") for problem in found(lesson.parents[2]))


def test_a_country_may_have_a_picture_of_its_own(lesson: Path) -> None:
    own = 'PE:\n  picture: {file: "otra.svg", means: "Otra."}\nsteps:'
    lesson.write_text(LESSON.replace("steps:", own), encoding="utf-8")
    assert [one.file for _, _, one in pictures_of(read_content(lesson.parents[2]))] == ["uno.svg", "otra.svg"]


def test_a_drawing_is_made_once_and_anew_when_the_picture_changes(lesson: Path, tmp_path: Path) -> None:
    content, folder = lesson.parents[2], tmp_path / "pictures"
    first = Drawings(content, folder).drawing("uno.svg")
    made = Path(first.path).stat().st_mtime_ns
    assert Drawings(content, folder).drawing("uno.svg") == first
    assert Path(first.path).stat().st_mtime_ns == made
    (content / "images" / "uno.svg").write_bytes(svg(DOT.replace("100", "90")))
    assert Drawings(content, folder).drawing("uno.svg").name != first.name


def test_what_cannot_be_drawn_is_left_out(lesson: Path, tmp_path: Path) -> None:
    drawings = Drawings(lesson.parents[2], tmp_path / "pictures")
    assert drawings.drawing("none.svg") is None
    assert drawings.drawing("../../module.yml") is None
    (lesson.parents[2] / "images" / "uno.svg").write_bytes(svg("<script/>"))
    assert drawings.drawing("uno.svg") is None


def test_every_picture_of_the_content_can_be_sent() -> None:
    for path in sorted((CONTENT / "images").glob("*.svg")):
        assert len(png(path.read_bytes(), path.name)) <= MAX_PNG_BYTES
