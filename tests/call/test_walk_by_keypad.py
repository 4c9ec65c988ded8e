"""Every module by keypad alone: each lesson and question is reached, each key does the same everywhere.

In `make test` one lesson a module is walked, another one in each country; in `make soak` all of them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from standins.telephone import Handset

from bot.domain.learning import Lesson, Module
from bot.domain.message import Choice, Reply
from bot.domain.person import Country

NUMBERS = {Country.CO: "+573005550101", Country.PE: "+51955550101"}
MOST_PRESSES = 2_000
SILENCE = ""
PRACTICE = "lesson:{}/practice/choose"
"""What the last lesson that was missing of a module leads to."""
RESERVED = {"9": ":next", "0": ":menu"}


@dataclass
class Caller:
    """Somebody with nothing but keys, and where she has been."""

    telephony: Any
    handset: Handset
    presses: int = 0
    seen: set[str] = field(default_factory=set)

    def enrol(self, country: Country) -> None:
        self.telephony.call(self.handset)
        for key in ("1", "1" if country is Country.CO else "2", "1", "1"):
            self.handset.press(key)
        # A place of hers, where one is asked for, then the menu.
        self.press("0")

    def press(self, key: str) -> str:
        """Press a key, or none; checks what every document must be. Gives the public place."""
        self.presses += 1
        assert self.presses < MOST_PRESSES, "there is no way on"
        if self.handset.over:
            self.handset.hang_up()
            # The limits of a day are not what is walked through.
            self.telephony.pass_time(days=1)
            self.telephony.call(self.handset)
        if key == SILENCE:
            self.handset.keep_silent()
        else:
            self.handset.press(key)
        assert self.telephony.names(self.handset), "every prompt is a clip: mu-law, 8 kHz, mono, at most 60 s"
        choices = self.choices
        assert len(choices) <= 5, [choice.label for choice in choices]
        assert len({choice.key for choice in choices}) == len(choices)
        for choice in choices:
            assert choice.key in set("12345") or choice.id.endswith(RESERVED[choice.key]), "the others mean the same everywhere"
        self.seen.add(self.place)
        return self.place

    @property
    def last(self) -> Reply:
        reply: Reply = self._answer.said[-1]
        return reply

    @property
    def choices(self) -> tuple[Choice, ...]:
        return self.last.choices

    @property
    def place(self) -> str:
        return str(self._answer.state)

    @property
    def _answer(self) -> Any:
        return next(reversed(self.telephony.batea.talk._answered.values()))

    def choose(self, end: str) -> str:
        """Press the key of the choice whose id ends so."""
        (key,) = (choice.key for choice in self.choices if choice.id.endswith(end))
        return self.press(key)

    def pages(self) -> Iterator[list[str]]:
        """The options of each page of a list; she stands on that page then."""
        while True:
            here = [choice.id.rpartition(":")[2] for choice in self.choices]
            yield [option for option in here if option != "more"]
            if "more" not in here:
                return
            self.choose(":more")

    def lists(self) -> None:
        """From anywhere to the list of modules, or of lessons where there is one module only."""
        self.press("0")
        self.choose(":learn")
        if self.place.startswith("quiz:"):  # one that comes back is left open
            self.press("9")
        if self.last.id == "lesson.resume":
            self.press("2")


@pytest.fixture(params=list(Country), ids=lambda country: country.value)
def caller(request: pytest.FixtureRequest, telephony_with: Any) -> Caller:
    telephony = telephony_with(CALLS_PER_DAY="5000", CALL_MINUTES="600")
    someone = Caller(telephony, telephony.handset(NUMBERS[request.param]))
    someone.enrol(request.param)
    return someone


@pytest.fixture
def country(caller: Caller) -> Country:
    return next(country for country, number in NUMBERS.items() if number == caller.handset.number)


WALKS = pytest.mark.parametrize("everything", [False, pytest.param(True, marks=pytest.mark.soak)], ids=["a sample", "all"])


def walked(caller: Caller, country: Country, *, everything: bool) -> Iterator[tuple[Module, Lesson]]:
    """The lessons to walk through; of a sample, one a module, whose place in it differs by module and country."""
    for number, module in enumerate(caller.telephony.batea.library.modules(country)):
        here = number + list(Country).index(country) * 2
        for lesson in module.lessons if everything else [module.lessons[here % len(module.lessons)]]:
            yield module, lesson


def to_lesson(caller: Caller, served: int, module_id: str, lesson_id: str) -> None:
    caller.lists()
    if served > 1:
        find(caller, module_id)
    find(caller, lesson_id)


def find(caller: Caller, option: str) -> None:
    """Choose an option of a list, on whichever of its pages."""
    for page in caller.pages():
        if option in page:
            caller.choose(f":{option}")
            return
    raise AssertionError(f"{option} is on no page")


@WALKS
def test_every_step_and_every_question_of_a_module_is_reached(caller: Caller, country: Country, everything: bool) -> None:
    served = len(caller.telephony.batea.library.modules(country))
    assert served
    for module, lesson in walked(caller, country, everything=everything):
        to_lesson(caller, served, module.id, lesson.id)
        for step in lesson.steps:
            assert caller.place == f"lesson:{module.id}/{lesson.id}/{step.id}"
            caller.press("9")
        for quiz in lesson.quizzes:
            assert caller.place == f"quiz:{module.id}/{lesson.id}/{quiz.id}"
            assert [choice.id.rpartition(":")[2] for choice in caller.choices] == [option.id for option in quiz.options]
            caller.choose(f":{quiz.correct}")
        assert caller.place in {f"lesson:{module.id}/{lesson.id}/end", PRACTICE.format(module.id)}


def test_every_lesson_of_every_module_is_on_a_page_of_its_list(caller: Caller, country: Country) -> None:
    modules = caller.telephony.batea.library.modules(country)
    for number, module in enumerate(modules):
        caller.lists()
        find(caller, module.id)
        if number % 3 == list(Country).index(country):  # turning every page of every list takes its time
            found = [option for page in caller.pages() for option in page]
            assert found == [lesson.id for lesson in module.lessons]


@WALKS
def test_every_answer_to_a_question_teaches_something(caller: Caller, country: Country, everything: bool) -> None:
    served = len(caller.telephony.batea.library.modules(country))
    for module, lesson in walked(caller, country, everything=everything):
        if not lesson.quizzes:
            continue
        to_lesson(caller, served, module.id, lesson.id)
        quiz = lesson.quizzes[0]
        for option in quiz.options:
            while caller.place != f"quiz:{module.id}/{lesson.id}/{quiz.id}":
                caller.press("9")
            caller.choose(f":{option.id}")
            feedback = caller.telephony.clips([caller._answer.said[0]])
            assert caller._answer.said[0].id.endswith(f"/{quiz.id}/{option.id}")
            assert caller.telephony.names(caller.handset)[:1] == feedback
            while not caller.place.startswith("lesson:"):
                caller.press("6")
            if caller.place == PRACTICE.format(module.id):
                to_lesson(caller, served, module.id, lesson.id)
            elif caller.place.endswith("/end"):
                caller.press("6")


def test_in_a_lesson_and_a_question_the_reserved_keys_do_what_they_do_everywhere(caller: Caller, country: Country) -> None:
    modules = caller.telephony.batea.library.modules(country)
    module, lesson = modules[0], next(lesson for lesson in modules[0].lessons if lesson.quizzes)
    to_lesson(caller, len(modules), module.id, lesson.id)
    for _ in range(len(lesson.steps) + 1):
        place, sentence = caller.place, caller.last.id
        for key in ("8", "7"):
            assert caller.press(key) == place
            assert caller.last.id.startswith(sentence), "the same, or in simpler words"
        assert caller.press("*").startswith("human")
        caller.press("6")
        assert caller.press("0") == "menu"
        to_lesson(caller, len(modules), module.id, lesson.id)
        while caller.place != place:
            caller.press("9")
        caller.press("9")


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.soak) for seed in (1, 2))])
def test_whatever_is_pressed_she_is_told_something_and_finds_back_to_the_menu(caller: Caller, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(120):
        offered = [choice.key for choice in caller.choices if choice.key.isdecimal()]
        caller.press(chance.choice([*offered, *offered, *"6789*0", SILENCE]))
    for _ in range(3):
        if caller.press("0") == "menu":
            break
    assert caller.place == "menu"
    assert len(caller.seen) > 5
