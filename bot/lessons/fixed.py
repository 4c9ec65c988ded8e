"""Everything that Batea says with nothing filled in: what can be recorded, or spoken by an engine, beforehand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from bot.domain.learning import PICTURE, Module, Quiz
from bot.domain.message import Choice, Reply
from bot.domain.person import Country
from bot.domain.poll import Poll
from bot.domain.ports import Library
from bot.lessons.filling import parameters
from bot.lessons.labels import numbered
from bot.lessons.rules import NOWHERE_OR_COUNTRY, PRACTICE, SPEECH_FILE
from bot.lessons.variants import reply_forms, reply_variant

if TYPE_CHECKING:
    from bot.lessons.content import Content

MANAGED: Final = "practice.managed"
"""The sentence whose choices answer whether somebody managed what she chose to do."""


class Spoken(Library, Protocol):
    """A library with polls."""

    def polls(self) -> Sequence[Poll]:
        """Every poll version."""
        ...


def fixed(library: Spoken, content: Content, after_step: Sequence[Choice] = ()) -> Iterator[Reply]:
    """Each sentence, lesson, question and poll as it is said, some of them more than once.

    `after_step` are the choices that the dialogue offers below a lesson's step.
    """
    yield from _replies(library, content)
    for country in Country:
        for module in library.modules(country):
            yield from _module(library, module, country, after_step)
    yield from _polls(library)


def _replies(library: Spoken, content: Content) -> Iterator[Reply]:
    for reply_id, entry in content.replies.items():
        if reply_id.startswith(f"{SPEECH_FILE}."):
            continue
        for country in NOWHERE_OR_COUNTRY:
            part = reply_variant(entry.entry, country)
            for number in range(len(part.text or ())):
                if not any(parameters(form) for form in reply_forms(part, number).all()):
                    yield library.reply(reply_id, country, variant=number)


def _module(library: Spoken, module: Module, country: Country, after_step: Sequence[Choice]) -> Iterator[Reply]:
    for lesson in module.lessons:
        for step in lesson.steps:
            at = f"{module.id}/{lesson.id}/{step.id}"
            yield library.say(at, step.wording, country, choices=after_step)
            yield library.say(f"{at}/simpler", step.simpler, country, choices=after_step)
        if lesson.picture:
            yield library.say(f"{module.id}/{lesson.id}/{PICTURE}", lesson.picture.means, country, choices=after_step)
        for quiz in lesson.quizzes:
            yield from _quiz(library, f"{module.id}/{lesson.id}/{quiz.id}", quiz, country)
    if module.practice:
        at = f"{module.id}/{PRACTICE}"
        offered = numbered((option.id, option.label) for option in module.practice.options)
        yield library.say(at, module.practice.wording, country, choices=offered)
        yield library.say(f"{at}/simpler", module.practice.simpler, country, choices=offered)
        managed = library.reply(MANAGED, country).choices if library.has(MANAGED, country) else ()
        for option in module.practice.options:
            yield library.say(f"{at}/{option.id}", option.later, country, choices=managed)


def _quiz(library: Spoken, at: str, quiz: Quiz, country: Country) -> Iterator[Reply]:
    offered = numbered((option.id, option.label) for option in quiz.options)
    yield library.say(at, quiz.wording, country, choices=offered)
    yield library.say(f"{at}/simpler", quiz.simpler, country, choices=offered)
    for option in quiz.options:
        yield library.say(f"{at}/{option.id}", option.feedback, country)


def _polls(library: Spoken) -> Iterator[Reply]:
    for poll in library.polls():
        if poll.enabled:
            offered = numbered((option.id, option.label) for option in poll.options)
            yield library.say(poll.id, poll.wording, choices=offered)
            yield library.say(f"{poll.id}/simpler", poll.simpler, choices=offered)
