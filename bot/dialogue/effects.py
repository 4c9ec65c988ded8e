"""What a turn does besides talking: facts to write down, each applied through the repositories when the turn is over."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from bot.domain.learning import LessonRecord
from bot.domain.meeting import Rsvp
from bot.domain.message import Address
from bot.domain.person import Consent
from bot.domain.store import UnitOfWork


@dataclass(frozen=True, slots=True)
class Whom:
    """Whose turn it was, and at which address."""

    person_id: str
    address: Address


class Effect(Protocol):
    """One thing to write down."""

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Write it, inside the turn's transaction."""
        ...


@dataclass(frozen=True, slots=True)
class RecordConsent:
    """She agreed: keep the proof."""

    consent: Consent

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Write the proof."""
        unit.people.record_consent(whom.person_id, self.consent)


@dataclass(frozen=True, slots=True)
class RecordLesson:
    """How far she came in a lesson."""

    record: LessonRecord

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Write the record."""
        unit.people.record_lesson(whom.person_id, self.record)


@dataclass(frozen=True, slots=True)
class RecordQuiz:
    """What she answered in a quiz."""

    module_id: str
    quiz_id: str
    option_id: str
    right: bool
    when: datetime

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Append the answer."""
        unit.people.record_quiz(whom.person_id, self.module_id, self.quiz_id, self.option_id, self.right, self.when)


@dataclass(frozen=True, slots=True)
class RecordPollAnswer:
    """An answer to a poll. It shows in no `repr`, and so in no traceback."""

    round_id: str
    option_ids: tuple[str, ...] = field(repr=False)
    when: datetime

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Write the answer apart from who gave it."""
        unit.polls.answer(self.round_id, whom.person_id, self.option_ids, self.when)


@dataclass(frozen=True, slots=True)
class RecordRsvp:
    """Whether she comes to a meeting."""

    meeting_id: str
    rsvp: Rsvp = field(repr=False)
    when: datetime

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Write or change it."""
        unit.meetings.rsvp(self.meeting_id, whom.person_id, self.rsvp, self.when)


@dataclass(frozen=True, slots=True)
class AskForHelp:
    """She wants to talk to a person."""

    when: datetime

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Put her in the queue."""
        unit.people.ask_for_help(whom.person_id, self.when)


@dataclass(frozen=True, slots=True)
class KeepMiss:
    """A message was not understood: keep it for the staff to learn from, apart from whose it was."""

    text: str = field(repr=False)
    guess: str
    confidence: float
    day: date

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Keep it without her."""
        del whom
        unit.misses.keep(self.text, self.guess, self.confidence, self.day)


@dataclass(frozen=True, slots=True)
class OptOut:
    """Nothing more is sent to this address."""

    when: datetime

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Close the address."""
        unit.people.set_opted_out(whom.address, self.when)


@dataclass(frozen=True, slots=True)
class OptIn:
    """She wants messages at this address again."""

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Open the address."""
        unit.people.set_opted_out(whom.address, None)


@dataclass(frozen=True, slots=True)
class Erase:
    """Everything about her goes. After this nothing of the turn is saved.

    Without `questions`, what she left by voice stays: that she agreed to by itself.
    """

    questions: bool = True

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Delete her."""
        unit.people.erase(whom.person_id, questions=self.questions)
