"""What a turn does besides talking: facts to write down, each applied through the repositories when the turn is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from bot.domain.learning import LessonRecord
from bot.domain.meeting import FARTHEST, Need, Rsvp
from bot.domain.meeting_notice import Kind, later
from bot.domain.message import Address
from bot.domain.person import Consent, Person
from bot.domain.poll import PanelConsent
from bot.domain.results import By
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
    """What she answered in a quiz; one that is missed comes back, unless it is private."""

    module_id: str
    quiz_id: str
    option_id: str
    right: bool
    when: datetime
    comes_back: bool = True

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Append the answer."""
        unit.people.record_quiz(whom.person_id, self.module_id, self.quiz_id, self.option_id, self.right, self.when)
        if self.comes_back:
            unit.study.answered(whom.person_id, self.module_id, self.quiz_id, right=self.right, now=self.when)


@dataclass(frozen=True, slots=True)
class RecordPollAnswer:
    """An answer to a poll. It shows in no `repr`, and so in no traceback.

    `about` is what it may be broken down by; `begun`: more of it is to come; `panel`: she agreed to be compared.
    """

    round_id: str
    option_ids: tuple[str, ...] = field(repr=False)
    when: datetime
    about: Mapping[By, str] = field(default_factory=dict, repr=False)
    begun: bool = False
    panel: bool = False

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Write the answer apart from who gave it."""
        answer = unit.polls.answer
        answer(self.round_id, whom.person_id, self.option_ids, self.when, self.about, begun=self.begun, panel=self.panel)


@dataclass(frozen=True, slots=True)
class PassOver:
    """What she answered before decides whether she is asked this: the trace is the same either way."""

    round_id: str
    asked: bool = field(repr=False)
    when: datetime

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Leave the trace; an answer that no longer fits goes."""
        unit.polls.pass_over(self.round_id, whom.person_id, self.when, keep=self.asked)


@dataclass(frozen=True, slots=True)
class Describe:
    """What she said of herself, for counts alone."""

    about: Mapping[By, str] = field(repr=False)

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Add it to what she has answered."""
        unit.polls.describe(whom.person_id, self.about)


@dataclass(frozen=True, slots=True)
class ConsentToPanel:
    """She agreed, or not, to be compared from round to round."""

    consent: PanelConsent

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Keep the proof, and have it hold for what she has answered."""
        unit.polls.consent_to_panel(whom.person_id, self.consent)
        unit.polls.describe(whom.person_id, {}, panel=self.consent.agreed)


@dataclass(frozen=True, slots=True)
class RecordRsvp:
    """Whether she comes to a meeting."""

    meeting_id: str
    rsvp: Rsvp = field(repr=False)
    when: datetime

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Write or change it. She has heard of it, and of its last change."""
        unit.meetings.rsvp(self.meeting_id, whom.person_id, self.rsvp, self.when)
        _told(unit, self.meeting_id, whom.person_id, self.when)
        for kind in (Kind.ANNOUNCED, Kind.NEWS):
            unit.meeting_notices.answered(self.meeting_id, whom.person_id, kind, self.when)


@dataclass(frozen=True, slots=True)
class HeardOf:
    """She asked about a meeting and was told: she is reminded, and told of changes, as if it had been announced to her."""

    meeting_id: str
    when: datetime

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Nothing changes where it had been."""
        _told(unit, self.meeting_id, whom.person_id, self.when)


def _told(unit: UnitOfWork, meeting_id: str, person_id: str, now: datetime) -> None:
    meeting = unit.meetings.get(meeting_id)
    if meeting is not None:
        unit.meeting_notices.join(meeting_id, person_id, later(meeting, now), now)


def joined(unit: UnitOfWork, before: Person, after: Person, now: datetime) -> None:
    """Whoever agrees, or says where she lives, once a meeting there was announced, is reminded of it."""
    if not after.enrolled or after.community_id is None:
        return
    if before.enrolled and before.community_id == after.community_id:
        return
    for meeting in unit.meetings.between(now, now + FARTHEST, after.community_id):
        if not meeting.cancelled:
            unit.meeting_notices.join(meeting.id, after.id, later(meeting, now), None)


@dataclass(frozen=True, slots=True)
class RecordNeeds:
    """What she needs to come to a meeting."""

    meeting_id: str
    needs: frozenset[Need] = field(repr=False)

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Keep it with whether she comes."""
        unit.meetings.need(self.meeting_id, whom.person_id, self.needs)


@dataclass(frozen=True, slots=True)
class ConfirmNews:
    """She knows that a meeting was changed or called off."""

    meeting_id: str
    when: datetime

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Nobody tells her again."""
        unit.meeting_notices.answered(self.meeting_id, whom.person_id, Kind.NEWS, self.when)


@dataclass(frozen=True, slots=True)
class RecordCame:
    """Whether she was at a meeting: counted once, and not kept with her."""

    meeting_id: str
    went: bool = field(repr=False)
    when: datetime

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Count it."""
        if unit.meeting_notices.answered(self.meeting_id, whom.person_id, Kind.CAME, self.when):
            unit.meetings.went(self.meeting_id, went=self.went)


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
        """Close the address; what was to come at an hour that she chose does not come by another one either."""
        unit.people.set_opted_out(whom.address, self.when)
        if whom.person_id:
            unit.study.leave(whom.person_id)


@dataclass(frozen=True, slots=True)
class OptIn:
    """She wants messages at this address again; with `carrier` she has told her carrier so too."""

    carrier: bool = False

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Open the address."""
        unit.people.set_opted_out(whom.address, None)
        if self.carrier:
            unit.people.set_shut_by_carrier(whom.address, None)


@dataclass(frozen=True, slots=True)
class ShutByCarrier:
    """The carrier takes no SMS to this address any more, until she herself tells it otherwise."""

    when: datetime

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Close the address."""
        unit.people.set_shut_by_carrier(whom.address, self.when)


@dataclass(frozen=True, slots=True)
class Erase:
    """Everything about her goes. After this nothing of the turn is saved.

    Without `questions`, what she left by voice stays: that she agreed to by itself.
    """

    questions: bool = True

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Delete her."""
        unit.people.erase(whom.person_id, questions=self.questions)
