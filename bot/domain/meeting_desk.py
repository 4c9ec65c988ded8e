"""Announcing, changing and cancelling meetings, as a room asks for it that does not do it itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from bot.domain.audience import Reached
from bot.domain.meeting import Agreement, Coming, Meeting, MeetingDraft, Problem
from bot.domain.message import Reply
from bot.domain.person import Country

if TYPE_CHECKING:
    from bot.domain.store import UnitOfWork


@dataclass(frozen=True, slots=True)
class MeetingQuote:
    """What an announcement would come to: people who are told, by channel; when the first hears; segments of the SMS; who."""

    people: int
    by_channel: dict[str, int]
    first_at: datetime
    segments: int
    reached: Sequence[Reached] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Missing:
    """Who has not confirmed the last change or cancellation: first names where one is known, and how many more."""

    first_names: tuple[str, ...] = field(default=(), repr=False)
    unnamed: int = 0

    @property
    def people(self) -> int:
        """How many in all."""
        return len(self.first_names) + self.unnamed


@dataclass(frozen=True, slots=True)
class Funnel:
    """One meeting in numbers: told of it, reached (it arrived), heard (read or answered), coming, came (None: not counted).

    `said_they_came` is how many say so themselves; `confirmed` and `unconfirmed` are of its last change.
    """

    told: int
    reached: int
    heard: int
    coming: Coming
    came: int | None
    said_they_came: int
    confirmed: int
    unconfirmed: int


class MeetingDesk(Protocol):
    """Everything works in the transaction that it is given, and sends nothing by itself: a sweep does, within seconds.

    Whoever calls has made sure that the person may (role, community, PIN) and writes it into the audit log.
    """

    def check(self, uow: UnitOfWork, draft: MeetingDraft, meeting_id: str = "") -> tuple[Problem, ...]:
        """What keeps a draft (of a change, with the meeting's id) from being announced; nothing where it may be."""
        ...

    def preview(self, draft: MeetingDraft, country: Country | None = None) -> Reply:
        """The announcement as people get it, with its choices. The draft must have no problems of its own."""
        ...

    def quote(self, uow: UnitOfWork, draft: MeetingDraft) -> MeetingQuote:
        """Whom it would reach. Raises MeetingError."""
        ...

    def announce(self, uow: UnitOfWork, draft: MeetingDraft) -> Meeting:
        """Make it, and tell everybody concerned. Raises MeetingError."""
        ...

    def change(self, uow: UnitOfWork, meeting_id: str, draft: MeetingDraft) -> Meeting:
        """Give it those facts, and tell everybody at once. Raises MeetingError, also where nothing is changed (`same`)."""
        ...

    def cancel(self, uow: UnitOfWork, meeting_id: str) -> Meeting:
        """Call it off, and tell everybody at once. Raises MeetingError where it is over or cancelled already (`over`)."""
        ...

    def missing(self, uow: UnitOfWork, meeting_id: str) -> Missing:
        """Whom to tell in person of its last change: for a facilitator of its community who has proved herself, no one else.

        Nothing from 24 hours after its (first or changed) beginning on.
        """
        ...

    def counts(self, uow: UnitOfWork, meeting_id: str) -> Funnel:
        """How it stands, in numbers. Raises MeetingError where there is no such meeting."""
        ...

    def attended(self, uow: UnitOfWork, meeting_id: str, count: int) -> Meeting:
        """How many came, as counted by who was there. Raises MeetingError before it began."""
        ...

    def minute(self, uow: UnitOfWork, meeting_id: str, minutes: Sequence[Agreement], voice: str = "") -> Meeting:
        """What was agreed, one to three lines: told to everybody concerned once, and again at the next meeting.

        `voice` is the name of a recording that tells it. Raises MeetingError.
        """
        ...

    def hold_back(self, uow: UnitOfWork, meeting_id: str, *, held: bool) -> Meeting:
        """Keep back, or let go again, everything about it that has not left yet. Raises MeetingError."""
        ...
