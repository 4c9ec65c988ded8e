"""What the people of the demonstration did before it begins: they agreed, learnt something, answered two rounds of a poll."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.learning import Lesson, LessonRecord, Practice
from bot.domain.message import Address
from bot.domain.person import Country, Person
from bot.domain.poll import Poll
from bot.domain.ports import Library
from bot.domain.results import By
from bot.domain.store import UnitOfWork
from bot.domain.study import Intention, Managed
from bot.lessons.demo import ClosedRound, DemoData

_A_DAY: Final = timedelta(days=1)
# Of so many people one does not answer, and of so many first tries one is wrong.
_SILENT: Final = 11
_WRONG: Final = 3
_STILL_WRONG: Final = 4
# Among so many options they chose.
_CHOSEN: Final = 3


def happen(uow: UnitOfWork, demo: DemoData, library: Library) -> None:
    """All of it, once. The rounds are then to be closed, each with its key destroyed."""
    fresh = [closed for closed in demo.closed_rounds if uow.polls.get(closed.round.id) is None]
    if not fresh:
        return
    people = list(enrol(uow, demo.crowd))
    learn(uow, people, library)
    for closed in fresh:
        poll = library.poll(closed.round.poll_id)
        if poll is not None:
            answer(uow, closed, poll, people, demo)


def enrol(uow: UnitOfWork, people: Sequence[tuple[Address, Person]]) -> Iterator[Person]:
    """Store them with the proof that they agreed, where it is not there yet; gives those who are new."""
    for address, invented in people:
        met, state = uow.people.meet(address, invented.created_at)
        if met.consent is None and invented.consent is not None:
            person = replace(invented, id=met.id)
            uow.people.save(person, replace(state, place="menu"))
            uow.people.record_consent(met.id, invented.consent)
            yield person


def learn(uow: UnitOfWork, people: Sequence[Person], library: Library) -> None:
    """Everybody has finished some lessons of the first module, and tried their questions; about half of them all."""
    for number, person in enumerate(people):
        module = next(iter(library.modules(person.country or Country.CO)), None)
        if module is None:
            return
        lessons = module.lessons if number % 2 else module.lessons[: number % len(module.lessons)]
        for place, lesson in enumerate(lessons):
            done = person.created_at + (place + 1) * _A_DAY
            uow.people.record_lesson(person.id, LessonRecord(module.id, lesson.id, lesson.steps[-1].id, done))
            _tried(uow, person.id, (module.id, lesson), number, done)
        if number % 2 and module.practice:
            practised(uow, person.id, module.id, module.practice, number, person.created_at)


def _tried(uow: UnitOfWork, person_id: str, lesson: tuple[str, Lesson], number: int, when: datetime) -> None:
    module_id, read = lesson
    for quiz in read.quizzes:
        right = (number + len(quiz.id)) % _WRONG != 0
        option = next((option.id for option in quiz.options if (option.id == quiz.correct) is right), quiz.correct)
        uow.people.record_quiz(person_id, module_id, quiz.id, option, right, when)
        if number // 2 % 2:
            # Half of them came back to it, and most knew it by then.
            again = right or (number + len(quiz.id)) % _STILL_WRONG != 0
            last = quiz.correct if again else option
            uow.people.record_quiz(person_id, module_id, quiz.id, last, again, when + _A_DAY)


def practised(uow: UnitOfWork, person_id: str, module_id: str, practice: Practice, number: int, when: datetime) -> None:
    """Whoever finished the module set out to do something, and was asked about it."""
    option = practice.options[number // 2 % min(len(practice.options), _CHOSEN)]
    intention = Intention(person_id, module_id, option.id, when, when + _A_DAY)
    uow.study.intend(intention)
    uow.study.asked(intention, when)
    uow.study.managed(person_id, module_id, list(Managed)[number // 2 % len(Managed)])


def answer(uow: UnitOfWork, closed: ClosedRound, poll: Poll, people: Sequence[Person], demo: DemoData) -> None:
    """Nearly everybody answered, as the weights say; the round is then to be closed. The same every time."""
    rng, places = random.Random(closed.round.number), {place.id: place.territory for place in demo.communities}  # noqa: S311
    options, weights = list(closed.answers), list(closed.answers.values())
    uow.polls.put_round(closed.round, poll)
    uow.polls.invite(closed.round.id, [person.id for person in people], closed.round.closes_at)
    channels = {person.id: person.consent.channel for person in people if person.consent}
    for number, person in enumerate(people):
        if number % _SILENT == closed.round.number:
            continue
        about = {By.TERRITORY: places[person.community_id or ""], By.CHANNEL: channels[person.id]}
        about |= {By.SEX: person.sex.value} if person.sex else {}
        about |= {By.ROLE: person.role.value} if person.role else {}
        when = closed.round.opens_at + (number % 7) * _A_DAY
        uow.polls.answer(closed.round.id, person.id, rng.choices(options, weights), when, about)
