"""What `batea content check` reports."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.domain.message import Clip, Speech
from bot.lessons.check import check
from bot.lessons.measure import ease, sentences, words

TODAY = date(2026, 11, 24)
MODULE = 'id: m9\ntitle: "P"\nobjectives: ["x"]\nstatus: draft\nreview: ["nobody"]\ncountries: [CO, PE]\norder: 9\n'


def lesson(name: str, text: str, label: str = "A") -> str:
    options = f'[{{id: a, label: "{label}", right: "Bien."}}, {{id: b, label: "B", wrong: "No."}}]'
    return (
        f'id: {name}\ntitle: "Uno"\nsteps:\n  - {{id: s1, sources: [DC], text: "{text}", simpler: "Otra cosa."}}\n'
        f'quiz:\n  - {{id: q{name}, sources: [DC], text: "¿A o B?", simpler: "¿Cuál?", options: {options}, correct: a}}\n'
    )


def write_module(root: Path, *lessons: str) -> None:
    folder = root / "modules" / "m9-prueba"
    folder.mkdir()
    (folder / "module.yml").write_text(MODULE, encoding="utf-8")
    for number, text in enumerate(lessons, 1):
        (folder / f"0{number}-x.yml").write_text(text, encoding="utf-8")


def strict(root: Path) -> list[str]:
    return [str(problem) for problem in check(root, today=TODAY, strict=True).problems]


def test_the_real_content_passes(content: Path) -> None:
    assert [str(problem) for problem in check(content, today=TODAY).problems] == []


def test_the_real_content_passes_the_strict_check(content: Path) -> None:
    assert strict(content) == []


def test_the_report_has_the_public_shape(content: Path) -> None:
    report = check(content, today=TODAY).to_json()
    m1 = next(module for module in report["modules"] if module["id"] == "m1")
    assert m1 == {"id": "m1", "lessons": 6, "steps": 27, "countries": ["CO", "PE"], "status": "draft"}
    assert report["problems"] == []


def test_an_expired_fact_is_a_problem_even_where_words_for_afterwards_exist(content: Path) -> None:
    problems = check(content, today=date(2027, 1, 1), strict=True).problems
    assert {problem.file for problem in problems} == {"facts/pe.yml"}
    assert any("reinfo_end" in problem.text for problem in problems)
    assert all(problem.line > 0 for problem in problems)


def test_a_broken_folder_is_reported_not_raised(small: Path) -> None:
    (small / "replies" / "a.yml").write_text("x:\n  text: no\n", encoding="utf-8")
    report = check(small, today=TODAY, strict=True).to_json()
    assert report["problems"] == [{"file": "replies/a.yml", "line": 2, "text": report["problems"][0]["text"]}]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Uno dos tres y más. " * 8 + "Ya.", "sentences: at most 3"),
        ("Agua " * 40 + "ya.", "letters by SMS"),
        ("Lave la pan ya y ven con su luz y su pan de sol.", "words: at most 12"),
        ("Interdisciplinariedad metalúrgica, responsabilidad institucional.", "reading ease"),
        ("Hola 👋 ya.", "a letter that SMS cannot carry"),
        ("Vaya a la XYZ hoy.", "glossary.yml does not explain"),
        ("Vaya a la DREM hoy.", "explain it in `speech`"),
    ],
)
def test_strict_measures_lessons(small: Path, text: str, says: str) -> None:
    write_module(small, lesson("uno", text))
    found = strict(small)
    assert any(says in line and line.startswith("modules/m9-prueba/01-x.yml:") for line in found), found


def test_strict_wants_right_answers_in_different_places(small: Path) -> None:
    write_module(small, lesson("uno", "Lave el oro."), lesson("dos", "Lave la batea."))
    assert [line for line in strict(small) if "vary its place" in line]


def test_strict_wants_labels_that_a_list_can_show(small: Path) -> None:
    write_module(small, lesson("uno", "Lave el oro.", label="Una respuesta demasiado larga"))
    assert [line for line in strict(small) if "at most 24" in line]


def test_strict_wants_both_countries(small: Path) -> None:
    write_module(small, lesson("uno", "Lave el oro."))
    path = small / "modules" / "m9-prueba" / "module.yml"
    path.write_text(MODULE.replace("[CO, PE]", "[CO]"), encoding="utf-8")
    assert [line for line in strict(small) if "no variant for PE" in line]


def test_a_missing_clip_is_named_where_its_text_stands(content: Path) -> None:
    def clip(speech: Speech) -> Clip | None:
        if speech.key == "m1/humo/s2":
            return None
        return Clip("x", "x.ogg", "audio/ogg", 75.0 if speech.key == "crisis.threat" else 10.0)

    found = check(content, today=TODAY, clip=clip).problems
    assert {problem.file for problem in found} == {"modules/m1-mercurio/01-humo.yml", "replies/crisis.yml"}
    assert any("no voice note" in problem.text and problem.line > 3 for problem in found)
    assert any("75 s" in problem.text for problem in found)


def test_a_demonstration_that_names_an_unknown_committee_is_a_problem(small: Path, content: Path) -> None:
    (small / "demo").mkdir()
    text = (content / "demo" / "demo.yml").read_text(encoding="utf-8")
    (small / "demo" / "demo.yml").write_text(text.replace("committee: suarez-pme", "committee: nobody"), encoding="utf-8")
    (problem,) = check(small, today=TODAY).problems
    assert (problem.file, "`nobody`" in problem.text) == ("demo/demo.yml", True)


def test_reading_ease_tells_plain_from_hard() -> None:
    plain = "No queme oro en la cocina. El humo no se ve. Saque a los niños de la casa."
    hard = "La implementación institucional de procedimientos interdisciplinarios requiere responsabilidades administrativas."
    assert ease(plain) > 80
    assert ease(hard) < 40


def test_words_and_sentences_are_counted_as_people_do() -> None:
    assert sentences("¿Va? Sí. Llame al 123.") == ["¿Va?", "Sí.", "Llame al 123."]
    assert words("Pese 4,5 gramos de oro.") == 5
