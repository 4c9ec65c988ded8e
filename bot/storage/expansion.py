"""Gives everybody whom a broadcast reaches her row of the ledger, set by set."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import and_, bindparam, case, cast, exists, false, func, literal, not_, null, or_, select, update
from sqlalchemy.types import String

from bot.domain.audience import parse
from bot.domain.broadcast import BroadcastState, Means
from bot.domain.chunk import CHUNK
from bot.domain.message import COUNTED, MessageState
from bot.storage.columns import UtcDateTime
from bot.storage.ownership import expanding
from bot.storage.recipients import Search, within
from bot.storage.tables import broadcast, broadcast_chunk, insert, message, profile
from bot.storage.transaction import Transaction

_HEAD: Final = select(broadcast).where(broadcast.c.id == bindparam("b")).with_for_update()
_NEW_CHUNKS: Final = (
    select(message.c.chunk, message.c.sender, func.count().label("people"))
    .where(message.c.broadcast_id == bindparam("b"), message.c.chunk > bindparam("known"))
    .group_by(message.c.chunk, message.c.sender)
)
_GO_ON: Final = (
    update(broadcast)
    .where(broadcast.c.id == bindparam("b"))
    .values(
        reached=bindparam("reached_to"),
        chunks=bindparam("most_chunk"),
        people=broadcast.c.people + bindparam("more"),
        expanded=bindparam("all_done"),
    )
)
_COLUMNS: Final = (
    "id", "person_id", "state", "attempts", "parts_sent", "ephemeral", "simulated", "created_at", "changed_at", "due_at",
    "error_code", "expires_at", "broadcast_id", "chunk", "sender", "to_hash",
)  # fmt: skip


SLICES: Final = {"sqlite": 1_000, "postgresql": 4_000}
"""How many persons at a time. On SQLite nobody else writes meanwhile; on PostgreSQL, where all do, this costs a fifth less."""


def expand(
    tx: Transaction, broadcast_id: str, now: datetime, means: Means, most: int | None = None, per_week: int | None = None
) -> bool:
    """Give the next so many persons their rows, if they are of its audience; True once all have them.

    Without `most` as many as suit the database. Those who share a phone get one row for it, which is not that of somebody who
    had `per_week` announcements. The rows of one sender are counted off into chunks; the last one of a slice may be smaller.
    """
    head = tx.run(_HEAD, {"b": broadcast_id}).first()
    if head is None or head.expanded or head.state != BroadcastState.RUNNING:
        return head is None or head.expanded
    most = most or SLICES[tx.dialect]
    most_sharing = per_week if head.purpose in COUNTED else None
    search, rows = _slice(tx.dialect, head.audience, means, head.retry_of, most_sharing, most)
    expanding(tx)
    high = tx.run(search.bound(), {"low": head.reached, "most": most - 1}).scalar()
    facts = {"b": broadcast_id, "base": head.chunks, "now": now, "expires": head.expires_at}
    tx.run(rows, {**within(tx, search, now, head.reached, high), **facts})
    made = tx.run(_NEW_CHUNKS, {"b": broadcast_id, "known": head.chunks}).all()
    if made:
        known = {"broadcast_id": broadcast_id, "run": 0, "due_at": now, "touched_at": now, "done": False}
        tx.run(broadcast_chunk.insert(), [{**known, "number": row.chunk, "sender": row.sender} for row in made])
    went_on = {
        "b": broadcast_id,
        "reached_to": head.reached if high is None else high,
        "most_chunk": max((row.chunk for row in made), default=head.chunks),
        "more": sum(row.people for row in made),
        "all_done": high is None,
    }
    tx.run(_GO_ON, went_on)
    if high is None and tx.dialect == "postgresql":
        # Else its statements would be planned for the table as it was, until somebody vacuums.
        tx.connection.exec_driver_sql("ANALYZE message")
    return high is None


@lru_cache(maxsize=16)
def _slice(dialect: str, audience: str, means: Means, retry_of: str, most_sharing: int | None, most: int) -> tuple[Search, Any]:
    """Whom a broadcast reaches, and the INSERT of one slice of them.

    Kept for the next slice: building it takes a tenth of the time that the database needs for one.
    """
    search = Search(parse(audience), means, retry_of, most_sharing=most_sharing)
    return search, _rows(dialect, search, most)


def _rows(dialect: str, search: Search, most: int) -> Any:
    """The INSERT of one slice. Parameters: those of the slice, and `b`, `base`, `now`, `expires`."""
    b = cast(bindparam("b"), String)
    chosen = _each_phone_once(search.chosen().cte("reached"), b)
    of_sender = (chosen.c.channel, func.coalesce(chosen.c.country, literal("")))
    # Chunks of a sender lie side by side: more than a slice can fill is left free for each.
    nth = func.row_number().over(partition_by=of_sender, order_by=chosen.c.person_id) - 1
    sender_nth = func.dense_rank().over(order_by=of_sender) - 1
    chunk = bindparam("base", type_=message.c.chunk.type) + 1 + sender_nth * (most // CHUNK + 1) + nth // CHUNK
    now: Any = bindparam("now", type_=UtcDateTime())
    expires: Any = bindparam("expires", type_=UtcDateTime())
    if dialect != "sqlite":  # where a cast would make a number of the text that a moment is
        now, expires = cast(now, message.c.created_at.type), cast(expires, message.c.expires_at.type)
    rows = select(
        (b + "-" + chosen.c.person_id).label("id"),
        chosen.c.person_id,
        literal(MessageState.QUEUED.value),
        literal(0),
        literal(0),
        false(),
        chosen.c.simulated,
        now,
        now,
        null(),
        literal(""),
        expires,
        b,
        chunk,
        (chosen.c.channel + "/" + of_sender[1]).label("sender"),
        chosen.c.to_hash,
    ).order_by(chosen.c.person_id)
    return insert(dialect, message).from_select(list(_COLUMNS), rows).on_conflict_do_nothing(index_elements=["id"])


def _each_phone_once(reached: Any, b: Any) -> Any:
    """Of those who share a phone the first by id, in this slice and those before."""
    phone = case((reached.c.shared, reached.c.to_hash), else_=reached.c.person_id)
    nth = func.row_number().over(partition_by=phone, order_by=reached.c.person_id).label("nth_there")
    numbered = select(reached, nth).cte("numbered")
    earlier = (
        select(profile.c.person_id)
        .join(message, message.c.id == b + "-" + profile.c.person_id)
        .where(
            profile.c.line_id == numbered.c.line_id,
            profile.c.person_id < numbered.c.person_id,
            message.c.to_hash == numbered.c.to_hash,
        )
        .correlate(numbered)
    )
    first = and_(numbered.c.nth_there == 1, not_(exists(earlier)))
    return select(numbered).where(or_(not_(numbered.c.shared), first)).cte("chosen")
