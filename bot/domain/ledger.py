"""What the rooms ask of the ledger of outbound messages, as a Protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.message import Address, MessageState, OutboundMessage, StatusUpdate


class Outbox(Protocol):
    """The ledger of outbound messages, the truth about each."""

    def add(self, messages: Sequence[OutboundMessage], person_id: str | None) -> None:
        """Write rows, encrypted."""
        ...

    def claim(self, now: datetime, *, ids: Sequence[str] | None = None, limit: int = 100) -> Sequence[OutboundMessage]:
        """Turn queued rows that are due (those ids, or the oldest) into `sending` and open them.

        Rows of one address come in the order in which they were added; without ids at most a few of each, so that nobody's
        backlog holds up the others. Whoever claims sends them one at a time in the order
        given and settles each: `abandoned` counts on it.
        """
        ...

    def part_sent(self, message_id: str, vendor_id: str, parts_sent: int) -> None:
        """Record one vendor call that succeeded."""
        ...

    def sent(self, message_id: str, vendor_id: str, parts_sent: int, now: datetime) -> None:
        """Record the last vendor call of a message, which succeeded: `part_sent` and `settle` in one."""
        ...

    def settle(
        self,
        message_id: str,
        state: MessageState,
        now: datetime,
        *,
        error_code: str = "",
        not_before: datetime | None = None,
        keep: bool = False,
    ) -> None:
        """Set what became of a claimed row; `queued` with `not_before` means a retry.

        Final states drop the body; `keep` leaves it until the vendor's next word where that word may ask for it again.
        """
        ...

    def wait(self, message_id: str, until: datetime, now: datetime) -> None:
        """Put a claimed row back whose next part may not leave before that moment. That is no attempt and no failure."""
        ...

    def put_off(self, message_id: str, until: datetime, now: datetime, *, error_code: str, expires_at: datetime) -> None:
        """Put a claimed row back that our own set-up keeps from leaving: no attempt; it ends then where it has no end yet."""
        ...

    def refused(self) -> Mapping[str, int]:
        """How many queued rows a vendor has refused so far, by its code."""
        ...

    def hasten(self, vendor_id: str) -> Sequence[str]:
        """That part has left: whatever waited for it is due. Gives it and what is queued behind it, in order."""
        ...

    def hold(self, held: OutboundMessage, invitation: OutboundMessage | None, now: datetime) -> None:
        """Keep a row, from `parts_sent` on, until the person writes; queue the invitation unless she had one within a week.

        Until then it counts for nothing: the invitation does.
        """
        ...

    def pause(self, message_id: str, now: datetime) -> None:
        """Keep a claimed row until `resume`, whatever the person writes meanwhile; nothing waits for it."""
        ...

    def resume(self, now: datetime, limit: int = 200) -> int:
        """Queue rows paused before now, in order, behind everything that is queued; returns how many, at most `limit`."""
        ...

    def expire(self, now: datetime) -> int:
        """Give up the rows that wait beyond their time and of which nothing has left; returns how many."""
        ...

    def kept(self, vendor_id: str) -> OutboundMessage | None:
        """The row that a vendor's id belongs to, opened, where it has left with its body kept and was not delivered yet."""
        ...

    def held(self, addresses: Sequence[Address], whose: str | None = None) -> Sequence[str]:
        """The rows that wait for somebody at these addresses to write, in order; with `whose` not those of anybody else.

        Paused rows are not among them.
        """
        ...

    def release(self, message_ids: Sequence[str], now: datetime, *, awaited: bool = True) -> None:
        """Queue held rows, behind everything that is queued already; she waits for them now unless `awaited` is false."""
        ...

    def advance(self, update: StatusUpdate, now: datetime) -> bool:
        """Apply a vendor's status, forward only; False where it changed nothing or is of an unknown message."""
        ...

    def abandoned(self, before: datetime) -> int:
        """Turn rows in `sending` since before that moment into `unknown`, or back into `queued` where nothing had been tried."""
        ...

    def counts(self) -> Mapping[MessageState, int]:
        """Rows by state."""
        ...
