"""What experts sign, and that it stays what they signed."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.domain.errors import UsageError
from bot.domain.person import Country
from bot.lessons.catalogue import load_catalogue
from bot.lessons.check import check
from bot.lessons.content import Content, read_content
from bot.lessons.review import review
from bot.lessons.signatures import sign

TODAY = date(2026, 11, 24)
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "review.md"


@pytest.fixture
def own(small: Path, content: Path) -> Path:
    """The first module, to sign and to change."""
    shutil.copytree(content / "modules" / "m1-mercurio", small / "modules" / "m1-mercurio")
    shutil.copytree(content / "images", small / "images")
    return small


def problems(root: Path) -> list[str]:
    found = (str(problem) for problem in check(root, today=TODAY).problems)
    return [line for line in found if not line.startswith("images/")]  # pictures are looked at in tests/lessons/test_pictures.py


def served(root: Path) -> list[str]:
    library = load_catalogue(root, drafts=False, today=lambda: TODAY, timezone="America/Bogota")
    return [module.id for module in library.modules(Country.CO)]


def change(root: Path, file: str, before: str, after: str) -> None:
    text = (root / file).read_text(encoding="utf-8")
    assert text.count(before) >= 1, before
    (root / file).write_text(text.replace(before, after, 1), encoding="utf-8")


def test_docs_review_says_what_content_says(content: Path) -> None:
    stale = "docs/review.md is stale: run `.venv/bin/batea content review > docs/review.md`"
    assert DOCUMENT.read_text(encoding="utf-8") == review(read_content(content)), stale


def test_the_document_holds_every_text_every_fact_and_every_expert(content: Path) -> None:
    read = read_content(content)
    document = review(read)
    library = load_catalogue(content, drafts=True, today=lambda: TODAY, timezone="America/Bogota")
    bare = document.replace("**", "").replace("|", "/")
    for country in Country:
        for module in library.modules(country):
            for lesson in module.lessons:
                for step in lesson.steps:
                    assert step.wording.text.replace("|", "/") in bare, step
                    assert step.simpler.text in bare, step
                for quiz in lesson.quizzes:
                    assert all(text in bare for o in quiz.options for text in (o.label, o.feedback.text)), quiz
    experts = {expert for folder in read.modules for expert in folder.module.entry.review}
    assert all(f"| {expert} |" in document for expert in experts)
    assert all(f"| {file}.{name} |" in document for file, facts in read.facts.items() for name in facts)


def test_who_reads_a_module_reads_its_facts(own: Path) -> None:
    (row,) = [line for line in review(read_content(own)).splitlines() if line.startswith("| toxicologist |")]
    assert "co.mercury_ban" in row
    assert "common.tailings_gold" in row
    assert "pe.reinfo_end" not in row


def test_a_reply_that_must_be_read_and_names_nobody_is_a_problem(own: Path) -> None:
    text = "Aquí no le digo eso."
    (own / "replies" / "unsafe.yml").write_text(f'tunnel: {{text: "{text}"}}\n', encoding="utf-8")
    (own / "review.yml").write_text('unsafe.gone: ["mine-safety engineer"]\n', encoding="utf-8")
    found = problems(own)
    assert [line for line in found if line.startswith("replies/unsafe.yml:") and "add who must sign it" in line]
    assert [line for line in found if line.startswith("review.yml:") and "no reply unsafe.gone" in line]


def test_a_signed_module_is_served_without_drafts(own: Path) -> None:
    assert served(own) == []
    assert sign(own, "m1", "Dra. Pérez, toxicóloga", TODAY)
    assert not sign(own, "m1", "Dra. Pérez, toxicóloga", TODAY), "nothing changed since"
    assert problems(own) == []
    assert served(own) == ["m1"]
    assert "signed by Dra. Pérez, toxicóloga on 2026-11-24" in review(read_content(own))


def test_a_text_that_changes_after_the_signature_makes_the_module_a_draft_again(own: Path) -> None:
    sign(own, "m1", "Dra. Pérez", TODAY)
    change(own, "modules/m1-mercurio/01-humo.yml", "Respire lejos de ese humo.", "Respire cerca de ese humo.")
    (problem,) = problems(own)
    assert problem.startswith("modules/m1-mercurio/module.yml:")
    assert "changed after Dra. Pérez signed it on 2026-11-24" in problem
    assert "batea content sign m1" in problem
    assert served(own) == []
    assert sign(own, "m1", "Dra. Pérez", TODAY + timedelta(days=1))
    assert (problems(own), served(own)) == ([], ["m1"])
    assert (own / "modules/m1-mercurio/module.yml").read_text(encoding="utf-8").count("signed:") == 1


def test_a_fact_that_changes_after_the_signature_is_reported_and_said_at_once(own: Path) -> None:
    sign(own, "m1", "Dra. Pérez", TODAY)
    change(own, "facts/co.yml", "julio de 2018", "agosto de 2018")
    (problem,) = problems(own)
    assert "a fact that m1 says changed" in problem
    assert served(own) == ["m1"]


def test_another_picture_order_or_reader_needs_no_new_signature(own: Path) -> None:
    sign(own, "m1", "Dra. Pérez", TODAY)
    change(own, "modules/m1-mercurio/module.yml", "order: 1", "order: 7")
    assert problems(own) == []


def test_a_signature_by_hand_counts_for_nothing(own: Path) -> None:
    change(own, "modules/m1-mercurio/module.yml", "status: draft", 'status: signed\nsigned: {by: "yo", "on": 2026-11-24}')
    assert any("`texts` is missing" in line for line in problems(own))


def test_only_a_module_that_is_there_can_be_signed(own: Path) -> None:
    with pytest.raises(UsageError, match="no sound module m99"):
        sign(own, "m99", "Dra. Pérez", TODAY)


def expiring(read: Content) -> list[tuple[str, str, date]]:
    return [
        (file, name, fact.entry.expires)
        for file, facts in read.facts.items()
        for name, fact in facts.items()
        if fact.entry.expires
    ]


def test_past_its_day_no_fact_is_said_anywhere_and_the_check_fails(content: Path) -> None:
    read = read_content(content)
    assert ("pe", "reinfo_end", date(2026, 12, 31)) in expiring(read)
    clock = [TODAY]
    library = load_catalogue(content, drafts=True, today=lambda: clock[0], timezone="America/Bogota")
    for file, name, last in expiring(read):
        fact = read.facts[file][name].entry
        for day, said in ((last, True), (last + timedelta(days=1), False)):
            clock[0] = day
            told = [speech.text for speech in library.speeches()]
            assert any((fact.speech or fact.value) in text for text in told) == said, (name, day)
    found = [
        str(problem) for problem in check(content, today=max(last for _, _, last in expiring(read)) + timedelta(days=1)).problems
    ]
    for file, name, last in expiring(read):
        assert any(f"`{name}` expired on {last}" in line and line.startswith(f"facts/{file}.yml:") for line in found)


def test_after_the_day_the_lesson_says_whom_to_ask_and_asks_no_question_about_what_is_over(content: Path) -> None:
    library = load_catalogue(content, drafts=True, today=lambda: date(2027, 1, 1), timezone="America/Bogota")
    module = library.module("m7", Country.PE)
    assert module is not None
    lesson = module.lesson("reinfo")
    assert lesson is not None
    assert "Pregunte" in lesson.steps[0].wording.text
    assert "2026" not in " ".join(step.wording.text + step.simpler.text for step in lesson.steps)
