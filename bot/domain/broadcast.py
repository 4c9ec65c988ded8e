"""Broadcasts: one message to many, and what the rooms ask of the database about it.

The ledger (`message`) is the truth about each recipient; a broadcast holds what all of them have in common.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from bot.domain.audience import Audience
from bot.domain.message import ChannelName, MessageState, Purpose, Reply


class BroadcastState(StrEnum):
    """Where a broadcast stands. Only what is running sends; what is cancelled or done stays so."""

    DRAFT = "draft"
    WAITING_APPROVAL = "waiting_approval"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    DONE = "done"


NEXT: Final[Mapping[BroadcastState, frozenset[BroadcastState]]] = {
    BroadcastState.DRAFT: frozenset(
        {
            BroadcastState.WAITING_APPROVAL,
            BroadcastState.SCHEDULED,
            BroadcastState.RUNNING,
            BroadcastState.CANCELLED,
        }
    ),
    BroadcastState.WAITING_APPROVAL: frozenset({BroadcastState.SCHEDULED, BroadcastState.RUNNING, BroadcastState.CANCELLED}),
    BroadcastState.SCHEDULED: frozenset({BroadcastState.RUNNING, BroadcastState.PAUSED, BroadcastState.CANCELLED}),
    BroadcastState.RUNNING: frozenset({BroadcastState.PAUSED, BroadcastState.CANCELLED, BroadcastState.DONE}),
    BroadcastState.PAUSED: frozenset({BroadcastState.SCHEDULED, BroadcastState.RUNNING, BroadcastState.CANCELLED}),
    BroadcastState.CANCELLED: frozenset(),
    BroadcastState.DONE: frozenset(),
}
"""Which state may follow which."""


class Halt(StrEnum):
    """Why a broadcast paused."""

    ASKED = "asked"
    BUDGET = "budget"


@dataclass(frozen=True, slots=True)
class Content:
    """What is said to everybody. It is sealed in the database.

    `reply` is said wherever free text may be; `template` (with `variables`) is the approved one that WhatsApp takes outside
    its window, '' where there is none: then she is invited to write, or written to on another channel. `voice` is the name of
    a recorded file in `DATA_DIR/broadcasts/`, '' where the reply's speech is synthesised. `title` is for the staff.
    """

    reply: Reply
    title: str = ""
    template: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    voice: str = ""


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One message to many.

    `audience` is an expression with ids (`str(Audience)`). Amounts of money are millionths of a Colombian peso; `spent` covers
    what has left and what is being sent. `spread_s`: over how many seconds the recipients are spread, 0 as fast as the senders
    go. `practice`: nothing leaves. `retry_of`: the broadcast of whose recipients only those are meant who were not reached.
    `expanded`: every recipient has her row. `halt` says why it is paused.
    """

    id: str
    audience: str
    content: Content
    purpose: Purpose
    made_by: str
    created_at: datetime
    state: BroadcastState = BroadcastState.DRAFT
    not_before: datetime | None = None
    expires_at: datetime | None = None
    spread_s: int = 0
    budget: int | None = None
    spent: int = 0
    approved_by: str = ""
    practice: bool = False
    retry_of: str = ""
    changed_at: datetime | None = None
    expanded: bool = False
    people: int = 0
    halt: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """So many people who are reached in the same way.

    `country` is '' where it is not known. `window`: WhatsApp's window is open for them now, or the channel has none. `voice`:
    they are told with a voice note.
    """

    channel: ChannelName
    country: str
    window: bool
    voice: bool
    people: int


@dataclass(frozen=True, slots=True)
class Recipients:
    """Who a broadcast reaches now, each person once, and how many of the audience it does not, by reason.

    Reasons: `no_consent`, `under_age`, `week_full`, `opted_out`, `dead_number`, `same_phone` (it is said once
    to those who share one), `no_address` (on the channels asked for).
    """

    groups: tuple[Group, ...]
    excluded: Mapping[str, int]

    @property
    def people(self) -> int:
        """How many are reached."""
        return sum(group.people for group in self.groups)


@dataclass(frozen=True, slots=True)
class Means:
    """What decides by which of her addresses somebody is reached.

    `callable`: the countries to whose numbers there are calls: who prefers to listen and has nothing but SMS is called there.
    `template`: there is an approved one for whom WhatsApp's window is closed, so that she need not be reached otherwise.
    """

    callable: frozenset[str] = frozenset()
    template: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """What one message costs: its SMS segments (0 on other channels), and its price in millionths of a Colombian peso."""

    segments: int = 0
    price: int = 0


class Tariff(Protocol):
    """What messages cost. The same for the quote and for what is booked while it is sent."""

    def unit(self, content: Content, channel: ChannelName, country: str, *, window: bool, voice: bool) -> Unit:
        """One person of such a group; `country` '' is the dearest that it may be."""
        ...


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A row of a broadcast that will not leave by itself: nobody could be reached by it. `message_id` retries it."""

    message_id: str
    person_id: str | None
    channel: ChannelName
    state: MessageState
    error_code: str
    changed_at: datetime


class Broadcasts(Protocol):
    """Broadcasts, their rows of the ledger and their chunks."""

    def add(self, broadcast: Broadcast) -> None:
        """Write a new one."""
        ...

    def get(self, broadcast_id: str) -> Broadcast | None:
        """One, opened; None where there is none."""
        ...

    def list(self, *, limit: int = 50, made_by: str | None = None) -> Sequence[Broadcast]:
        """The newest first."""
        ...

    def change(self, broadcast_id: str, state: BroadcastState, now: datetime, *, by: str = "", halt: str = "") -> bool:
        """Bring it to a state; False where that may not follow the one it is in (`NEXT`), or there is none.

        `by` is who approved, and kept where it leaves `draft` or `waiting_approval`. What is queued leaves only while it runs.
        """
        ...

    def budget(self, broadcast_id: str, budget: int | None, now: datetime) -> None:
        """Set or lift its budget."""
        ...

    def count(
        self, audience: Audience, now: datetime, means: Means, *, retry_of: str = "", most: int | None = None
    ) -> Recipients:
        """Who is reached by that audience, and who is not. Reads alone (`Store.look`).

        With `most`, who had so many announcements in the week before `now` is not reached: `week_full`.
        """
        ...

    def states(self, broadcast_id: str) -> Mapping[MessageState, int]:
        """Its rows of the ledger by state."""
        ...

    def dead_letters(self, broadcast_id: str, *, limit: int = 100) -> Sequence[DeadLetter]:
        """Who was not reached in the end, newest first: failed rows unless a later one reached her, and unknown ones."""
        ...

    def retry(self, broadcast_id: str, message_ids: Sequence[str], now: datetime) -> int:
        """Queue dead letters once more; returns how many. The broadcast runs again where it was done."""
        ...

    def tend(self, now: datetime) -> Sequence[str]:
        """Start what is scheduled and due, end what has nothing left; the ids of those that have people yet to be given rows."""
        ...

    def expand(
        self, broadcast_id: str, now: datetime, means: Means, most: int | None = None, *, per_week: int | None = None
    ) -> bool:
        """Give the next so many persons their rows, if they are of its audience; True once all have them, or it does not run.

        Without `most` as many as suit the database. Done twice it changes nothing: the rows are named after broadcast and
        person. Those who share a phone get one row for it, which is not that of somebody who had `per_week` announcements in a
        week.
        """
        ...

    def give_up(self, now: datetime, most: int = 20) -> int:
        """Cancel what is queued of cancelled broadcasts, so many chunks of it; returns how many chunks that were."""
        ...
