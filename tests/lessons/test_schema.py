"""Bad files are refused with file, line and advice."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.errors import ContentError
from bot.lessons.content import read_content
from bot.lessons.rules import breaches

GOOD_STEP = '  - {id: s1, sources: [S20], text: "Uno.", simpler: "Un."}\n'
GOOD_OPTIONS = 'options: [{id: a, label: "A", right: "Bien."}, {id: b, label: "B", wrong: "No."}], correct: a'
LESSON = f'id: uno\ntitle: "Uno"\nsteps:\n{GOOD_STEP}'


def quiz(options: str) -> str:
    return f'quiz:\n  - {{id: q, sources: [DC], text: "¿A?", simpler: "A", {options}}}\n'


def problems(root: Path) -> list[ContentError]:
    content = read_content(root)
    return [*content.problems, *breaches(content)]


def write_module(root: Path, lesson: str) -> None:
    folder = root / "modules" / "m9-prueba"
    folder.mkdir()
    module = 'id: m9\ntitle: "P"\nobjectives: ["x"]\nstatus: draft\nreview: ["nobody"]\ncountries: [CO, PE]\norder: 9\n'
    (folder / "module.yml").write_text(module, encoding="utf-8")
    (folder / "01-uno.yml").write_text(lesson, encoding="utf-8")


def test_the_real_content_has_no_breach(content: Path) -> None:
    assert [str(problem) for problem in problems(content)] == []


def test_a_small_folder_is_complete(small: Path) -> None:
    assert problems(small) == []


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('a:\n  text: "x"\n  txet: "y"\n', 3, "did you mean `text`"),
        ('a:\n  text: "x"\n  wholly_unknown_thing: "y"\n', 3, "remove it"),
        ('a:\n  speech: "x"\n', 1, "`text` is missing: add it"),
        ('a:\n  text: "x"\na:\n  text: "y"\n', 3, "comes twice"),
        ("a:\n  text: no\n", 2, "bare no"),
        ("a:\n  text: Yes\n", 2, "bare Yes"),
        ("a:\n  text: true\n", 2, "in quotes"),
        ("a:\n  text: 12\n", 2, "in quotes"),
        ("a:\n  text: 007\n", 2, "changes its meaning"),
        ("a:\n  text: 1:30\n", 2, "changes its meaning"),
        ("a:\n  text: 2026-11-28\n", 2, "in quotes"),
        ("a:\n  text: 2026-19-41\n", 2, "no date"),
        ("a:\n  text:\n", 2, "an empty value"),
        ("a:\n  text: &x y\nb:\n  text: *x\n", 2, "anchors"),
        ('no:\n  text: "x"\n', 1, "bare no"),
        ('12:\n  text: "x"\n', 1, "no plain word"),
        ('a:\n  text: ["x", no]\n', 2, "bare no"),
        ('a:\n  text: " x"\n', 2, "blank"),
        ('a:\n  text: "x\n', 2, "not valid YAML"),
        ("- x\n", 1, "no mapping"),
        ('a:\n  text: "x"\n  choices: [{id: ya, label: "Y", kee: "1"}]\n', 3, "did you mean `key`"),
        ('a:\n  text: "x"\n  choices:\n    - {label: "Y"}\n', 4, "`id` is missing"),
        ('a:\n  text: "x"\n  choices:\n    - {id: yes, label: "Y"}\n', 4, "bare yes"),
        ('a:\n  text: "x"\n  choices:\n    - {id: ya, label: "Y"}\n    - {id: ya, label: "Z"}\n', 3, "comes twice"),
        (
            'a:\n  text: "x"\n  choices:\n    - {id: ya, label: "Y", key: "2"}\n    - {id: z, label: "Z"}\n',
            3,
            "key `2` comes twice",
        ),
        ('a:\n  text: ["x", "y", "z"]\n  speech: ["x", "y"]\n', 1, "one each"),
        ('a:\n  text: "Hola {nobody}."\n', 2, "unknown parameter {nobody}"),
        ('a:\n  text: "Hola {Name}."\n', 2, "a brace"),
        ('a:\n  text: "Hola {"\n', 2, "a brace"),
        ('a:\n  text: "Llame al {fact.nothing}."\n', 2, "unknown fact {fact.nothing}"),
        ('a:\n  text: "Llame al {fact.emergency}."\n', 2, "while the country is unknown"),
        ('a:\n  text: "x"\n  PE:\n    text: "Hasta el {fact.reinfo_end}."\n', 4, "add `expired`"),
        ('a:\n  text: "x"\n  PE:\n    text: "Llame al {fact.children_at_risk}."\n', 4, "unverified"),
        ('a:\n  text: "x"\n  CO: "y"\n', 3, "must be a mapping"),
    ],
)
def test_a_bad_reply_is_refused_with_its_line(small: Path, text: str, line: int, says: str) -> None:
    (small / "replies" / "bad.yml").write_text(text, encoding="utf-8")
    found = problems(small)
    assert found, "nothing was found"
    assert {problem.file for problem in found} == {"replies/bad.yml"}
    assert any(problem.line == line and says in problem.text for problem in found), [str(problem) for problem in found]


def test_six_options_are_one_too_many(small: Path) -> None:
    options = "".join(f'    - {{id: o{n}, label: "O"}}\n' for n in range(6))
    (small / "replies" / "bad.yml").write_text(f'a:\n  text: "x"\n  choices:\n{options}', encoding="utf-8")
    (problem,) = problems(small)
    assert (problem.line, "at most 5" in problem.text) == (3, True)


@pytest.mark.parametrize(
    ("lesson", "line", "says"),
    [
        (LESSON + GOOD_STEP, 5, "`s1` comes twice"),
        (LESSON.replace("id: uno\n", ""), 1, "`id` is missing"),
        (LESSON.replace("[S20]", "[S99]"), 4, "not in sources.yml"),
        (LESSON.replace("[S20]", "[]"), 4, "at least 1"),
        (LESSON.replace(', simpler: "Un."', ""), 4, "`simpler` is missing for CO"),
        (LESSON.replace('simpler: "Un."', 'simpler: "Uno."'), 4, "repeats `text`"),
        (LESSON.replace("sources:", "only: [CO], sources:"), 3, "no step is left for PE"),
        (LESSON.replace("Uno.", "Hola {name}."), 4, "cannot be filled"),
        (LESSON.replace("Uno.", "Llame al {fact.police}."), 4, "unknown fact {fact.police} for CO"),
        (LESSON.replace('text: "Uno."', 'CO: {text: "Uno."}'), 4, "`text` is missing for PE"),
        (LESSON + quiz(GOOD_OPTIONS.replace("correct: a", "correct: b")), 6, "they must agree"),
        (LESSON + quiz(GOOD_OPTIONS.replace("id: b", "id: a")), 6, "comes twice"),
        (LESSON + quiz('options: [{id: a, label: "A", right: "B"}], correct: a'), 6, "at least 2"),
        (LESSON + quiz(GOOD_OPTIONS.replace("wrong:", "feedback:")), 6, "unknown key `feedback`"),
    ],
)
def test_a_bad_lesson_is_refused_with_its_line(small: Path, lesson: str, line: int, says: str) -> None:
    write_module(small, lesson)
    found = problems(small)
    assert {problem.file for problem in found} == {"modules/m9-prueba/01-uno.yml"}
    assert any(problem.line == line and says in problem.text for problem in found), [str(problem) for problem in found]


def test_a_signed_module_names_who_signed(small: Path) -> None:
    write_module(small, LESSON)
    path = small / "modules" / "m9-prueba" / "module.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("draft", "signed"), encoding="utf-8")
    (problem,) = problems(small)
    assert "without `signed`" in problem.text


def test_general_knowledge_cannot_pass_for_a_source(small: Path) -> None:
    text = 'x:\n  value: "1"\n  source: GK\n  read: 2026-11-23\n  status: sourced\n'
    (small / "facts" / "co.yml").write_text(text, encoding="utf-8")
    (problem,) = problems(small)
    assert (problem.file, problem.line, "GK" in problem.text) == ("facts/co.yml", 1, True)


def test_a_missing_speech_template_is_named(small: Path) -> None:
    path = small / "replies" / "speech.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("key_star:", "key_moon:"), encoding="utf-8")
    assert any("`key_star` is missing" in problem.text for problem in problems(small))


def test_a_file_in_another_encoding_is_refused(small: Path) -> None:
    (small / "replies" / "bad.yml").write_bytes('a:\n  text: "señor"\n'.encode("latin-1"))
    (problem,) = problems(small)
    assert (problem.file, "UTF-8" in problem.text) == ("replies/bad.yml", True)


def test_a_poll_file_bears_its_id(small: Path, content: Path) -> None:
    text = (content / "polls" / "Q04_v1.yml").read_text(encoding="utf-8")
    (small / "polls" / "Q99_v1.yml").write_text(text, encoding="utf-8")
    (problem,) = problems(small)
    assert "write Q99_v1" in problem.text


def test_one_run_reports_every_bad_file(small: Path) -> None:
    for name in ("a", "b"):
        (small / "replies" / f"{name}.yml").write_text("x:\n  text: no\n", encoding="utf-8")
    assert [problem.file for problem in problems(small)] == ["replies/a.yml", "replies/b.yml"]


def test_a_folder_that_is_not_there_says_what_to_set(tmp_path: Path) -> None:
    (problem,) = read_content(tmp_path / "nowhere").problems
    assert "BATEA_CONTENT_DIR" in problem.text
