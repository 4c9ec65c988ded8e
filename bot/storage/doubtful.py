"""Rows of broadcasts of which nobody knows whether they left."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select, update

from bot.domain.chunk import life_of
from bot.domain.message import MessageState, OutboundMessage
from bot.storage.broadcasts import RUN_AGAIN
from bot.storage.homing import home
from bot.storage.ledger_rows import OPENED, opened
from bot.storage.outbox import SqlOutbox
from bot.storage.tables import message, vendor_ref
from bot.storage.transaction import Transaction

_CLAIMED: Final = (
    select(message.c.id, message.c.claim_id, message.c.simulated)
    .where(message.c.claimed_at.is_not(None), message.c.broadcast_id.is_not(None))
    .with_for_update(skip_locked=True)
)
_UNKNOWN: Final = (
    select(*OPENED)
    .where(
        message.c.state == MessageState.UNKNOWN,
        message.c.broadcast_id.is_not(None),
        message.c.sealed.is_not(None),
        message.c.address_hash.is_(None),
        message.c.changed_at < bindparam("before"),
    )
    .order_by(message.c.changed_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_ASKED: Final = update(message).where(message.c.id == bindparam("m")).values(sealed=None, changed_at=bindparam("now"))
_AGAIN: Final = (
    update(message)
    .where(message.c.id == bindparam("m"), message.c.state == MessageState.UNKNOWN)
    .values(
        state=MessageState.QUEUED,
        due_at=bindparam("now"),
        address_hash=bindparam("a"),
        changed_at=bindparam("now"),
        error_code="",
    )
)


class Doubtful:
    """The part of `bot.domain.chunk.Chunks` that is about doubt."""

    def __init__(self, transaction: Transaction, outbox: SqlOutbox) -> None:
        self._tx = transaction
        self._outbox = outbox

    def leftovers(self, alive: Collection[str], now: datetime) -> int:
        """Turn rows of broadcasts in `sending` into `unknown` that a life claimed which is none of these; returns how many."""
        rows = self._tx.run(_CLAIMED).all()
        lost = [row for row in rows if (life := life_of(row.claim_id or "")) and life not in alive]
        for row in lost:
            # What goes to a simulated phone never was with a vendor.
            self._outbox.settle(row.id, MessageState.QUEUED if row.simulated else MessageState.UNKNOWN, now)
        return len(lost)

    def unknown(self, before: datetime, limit: int = 20) -> Sequence[OutboundMessage]:
        """Rows of broadcasts that are in doubt since before that moment, and that nobody was asked about."""
        rows = self._tx.run(_UNKNOWN, {"before": before, "most": limit}).all()
        return [opened(self._tx, row, MessageState.UNKNOWN, row.attempts) for row in rows]

    def asked(self, message_id: str, now: datetime) -> None:
        """Nothing can be learnt of that row; it stays in doubt."""
        self._tx.run(_ASKED, {"m": message_id, "now": now})

    def unheard_of(self, vendor_ids: Sequence[str]) -> Sequence[str]:
        """Those of a vendor's ids that belong to no row yet."""
        hashes = {self._tx.lookup.of("vendor", one): one for one in vendor_ids}
        known = select(vendor_ref.c.vendor_hash).where(vendor_ref.c.vendor_hash.in_(list(hashes)))
        taken = set(self._tx.run(known).scalars()) if hashes else set()
        return [one for hashed, one in hashes.items() if hashed not in taken]

    def never_left(self, message: OutboundMessage, now: datetime) -> None:
        """What is left of a row that was in doubt is queued again: all of it in its chunk, a part where it is."""
        values = {"m": message.id, "now": now, "a": self._tx.lookup.address(message.to)}
        if self._tx.run(_AGAIN, values).rowcount:
            home(self._tx, message.id, now, now)
            self._tx.run(RUN_AGAIN, {"b": message.broadcast_id, "now": now})
