"""What people get without having asked for it: counted by person over all features, so that nobody is pestered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from bot.domain.message import MessageState, OutboundMessage
from bot.domain.person import Person

if TYPE_CHECKING:
    from bot.domain.store import UnitOfWork

WEEK: Final = timedelta(days=7)
MOST_A_WEEK: Final = 3
"""How many announcements a person gets in any seven days, where no setting says otherwise."""


class Kept(StrEnum):
    """Why something unasked was not sent: it stands with its row, as the reason of its state."""

    WEEK_FULL = "week_full"
    OUT_OF_HOURS = "out_of_hours"


class Admission(StrEnum):
    """Whether something may leave. `busy`: another process looks at the same person at this moment."""

    LET = "let"
    FULL = "full"
    BUSY = "busy"


class Unasked(Protocol):
    """The ledger, as far as it is about what nobody asked for."""

    def admit(self, message_ids: Sequence[str], now: datetime, most: int) -> Mapping[str, Admission]:
        """Let rows out, in order, and count them, each unless so many other announcements were let out to its person in a week.

        A row that does not count is always let out. Whoever else would let something out to her waits for this transaction.
        """
        ...

    def taken(self, person_id: str, since: datetime, announcement: str = "") -> Sequence[datetime]:
        """When she got, or is to get, each announcement but that one, from then on, in order."""
        ...

    def refuse(self, message: OutboundMessage, person_id: str, state: MessageState, why: Kept) -> None:
        """Write down a message that is not going to be sent, without what it would have said."""
        ...

    def refused(self, since: datetime) -> Mapping[str, int]:
        """How many messages since then were not sent for each of those reasons."""
        ...


class Announcing(Protocol):
    """Where every feature puts what it says unasked."""

    def leaves(self, uow: UnitOfWork, message: OutboundMessage, person: Person, now: datetime) -> datetime | None:
        """The first moment, from now or `not_before` on, that hours and her week allow; None where there is none."""
        ...

    def put(self, uow: UnitOfWork, message: OutboundMessage, person: Person, now: datetime) -> OutboundMessage:
        """Queue it for when it may leave; gives it as it was written.

        Outside hours it waits for the next opening. Where her week is full it is `cancelled`, unless it is `patient` and waits
        until there is room; where it would be beyond its time by then it is `expired`. Both stand in the ledger with the reason.
        """
        ...


def free_from(taken: Sequence[datetime], when: datetime, most: int) -> datetime | None:
    """The first moment at or after `when` at which fewer than `most` of those lie in the seven days before; None: never."""
    if most <= 0:
        return None
    recent = sorted(moment for moment in taken if moment > when - WEEK)
    return when if len(recent) < most else recent[-most] + WEEK
