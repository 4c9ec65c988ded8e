"""Where a claimed row of a broadcast goes that waits: back to its chunk, without its body, for whoever works on that."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, func, select, update

from bot.domain.message import MessageState
from bot.storage.tables import broadcast_chunk, message
from bot.storage.transaction import Transaction

SOON: Final = timedelta(minutes=1)
"""What waits no longer than that is left to the end of the chunk's run."""
_ROW: Final = select(message.c.seq, message.c.broadcast_id, message.c.chunk, message.c.cost).where(
    message.c.id == bindparam("m"),
    message.c.broadcast_id.is_not(None),
    message.c.chunk.is_not(None),
    message.c.parts_sent == 0,
)
_HOME: Final = (
    update(message)
    .where(message.c.seq == bindparam("s"), message.c.state == MessageState.QUEUED)
    .values(
        due_at=None,
        claimed_at=None,
        address_hash=None,
        sealed=None,
        announcement=None,
        let_at=None,
        segments=None,
        cost=None,
        changed_at=bindparam("now"),
    )
)
_REFUND: Final = (
    update(broadcast_chunk)
    .where(broadcast_chunk.c.broadcast_id == bindparam("b"), broadcast_chunk.c.number == bindparam("c"))
    .values(spent=broadcast_chunk.c.spent - bindparam("price"))
)
_FORGIVE: Final = update(message).where(message.c.seq == bindparam("s")).values(segments=None, cost=None)
_CHUNK: Final = (
    select(broadcast_chunk.c.done, broadcast_chunk.c.due_at)
    .where(broadcast_chunk.c.broadcast_id == bindparam("b"), broadcast_chunk.c.number == bindparam("c"))
    .with_for_update()
)
_LATER: Final = (
    update(broadcast_chunk)
    .where(broadcast_chunk.c.broadcast_id == bindparam("b"), broadcast_chunk.c.number == bindparam("c"))
    .values(
        done=False,
        run=broadcast_chunk.c.run + 1,
        due_at=bindparam("due"),
        touched_at=func.coalesce(bindparam("now", type_=broadcast_chunk.c.touched_at.type), broadcast_chunk.c.touched_at),
    )
)


def home(tx: Transaction, message_id: str, until: datetime, now: datetime) -> None:
    """Send a row that has just been queued home, if it is a broadcast's and nothing of it has left; what it costs is free.

    A chunk that was at its end, or whose row waits for longer, is taken on anew then.
    """
    row = tx.run(_ROW, {"m": message_id}).first()
    if row is None or not tx.run(_HOME, {"s": row.seq, "now": now}).rowcount:
        return
    if row.cost:
        tx.run(_REFUND, {"b": row.broadcast_id, "c": row.chunk, "price": row.cost})
    of_chunk = {"b": row.broadcast_id, "c": row.chunk}
    chunk = tx.run(_CHUNK, of_chunk).first()
    if chunk is not None and (chunk.done or (chunk.due_at is None and until - now > SOON)):
        tx.run(_LATER, {**of_chunk, "due": until, "now": now})


def refund(tx: Transaction, message_id: str) -> None:
    """What never left costs nothing."""
    row = tx.run(_ROW, {"m": message_id}).first()
    if row is not None and row.cost:
        tx.run(_REFUND, {"b": row.broadcast_id, "c": row.chunk, "price": row.cost})
        tx.run(_FORGIVE, {"s": row.seq})
