"""Lessons, questions that come back and what is asked a week later, as replies: the dialogue takes what she chooses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.domain.conversation import Place
from bot.domain.learning import Lesson, Module, Progress, picture_with
from bot.domain.message import ChannelName, Choice, Reply
from bot.domain.person import Mode, Person
from bot.domain.ports import Library
from bot.domain.repetition import Review
from bot.domain.study import PRACTICE, found, later_place, next_lesson, sent_choices, sent_place, step_to_send


@dataclass(frozen=True, slots=True)
class Sitting:
    """What is sent at an hour that she chose, and where she stands then; without a place there is nothing more to learn."""

    replies: tuple[Reply, ...]
    place: Place | None = None


class LessonMessages:
    """Makes them from the modules, and from the sentences of `content/replies/rhythm.yml`."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def lesson(self, person: Person, progress: Progress, channel: ChannelName, *, first: bool, last: bool) -> Sitting | None:
        """Her next lesson, at the step where she goes on; None where she has finished all.

        By SMS, which costs by the message, its title comes with the first one and the last one alone.
        """
        following = next_lesson(self._modules(person), progress)
        if following is None:
            return None
        module, lesson = following
        step = next(step for step in lesson.steps if step.id == step_to_send(module, lesson, progress))
        place = sent_place(module, lesson, step.id)
        choices = sent_choices(place, self._label("lesson.next", person), self._label("rhythm.no_more", person))
        at = "/".join(place.parts[:3])
        picture = picture_with(lesson, step, person, channel)
        # Spoken as it always is, so that a recording of it is heard; the other key is told beforehand.
        said = self._library.say(at, step.wording, person.country, slow=person.slow, choices=choices[:1], image=picture)
        told = replace(self._for(person, said), choices=choices)
        if channel is ChannelName.SMS and not first and not last:
            return Sitting((told,), place)
        title = self._reply("rhythm.last_one" if last else "rhythm.today", person, channel, lesson=lesson.title)
        return Sitting((replace(title, choices=()), told), place)

    def review(self, person: Person, review: Review, channel: ChannelName) -> Sitting | None:
        """A question that comes back; None where it is not served any more."""
        modules = self._modules(person)
        place = found(modules, review)
        if place is None:
            return None
        quiz = next(
            quiz for lesson in _lessons(modules, review.module_id) for quiz in lesson.quizzes if quiz.id == review.quiz_id
        )
        choices = tuple(Choice(str(n), f"{place}:{option.id}", option.label) for n, option in enumerate(quiz.options, 1))
        at = "/".join(place.parts[:3])
        asked = self._for(person, self._library.say(at, quiz.wording, person.country, slow=person.slow, choices=choices))
        return Sitting((self._reply("rhythm.review", person, channel), asked), place)

    def all_done(self, person: Person, channel: ChannelName) -> Sitting | None:
        """She has finished everything that comes by itself; None where nothing is served at all."""
        return Sitting((self._reply("rhythm.all_done", person, channel),)) if self._modules(person) else None

    def later(self, person: Person, module_id: str, option_id: str) -> Sitting | None:
        """Whether she managed what she set out to do; None where it is not offered any more."""
        module = self._library.module(module_id, person.country) if person.country else None
        option = module.practice.option(option_id) if module and module.practice else None
        if option is None:
            return None
        place = later_place(module_id)
        answers = self._library.reply("practice.managed", person.country).choices
        choices = tuple(replace(choice, id=f"{place}:{choice.id}") for choice in answers)
        at = f"{module_id}/{PRACTICE}/{option_id}"
        asked = self._library.say(at, option.later, person.country, slow=person.slow, choices=choices)
        return Sitting((self._for(person, asked),), place)

    def _modules(self, person: Person) -> Sequence[Module]:
        return self._library.modules(person.country) if person.country else ()

    def _label(self, reply_id: str, person: Person) -> str:
        return self._library.reply(reply_id, person.country).text

    def _reply(self, reply_id: str, person: Person, channel: ChannelName, **facts: Any) -> Reply:
        own = f"{reply_id}_call"
        heard = channel is ChannelName.CALL and self._library.has(own, person.country)
        reply = self._library.reply(own if heard else reply_id, person.country, slow=person.slow, **facts)
        return self._for(person, replace(reply, id=reply_id))

    def _for(self, person: Person, reply: Reply) -> Reply:
        """In her language, and with a voice note unless she would rather read."""
        speech = reply.speech and replace(reply.speech, language=person.language)
        return replace(reply, speech=speech, voice_note=person.mode is not Mode.READ)


def _lessons(modules: Sequence[Module], module_id: str) -> Sequence[Lesson]:
    return next((module.lessons for module in modules if module.id == module_id), ())
