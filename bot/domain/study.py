"""How somebody learns from day to day: at which hour lessons come, what she set out to do, what comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from bot.domain.conversation import Place, PlaceKind
from bot.domain.learning import Lesson, Module, Practice, Progress
from bot.domain.message import ChannelName, Choice
from bot.domain.repetition import Review

EARLIEST: Final = time(5)
LATEST: Final = time(21)
"""Between these hours something may come at a chosen hour (design.md, section 5.4)."""
A_WEEK_LATER: Final = timedelta(days=7)
ASKED_WITHIN: Final = timedelta(days=14)
"""What could not be asked about for so long is asked about no more."""
PRACTICE: Final = "practice"
"""What stands in the place of a lesson where a practice is spoken of."""
NONE: Final = "none"
"""The option of whoever sets out to do nothing of what is offered."""
CHOOSE, LATER, HELP = "choose", "later", "help"
"""The steps of a practice: what will you do, did you manage, what helps."""
SENT: Final = "sent"
AGAIN: Final = "again"
"""What ends the place of a step that came by itself, and of a question that comes back."""
NEXT, STOP = "next", "stop"
NEXT_KEY, STOP_KEY = "9", "5"


class Every(StrEnum):
    """How often a lesson comes."""

    DAY = "day"
    WEEK = "week"


class Managed(StrEnum):
    """What somebody says of what she had set out to do."""

    MANAGED = "managed"
    SOMETIMES = "sometimes"
    COULD_NOT = "could_not"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A lesson every day or week, at that local time, by that channel; `weekday` (0 is Monday) where it is every week."""

    every: Every
    at: time
    channel: ChannelName
    weekday: int = 0

    def following(self, now: datetime, zone: str) -> datetime:
        """The first of its moments after now, in UTC."""
        local = now.astimezone(ZoneInfo(zone))
        day = local.date()
        if self.every is Every.WEEK:
            day += timedelta(days=(self.weekday - day.weekday()) % 7)
        moment = datetime.combine(day, self.at, local.tzinfo)
        if moment <= local:
            moment = datetime.combine(day + timedelta(days=7 if self.every is Every.WEEK else 1), self.at, local.tzinfo)
        return moment.astimezone(now.tzinfo)


@dataclass(frozen=True, slots=True)
class Turn:
    """It is time for somebody's lesson. `unheard`: how many came since she last wrote or called."""

    person_id: str
    rhythm: Rhythm
    due_at: datetime
    sent_at: datetime | None = None
    unheard: int = 0


@dataclass(frozen=True, slots=True)
class Intention:
    """What somebody has set out to do, to be asked about from `due_at` on; after `ends` nobody remembers what was meant."""

    person_id: str
    module_id: str
    option_id: str = field(repr=False)
    due_at: datetime
    ends: datetime


class Studies(Protocol):
    """Rhythms, intentions, and questions that come back."""

    def rhythm(self, person_id: str) -> Rhythm | None:
        """When her lessons come; None where she asked for none."""
        ...

    def set_rhythm(self, person_id: str, rhythm: Rhythm, due_at: datetime) -> None:
        """Have lessons come, the first one then."""
        ...

    def stop_rhythm(self, person_id: str) -> None:
        """No lesson comes any more."""
        ...

    def turns(self, now: datetime, limit: int = 50) -> Sequence[Turn]:
        """Whose lesson is due, locked until the transaction ends."""
        ...

    def turned(self, turn: Turn, due_at: datetime, sent_at: datetime | None, unheard: int) -> None:
        """When her next one is due, and when the last was sent."""
        ...

    def intend(self, intention: Intention) -> None:
        """Keep what she set out to do, and count it."""
        ...

    def intentions(self, now: datetime, limit: int = 50) -> Sequence[Intention]:
        """What is to be asked about now, locked until the transaction ends."""
        ...

    def put_off(self, intention: Intention, until: datetime | None) -> None:
        """Ask then; None: never, and nothing of it stays."""
        ...

    def asked(self, intention: Intention, now: datetime) -> None:
        """She is being asked: what it was is forgotten."""
        ...

    def is_asked(self, person_id: str, module_id: str) -> bool:
        """Whether she was asked about a module and has not answered."""
        ...

    def managed(self, person_id: str, module_id: str, how: Managed) -> None:
        """Count what she says, once; nothing of it stays with her."""
        ...

    def practised(self) -> Mapping[str, Mapping[str, int]]:
        """By module: how many set out to do what (`chosen:<option>`), and how many managed (`Managed`)."""
        ...

    def reviews(self, person_id: str, now: datetime | None = None) -> Sequence[Review]:
        """Questions of hers that come back, the one that waits longest first; with `now`, those whose time has come."""
        ...

    def answered(self, person_id: str, module_id: str, quiz_id: str, *, right: bool, now: datetime) -> None:
        """Have a missed question come back, and one that is known come later or no more."""
        ...

    def drop_review(self, person_id: str, review: Review) -> None:
        """A question that is no longer there does not come back."""
        ...

    def prompted(self, person_id: str, place: Place, message_id: str) -> None:
        """A message that asks something at that place was queued to her."""
        ...

    def waiting_for(self, person_id: str) -> Place | None:
        """Where she stands because that message has reached her since she last wrote. Once.

        None where a meeting or a poll has asked her something since.
        """
        ...

    def leave(self, person_id: str) -> None:
        """She said BAJA: nothing comes at any hour, and what she set out to do is forgotten."""
        ...


def next_lesson(modules: Sequence[Module], progress: Progress) -> tuple[Module, Lesson] | None:
    """The next lesson that she has not finished, private ones aside: of the module she was last at, then of all in order."""
    last = progress.lessons[-1].module_id if progress.lessons else ""
    for module in sorted(modules, key=lambda module: module.id != last):
        done = progress.finished(module.id)
        for lesson in module.lessons:
            if lesson.id not in done and not lesson.private:
                return module, lesson
    return None


def step_to_send(module: Module, lesson: Lesson, progress: Progress) -> str:
    """The step of a lesson at which she goes on."""
    record = progress.at(module.id, lesson.id)
    ids = [step.id for step in lesson.steps]
    return record.step_id if record and not record.finished_at and record.step_id in ids else ids[0]


def finishes(module: Module, lesson_id: str, progress: Progress) -> bool:
    """Whether that lesson, finished now for the first time, is the last that was missing of its module."""
    done = progress.finished(module.id)
    return lesson_id not in done and all(lesson.id in {*done, lesson_id} for lesson in module.lessons)


def shortest(module: Module) -> Lesson:
    """The lesson with the fewest words: what is repeated to whoever could not do it. Not a private one, if there is another."""
    open_to_all = [lesson for lesson in module.lessons if not lesson.private]
    return min(open_to_all or module.lessons, key=lambda lesson: sum(len(step.wording.text) for step in lesson.steps))


def sent_place(module: Module, lesson: Lesson, step_id: str) -> Place:
    """The place of a step that came by itself."""
    return Place(PlaceKind.LESSON, (module.id, lesson.id, step_id, SENT))


def again_place(module_id: str, lesson_id: str, quiz_id: str) -> Place:
    """The place of a question that comes back."""
    return Place(PlaceKind.QUIZ, (module_id, lesson_id, quiz_id, AGAIN))


def later_place(module_id: str) -> Place:
    """The place of the question whether she managed."""
    return Place(PlaceKind.PRACTICE, (module_id, LATER))


def came_by_itself(place: Place) -> bool:
    """Whether it is the place of something that came by itself."""
    return place.kind in {PlaceKind.LESSON, PlaceKind.QUIZ} and place.parts[3:] in {(SENT,), (AGAIN,)}


def sent_choices(place: Place, on: str, stop: str) -> tuple[Choice, ...]:
    """What is offered below a step that came by itself: to go on, and to have no more of them."""
    return Choice(NEXT_KEY, f"{place}:{NEXT}", on), Choice(STOP_KEY, f"{place}:{STOP}", stop)


def offered(practice: Practice, none: str) -> list[tuple[str, str]]:
    """The options of a practice and the way out, as (id, label)."""
    return [*((option.id, option.label) for option in practice.options), (NONE, none)]


def found(modules: Sequence[Module], review: Review) -> Place | None:
    """The place of a question that comes back; None where it is no longer served, or must not come by itself."""
    for module in modules:
        for lesson in module.lessons:
            held = module.id == review.module_id and any(quiz.id == review.quiz_id for quiz in lesson.quizzes)
            if held and not lesson.private:
                return again_place(module.id, lesson.id, review.quiz_id)
    return None


def asked_at(now: datetime, rhythm: Rhythm | None, zone: str) -> datetime:
    """When she is asked about what she sets out to do now: a week later, at the hour of her lessons where she has one."""
    later = now + A_WEEK_LATER
    if rhythm is None:
        return later
    local = later.astimezone(ZoneInfo(zone))
    return datetime.combine(local.date(), rhythm.at, local.tzinfo).astimezone(now.tzinfo)
