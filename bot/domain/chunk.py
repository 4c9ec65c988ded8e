"""Chunks: some hundred rows of one broadcast and one sender, which a worker sends in groups of a few."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

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
class Claimed:
    """Rows that were claimed together, opened; `settled` counts those that were looked at and will not leave this way."""

    messages: tuple[OutboundMessage, ...] = ()
    settled: int = 0


class Chunks(Protocol):
    """Who works on which rows of broadcasts.

    A chunk is taken on by one worker as a rule. Where it happens that two do, no row is sent twice for that: each is claimed by
    one of them.
    """

    def waiting(self, now: datetime, limit: int = 50) -> Sequence[Chunk]:
        """Chunks of broadcasts that run, which nobody has taken on and whose time has come, the oldest broadcast first."""
        ...

    def handed(self, chunk: Chunk, now: datetime) -> None:
        """The engine has this run of it."""
        ...

    def stuck(self, before: datetime, now: datetime) -> int:
        """Have chunks taken on anew that somebody took on and that nothing happened to since that moment; how many."""
        ...

    def claim(self, chunk: Chunk, now: datetime, claim_id: str, most: int) -> Claimed:
        """Turn up to so many queued rows into `sending` and open them; nothing where the broadcast does not run.

        Looked at once more for each: whether she agreed, has not left, can still be reached there, and has not opted out. Rows of
        a claim all count as doubtful where it is abandoned: they are sent side by side.
        """
        ...

    def back(self, message_id: str, now: datetime, *, error_code: str = "", due_at: datetime | None = None) -> None:
        """Queue a claimed row again in its chunk, which is taken on anew at that time."""
        ...

    def leave(self, chunk: Chunk, now: datetime, due_at: datetime | None) -> bool:
        """End this run: True where nothing of it is left to send; else it may be taken on anew at that time."""
        ...

    def leftovers(self, chunk: Chunk, alive: Collection[str], now: datetime) -> int:
        """Turn rows in `sending` into `unknown` that a worker claimed who is not alive any more; returns how many."""
        ...
