"""Which rows of the ledger may be claimed: nobody's messages overtake each other, and nobody's backlog comes first."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from sqlalchemy import bindparam, exists, or_, select

from bot.storage.ledger_rows import OPENED
from bot.storage.tables import message
from bot.storage.waiting import in_the_way

MOST_OF_ONE: Final = 3
"""How many rows of one address a round of the sweep takes: they are sent one after the other, and others wait behind them."""

_earlier = message.alias("earlier")
_under_way = in_the_way(_earlier)
_queued = message.alias("queued")
_crowded = exists(
    select(_queued.c.seq)
    .where(_queued.c.address_hash == message.c.address_hash, _queued.c.seq < message.c.seq, _queued.c.due_at <= bindparam("now"))
    .order_by(_queued.c.seq)
    .limit(1)
    .offset(MOST_OF_ONE - 1)
)
"""Whether so many earlier rows of its address are due that it is not for this round; looks at no more than those."""


@lru_cache(maxsize=16)
def due_rows(count: int) -> Any:
    """Rows that may be claimed: of `count` ids, or, for none, any. Kept for the usual few, since building it costs most."""
    ids: list[Any] = [bindparam(f"id{number}") for number in range(count)]
    # An elder that comes later in the queue (a retry), or is being sent, holds back whoever stands behind it.
    ahead = or_(_earlier.c.due_at.is_(None), _earlier.c.due_at > message.c.due_at)
    if ids:
        ahead = or_(ahead, _earlier.c.id.not_in(ids))
    blocked = exists().where(_earlier.c.address_hash == message.c.address_hash, _earlier.c.seq < message.c.seq, _under_way, ahead)
    # A turn's own replies all leave now; else nobody's backlog comes first, which is seen before it is walked through.
    chosen = message.c.id.in_(ids) if ids else ~_crowded
    due = select(*OPENED).where(message.c.due_at <= bindparam("now"), chosen, ~blocked)
    ordered = due.order_by(message.c.due_at, message.c.seq).limit(bindparam("most"))
    return ordered.with_for_update(skip_locked=True, of=message)
