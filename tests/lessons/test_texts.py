"""What the texts themselves must keep to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.domain.learning import Module
from bot.domain.person import Country
from bot.domain.understanding import Danger
from bot.lessons.catalogue import Catalogue
from bot.lessons.content import read_content
from bot.lessons.measure import sentences, septets, words

NOBODY_IS_TOLD = "Batea no avisa a nadie"


def wordings(modules: Iterable[Module]) -> Iterator[tuple[str, str]]:
    """Where each text of these modules stands, and the text as it goes out by SMS."""
    for module in modules:
        for lesson in module.lessons:
            at = f"{module.id}/{lesson.id}"
            for step in lesson.steps:
                yield f"{at}/{step.id}", step.wording.sms or step.wording.text
                yield f"{at}/{step.id} simpler", step.simpler.sms or step.simpler.text
            for quiz in lesson.quizzes:
                yield f"{at}/{quiz.id}", quiz.wording.text
                yield f"{at}/{quiz.id} simpler", quiz.simpler.text
                for option in quiz.options:
                    yield f"{at}/{quiz.id}/{option.id}", option.feedback.text


def of_m1(catalogue: Catalogue, country: Country) -> Iterator[tuple[str, str]]:
    module = catalogue.module("m1", country)
    assert module is not None
    return wordings([module])


@pytest.mark.parametrize("country", list(Country))
def test_every_text_of_every_module_fits_one_sms_and_short_breath(catalogue: Catalogue, country: Country) -> None:
    for where, text in wordings(catalogue.modules(country)):
        length = septets(text)
        assert length is not None, where
        assert length <= 160, where
        assert len(sentences(text)) <= 3, where
        assert all(words(sentence) <= 12 for sentence in sentences(text)), where


@pytest.mark.parametrize("country", list(Country))
def test_ten_modules_have_four_to_six_lessons_of_two_to_six_steps_and_a_question(catalogue: Catalogue, country: Country) -> None:
    modules = catalogue.modules(country)
    assert [module.id for module in modules] == [f"m{number}" for number in range(1, 11)]
    for module in modules:
        assert 4 <= len(module.lessons) <= 6, module.id
        assert module.practice, module.id
        assert all(2 <= len(lesson.steps) <= 6 for lesson in module.lessons), module.id
        assert any(lesson.quizzes for lesson in module.lessons), module.id


def test_colombia_hears_of_the_ban_and_never_how_a_retort_is_used(catalogue: Catalogue) -> None:
    colombian = " ".join(text for _, text in of_m1(catalogue, Country.CO))
    peruvian = " ".join(text for _, text in of_m1(catalogue, Country.PE))
    assert "prohibido" in colombian
    assert "retorta" not in colombian.lower()
    assert "prohibido" not in peruvian
    assert "controla" in peruvian


@pytest.mark.parametrize("danger", list(Danger))
def test_a_crisis_answer_says_who_to_call_and_that_nobody_is_told(catalogue: Catalogue, danger: Danger) -> None:
    colombia, peru, unknown = (catalogue.reply(f"crisis.{danger}", c) for c in (Country.CO, Country.PE, None))
    assert re.search(r"\b(123|155)\b", colombia.text.partition(".")[0])
    assert re.search(r"\b(105|106|100)\b", peru.text.partition(".")[0])
    assert "Colombia" in unknown.text
    assert "Perú" in unknown.text
    for reply in (colombia, peru, unknown):
        assert NOBODY_IS_TOLD in reply.text
        assert reply.text.count("?") <= 1
        assert not reply.choices
        assert septets(reply.text) is not None


def test_106_never_stands_without_peru(catalogue: Catalogue) -> None:
    for reply_id in ("answers.", "crisis.", "unsafe."):
        for known in filter(lambda name, start=reply_id: name.startswith(start), catalogue.reply_ids()):
            for country in (None, *Country):
                text = catalogue.reply(known, country).text
                assert "106" not in text or "Perú" in text, (known, country)
    for where, text in wordings(catalogue.modules(Country.PE)):
        assert "106" not in text or "Perú" in text, where
    assert not any("106" in text for _, text in wordings(catalogue.modules(Country.CO)))


def test_no_unverified_number_is_said_anywhere(content: Path) -> None:
    read = read_content(content)
    unverified = [f.entry.value for facts in read.facts.values() for f in facts.values() if f.entry.status == "unverified"]
    assert "1810" in unverified
    files = [path for path in content.rglob("*.yml") if path.parent.name != "facts" and path.name != "sources.yml"]
    assert files
    for path in files:
        text = path.read_text(encoding="utf-8")
        for number in unverified:
            assert not re.search(rf"(?<!\d){re.escape(number)}(?!\d)", text), (path.name, number)


def test_telephone_numbers_stand_only_among_the_facts(content: Path) -> None:
    read = read_content(content)
    short = {f.entry.value for facts in read.facts.values() for f in facts.values() if re.fullmatch(r"\d{3,4}", f.entry.value)}
    for path in (*content.glob("replies/*.yml"), *content.glob("modules/*/*.yml")):
        for line in path.read_text(encoding="utf-8").splitlines():
            found = set(re.findall(r"(?<![\dA-Z])\d{3,4}(?!\d)", line)) if not line.lstrip().startswith("#") else set()
            assert not found & short, (path.name, line)


def test_the_one_fact_that_is_about_to_expire_bears_its_date(content: Path) -> None:
    assert read_content(content).facts["pe"]["reinfo_end"].entry.expires == date(2026, 12, 31)


def test_septets_fold_accents_and_keep_the_rest() -> None:
    assert septets("áéíóú ñ ¿") == 9
    assert septets("€") == 2
    assert septets("hola 👋") is None
