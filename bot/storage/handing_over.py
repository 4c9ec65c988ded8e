"""Which chunks of broadcasts wait for somebody to work on them, and that somebody does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, bindparam, case, func, or_, select, update

from bot.domain.broadcast import BroadcastState
from bot.domain.chunk import Chunk
from bot.storage.tables import broadcast, broadcast_chunk
from bot.storage.transaction import Transaction

OF_CHUNK: Final = and_(broadcast_chunk.c.broadcast_id == bindparam("b"), broadcast_chunk.c.number == bindparam("c"))
THIS_RUN: Final = and_(OF_CHUNK, broadcast_chunk.c.run == bindparam("r"), broadcast_chunk.c.done.is_(False))
_place = func.row_number().over(
    partition_by=broadcast_chunk.c.sender,
    # First those that somebody has: whoever waits counts behind them.
    order_by=(
        case((broadcast_chunk.c.due_at.is_(None), 0), else_=1),
        *(broadcast.c.created_at, broadcast_chunk.c.due_at, broadcast_chunk.c.number),
    ),
)
_in_line = (
    select(broadcast_chunk, _place.label("place"))
    .join(broadcast, broadcast.c.id == broadcast_chunk.c.broadcast_id)
    .where(
        broadcast.c.state == BroadcastState.RUNNING,
        broadcast_chunk.c.done.is_(False),
        or_(broadcast_chunk.c.due_at.is_(None), broadcast_chunk.c.due_at <= bindparam("now")),
        # How far apart its messages are is known once all recipients are.
        or_(broadcast.c.spread_s == 0, broadcast.c.expanded.is_(True)),
    )
    .subquery()
)
_WAITING: Final = (
    select(_in_line).where(_in_line.c.due_at.is_not(None), _in_line.c.place <= bindparam("most")).order_by(_in_line.c.place)
)
# Who has the row has taken it on, or handed it over: to wait for her would be a deadlock where she waits for another of these.
_free = select(broadcast_chunk.c.number).where(THIS_RUN, broadcast_chunk.c.due_at.is_not(None)).with_for_update(skip_locked=True)
_HANDED: Final = (
    update(broadcast_chunk)
    .where(broadcast_chunk.c.broadcast_id == bindparam("b"), broadcast_chunk.c.number.in_(_free))
    .values(due_at=None, touched_at=bindparam("now"))
)


def named(chunk: Chunk) -> dict[str, Any]:
    """The parameters of `OF_CHUNK`."""
    return {"b": chunk.broadcast_id, "c": chunk.number}


def waiting(tx: Transaction, now: datetime, most: int) -> Sequence[Chunk]:
    """Chunks of broadcasts that run, which nobody has taken on and whose time has come, the oldest broadcast first."""
    rows = tx.run(_WAITING, {"now": now, "most": most})
    return [Chunk(row.broadcast_id, row.number, row.sender, row.run) for row in rows]


def handed(tx: Transaction, chunks: Sequence[Chunk], now: datetime) -> None:
    """The engine has these runs of them."""
    tx.run_each(_HANDED, [{**named(chunk), "r": chunk.run, "now": now} for chunk in chunks])
