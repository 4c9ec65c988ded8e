"""Questions are measured, and published ones never change."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.domain.errors import UsageError
from bot.domain.learning import Wording
from bot.domain.poll import Bounds, Condition, Poll, PollKind, PollOption
from bot.lessons.check import check
from bot.lessons.poll_check import accusing, double, findings
from bot.lessons.published import publish

TODAY = date(2026, 11, 23)
OUT = PollOption("no_digo", "No sé / no digo")
GOOD = Poll(
    "Q50_v1",
    "Q50",
    Wording("¿Fue a la última reunión?"),
    Wording("¿Vino usted a la reunión?"),
    (PollOption("si", "Sí"), PollOption("no", "No"), OUT),
)


@pytest.fixture
def kept(small: Path, content: Path) -> Path:
    """A copy of the polls that a test may change."""
    shutil.copytree(content / "polls", small / "polls", dirs_exist_ok=True)
    return small


def _codes(poll: Poll) -> set[str]:
    return {finding.code for finding in findings(poll)}


def _asking(text: str) -> Poll:
    return replace(GOOD, wording=Wording(text))


def test_a_good_question_has_no_finding() -> None:
    assert _codes(GOOD) == set()


@pytest.mark.parametrize(
    "text",
    [
        "¿Usted usó mercurio?",
        "¿usted uso mercurio?",
        "¿Usó azogue esta semana?",
        "Esta semana, ¿usó azogue?",
        "¿Sigue usando mercurio?",
        "¿Quién quema oro en su vereda?",
        "¿Su familia usa mercurio?",
        "¿Sus vecinos queman amalgama?",
        "¿Por qué no usa casco?",
    ],
)
def test_a_question_that_asks_for_a_confession_is_found(text: str) -> None:
    assert accusing(text)
    assert "accusing" in _codes(_asking(text))


@pytest.mark.parametrize(
    "text", ["En su sector, ¿esta semana se usó azogue?", "Ayer, ¿usó casco o guantes?", "¿Cuántos días trabajó?"]
)
def test_a_question_about_the_place_or_about_care_accuses_nobody(text: str) -> None:
    assert accusing(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "¿Usó casco y fue a la reunión?",
        "¿Le gustó la reunión y le sirvió?",
        "¿Fue a la reunión? ¿Le gustó?",
        "¿El comité escucha y responde?",
    ],
)
def test_two_questions_in_one_are_found(text: str) -> None:
    assert double(text)
    assert "double" in _codes(_asking(text))


@pytest.mark.parametrize(
    "text", ["Ayer, ¿usó casco o guantes?", "¿Hubo un susto o herida este mes?", "¿Le pareció justo el pago?"]
)
def test_two_things_in_one_question_are_one_question(text: str) -> None:
    assert double(text) == ""


@pytest.mark.parametrize(
    ("poll", "code"),
    [
        (_asking("¿Fue a la última reunión? " * 9), "long"),
        (_asking("¿Fue usted el otro día a la reunión grande de todo el comité de allá arriba?"), "wordy"),
        (_asking("¿Fue a la reunión? 😀"), "letters"),
        (_asking("Diga si fue"), "no_question"),
        (_asking("¿Cómo se llama usted?"), "naming"),
        (_asking("¿Considera satisfactoria la institucionalización organizacional comunitaria participativa?"), "hard"),
        (replace(GOOD, simpler=GOOD.wording), "repeats"),
        (replace(GOOD, options=GOOD.options[:1]), "options"),
        (replace(GOOD, options=GOOD.options[:2]), "no_way_out"),
        (replace(GOOD, options=(PollOption("a", "Sí"), PollOption("b", "si"), OUT)), "twice"),
        (replace(GOOD, options=(PollOption("a", "Sí, todas las veces que pude"), *GOOD.options[1:])), "label"),
        (replace(GOOD, kind=PollKind.SEVERAL, most=3), "many"),
        (replace(GOOD, kind=PollKind.NUMBER, options=(OUT,), bounds=Bounds(9, 3)), "bounds"),
        (replace(GOOD, when=Condition("Q50_v1", ("si",))), "condition"),
    ],
)
def test_every_breach_is_found_and_says_what_to_do(poll: Poll, code: str) -> None:
    found = [finding for finding in findings(poll) if finding.code == code]
    assert found
    assert all("{" not in str(finding) for finding in found)


def _change(file: Path, pattern: str, new: str) -> None:
    file.write_text(re.sub(pattern, new, file.read_text(encoding="utf-8"), count=1), encoding="utf-8")


def test_a_published_text_that_changed_is_a_problem_that_names_the_next_version(kept: Path) -> None:
    _change(kept / "polls" / "Q05_v1.yml", 'text: ".*"', 'text: "¿Fue a la reunión pasada?"')
    (problem,) = check(kept, today=TODAY).problems
    assert problem.file == "polls/Q05_v1.yml"
    assert "write Q05_v2" in problem.text
    with pytest.raises(UsageError, match="changed"):
        publish(kept, "Q05_v1")


def test_a_published_poll_may_be_switched_off_and_its_file_may_not_go(kept: Path) -> None:
    _change(kept / "polls" / "Q05_v1.yml", "enabled: true", "enabled: false")
    assert check(kept, today=TODAY).problems == ()
    (kept / "polls" / "Q05_v1.yml").unlink()
    (problem,) = check(kept, today=TODAY).problems
    assert "put it back" in problem.text


def test_a_new_version_is_published_before_it_is_asked(kept: Path) -> None:
    old = (kept / "polls" / "Q05_v1.yml").read_text(encoding="utf-8")
    (kept / "polls" / "Q05_v2.yml").write_text(old.replace("Q05_v1", "Q05_v2"), encoding="utf-8")
    (problem,) = check(kept, today=TODAY).problems
    assert "batea poll publish Q05_v2" in problem.text
    assert publish(kept, "Q05_v2")
    assert not publish(kept, "Q05_v2")
    assert check(kept, today=TODAY).problems == ()


def test_what_depends_on_a_sensitive_question_is_refused(kept: Path) -> None:
    _change(kept / "polls" / "Q08_v1.yml", "enabled: true", "enabled: false")
    with (kept / "polls" / "Q08_v1.yml").open("a", encoding="utf-8") as file:
        file.write("when: {poll: Q01_v1, answered: [mucho]}\n")
    assert any("is sensitive" in problem.text for problem in check(kept, today=TODAY).problems)


@pytest.mark.parametrize("lines", ["kind: several\n", "kind: number\n", "kind: several\nmost: 4\n", "most: 2\n"])
def test_a_kind_without_what_it_needs_is_a_problem(kept: Path, lines: str) -> None:
    with (kept / "polls" / "Q02_v1.yml").open("a", encoding="utf-8") as file:
        file.write(lines)
    assert check(kept, today=TODAY).problems
