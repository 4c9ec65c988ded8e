"""Each thing that `batea content check --strict` looks for: a lesson that breaks it is named with its file and line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lessons.test_check import TODAY, lesson, strict, write_module

from bot.domain.message import Clip, Speech
from bot.lessons.check import check

Writer = Callable[[str], list[str]]
QUIZ = (
    'quiz:\n  - id: uno\n    sources: [DC]\n    text: "¿A o B?"\n    simpler: "¿Cuál?"\n    options:\n'
    '      - {id: a, label: "A", right: "Bien."}\n      - {id: b, label: "B", wrong: "No."}\n    correct: a\n'
)
SECOND = '  - {id: s2, sources: [DC], text: "Lave otra vez.", simpler: "Otra."}\n'


@pytest.fixture
def of(small: Path, content: Path) -> Writer:
    """What the strict check says of a module of one lesson, given below `title`."""
    for file in ("limits.yml", "plain.yml"):
        (small / file).write_text((content / file).read_text(encoding="utf-8"), encoding="utf-8")

    def checked(steps: str) -> list[str]:
        write_module(small, f'id: uno\ntitle: "Uno"\n{steps}{QUIZ}')
        return [line for line in strict(small) if not line.startswith("images/") and "pictogram" not in line]

    return checked


def step(text: str, more: str = "") -> str:
    return f'steps:\n  - id: s1\n    sources: [DC]\n    text: "{text}"\n    simpler: "Otra cosa."\n{more}'


def test_a_plain_lesson_breaks_nothing(of: Writer) -> None:
    assert [line for line in of(step("Lave el oro con agua.")) if "picture" not in line] == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Use el gravímetro al lavar.", "gravímetro"),
        ("Cuide la lixiviación del oro.", "lixiviación"),
        ("Siga el protocolo con agua.", "protocolo"),
        ("Aléjese del quebrantahuesos.", "quebrantahuesos"),
    ],
)
def test_a_trade_word_or_a_hard_one_must_be_explained(of: Writer, text: str, word: str) -> None:
    assert [line for line in of(step(text)) if f"`{word}`" in line and line.startswith("modules/m9-prueba/01-x.yml:6:")]


@pytest.mark.parametrize(
    "text", ["Refogue lejos de la casa.", "Lávelos con agua.", "Aléjense ya.", "Vaya a Remedios, Antioquia."]
)
def test_explained_words_their_family_pronouns_and_names_pass(of: Writer, text: str) -> None:
    assert not [line for line in of(step(text)) if "hard word" in line]


def test_simpler_words_must_be_easy_too(of: Writer) -> None:
    hard = "Interdisciplinariedad metalúrgica, responsabilidad institucional."
    found = of(step("Lave el oro con agua.").replace("Otra cosa.", hard))
    assert [line for line in found if "of `simpler`" in line and ":3:" in line]


def test_a_question_must_fit_two_segments_with_its_options(small: Path) -> None:
    options = ", ".join(f'{{id: {i}, label: "Una opción bien larga {i}", wrong: "No."}}' for i in "bcde")
    text = lesson("uno", "Lave el oro.").replace('{id: b, label: "B", wrong: "No."}', options)
    write_module(small, text.replace("¿A o B?", " ".join(["¿Qué hace usted con el oro que lava en el río?"] * 5)))
    assert [line for line in strict(small) if "with its options takes" in line]


def quizzes(small: Path, *right: int) -> list[str]:
    """The strict check of a module with a question a lesson, whose right answers stand in these places."""
    lessons = []
    for number, place in enumerate(right):
        text = lesson(f"l{number}", f"Lave el oro {number}.")
        if place:
            text = text.replace('{id: a, label: "A", right: "Bien."}, {id: b, label: "B", wrong: "No."}', "BOTH")
            text = text.replace("BOTH", '{id: b, label: "B", wrong: "No."}, {id: a, label: "A", right: "Bien."}')
        lessons.append(text)
    write_module(small, *lessons)
    return [line for line in strict(small) if "right answer" in line]


@pytest.mark.parametrize(("right", "says"), [((0, 0), "every"), ((0, 0, 0, 1), "3 of 4"), ((1, 1, 1, 1, 0, 1), "5 of 6")])
def test_right_answers_may_not_nearly_always_stand_in_one_place(small: Path, right: tuple[int, ...], says: str) -> None:
    found = quizzes(small, *right)
    assert len(found) == 2, "one for each country"
    assert all(says in line and "module.yml:1:" in line for line in found)


@pytest.mark.parametrize("right", [(0, 1), (0, 0, 1), (1, 0, 1, 0, 1, 1)])
def test_right_answers_that_vary_pass(small: Path, right: tuple[int, ...]) -> None:
    assert quizzes(small, *right) == []


@pytest.mark.parametrize(
    ("steps", "line", "says"),
    [
        (step("Lave.", '    only: [CO]\n    PE: {text: "Lave, pe."}\n') + SECOND, 9, "nobody in PE gets this"),
        (step("Lave.", '    CO: {text: "Lave ya."}\n    PE: {text: "Lave, pe."}\n'), 6, "every country has its own `text`"),
        (step("Lave.", '    expired: {text: "Ya no.", simpler: "Pasó."}\n'), 8, "no fact in these words ever expires"),
        ('only: [CO]\nPE: {title: "Otro"}\n' + step("Lave."), 4, "nobody in PE gets this"),
        ("only: [CO]\n" + step("Lave.", "    only: [PE]\n") + SECOND, 9, "nobody in PE gets the lesson"),
    ],
)
def test_what_nobody_ever_gets_is_named(of: Writer, steps: str, line: int, says: str) -> None:
    found = of(steps)
    assert [one for one in found if says in one and one.startswith(f"modules/m9-prueba/01-x.yml:{line}:")], found


@pytest.mark.parametrize("text", ["Espere 3 horas.", "Llame al {fact.co.emergency}."])
def test_a_number_needs_a_source(of: Writer, text: str) -> None:
    found = of(step(text).replace("[DC]", "[common-sense]"))
    assert [line for line in found if line.startswith("modules/m9-prueba/01-x.yml:5:") and "a number needs a source" in line]


def test_words_for_after_a_facts_last_day_are_measured_before_it(small: Path) -> None:
    later = "Vaya a la oficina regional de energía y minas de su pueblo y pregunte allá por todo lo nuevo."
    text = lesson("uno", "Va hasta el {fact.pe.reinfo_end}.").replace(
        'simpler: "Otra cosa."}', f'simpler: "Otra cosa.", expired: {{text: "{later}", simpler: "Pregunte."}}}}'
    )
    write_module(small, text)
    assert [line for line in strict(small) if "words: at most 12" in line and "01-x.yml:4:" in line]


def test_a_phrase_that_one_language_lacks_is_named(small: Path, content: Path) -> None:
    (small / "results").mkdir()
    for language in ("es", "en"):
        text = (content / "results" / f"{language}.yml").read_text(encoding="utf-8")
        (small / "results" / f"{language}.yml").write_text(text, encoding="utf-8")
    assert not [line for line in strict(small) if line.startswith("results/")]
    english = (small / "results" / "en.yml").read_text(encoding="utf-8")
    (small / "results" / "en.yml").write_text(
        english.replace("  mujer: ", "  lady: ").replace("{number}", "{nr}"), encoding="utf-8"
    )
    found = [line for line in strict(small) if line.startswith("results/")]
    assert any("en.yml" in line and "`group.mujer` is missing" in line for line in found)
    assert any("`round.later` has other placeholders" in line for line in found)


def test_many_missing_voice_notes_of_a_file_are_one_line(small: Path) -> None:
    write_module(small, lesson("uno", "Lave el oro."))
    found = [str(problem) for problem in check(small, today=TODAY, clip=lambda _: None).problems]
    notes = [line for line in found if "voice note" in line]
    assert len(notes) == 1
    assert "sentences have no voice note" in notes[0]


def test_a_voice_note_above_a_minute_is_named_where_its_text_stands(small: Path) -> None:
    write_module(small, lesson("uno", "Lave el oro."))

    def clip(speech: Speech) -> Clip:
        return Clip("x", "x.ogg", "audio/ogg", 61.0 if speech.key == "m9/uno/s1" else 10.0)

    found = [str(problem) for problem in check(small, today=TODAY, clip=clip).problems]
    assert [line for line in found if "01-x.yml:4:" in line and "61 s: shorten the text to 60 s" in line]
