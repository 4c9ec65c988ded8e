"""Modules, lessons, steps and quizzes as one country's learner meets them, and how far she has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.message import SHOWING, ChannelName
from bot.domain.person import Person

PICTURE: Final = "picture"
"""The last part of the key under which a lesson's picture is described."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One thing to say, in its forms: as read, as heard, and as sent by SMS (None: derived from `text`)."""

    text: str
    speech: str | None = None
    sms: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One screen, one voice note, one idea. `simpler` says it in other words."""

    id: str
    wording: Wording
    simpler: Wording


@dataclass(frozen=True, slots=True)
class Picture:
    """A pictogram by its name in `content/images/`, and what it shows, in words."""

    name: str
    means: Wording


@dataclass(frozen=True, slots=True)
class QuizOption:
    """An answer on offer, with the feedback that teaches whoever picks it."""

    id: str
    label: str
    feedback: Wording


@dataclass(frozen=True, slots=True)
class Quiz:
    """One question with 2 to 5 options; `correct` is an option's id. Once published it never changes: progress refers to it."""

    id: str
    wording: Wording
    simpler: Wording
    options: tuple[QuizOption, ...]
    correct: str


@dataclass(frozen=True, slots=True)
class PracticeOption:
    """Something to do in the coming week. `later` asks, about a week afterwards, whether she managed it."""

    id: str
    label: str
    later: Wording


@dataclass(frozen=True, slots=True)
class Practice:
    """What is asked when a module is finished: what will she do this week? 2 to 4 options, none of which confesses anything."""

    wording: Wording
    simpler: Wording
    options: tuple[PracticeOption, ...]

    def option(self, option_id: str) -> PracticeOption | None:
        """The option of that id, or None where it no longer exists."""
        return next((option for option in self.options if option.id == option_id), None)


@dataclass(frozen=True, slots=True)
class Lesson:
    """A few steps, then perhaps a quiz. Its picture goes with the first step, where pictures can go.

    What is `private` is only said to who asks for it: it never comes by itself, since others may see or hear her phone.
    """

    id: str
    title: str
    steps: tuple[Step, ...]
    quizzes: tuple[Quiz, ...] = ()
    picture: Picture | None = None
    private: bool = False


def picture_with(lesson: Lesson, step: Step, person: Person, channel: ChannelName) -> str | None:
    """The name of the picture that comes with a step: with the first, where pictures come, and she has not asked for none."""
    shown = lesson.picture if step.id == lesson.steps[0].id else None
    return shown.name if shown and person.pictures and channel in SHOWING else None


@dataclass(frozen=True, slots=True)
class Module:
    """A topic in one country's variant. `status` is `draft` or `signed`; people also name it by what it is `called`."""

    id: str
    title: str
    status: str
    lessons: tuple[Lesson, ...]
    practice: Practice | None = None
    called: tuple[str, ...] = ()

    def lesson(self, lesson_id: str) -> Lesson | None:
        """The lesson of that id, or None where it no longer exists."""
        return next((lesson for lesson in self.lessons if lesson.id == lesson_id), None)


@dataclass(frozen=True, slots=True)
class LessonRecord:
    """What a person has done of one lesson: the step she stopped at, and when she finished it."""

    module_id: str
    lesson_id: str
    step_id: str
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Everything learnt so far, the newest last."""

    lessons: tuple[LessonRecord, ...] = ()

    def finished(self, module_id: str) -> frozenset[str]:
        """The ids of the lessons of a module that were heard to the end."""
        return frozenset(r.lesson_id for r in self.lessons if r.module_id == module_id and r.finished_at)

    def at(self, module_id: str, lesson_id: str) -> LessonRecord | None:
        """How far she came in one lesson, None where it was never begun."""
        return next((r for r in self.lessons if (r.module_id, r.lesson_id) == (module_id, lesson_id)), None)
