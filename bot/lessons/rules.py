"""What must hold across entries: ids, facts, placeholders, both countries complete. Without it nothing is served."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from bot.domain.errors import ContentError
from bot.domain.person import Country
from bot.lessons.content import Content, ModuleFolder, Sourced, module_ids
from bot.lessons.filling import Facts, parameters, stray_brace
from bot.lessons.poll_schema import PollEntry
from bot.lessons.schema import (
    PLAIN_SENSE,
    ChoiceEntry,
    FactEntry,
    LessonEntry,
    ModuleEntry,
    PracticeEntry,
    PracticePart,
    QuizEntry,
    QuizPart,
    ReplyEntry,
    StepEntry,
    StepPart,
)
from bot.lessons.source import Location
from bot.lessons.variants import (
    Forms,
    Saying,
    practice_variant,
    quiz_variant,
    reply_forms,
    reply_variant,
    serves,
    spoken_forms,
    step_forms,
    step_variant,
)

Located = Sourced[ReplyEntry] | Sourced[LessonEntry] | Sourced[ModuleEntry] | Sourced[PollEntry] | Sourced[FactEntry]

NOWHERE_OR_COUNTRY: Final = (None, *Country)
SAYINGS: Final[tuple[Saying, ...]] = ("text", "simpler")
SPEECH_FILE: Final = "speech"
GENERAL_KNOWLEDGE: Final = "GK"
PRACTICE: Final = "practice"
"""What stands in the place of a lesson in the key of a practice."""
SPEECH_KEYS: Final = (
    *("option", "control", "or", "date", "date_minutes", "date_minutes_spoken", "day", "key_star"),
    *(f"key_{digit}" for digit in range(10)),
)


def breaches(content: Content) -> Iterator[ContentError]:
    """Every rule that the content breaks, in the order of its files."""
    judge = _Judge(content)
    yield from judge.speech_templates()
    for facts in content.facts.values():
        for fact in facts.values():
            yield from judge.sources(fact, ("source",), fact.entry.source.split(", "))
    for reply in content.replies.values():
        yield from judge.reply(reply)
    for poll in content.polls.values():
        yield from judge.poll(poll)
    ids = module_ids(content)
    for folder in content.modules:
        if ids[folder.module.entry.id] > 1:
            yield folder.module.error(("id",), f"the module id `{folder.module.entry.id}` comes twice: rename one")
        yield from judge.module(folder)


def _twice(names: Iterable[str]) -> set[str]:
    return {name for name, count in Counter(names).items() if count > 1}


class _Judge:
    def __init__(self, content: Content) -> None:
        self.content = content
        self.facts: Facts = content.fact_book

    def sources(self, entry: Located, at: Location, names: Iterable[str]) -> Iterator[ContentError]:
        for name in sorted(set(names) - self.content.sources - PLAIN_SENSE - {GENERAL_KNOWLEDGE}):
            yield entry.error(at, f"the source {name} is not in sources.yml: add it there, or correct the number")

    def speech_templates(self) -> Iterator[ContentError]:
        for key in SPEECH_KEYS:
            if f"{SPEECH_FILE}.{key}" not in self.content.replies:
                yield ContentError(
                    f"replies/{SPEECH_FILE}.yml", 0, f"`{key}` is missing: add it, without it nothing can be read aloud"
                )

    def reply(self, reply: Sourced[ReplyEntry]) -> Iterator[ContentError]:
        found: dict[tuple[int, str], ContentError] = {}
        for country in NOWHERE_OR_COUNTRY:
            part = reply_variant(reply.entry, country)
            own = getattr(reply.entry, country.value) if country else None
            base: Location = (country.value,) if country and own else ()
            for number in range(len(part.text or ())):
                forms = reply_forms(part, number)
                for error in self._forms(reply, (*base, "text"), forms, country, lasting=part.expired is not None):
                    found.setdefault((error.line, error.text), error)
            if part.expired:
                for error in self._forms(reply, (*base, "expired"), reply_forms(part.expired, 0), country, lasting=False):
                    found.setdefault((error.line, error.text), error)
            for error in self._choices(reply, base, part.choices or (), country):
                found.setdefault((error.line, error.text), error)
        yield from found.values()

    def _choices(
        self, reply: Sourced[ReplyEntry], base: Location, choices: Sequence[ChoiceEntry], country: Country | None
    ) -> Iterator[ContentError]:
        where = (*base, "choices")
        for name in _twice(choice.id for choice in choices):
            yield reply.error(where, f"the option id `{name}` comes twice: rename one")
        for name in _twice(choice.key or str(number) for number, choice in enumerate(choices, 1)):
            yield reply.error(where, f"the key `{name}` comes twice: give each option its own")
        for number, choice in enumerate(choices):
            yield from self._text(reply, (*where, number, "label"), choice.label, country, lasting=False)

    def poll(self, poll: Sourced[PollEntry]) -> Iterator[ContentError]:
        yield from self._option_ids(poll, (), [option.id for option in poll.entry.options])
        if poll.entry.id.partition("_")[0] != poll.entry.question:
            yield poll.error(("question",), f"the id belongs to another question: write {poll.entry.id.partition('_')[0]}")
        for code in poll.entry.countries:
            part = StepPart.model_construct(**{name: getattr(poll.entry, name, None) for name in StepPart.model_fields})
            yield from self._sayings(poll, (), part, Country(code))

    def module(self, folder: ModuleFolder) -> Iterator[ContentError]:
        module = folder.module
        lesson_ids = _twice(lesson.entry.id for lesson in folder.lessons)
        quiz_ids = _twice(quiz.id for lesson in folder.lessons for quiz in lesson.entry.quiz)
        for lesson in folder.lessons:
            if lesson.entry.id in lesson_ids:
                yield lesson.error(("id",), f"the lesson id `{lesson.entry.id}` comes twice in the module: rename one")
            for number, quiz in enumerate(lesson.entry.quiz):
                if quiz.id in quiz_ids:
                    yield lesson.error(("quiz", number, "id"), f"the quiz id `{quiz.id}` comes twice in the module: rename one")
            yield from self._lesson(lesson, [Country(code) for code in module.entry.countries])
            if lesson.entry.id == PRACTICE:
                yield lesson.error(("id",), f"`{PRACTICE}` stands for the module's practice: call the lesson something else")
        if module.entry.practice:
            yield from self._practice(module, module.entry.practice)

    def _practice(self, module: Sourced[ModuleEntry], practice: PracticeEntry) -> Iterator[ContentError]:
        yield from self.sources(module, (PRACTICE, "sources"), practice.sources)
        for country in map(Country, module.entry.countries):
            part = practice_variant(practice, country)
            own: Location = (PRACTICE, country.value) if getattr(practice, country.value) else (PRACTICE,)
            yield from self._sayings(module, own, part, country)
            if not part.options:
                yield module.error(own, f"the practice has no `options` for {country}: add them")
                continue
            yield from self._option_ids(module, own, [option.id for option in part.options])
            for name in _twice(option.label for option in part.options):
                yield module.error((*own, "options"), f'the option "{name}" comes twice: say one of them differently')
            for number, option in enumerate(part.options):
                for form in (Forms(option.label, None, None), spoken_forms(option.later)):
                    yield from self._forms(module, (*own, "options", number), form, country, lasting=False, fixed=True)

    def _lesson(self, lesson: Sourced[LessonEntry], countries: Sequence[Country]) -> Iterator[ContentError]:
        step_ids = _twice(step.id for step in lesson.entry.steps)
        for number, step in enumerate(lesson.entry.steps):
            yield from self.sources(lesson, ("steps", number, "sources"), step.sources)
            if step.id in step_ids:
                yield lesson.error(("steps", number, "id"), f"the step id `{step.id}` comes twice in the lesson: rename one")
        for number, quiz in enumerate(lesson.entry.quiz):
            yield from self.sources(lesson, ("quiz", number, "sources"), quiz.sources)
        for country in countries:
            if not serves(lesson.entry.only, country):
                continue
            steps = [(n, step) for n, step in enumerate(lesson.entry.steps) if serves(step.only, country)]
            if not steps:
                yield lesson.error(("steps",), f"no step is left for {country}: add one, or limit the lesson with `only`")
            for number, step in steps:
                yield from self._step(lesson, ("steps", number), step, country)
            for number, quiz in enumerate(lesson.entry.quiz):
                if serves(quiz.only, country):
                    yield from self._quiz(lesson, ("quiz", number), quiz, country)

    def _step(self, lesson: Sourced[LessonEntry], at: Location, step: StepEntry, country: Country) -> Iterator[ContentError]:
        part = step_variant(step, country)
        yield from self._sayings(lesson, self._own(at, step, country), part, country)

    def _quiz(self, lesson: Sourced[LessonEntry], at: Location, quiz: QuizEntry, country: Country) -> Iterator[ContentError]:
        part = quiz_variant(quiz, country)
        own = self._own(at, quiz, country)
        yield from self._sayings(lesson, own, part, country)
        if not part.options:
            yield lesson.error(own, f"the question has no `options` for {country}: add them")
            return
        if part.correct is None:
            yield lesson.error(own, f"`correct` is missing for {country}: name the right option's id")
        yield from self._option_ids(lesson, own, [option.id for option in part.options])
        right = [option.id for option in part.options if option.right]
        if part.correct is not None and right != [part.correct]:
            text = f"`correct` says {part.correct}, and `right` stands at {', '.join(right) or 'no option'}: they must agree"
            yield lesson.error((*own, "correct"), text)
        for number, option in enumerate(part.options):
            words = option.right or option.wrong
            forms = [Forms(option.label, None, None), *([spoken_forms(words)] if words else [])]
            for form in forms:
                yield from self._forms(lesson, (*own, "options", number), form, country, lasting=False, fixed=True)

    @staticmethod
    def _own(at: Location, entry: StepEntry | QuizEntry, country: Country) -> Location:
        return (*at, country.value) if getattr(entry, country.value) else at

    def _option_ids(self, entry: Located, at: Location, ids: Sequence[str]) -> Iterator[ContentError]:
        for name in _twice(ids):
            yield entry.error((*at, "options"), f"the option id `{name}` comes twice: rename one")

    def _sayings(
        self,
        entry: Located,
        at: Location,
        part: StepPart | QuizPart | PracticePart,
        country: Country,
    ) -> Iterator[ContentError]:
        for saying in SAYINGS:
            forms = step_forms(part, saying)
            if not forms.text:
                yield entry.error(at, f"`{saying}` is missing for {country}: write it, or limit the entry with `only`")
                continue
            yield from self._forms(entry, (*at, saying), forms, country, lasting=part.expired is not None, fixed=True)
            if part.expired:
                later = step_forms(part.expired, saying)
                yield from self._forms(entry, (*at, "expired"), later, country, lasting=False, fixed=True)
        if part.text and part.text == part.simpler:
            yield entry.error((*at, "simpler"), "`simpler` repeats `text`: say it in other, easier words")

    def _forms(
        self,
        entry: Located,
        at: Location,
        forms: Forms,
        country: Country | None,
        *,
        lasting: bool,
        fixed: bool = False,
    ) -> Iterator[ContentError]:
        for text in forms.all():
            yield from self._text(entry, at, text, country, lasting=lasting, fixed=fixed)

    def _text(
        self,
        entry: Located,
        at: Location,
        text: str,
        country: Country | None,
        *,
        lasting: bool,
        fixed: bool = False,
    ) -> Iterator[ContentError]:
        """`lasting`: there is another wording for when a fact expires. `fixed`: nothing can be filled in at run time."""
        if stray_brace(text):
            yield entry.error(at, "a brace that belongs to no {placeholder}: write {name} in small letters, or remove it")
        for name in sorted(parameters(text)):
            if fixed:
                yield entry.error(at, f"{{{name}}} cannot be filled in a lesson or poll: write the words, or use {{fact.<id>}}")
            elif name not in self.content.parameters:
                yield entry.error(at, f"unknown parameter {{{name}}}: correct it, or add it with an example to parameters.yml")
        for name, fact in self.facts.used(text, country):
            if fact is None and country is None:
                yield entry.error(at, f"{{{name}}} has no value while the country is unknown: name it, e.g. {{fact.co.<id>}}")
            elif fact is None:
                where = f"facts/{country.value.lower()}.yml" if country else "facts/"
                yield entry.error(at, f"unknown fact {{{name}}} for {country}: add it to {where}, or correct the name")
            elif fact.status == "unverified":
                yield entry.error(at, f"{{{name}}} is unverified and may not be said: have it verified, or leave it out")
            elif fact.expires and not lasting:
                yield entry.error(at, f"{{{name}}} expires on {fact.expires}: add `expired`, the words for afterwards")
