"""The practice of a module: what it must be, and that it is spoken like everything else."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from bot.domain.person import Country
from bot.lessons.catalogue import load_catalogue
from bot.lessons.check import check

CONTENT = Path(__file__).parents[2] / "content"
TODAY = date(2026, 11, 23)


@pytest.fixture
def content(tmp_path: Path) -> Path:
    copy = tmp_path / "content"
    shutil.copytree(CONTENT, copy)
    for folder in (copy / "modules").iterdir():
        if folder.name != "m1-mercurio":
            shutil.rmtree(folder)
    return copy


def changed(content: Path, old: str, new: str) -> list[str]:
    path = content / "modules" / "m1-mercurio" / "module.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = check(content, today=TODAY, strict=True).problems
    return [problem.text for problem in found if problem.file.endswith("m1-mercurio/module.yml")]


def test_the_practice_of_the_first_module_is_sound(content: Path) -> None:
    assert not [p for p in check(content, today=TODAY, strict=True).problems if p.file.endswith("module.yml")]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "¿Qué va a hacer esta semana?",
            "¿Qué va a hacer usted con todos los suyos en la casa esta semana larga que viene?",
            "words",
        ),
        ('label: "Me lavo antes de comer"', 'label: "Siempre me lavo antes de comer"', "at most 24"),
        ("- id: manos", "- id: ropa", "comes twice"),
        ('label: "Me lavo antes de comer"', 'label: "La ropa queda afuera"', "say one of them differently"),
        ("sources: [common-sense]", "sources: [S999]", "not in sources.yml"),
        ("¿Pudo hacerlo?", "¿Pudo hacerlo en {place}?", "cannot be filled"),
        ("esta semana?", "esta semana, 中?", "SMS cannot carry"),
    ],
)
def test_a_bad_practice_is_found(content: Path, old: str, new: str, said: str) -> None:
    assert any(said in problem for problem in changed(content, old, new)), changed(content, new, new)


def test_a_practice_needs_two_options(content: Path) -> None:
    path = content / "modules" / "m1-mercurio" / "module.yml"
    kept, _, _ = path.read_text(encoding="utf-8").partition("    - id: manos")
    path.write_text(kept, encoding="utf-8")
    assert any("options" in problem.text for problem in check(content, today=TODAY).problems)


def test_no_lesson_may_take_the_name_of_the_practice(content: Path) -> None:
    lesson = content / "modules" / "m1-mercurio" / "01-humo.yml"
    lesson.write_text(lesson.read_text(encoding="utf-8").replace("id: humo\n", "id: practice\n", 1), encoding="utf-8")
    assert any("call the lesson something else" in problem.text for problem in check(content, today=TODAY).problems)


def test_every_question_of_a_practice_is_spoken_beforehand_with_its_answers(content: Path) -> None:
    catalogue = load_catalogue(content, drafts=True, today=lambda: TODAY, timezone="America/Bogota")
    said = {speech.key: speech.text for speech in catalogue.speeches()}
    module = catalogue.module("m1", Country.CO)
    assert module
    assert module.practice
    assert {"m1/practice", "m1/practice/simpler"} <= said.keys()
    for option in module.practice.options:
        assert option.later.text.split("¿")[0].strip() in said[f"m1/practice/{option.id}"]
        assert "Opción tres: No pude." in said[f"m1/practice/{option.id}"]
