"""Another way for whom a broadcast could not reach: the next channel, as one more row of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, case, func, select, update

from bot.domain.audience import Audience, parse
from bot.domain.broadcast import BroadcastState, Means
from bot.domain.chunk import CHUNK
from bot.domain.message import ChannelName, MessageState
from bot.storage.broadcasts import REOPEN, RUN_AGAIN
from bot.storage.ownership import NEW_MESSAGE
from bot.storage.recipients import Search, moments
from bot.storage.tables import address, broadcast, broadcast_chunk, message, profile
from bot.storage.transaction import Transaction

MOST_WAYS: Final = 3
"""How many addresses of one person are tried."""
DEAD_AFTER: Final = 3
"""How often nobody was at an address, and nothing arrived between, until nothing goes there unasked."""
_TO: Final = select(message.c.to_hash).where(message.c.id == bindparam("m")).scalar_subquery()
_COUNT: Final = (
    update(address)
    .where(address.c.address_hash == _TO)
    .values(
        failures=address.c.failures + 1,
        dead_at=case((address.c.failures + 1 >= DEAD_AFTER, bindparam("now", type_=address.c.dead_at.type)), else_=None),
    )
)
_ROW: Final = (
    select(message.c.person_id, message.c.broadcast_id, broadcast.c.audience, broadcast.c.state, broadcast.c.expires_at)
    .join(broadcast, broadcast.c.id == message.c.broadcast_id)
    .where(message.c.id == bindparam("m"), message.c.person_id.is_not(None))
    .with_for_update(of=broadcast)
)
_TRIED: Final = select(message.c.sender, message.c.state, message.c.to_hash).where(
    message.c.broadcast_id == bindparam("b"), message.c.person_id == bindparam("p")
)
_TOLD_THERE: Final = (
    select(message.c.seq)
    .join(profile, profile.c.person_id == message.c.person_id)
    .where(
        profile.c.line_id == bindparam("l"),
        message.c.broadcast_id == bindparam("b"),
        message.c.to_hash == bindparam("a"),
        message.c.state != bindparam("failed"),
    )
    .limit(1)
)
_LAST: Final = (
    select(broadcast_chunk.c.number, broadcast_chunk.c.done)
    .where(broadcast_chunk.c.broadcast_id == bindparam("b"), broadcast_chunk.c.sender == bindparam("sender"))
    .order_by(broadcast_chunk.c.number.desc())
    .limit(1)
)
_FULL: Final = select(func.count()).where(message.c.broadcast_id == bindparam("b"), message.c.chunk == bindparam("c"))
_NEXT: Final = (
    update(broadcast).where(broadcast.c.id == bindparam("b")).values(chunks=broadcast.c.chunks + 1).returning(broadcast.c.chunks)
)
_GOING_ON: Final = frozenset({BroadcastState.RUNNING, BroadcastState.PAUSED, BroadcastState.DONE})


def count_failure(tx: Transaction, message_id: str, now: datetime) -> None:
    """Nobody is at the address of that row."""
    tx.run(_COUNT, {"m": message_id, "now": now})


def reach_otherwise(tx: Transaction, message_id: str, now: datetime, means: Means) -> bool:
    """One more row for the person of a row that failed, by a channel that was not tried; False where there is none."""
    row = tx.run(_ROW, {"m": message_id}).first()
    if row is None or row.state not in _GOING_ON or (row.expires_at is not None and now >= row.expires_at):
        return False
    tried = tx.run(_TRIED, {"b": row.broadcast_id, "p": row.person_id}).all()
    if len(tried) >= MOST_WAYS or any(one.state != MessageState.FAILED for one in tried):
        return False
    used = {one.sender.partition("/")[0] for one in tried}
    allowed = [name for name in parse(row.audience).channels or ChannelName if name not in used]
    found = _way(tx, row.person_id, allowed, now, means) if allowed else None
    if found is None or (found.shared and _told_there(tx, row.broadcast_id, found)):
        return False
    sender = f"{found.channel}/{found.country or ''}"
    tx.run(
        NEW_MESSAGE,
        {
            "id": f"{row.broadcast_id}-{row.person_id}-{len(tried) + 1}",
            "owner": row.person_id,
            "state": MessageState.QUEUED,
            "attempts": 0,
            "parts_sent": 0,
            "ephemeral": False,
            "simulated": found.simulated,
            "created_at": now,
            "changed_at": now,
            "error_code": "",
            "expires_at": row.expires_at,
            "broadcast_id": row.broadcast_id,
            "chunk": _chunk(tx, row.broadcast_id, sender, now),
            "sender": sender,
            "to_hash": found.to_hash,
        },
    )
    tx.run(RUN_AGAIN, {"b": row.broadcast_id, "now": now})
    return True


def _way(tx: Transaction, person_id: str, allowed: Sequence[str], now: datetime, means: Means) -> Any:
    """The best address of one person on those channels."""
    search = Search(Audience({"channel": frozenset(allowed)}), means)
    rows = tx.run(search.chosen(), {"low": person_id[:-1], "high": person_id, **moments(now)}).all()
    return next((row for row in rows if row.person_id == person_id), None)


def _told_there(tx: Transaction, broadcast_id: str, found: Any) -> bool:
    """Whether somebody who shares that phone is told there."""
    there = {"b": broadcast_id, "l": found.line_id, "a": found.to_hash, "failed": MessageState.FAILED}
    return tx.run(_TOLD_THERE, there).first() is not None


def _chunk(tx: Transaction, broadcast_id: str, sender: str, now: datetime) -> int:
    """The last chunk of that sender, taken on anew, or a new one where it is full."""
    last = tx.run(_LAST, {"b": broadcast_id, "sender": sender}).first()
    if last is not None and (tx.run(_FULL, {"b": broadcast_id, "c": last.number}).scalar() or 0) < CHUNK:
        if last.done:
            tx.run(REOPEN, {"b": broadcast_id, "c": last.number, "due": now, "now": now})
        return int(last.number)
    number = int(tx.run(_NEXT, {"b": broadcast_id}).scalar() or 0)
    new = {"broadcast_id": broadcast_id, "number": number, "sender": sender, "run": 0}
    tx.run(broadcast_chunk.insert(), {**new, "due_at": now, "touched_at": now, "done": False})
    return number
