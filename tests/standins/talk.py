"""A conversation without database, catalogue or engine: only the turn, with small stand-ins for what it asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.dialogue.effects import Effect, Erase, OptIn, OptOut, RecordLesson, RecordPollAnswer, RecordRsvp
from bot.dialogue.scene import Outcome, Scene
from bot.dialogue.study import SetRhythm, StopRhythm
from bot.dialogue.turn import take_turn
from bot.dialogue.words import Words
from bot.domain.community import Community
from bot.domain.conversation import State
from bot.domain.duty import Duty
from bot.domain.errors import UnderstandingError
from bot.domain.learning import Lesson, LessonRecord, Module, Progress, Quiz, QuizOption, Step, Wording
from bot.domain.line import Claim, Profile
from bot.domain.meeting import Answer, Meeting, Rsvp
from bot.domain.message import Address, ChannelName, Choice, Inbound, InboundKind, Reply, Speech
from bot.domain.person import Country, Person
from bot.domain.poll import Poll, PollRound
from bot.domain.repetition import Review
from bot.domain.study import Rhythm
from bot.domain.understanding import Alarm, Danger, Understood, Unsafe

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def wording(text: str) -> Wording:
    return Wording(text)


def lesson(lesson_id: str, steps: int = 3, quizzes: int = 1) -> Lesson:
    options = (QuizOption("a", "Nunca", wording("bien")), QuizOption("b", "Con la ventana abierta", wording("casi")))
    return Lesson(
        lesson_id,
        f"Título {lesson_id}",
        tuple(Step(f"s{n}", wording(f"paso {n}"), wording(f"fácil {n}")) for n in range(1, steps + 1)),
        tuple(Quiz(f"q{n}", wording("pregunta"), wording("más fácil"), options, "a") for n in range(1, quizzes + 1)),
    )


@dataclass
class Shelf:
    """A Library: the choices of the real replies, no wording; two lessons of its own."""

    entries: dict[str, Any]
    served: list[Module] = field(
        default_factory=lambda: [Module("m1", "Azogue", "draft", (lesson("humo"), lesson("cocina", 1, 0)))]
    )
    polls: dict[str, Poll] = field(default_factory=dict)
    told_more: dict[str, str] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    spoken: dict[str, str] = field(default_factory=dict)
    said_by_people: set[tuple[str, str]] = field(default_factory=set)

    def languages(self) -> dict[str, str]:
        return self.spoken

    def recorded(self, speech: Speech) -> bool:
        return (speech.language, speech.key or speech.text) in self.said_by_people

    def reply(
        self, reply_id: str, country: Country | None = None, *, variant: int = 0, slow: bool = False,
        choices: Sequence[Choice] | None = None, **params: object,
    ) -> Reply:  # fmt: skip
        self.asked.add(reply_id)
        entry = self.entries[reply_id]
        texts = [entry["text"]] if isinstance(entry["text"], str) else entry["text"]
        own = [Choice(c.get("key", str(n)), c["id"], c["label"]) for n, c in enumerate(entry.get("choices", ()), 1)]
        text = texts[variant % len(texts)]
        for name, value in params.items():
            text = text.replace("{" + name + "}", str(value))
        return Reply(reply_id, text, Speech(text, slow=slow), tuple(own if choices is None else choices))

    def say(
        self, say_id: str, wording: Wording, country: Country | None = None, *, slow: bool = False,
        choices: Sequence[Choice] = (), image: str | None = None,
    ) -> Reply:  # fmt: skip
        return Reply(say_id, wording.text, Speech(wording.text, slow=slow), tuple(choices), image)

    def has(self, reply_id: str, country: Country | None = None) -> bool:
        return reply_id in self.entries

    def modules(self, country: Country) -> Sequence[Module]:
        return self.served

    def module(self, module_id: str, country: Country) -> Module | None:
        return next((module for module in self.served if module.id == module_id), None)

    def more(self, reply_id: str, country: Country) -> tuple[Module, Lesson] | None:
        module_id, _, lesson_id = self.told_more.get(reply_id, "").partition("/")
        module = self.module(module_id, country)
        lesson = module.lesson(lesson_id) if module else None
        return (module, lesson) if module and lesson else None

    def poll(self, poll_id: str) -> Poll | None:
        return self.polls.get(poll_id)


@dataclass
class Telephone:
    """A line made of plain fields: one person's, with no code that is valid, until a test says otherwise."""

    shared: bool = False
    sharing: list[Profile] = field(default_factory=list)
    people: dict[str, tuple[Person, State]] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    tries: int = 3

    def profiles(self) -> Sequence[Profile]:
        return self.sharing if self.shared else ()

    def known(self, person_id: str) -> tuple[Person, State] | None:
        return self.people.get(person_id)

    def owner(self) -> tuple[Person, State]:
        return next(iter(self.people.values()))

    def newcomer(self) -> Person:
        return Person("newcomer", NOW)

    def new_code(self) -> str:
        return "483920"

    def claim(self, code: str) -> Claim | None:
        return self.claims.get(code)

    def tries_left(self) -> int:
        return self.tries


@dataclass
class Study:
    """How she learns from day to day, in plain fields."""

    hours: Rhythm | None = None
    due: list[Review] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def rhythm(self) -> Rhythm | None:
        return self.hours

    def reviews(self) -> Sequence[Review]:
        return self.due

    def is_asked(self, module_id: str) -> bool:
        return module_id in self.asked


class NoField:
    """Nobody works from this phone."""

    def does(self, work: Any) -> bool:
        return True

    def facilitator(self) -> None:
        return None


@dataclass
class Around:
    """Surroundings made of plain fields."""

    telephone: Telephone = field(default_factory=Telephone)
    study: Study = field(default_factory=Study)
    channel: ChannelName = ChannelName.WHATSAPP
    message_ref: str = "SM1"
    likely_country: Country | None = Country.CO
    listening_number: str | None = ""
    records_voice: bool = False
    recorded: set[str] = field(default_factory=set)
    left: bool = False
    on_duty: Duty = field(default_factory=Duty)
    shut: bool = False
    carrier_shut: bool = False
    sms_number: str = "+573005550000"
    records: list[LessonRecord] = field(default_factory=list)
    places: list[Community] = field(
        default_factory=lambda: [
            Community("suarez", "Suárez", Country.CO, "norte"),
            Community("taraza", "Tarazá", Country.CO, "bajo"),
        ]
    )
    rounds: list[PollRound] = field(default_factory=list)
    elsewhere: list[PollRound] = field(default_factory=list)
    answers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)
    meetings: dict[str, Meeting] = field(default_factory=dict)
    rsvps: dict[str, Rsvp] = field(default_factory=dict)
    said_of_meetings: dict[str, Answer] = field(default_factory=dict)
    field: Any = field(default_factory=NoField)

    def of(self, person: Person) -> Around:
        return self

    def opted_out(self) -> bool:
        return self.shut

    def shut_by_carrier(self) -> bool:
        return self.carrier_shut and self.channel is ChannelName.SMS

    def reopens_sms(self) -> str | None:
        return self.sms_number if self.carrier_shut else None

    def question_kept(self, question_id: str) -> bool:
        return question_id in self.recorded

    def left_question(self) -> bool:
        return self.left

    def duty(self, community_id: str | None) -> Duty:
        return self.on_duty

    def progress(self) -> Progress:
        return Progress(tuple(self.records))

    def communities(self, country: Country | None) -> Sequence[Community]:
        return self.places

    def open_rounds(self, community_id: str | None) -> Sequence[PollRound]:
        return self.rounds

    def answered(self, round_id: str) -> bool:
        return round_id in self.answers and round_id not in self.begun

    def given(self, round_id: str) -> Sequence[str]:
        return self.answers.get(round_id, ())

    def running(self, tag: str) -> bool:
        return any(each.tag == tag for each in (*self.rounds, *self.elsewhere))

    def composed(self, poll_id: str) -> Poll | None:
        return None

    def next_meeting(self, community_id: str) -> Meeting | None:
        return next((m for m in self.meetings.values() if m.community_id == community_id and not m.cancelled), None)

    def said(self, meeting_id: str) -> Answer | None:
        return self.said_of_meetings.get(meeting_id)

    def past_meetings(self, community_id: str) -> Sequence[Meeting]:
        return [m for m in self.meetings.values() if m.community_id == community_id and m.minutes]

    def committee_name(self, meeting: Meeting) -> str:
        return "Comité"

    def meeting(self, meeting_id: str) -> Meeting | None:
        return self.meetings.get(meeting_id)

    def coming(self, meeting_id: str) -> int:
        return 7 + (self.rsvps.get(meeting_id) is Rsvp.YES)


class Keywords:
    """An Understander: an intent where its keyword is in the text."""

    name = "keywords"

    def __init__(self) -> None:
        self.parsed: list[str] = []
        self.broken = False
        self.intents: dict[str, str] = {"asogue": "ask_mercury", "cuando es la reunion": "ask_next_meeting"}
        self.unsure: dict[str, tuple[str, ...]] = {}

    def alarm(self, text: str) -> Alarm:
        if "me trague" in text:
            return Alarm(danger=Danger.POISONING)
        if "me pega" in text:
            return Alarm(danger=Danger.VIOLENCE)
        return Alarm(unsafe=Unsafe.EXPLOSIVES) if "dinamita" in text else Alarm()

    def parse(self, text: str) -> Understood:
        self.parsed.append(text)
        if self.broken:
            raise UnderstandingError("the engine is away")
        intent = next((intent for word, intent in self.intents.items() if word in text), "out_of_scope")
        unsure = next((found for word, found in self.unsure.items() if word in text), ())
        return Understood(text, intent, 0.9, self.name, unsure=unsure)


class Talk:
    """A person's conversation, turn after turn; what happened to her is remembered as the repositories would."""

    def __init__(self, person: Person, shelf: Shelf, words: Words) -> None:
        self.person = person
        self.state = State()
        self.shelf = shelf
        self.words = words
        self.around = Around()
        self.engine = Keywords()
        self.now = NOW
        self.effects: list[Effect] = []
        self.last: Outcome | None = None

    def say(self, text: str) -> list[str]:
        return self.send(InboundKind.TEXT, text=text)

    def press(self, key: str) -> list[str]:
        return self.send(InboundKind.KEY, key=key)

    def tap(self, button: str) -> list[str]:
        return self.send(InboundKind.BUTTON, button=button)

    def send(self, kind: InboundKind, **facts: str) -> list[str]:
        address = Address(self.around.channel, "+573000000009")
        inbound = Inbound("SM1", address, kind, self.now, **facts)
        aftermath = self.last.aftermath if self.last else None
        scene = Scene(self.person, self.state, self.around, self.shelf, self.words, self.now, aftermath=aftermath)
        outcome = take_turn(inbound, scene, self.engine)
        self.last, self.person, self.state = outcome, outcome.person, outcome.state
        for effect in outcome.effects:
            self._remember(effect)
        return [reply.id for reply in outcome.replies]

    def wait(self, **time: int) -> None:
        self.now += timedelta(**time)

    def choices(self) -> dict[str, str]:
        assert self.last is not None
        return {choice.key: choice.id for choice in self.last.replies[-1].choices}

    def texts(self) -> list[str]:
        assert self.last is not None
        return [reply.text for reply in self.last.replies]

    def _remember(self, effect: Effect) -> None:
        self.effects.append(effect)
        match effect:
            case RecordLesson(record):
                kept = [r for r in self.around.records if (r.module_id, r.lesson_id) != (record.module_id, record.lesson_id)]
                self.around.records = [*kept, record]
            case RecordPollAnswer(round_id, options):
                self.around.answers[round_id] = options
                (self.around.begun.add if effect.begun else self.around.begun.discard)(round_id)
            case RecordRsvp(meeting_id, rsvp):
                self.around.rsvps[meeting_id] = rsvp
                self.around.said_of_meetings[meeting_id] = Answer(rsvp)
            case SetRhythm(rhythm):
                self.around.study.hours = rhythm
            case StopRhythm():
                self.around.study.hours = None
            case OptOut():
                self.around.shut = True
            case OptIn():
                self.around.shut = False
            case Erase():
                self.person = Person("somebody new", self.now)
