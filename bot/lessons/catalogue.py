"""The library that the dialogue asks: everything that is said and taught, for one country, on one day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.learning import Lesson, Module, Picture, Practice, PracticeOption, Quiz, QuizOption, Step, Wording
from bot.domain.message import Choice, Reply, Speech
from bot.domain.person import Country
from bot.domain.poll import Poll
from bot.lessons.content import Content, ModuleFolder, read_content
from bot.lessons.filling import Dates, fill, parameters
from bot.lessons.fixed import fixed
from bot.lessons.labels import audible, sentence, titles
from bot.lessons.poll_schema import as_poll
from bot.lessons.rules import SPEECH_FILE, breaches
from bot.lessons.schema import ChoiceEntry, LessonEntry, PracticeEntry, PracticePart, QuizEntry, QuizPart, StepEntry, StepPart
from bot.lessons.signatures import status_of
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

READY_REPLIES: Final = 2048
Languages = Callable[[], Mapping[str, str]]


def load_catalogue(
    content_dir: Path,
    *,
    drafts: bool,
    today: Callable[[], date],
    timezone: str,
    languages: Callable[[], Mapping[str, str]] = dict,
    recorded: Callable[[Speech], bool] = lambda _: False,
) -> Catalogue:
    """Read `content/`. With `drafts`, unsigned modules are served too.

    `today` is asked each time, so that a fact can expire while Batea runs; `timezone` (IANA) is where moments are told.
    Raises ContentError for the first breach of the schema or of a rule.
    """
    content = read_content(content_dir)
    for problem in (*content.problems, *breaches(content)):
        raise problem
    return Catalogue(content, drafts=drafts, today=today, timezone=timezone, languages=languages, recorded=recorded)


class Catalogue:
    """Implements `bot.domain.ports.Library`."""

    def __init__(
        self,
        content: Content,
        *,
        drafts: bool,
        today: Callable[[], date],
        timezone: str,
        languages: Callable[[], Mapping[str, str]] = dict,
        recorded: Callable[[Speech], bool] = lambda _: False,
    ) -> None:
        self._content = content
        self._facts = content.fact_book
        self._drafts = drafts
        self._today = today
        self._languages = languages
        self.recorded = recorded
        self._dates = Dates(
            ZoneInfo(timezone), *(self._template(key) for key in ("date", "date_minutes", "date_minutes_spoken", "day"))
        )
        self._served: dict[tuple[Country, date], tuple[Module, ...]] = {}
        self._ready = lru_cache(READY_REPLIES)(self._plain)
        self._aloud = lru_cache(READY_REPLIES)(self._say_aloud)
        self._labels = frozenset(self._known_labels())

    def reply(
        self,
        reply_id: str,
        country: Country | None = None,
        *,
        variant: int = 0,
        slow: bool = False,
        choices: Sequence[Choice] | None = None,
        **params: object,
    ) -> Reply:
        """See the port. Raises KeyError also for a parameter that the sentence needs and nobody gave."""
        offered = None if choices is None else tuple(choices)
        if params:
            return self._worded(reply_id, country, variant, slow, offered, params)
        return self._ready(reply_id, country, variant, slow, offered, self._today())

    def say(
        self,
        say_id: str,
        wording: Wording,
        country: Country | None = None,  # noqa: ARG002 the port's: another library may speak a country's own voice
        *,
        slow: bool = False,
        choices: Sequence[Choice] = (),
        image: str | None = None,
    ) -> Reply:
        """See the port."""
        return self._spoken(say_id, wording, tuple(choices), slow=slow, catalogue=True, image=image)

    def has(self, reply_id: str, country: Country | None = None) -> bool:  # noqa: ARG002 every sentence has both variants
        """Whether there is such a sentence; the loader has made sure that it can be said in every country."""
        return reply_id in self._content.replies

    def languages(self) -> Mapping[str, str]:
        """The languages beside Spanish in which somebody has recorded anything: their names by code."""
        return self._languages()

    def modules(self, country: Country) -> Sequence[Module]:
        """The modules served in that country now, in their order."""
        today = self._today()
        if (country, today) not in self._served:
            self._served = {key: served for key, served in self._served.items() if key[1] == today}
            self._served[country, today] = tuple(
                self._module(folder, country)
                for folder in self._content.modules
                if country.value in folder.module.entry.countries and (self._drafts or status_of(folder) == "signed")
            )
        return self._served[country, today]

    def module(self, module_id: str, country: Country) -> Module | None:
        """One module, or None where it is not served."""
        return next((module for module in self.modules(country) if module.id == module_id), None)

    def more(self, reply_id: str, country: Country) -> tuple[Module, Lesson] | None:
        """The lesson that tells more than a reply, or None where there is none, or it is not served."""
        topics = self._content.topics.entry if self._content.topics else None
        if topics is None or reply_id not in topics.more:
            return None
        module_id, _, lesson_id = getattr(topics.more[reply_id], country.value).partition("/")
        module = self.module(module_id, country)
        lesson = module.lesson(lesson_id) if module else None
        return (module, lesson) if module and lesson else None

    def poll(self, poll_id: str) -> Poll | None:
        """One published poll version; None where there is none or it is switched off."""
        found = self._content.polls.get(poll_id)
        return as_poll(found.entry) if found and found.entry.enabled else None

    def polls(self) -> Sequence[Poll]:
        """Every poll version, those that are switched off included, by id."""
        return [as_poll(poll.entry) for _, poll in sorted(self._content.polls.items())]

    def past_facts(self) -> Sequence[tuple[str, date]]:
        """The facts that are past their date, as `<country>/<name>` with their last day, the longest past first."""
        today = self._today()
        dates = [
            (f"{country}/{name}", fact.entry.expires)
            for country, facts in self._content.facts.items()
            for name, fact in facts.items()
            if fact.entry.expires and fact.entry.expires < today
        ]
        return sorted(dates, key=lambda each: (each[1], each[0]))

    def reply_ids(self) -> Sequence[str]:
        """The ids of all sentences."""
        return list(self._content.replies)

    def glossary(self, country: Country) -> Mapping[str, str]:
        """Words and what they mean in that country."""
        return {word: term.entry.means for word, term in self._content.glossary.items() if country.value in term.entry.countries}

    def speeches(self, after_step: Sequence[Choice] = ()) -> Iterator[Speech]:
        """Everything that can be recorded or synthesised beforehand: nothing filled in, each text once.

        `after_step` are the choices that the dialogue offers below a lesson's step.
        """
        seen: set[str] = set()
        for reply in fixed(self, self._content, after_step):
            if reply.speech and reply.speech.catalogue and reply.speech.text not in seen:
                seen.add(reply.speech.text)
                yield reply.speech

    def _plain(
        self, reply_id: str, country: Country | None, variant: int, slow: bool, choices: tuple[Choice, ...] | None, _: date
    ) -> Reply:
        """A sentence into which nothing is filled: the same all day."""
        return self._worded(reply_id, country, variant, slow, choices, {})

    def _worded(
        self,
        reply_id: str,
        country: Country | None,
        variant: int,
        slow: bool,
        choices: tuple[Choice, ...] | None,
        params: Mapping[str, object],
    ) -> Reply:
        part = reply_variant(self._content.replies[reply_id].entry, country)
        forms = reply_forms(part, variant)
        if part.expired and self._expired(forms, country):
            forms = reply_forms(part.expired, variant)
        wording = self._wording(forms, country, params)
        offered = self._choices(part.choices or (), country, params) if choices is None else choices
        plain = not any(parameters(form) for form in forms.all())
        return self._spoken(reply_id, wording, offered, slow=slow, catalogue=plain)

    def _module(self, folder: ModuleFolder, country: Country) -> Module:
        entry = folder.module.entry
        own = getattr(entry, country.value)
        lessons = tuple(self._lesson(lesson.entry, country) for lesson in folder.lessons if serves(lesson.entry.only, country))
        practice = self._practice(entry.practice, country) if entry.practice else None
        called = tuple(self._content.topics.entry.called.get(entry.id, ())) if self._content.topics else ()
        return Module(entry.id, own.title if own else entry.title, status_of(folder), lessons, practice, called)

    def _lesson(self, entry: LessonEntry, country: Country) -> Lesson:
        own = getattr(entry, country.value)
        steps = tuple(self._step(step, country) for step in entry.steps if serves(step.only, country))
        quizzes = tuple(self._quiz(quiz, country) for quiz in entry.quiz if serves(quiz.only, country))
        title = (own and own.title) or entry.title
        drawn = (own and own.picture) or entry.picture
        picture = Picture(drawn.file, Wording(drawn.means)) if drawn else None
        return Lesson(entry.id, title, steps, quizzes, picture, entry.private)

    def _step(self, entry: StepEntry, country: Country) -> Step:
        part = step_variant(entry, country)
        return Step(entry.id, self._said(part, "text", country), self._said(part, "simpler", country))

    def _quiz(self, entry: QuizEntry, country: Country) -> Quiz:
        part = quiz_variant(entry, country)
        options = []
        for option in part.options or ():
            words = option.right or option.wrong
            forms = spoken_forms(words) if words else Forms("", None, None)
            options.append(QuizOption(option.id, self._filled(option.label, country), self._wording(forms, country)))
        wording, simpler = self._said(part, "text", country), self._said(part, "simpler", country)
        return Quiz(entry.id, wording, simpler, tuple(options), part.correct or "")

    def _practice(self, entry: PracticeEntry, country: Country) -> Practice:
        part = practice_variant(entry, country)
        options = tuple(
            PracticeOption(option.id, self._filled(option.label, country), self._wording(spoken_forms(option.later), country))
            for option in part.options or ()
        )
        return Practice(self._said(part, "text", country), self._said(part, "simpler", country), options)

    def _said(self, part: StepPart | QuizPart | PracticePart, saying: Saying, country: Country) -> Wording:
        forms = step_forms(part, saying)
        if part.expired and any(self._expired(step_forms(part, either), country) for either in ("text", "simpler")):
            forms = step_forms(part.expired, saying)
        return self._wording(forms, country)

    def _expired(self, forms: Forms, country: Country | None) -> bool:
        today = self._today()
        return any(self._facts.expired(form, country, today) for form in forms.all())

    def _wording(self, forms: Forms, country: Country | None, params: Mapping[str, object] | None = None) -> Wording:
        text = self._filled(forms.text, country, params)
        speech = self._filled(forms.speech or forms.text, country, params, spoken=True)
        sms = self._filled(forms.sms, country, params) if forms.sms else None
        return Wording(text, speech if speech != text else None, sms)

    def _filled(
        self, text: str, country: Country | None, params: Mapping[str, object] | None = None, *, spoken: bool = False
    ) -> str:
        def value(name: str) -> str:
            if name.startswith("fact."):
                fact = self._facts.find(name, country)
                if fact is None:  # the rules forbid it
                    raise KeyError(name)
                return (fact.speech if spoken else None) or fact.value
            given = (params or {})[name]
            if isinstance(given, datetime):
                return self._dates.write(given, spoken=spoken)
            return self._dates.day(given) if isinstance(given, date) else str(given)

        return fill(text, value)

    def _choices(
        self, entries: Sequence[ChoiceEntry], country: Country | None, params: Mapping[str, object]
    ) -> tuple[Choice, ...]:
        return tuple(
            Choice(entry.key or str(number), entry.id, self._filled(entry.label, country, params))
            for number, entry in enumerate(entries, 1)
        )

    def _spoken(
        self, key: str, wording: Wording, choices: tuple[Choice, ...], *, slow: bool, catalogue: bool, image: str | None = None
    ) -> Reply:
        heard = [sentence(self._aloud(wording.speech or wording.text)), *(self._option(choice) for choice in choices)]
        known = catalogue and all(choice.label in self._labels for choice in choices)
        speech = Speech(" ".join(filter(None, heard)), slow=slow, catalogue=known, key=key)
        return Reply(key, wording.text, speech, choices, image, wording.sms)

    def _option(self, choice: Choice) -> str:
        template = self._template("option" if choice.key in "12345" else "control")
        spoken_key = self._template("key_star" if choice.key == "*" else f"key_{choice.key}")
        label = self._aloud(choice.label)
        return sentence(fill(template, {"key": spoken_key, "label": label}.__getitem__))

    def _say_aloud(self, text: str) -> str:
        """Without what a voice cannot say: pictograms are dropped, a slash and a star are words."""
        named = audible(text).replace("/", f" {self._template('or')} ").replace("*", self._template("key_star"))
        return " ".join(named.split())

    def _template(self, key: str) -> str:
        return self._content.replies[f"{SPEECH_FILE}.{key}"].entry.text[0]

    def _known_labels(self) -> Iterator[str]:
        for reply in self._content.replies.values():
            for part in (reply.entry, reply.entry.CO, reply.entry.PE):
                yield from (choice.label for choice in (part and part.choices) or ())
                yield from (part and part.text) or ()  # the dialogue offers some sentences as labels
        for poll in self._content.polls.values():
            yield from (option.label for option in poll.entry.options)
        for folder in self._content.modules:
            for code in folder.module.entry.countries:
                yield from titles(self._module(folder, Country(code)))
