"""What `batea content check --strict` measures: length, ease, options, acronyms, the place of right answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Final

from bot.domain.errors import ContentError
from bot.domain.learning import Quiz, Wording
from bot.domain.message import Choice, Reply
from bot.domain.person import Country
from bot.lessons.catalogue import Catalogue
from bot.lessons.content import Content, ModuleFolder, Sourced
from bot.lessons.measure import ease, sentences, septets, words
from bot.lessons.rules import NOWHERE_OR_COUNTRY, PRACTICE, SPEECH_FILE, Located
from bot.lessons.schema import LessonEntry, ModuleEntry, ReplyEntry
from bot.lessons.source import Location
from bot.lessons.variants import serves

MIN_EASE: Final = 70.0
MAX_LESSON_WORDS: Final = 12
MAX_REPLY_WORDS: Final = 20  # Source: DNP guide to plain language, 20 words a sentence (domain.md, S54)
MAX_SENTENCES: Final = 3
MOST_IN_ONE_PLACE: Final = 2 / 3  # of the right answers of a module
FEWEST_QUIZZES: Final = 3
MAX_STEP_SEPTETS: Final = 160
MAX_REPLY_SEPTETS: Final = 306  # two segments of 153
MAX_LABEL_CHARS: Final = 24  # a WhatsApp list shows no more (channels.md)

_ACRONYM: Final = re.compile(r"\b[A-ZÁÉÍÓÚÑ]{2,}\b")


def strict_problems(content: Content, catalogue: Catalogue) -> Iterator[ContentError]:
    """Every measure that content fails. The content must be free of breaches."""
    measured = _Measured(content, catalogue)
    for folder in content.modules:
        yield from measured.module(folder)
    for reply_id, entry in content.replies.items():
        if not reply_id.startswith(f"{SPEECH_FILE}."):
            yield from measured.reply(reply_id, entry)


class _Measured:
    def __init__(self, content: Content, catalogue: Catalogue) -> None:
        self.content = content
        self.catalogue = catalogue
        self.examples: dict[str, Any] = {
            name: datetime.combine(value, time(14), UTC) if isinstance(value, date) else value
            for name, value in content.parameters.items()
        }

    def module(self, folder: ModuleFolder) -> Iterator[ContentError]:
        module = folder.module
        for country in Country:
            if country.value not in module.entry.countries:
                yield module.error(("countries",), f"there is no variant for {country}: write it")
                continue
            served = self.catalogue.module(module.entry.id, country)
            quizzes = [quiz for lesson in (served.lessons if served else ()) for quiz in lesson.quizzes]
            yield from self.places(module, country, quizzes)
        for source in folder.lessons:
            yield from self.lesson(module.entry.id, source)
        if module.entry.practice:
            yield from self.practice(module)

    def places(self, module: Sourced[ModuleEntry], country: Country, quizzes: Sequence[Quiz]) -> Iterator[ContentError]:
        """Where right answers stand: whoever always takes the same number must not come through."""
        positions = Counter([option.id for option in quiz.options].index(quiz.correct) for quiz in quizzes)
        for place, count in positions.items():
            if len(quizzes) > 1 and count == len(quizzes):
                yield module.error((), f"in {country} every right answer is number {place + 1}: vary its place")
            elif len(quizzes) >= FEWEST_QUIZZES and count / len(quizzes) > MOST_IN_ONE_PLACE:
                text = f"in {country} {count} of {len(quizzes)} right answers are number {place + 1}: vary their place"
                yield module.error((), text)

    def practice(self, source: Sourced[ModuleEntry]) -> Iterator[ContentError]:
        for country in map(Country, source.entry.countries):
            module = self.catalogue.module(source.entry.id, country)
            if module is None or module.practice is None:
                continue
            own: Location = (PRACTICE, country.value) if getattr(source.entry.practice, country.value) else (PRACTICE,)
            later = [option.later for option in module.practice.options]
            easiness = ease(" ".join(wording.text for wording in (module.practice.wording, *later)))
            if easiness < MIN_EASE:
                text = f"reading ease {easiness:.0f} for {country}, {MIN_EASE:.0f} is needed: use shorter words"
                yield source.error(own, text)
            yield from self.texts(source, own, country, (module.practice.wording, module.practice.simpler, *later))
            yield from self.labels(source, own, (option.label for option in module.practice.options))

    def lesson(self, module_id: str, source: Sourced[LessonEntry]) -> Iterator[ContentError]:
        for country in Country:
            module = self.catalogue.module(module_id, country)
            lesson = module.lesson(source.entry.id) if module else None
            if lesson is None:
                continue
            if not lesson.quizzes:
                yield source.error((), f"no question for {country}: add one under `quiz`")
            for saying, said in (("text", [s.wording for s in lesson.steps]), ("simpler", [s.simpler for s in lesson.steps])):
                easiness = ease(" ".join(wording.text for wording in said))
                if easiness < MIN_EASE:
                    text = f"reading ease {easiness:.0f} of `{saying}` for {country}, {MIN_EASE:.0f} is needed: use shorter words"
                    yield source.error(("steps",), text)
            placed = {step.id: ("steps", n) for n, step in enumerate(source.entry.steps) if serves(step.only, country)}
            asked = {quiz.id: ("quiz", n) for n, quiz in enumerate(source.entry.quiz) if serves(quiz.only, country)}
            for step in lesson.steps:
                yield from self.texts(source, placed[step.id], country, (step.wording, step.simpler))
            for quiz in lesson.quizzes:
                feedback = (option.feedback for option in quiz.options)
                yield from self.texts(source, asked[quiz.id], country, (quiz.wording, quiz.simpler, *feedback))
                yield from self.labels(source, asked[quiz.id], (option.label for option in quiz.options))
                for wording in (quiz.wording, quiz.simpler):
                    lines = [f"{number} {option.label}" for number, option in enumerate(quiz.options, 1)]
                    whole = "\n".join([wording.sms or wording.text, *lines])
                    where = f"{country}: {_begin(wording.text)} with its options"
                    yield from self.length(source, asked[quiz.id], where, whole, MAX_REPLY_SEPTETS)

    def texts(self, source: Located, at: Location, country: Country, wordings: Iterable[Wording]) -> Iterator[ContentError]:
        for wording in wordings:
            where = f"{country}: {_begin(wording.text)}"
            yield from self.length(source, at, where, wording.sms or wording.text, MAX_STEP_SEPTETS)
            yield from self.wordy(source, at, where, wording.text, MAX_LESSON_WORDS)
            yield from self.acronyms(source, at, where, wording.text, wording.speech)
            if len(sentences(wording.text)) > MAX_SENTENCES:
                yield source.error(
                    at, f"{where} has {len(sentences(wording.text))} sentences: at most {MAX_SENTENCES}, split the step"
                )

    def reply(self, reply_id: str, source: Sourced[ReplyEntry]) -> Iterator[ContentError]:
        for country in NOWHERE_OR_COUNTRY:
            for number in range(len(source.entry.text)):
                reply = self.catalogue.reply(reply_id, country, variant=number, **self.examples)
                where = f"{country or 'no country'}: {_begin(reply.text)}"
                yield from self.length(source, (), where, _as_sms(reply), MAX_REPLY_SEPTETS)
                yield from self.wordy(source, (), where, reply.text, MAX_REPLY_WORDS)
                yield from self.acronyms(source, (), where, reply.text, reply.speech.text if reply.speech else None)
                yield from self.labels(source, (), (choice.label for choice in reply.choices))

    def length(self, source: Located, at: Location, where: str, text: str, limit: int) -> Iterator[ContentError]:
        count = septets(text)
        if count is None:
            yield source.error(at, f"{where} has a letter that SMS cannot carry: replace it, or give `sms`")
        elif count > limit:
            yield source.error(at, f"{where} takes {count} letters by SMS: shorten it to {limit}, or give `sms`")

    def wordy(self, source: Located, at: Location, where: str, text: str, limit: int) -> Iterator[ContentError]:
        for sentence in sentences(text):
            if words(sentence) > limit:
                yield source.error(at, f"{where} has a sentence of {words(sentence)} words: at most {limit}, split it")

    def acronyms(self, source: Located, at: Location, where: str, text: str, speech: str | None) -> Iterator[ContentError]:
        for acronym in sorted(set(_ACRONYM.findall(text))):
            term = self.content.glossary.get(acronym)
            if term is None:
                yield source.error(
                    at, f"{where} has {acronym}, which glossary.yml does not explain: add it there, or say it in words"
                )
            elif term.entry.says and term.entry.says.casefold() not in (speech or text).casefold():
                yield source.error(at, f'{where} has {acronym}: explain it in `speech` as "{term.entry.says}"')

    def labels(self, source: Located, at: Location, labels: Iterable[str]) -> Iterator[ContentError]:
        for label in labels:
            if len(label) > MAX_LABEL_CHARS:
                yield source.error(at, f'the option "{label}" has {len(label)} letters: at most {MAX_LABEL_CHARS}')


def _begin(text: str) -> str:
    return f'"{text[:30]}..."' if len(text) > 33 else f'"{text}"'  # noqa: PLR2004 - as many as a line shows well


def _as_sms(reply: Reply) -> str:
    return "\n".join([reply.sms or reply.text, *(_line(choice) for choice in reply.choices)])


def _line(choice: Choice) -> str:
    return f"{choice.key} {choice.label}"
