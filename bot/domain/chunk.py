"""Chunks: some hundred rows of one broadcast and one sender, which a worker sends in groups of a few."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from bot.domain.broadcast import Means, Tariff
from bot.domain.message import ChannelName, OutboundMessage

CHUNK: Final = 200
"""How many recipients of one sender a worker takes on at a time."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk that a worker may take on: `run` counts how often that was so, and names the attempt."""

    broadcast_id: str
    number: int
    sender: str
    run: int

    @property
    def channel(self) -> ChannelName:
        """The channel in `sender`, which is e.g. `sms/CO`."""
        return ChannelName(self.sender.partition("/")[0])

    @property
    def country(self) -> str:
        """The country in `sender`, '' where it is not known."""
        return self.sender.partition("/")[2]


@dataclass(frozen=True, slots=True)
class Lane:
    """How fast a chunk may leave. `sender` names whoever's rate it is that several chunks share.

    `interval_s`: from one message to the next, 0 where there is no limit. `openings`: how many WhatsApp conversations may be
    begun outside the window in 24 hours, None where that is not limited.
    """

    sender: str
    interval_s: float = 0.0
    openings: int | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """Rows that were claimed together, opened, and when the first of them may leave.

    `settled` counts rows that were looked at and will not leave this way. `until`: nothing may leave before. `over`: there is
    nothing for this run to do any more.
    """

    messages: tuple[OutboundMessage, ...] = ()
    starts_at: datetime | None = None
    interval_s: float = 0.0
    settled: int = 0
    until: datetime | None = None
    over: bool = False


class Chunks(Protocol):
    """Who works on which rows of broadcasts.

    A chunk is taken on by one worker as a rule. Where it happens that two do, no row is sent twice for that: each is claimed by
    one of them.
    """

    def waiting(self, now: datetime, most: int) -> Sequence[Chunk]:
        """Chunks of broadcasts that run, which nobody has taken on and whose time has come, the oldest broadcast first.

        Of each sender so many that with those that somebody has taken on they are `most`.
        """
        ...

    def handed(self, chunks: Sequence[Chunk], now: datetime) -> None:
        """The engine has these runs of them."""
        ...

    def stuck(self, before: datetime, now: datetime) -> int:
        """Have chunks taken on anew that somebody took on and that nothing happened to since that moment; how many."""
        ...

    def claim(
        self, chunk: Chunk, began: datetime, now: datetime, claim_id: str, most: int, lane: Lane, tariff: Tariff
    ) -> Claimed:
        """Turn up to so many queued rows into `sending`, open them, book what they cost, and take their turns in the lane.

        A run, which `began` then, tries each row once. Looked at once more for each: whether she agreed, has not left, can still
        be reached there, and has not opted out. A
        claim id that begins with the worker's life says whose it is (`claim_of`).
        """
        ...

    def tried(self, chunk: Chunk) -> int:
        """How often the rows that are left of a chunk were tried: those that were least; 0 where none is left."""
        ...

    def leave(self, chunk: Chunk, now: datetime, due_at: datetime | None) -> bool:
        """End this run: True where nothing of it is left to send; else it may be taken on anew at that time."""
        ...

    def sender_of(self, message_id: str) -> str:
        """The sender of a row's chunk, e.g. `sms/CO`; '' where it has none."""
        ...

    def reach_otherwise(self, message_id: str, now: datetime, means: Means, *, nobody: bool) -> bool:
        """Give the person of a row that failed another one, by another channel, where there is one that was not tried.

        Where `nobody` is at its address, that counts against it; after some times nothing goes there unasked any more.
        """
        ...

    def undelivered(self, vendor_id: str) -> Sequence[str]:
        """The rows of broadcasts that a vendor's id belongs to, and that have failed."""
        ...

    def unknown(self, before: datetime, limit: int = 20) -> Sequence[OutboundMessage]:
        """Rows of broadcasts that are in doubt since before that moment, and that nobody was asked about."""
        ...

    def asked(self, message_id: str, now: datetime) -> None:
        """Nothing can be learnt of that row; it stays in doubt."""
        ...

    def unheard_of(self, vendor_ids: Sequence[str]) -> Sequence[str]:
        """Those of a vendor's ids that belong to no row yet."""
        ...

    def never_left(self, message: OutboundMessage, now: datetime) -> None:
        """What is left of a row that was in doubt is queued again: all of it in its chunk, a part where it is."""
        ...

    def leftovers(self, alive: Collection[str], now: datetime) -> int:
        """Turn rows of broadcasts in `sending` into `unknown` that a life claimed which is none of these; returns how many."""
        ...


GROUP: Final = "g"
"""What claim ids of groups begin with: all rows of one are in doubt where it is abandoned, since they are sent side by side."""
LIFE_CHARS: Final = 8


def claim_of(life: str, random: str) -> str:
    """The id of a claim by that life, at most 32 letters."""
    return f"{GROUP}{life[:LIFE_CHARS]}{random}"[:32]


def life_of(claim_id: str) -> str:
    """Whose claim it is; '' for one of the ordinary sender."""
    return claim_id[1 : 1 + LIFE_CHARS] if claim_id.startswith(GROUP) else ""


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that works on broadcasts: its stable id, and this start of it."""

    id: str
    life: str
    beat_at: datetime


class Workers(Protocol):
    """Processes that work on broadcasts, and the pace they share."""

    def beat(self, worker_id: str, life: str, now: datetime) -> None:
        """That worker is alive."""
        ...

    def all(self) -> Sequence[Worker]:
        """Every worker of the last day, by id."""
        ...

    def hold_back(self, sender: str, until: datetime, now: datetime) -> None:
        """Its vendor wants less: nothing more by that sender before that moment."""
        ...
