"""How hard questions are and what changes: shares by module, and nothing of fewer than ten people."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from standins.staff_side import StaffSide

from bot.domain.figures import QuizCounts
from bot.domain.learning import Lesson, Module, Practice, PracticeOption, Quiz, QuizOption, Wording
from bot.domain.message import Address, ChannelName
from bot.domain.person import Country
from bot.domain.study import Intention, Managed
from bot.web.staff.modules_learnt import ItemRow, learnt_rows

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
WORDS = Wording("x")
OPTIONS = (QuizOption("a", "A", WORDS), QuizOption("b", "B", WORDS))


def module(*quizzes: str) -> Module:
    lesson = Lesson("l", "L", (), tuple(Quiz(name, Wording(f"¿{name}?"), WORDS, OPTIONS, "a") for name in quizzes))
    practice = Practice(WORDS, WORDS, (PracticeOption("mojar", "Mojo la piedra", WORDS), PracticeOption("otra", "Otra", WORDS)))
    return Module("m", "Polvo", "signed", (lesson,), practice)


def row(*facts: int) -> ItemRow:
    [found] = learnt_rows([module("q")], [QuizCounts("m", "q", *facts)], {})
    return found.items[0]


def test_the_share_right_at_first_and_the_change_of_those_who_answered_again() -> None:
    found = row(40, 10, 20, 8, 2)
    assert (found.people, found.first, found.again, found.before, found.after, found.change) == (40, 75, 20, 60, 90, 30)


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ((9, 3, 0, 0, 0), (None, None, 0, None, None)),
        ((10, 3, 0, 0, 0), (10, 70, 0, None, None)),
        ((30, 3, 9, 1, 1), (30, 90, None, None, None)),
        ((30, 3, 10, 2, 1), (30, 90, 10, 80, 90)),
        ((19, 3, 10, 2, 1), (19, 84, None, None, None)),  # the nine others would show, too
        ((12, 3, 12, 3, 0), (12, 75, 12, 75, 100)),
    ],
)
def test_nothing_of_fewer_than_ten_people_is_shown(facts: tuple[int, ...], shown: tuple[Any, ...]) -> None:
    found = row(*facts)
    assert (found.people, found.first, found.again, found.before, found.after) == shown


def test_a_modules_sum_is_of_those_items_alone_that_are_shown() -> None:
    counts = [QuizCounts("m", "q", 20, 10), QuizCounts("m", "r", 9, 9), QuizCounts("m", "s", 20, 0, 20, 0, 0)]
    [found] = learnt_rows([module("q", "r", "s")], counts, {})
    assert (found.whole.people, found.whole.first, found.whole.again, found.whole.change) == (40, 75, 20, 0)


def test_what_people_chose_is_hidden_where_few_did_and_from_whom_one_community_is_shown() -> None:
    numbers = {"m": {"chosen:mojar": 12, "chosen:otra": 3, "managed": 10, "could_not": 2}}
    [found] = learnt_rows([module("q")], [], numbers)
    assert found.chosen == (("Mojo la piedra", 12), ("Otra", None))
    assert found.managed == (("managed", 10), ("sometimes", 0), ("could_not", None))
    [found] = learnt_rows([module("q")], [], {})
    assert (found.chosen, found.managed, found.answered) == ((), (), False)


@pytest.fixture(scope="module")
def side(tmp_path_factory: pytest.TempPathFactory) -> Any:
    running = StaffSide(tmp_path_factory.mktemp("learning"))

    def learn(uow: Any) -> None:
        module = uow and running.batea.library.module("m2", Country.CO)
        quiz, other = module.lessons[0].quizzes[0], module.lessons[1].quizzes[0]
        for number in range(24):
            person, state = uow.people.meet(Address(ChannelName.SMS, f"+5730088800{number:02}"), NOW)
            uow.people.save(person, state)
            for right in (number % 2 == 0, number % 4 > 0):
                uow.people.record_quiz(person.id, "m2", quiz.id, quiz.correct, right, NOW)
            if number < 5:
                uow.people.record_quiz(person.id, "m2", other.id, other.correct, False, NOW)
            option = module.practice.options[0 if number < 20 else 1]
            intention = Intention(person.id, "m2", option.id, NOW, NOW)
            uow.study.intend(intention)
            uow.study.asked(intention, NOW)
            uow.study.managed(person.id, "m2", Managed.MANAGED if number < 12 else Managed.SOMETIMES)

    running.submit(learn)
    yield running
    running.close()


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("es", ("50 %", "50 % → 75 %", "+25 puntos", "24 personas", "Mojo la piedra: 20", "sí: 12")),
        ("en", ("50%", "50% → 75%", "+25 points", "24 people", "Mojo la piedra: 20", "yes: 12")),
    ],
)
def test_the_page_shows_it_in_both_languages(side: Any, language: str, says: tuple[str, ...]) -> None:
    staff = side.browser(side.member("staff"))
    staff.post("/staff/language", language=language, back="/staff/modules")
    page = " ".join(staff.get("/staff/modules").text.split())
    assert all(words in page for words in says), page[-4000:]
    assert "Cargo entre dos: 4" not in page


def test_a_facilitator_sees_nothing_of_what_others_chose(side: Any) -> None:
    page = side.browser(side.member("facilitator", "taraza")).get("/staff/modules").text
    assert "Mojo la piedra" not in page
