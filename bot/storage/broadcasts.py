"""Broadcasts, and what has become of their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Row, bindparam, delete, exists, func, literal, or_, select, update

from bot.domain.audience import Audience
from bot.domain.broadcast import NEXT, Broadcast, BroadcastState, Content, DeadLetter, Means, Recipients
from bot.domain.message import ChannelName, MessageState, Purpose
from bot.storage import expansion, recipients
from bot.storage.recipients import Search
from bot.storage.tables import address, broadcast, broadcast_chunk, message, vendor_ref
from bot.storage.transaction import Transaction

_CONTENT: Final = TypeAdapter(Content)
_BY_ID: Final = broadcast.c.id == bindparam("b")
_ADD: Final = broadcast.insert().inline()
_spent = select(func.coalesce(func.sum(broadcast_chunk.c.spent), 0)).where(broadcast_chunk.c.broadcast_id == broadcast.c.id)
_ALL: Final = select(broadcast, _spent.correlate(broadcast).scalar_subquery().label("by_chunks"))
_GET: Final = _ALL.where(_BY_ID)
_HEAD: Final = select(broadcast, literal(0).label("by_chunks")).where(_BY_ID)
_LOCKED: Final = select(broadcast).where(_BY_ID).with_for_update()
_CHANGE: Final = (
    update(broadcast)
    .where(_BY_ID)
    .values(state=bindparam("state"), halt=bindparam("halt"), approved_by=bindparam("approved"), changed_at=bindparam("now"))
)
_BUDGET: Final = update(broadcast).where(_BY_ID).values(budget=bindparam("most"), changed_at=bindparam("now"))
# A worker that has one of them still finds the row of its run gone, and leaves it alone.
_TAKE_ON_ANEW: Final = (
    update(broadcast_chunk)
    .where(broadcast_chunk.c.broadcast_id == bindparam("b"), broadcast_chunk.c.done.is_(False))
    .values(run=broadcast_chunk.c.run + 1, due_at=bindparam("now"))
)
_STATES: Final = select(message.c.state, func.count()).where(message.c.broadcast_id == bindparam("b")).group_by(message.c.state)
_unfinished = exists().where(broadcast_chunk.c.broadcast_id == broadcast.c.id, broadcast_chunk.c.done.is_(False))
_ACTIVE: Final = (MessageState.QUEUED, MessageState.SENDING)
_under_way = exists().where(message.c.broadcast_id == broadcast.c.id, message.c.state.in_(_ACTIVE))
_TO_START: Final = (
    select(broadcast.c.id)
    .where(
        broadcast.c.state == BroadcastState.SCHEDULED,
        or_(broadcast.c.not_before.is_(None), broadcast.c.not_before <= bindparam("now")),
    )
    .order_by(broadcast.c.created_at)
)
_TO_EXPAND: Final = (
    select(broadcast.c.id)
    .where(broadcast.c.state == BroadcastState.RUNNING, broadcast.c.expanded.is_(False))
    .order_by(broadcast.c.created_at)
)
_AT_THE_END: Final = (
    select(broadcast.c.id)
    .where(broadcast.c.state == BroadcastState.RUNNING, broadcast.c.expanded.is_(True), ~_unfinished, ~_under_way)
    .with_for_update(skip_locked=True)
)
_TO_GIVE_UP: Final = (
    select(broadcast_chunk.c.broadcast_id, broadcast_chunk.c.number)
    .join(broadcast, broadcast.c.id == broadcast_chunk.c.broadcast_id)
    .where(broadcast.c.state == BroadcastState.CANCELLED, broadcast_chunk.c.done.is_(False))
    .limit(bindparam("most"))
)
_GIVE_UP: Final = (
    update(message)
    .where(
        message.c.broadcast_id == bindparam("b"),
        message.c.chunk == bindparam("c"),
        message.c.state.in_((MessageState.QUEUED, MessageState.HELD)),
        message.c.parts_sent == 0,
    )
    .values(state=bindparam("final"), changed_at=bindparam("now"), due_at=None, claimed_at=None, address_hash=None, sealed=None)
)
_DONE: Final = (
    update(broadcast_chunk)
    .where(broadcast_chunk.c.broadcast_id == bindparam("b"), broadcast_chunk.c.number == bindparam("c"))
    .values(done=True, due_at=None)
)
_later = message.alias("later")
_DEAD: Final = (
    select(message.c.id, message.c.person_id, message.c.sender, message.c.state, message.c.error_code, message.c.changed_at)
    .where(
        message.c.broadcast_id == bindparam("b"),
        message.c.state.in_((MessageState.FAILED, MessageState.UNKNOWN)),
        ~exists().where(
            _later.c.broadcast_id == message.c.broadcast_id,
            _later.c.person_id == message.c.person_id,
            _later.c.seq > message.c.seq,
        ),
    )
    .order_by(message.c.seq.desc())
    .limit(bindparam("most"))
)
_LETTER: Final = (
    select(message.c.seq, message.c.chunk, message.c.to_hash)
    .where(
        message.c.id == bindparam("m"),
        message.c.broadcast_id == bindparam("b"),
        message.c.state.in_((MessageState.FAILED, MessageState.UNKNOWN)),
    )
    .with_for_update()
)
_AGAIN: Final = (
    update(message)
    .where(message.c.seq == bindparam("s"))
    .values(
        state=MessageState.QUEUED,
        attempts=0,
        parts_sent=0,
        error_code="",
        sealed=None,
        address_hash=None,
        claimed_at=None,
        due_at=None,
        changed_at=bindparam("now"),
    )
)
_REVIVE: Final = update(address).where(address.c.address_hash == bindparam("a")).values(failures=0, dead_at=None)
REOPEN: Final = (
    update(broadcast_chunk)
    .where(broadcast_chunk.c.broadcast_id == bindparam("b"), broadcast_chunk.c.number == bindparam("c"))
    .values(
        done=False,
        run=broadcast_chunk.c.run + 1,
        due_at=bindparam("due"),
        touched_at=bindparam("now"),
    )
)
RUN_AGAIN: Final = (
    update(broadcast)
    .where(_BY_ID, broadcast.c.state == BroadcastState.DONE)
    .values(state=BroadcastState.RUNNING, changed_at=bindparam("now"))
)


class SqlBroadcasts:
    """`bot.domain.broadcast.Broadcasts` on tables."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(self, broadcast: Broadcast) -> None:
        """Write a new one."""
        one = broadcast
        fixed = {"expanded": False, "reached": "", "chunks": 0, "people": 0, "halt": one.halt}
        self._tx.run(
            _ADD,
            {
                "id": one.id,
                "state": one.state.value,
                "audience": one.audience,
                "purpose": one.purpose.value,
                "not_before": one.not_before,
                "expires_at": one.expires_at,
                "spread_s": one.spread_s,
                "budget": one.budget,
                "spent": one.spent,
                "made_by": one.made_by,
                "approved_by": one.approved_by,
                "practice": one.practice,
                "retry_of": one.retry_of,
                "created_at": one.created_at,
                "changed_at": one.changed_at or one.created_at,
                "sealed": self._tx.vault.seal(_CONTENT.dump_json(one.content, exclude_defaults=True).decode()),
                **fixed,
            },
        )

    def get(self, broadcast_id: str) -> Broadcast | None:
        """One, opened; None where there is none."""
        row = self._tx.run(_GET, {"b": broadcast_id}).first()
        return self._opened(row) if row else None

    def head(self, broadcast_id: str) -> Broadcast | None:
        """The same without what it has spent, which is counted by chunk."""
        row = self._tx.run(_HEAD, {"b": broadcast_id}).first()
        return self._opened(row) if row else None

    def list(self, *, limit: int = 50, made_by: str | None = None) -> Sequence[Broadcast]:
        """The newest first."""
        newest = _ALL.order_by(broadcast.c.created_at.desc(), broadcast.c.id).limit(limit)
        if made_by is not None:
            newest = newest.where(broadcast.c.made_by == made_by)
        return [self._opened(row) for row in self._tx.run(newest).all()]

    def change(self, broadcast_id: str, state: BroadcastState, now: datetime, *, by: str = "", halt: str = "") -> bool:
        """Bring it to a state; False where that may not follow the one it is in, or there is none.

        What is queued of a cancelled one never leaves from then on; its rows are given up soon afterwards (`give_up`).
        """
        row = self._tx.run(_LOCKED, {"b": broadcast_id}).first()
        if row is None or state not in NEXT[BroadcastState(row.state)]:
            return False
        new = row.state in {BroadcastState.DRAFT, BroadcastState.WAITING_APPROVAL}
        values = {"b": broadcast_id, "state": state, "halt": halt, "now": now}
        self._tx.run(_CHANGE, {**values, "approved": by if new and by else row.approved_by})
        if state is BroadcastState.RUNNING and row.state == BroadcastState.PAUSED:
            self._tx.run(_TAKE_ON_ANEW, {"b": broadcast_id, "now": now})
        return True

    def budget(self, broadcast_id: str, budget: int | None, now: datetime) -> None:
        """Set or lift its budget."""
        self._tx.run(_BUDGET, {"b": broadcast_id, "most": budget, "now": now})

    def count(
        self, audience: Audience, now: datetime, means: Means, *, retry_of: str = "", most: int | None = None
    ) -> Recipients:
        """Who is reached by that audience, and who is not; nor is who had `most` announcements in the week before."""
        return recipients.count(self._tx, Search(audience, means, retry_of, most), now)

    def states(self, broadcast_id: str) -> Mapping[MessageState, int]:
        """Its rows of the ledger by state. What a cancelled one has queued counts as cancelled."""
        found = {MessageState(row[0]): row[1] for row in self._tx.run(_STATES, {"b": broadcast_id})}
        head = self._tx.run(_GET, {"b": broadcast_id}).first()
        if head is not None and head.state == BroadcastState.CANCELLED and (waiting := found.pop(MessageState.QUEUED, 0)):
            found[MessageState.CANCELLED] = found.get(MessageState.CANCELLED, 0) + waiting
        return found

    def dead_letters(self, broadcast_id: str, *, limit: int = 100) -> Sequence[DeadLetter]:
        """Who was not reached in the end, newest first: failed rows unless a later one reached her, and unknown ones."""
        rows = self._tx.run(_DEAD, {"b": broadcast_id, "most": limit}).all()
        return [
            DeadLetter(
                row.id,
                row.person_id,
                ChannelName(row.sender.partition("/")[0]),
                MessageState(row.state),
                row.error_code,
                row.changed_at,
            )
            for row in rows
        ]

    def retry(self, broadcast_id: str, message_ids: Sequence[str], now: datetime) -> int:
        """Queue dead letters once more, to the same address; returns how many. The broadcast runs again where it was done."""
        again = 0
        for message_id in message_ids:
            row = self._tx.run(_LETTER, {"m": message_id, "b": broadcast_id}).first()
            if row is None:
                continue
            # What a vendor may yet say of the first time is no longer about this one.
            self._tx.run(delete(vendor_ref).where(vendor_ref.c.message_seq == row.seq))
            self._tx.run(_AGAIN, {"s": row.seq, "now": now})
            self._tx.run(_REVIVE, {"a": row.to_hash})
            self._tx.run(REOPEN, {"b": broadcast_id, "c": row.chunk, "due": now, "now": now})
            again += 1
        if again:
            self._tx.run(RUN_AGAIN, {"b": broadcast_id, "now": now})
        return again

    def tend(self, now: datetime) -> Sequence[str]:
        """Start what is scheduled and due, end what has nothing left; the ids of those that have people yet to be given rows."""
        for broadcast_id in self._tx.run(_TO_START, {"now": now}).scalars().all():
            self.change(broadcast_id, BroadcastState.RUNNING, now)
        for broadcast_id in self._tx.run(_AT_THE_END).scalars().all():
            self.change(broadcast_id, BroadcastState.DONE, now)
        return list(self._tx.run(_TO_EXPAND).scalars())

    def expand(
        self, broadcast_id: str, now: datetime, means: Means, most: int | None = None, *, per_week: int | None = None
    ) -> bool:
        """Give the next so many persons their rows, if they are of its audience; True once all have them."""
        return expansion.expand(self._tx, broadcast_id, now, means, most, per_week)

    def give_up(self, now: datetime, most: int = 20) -> int:
        """Cancel what is queued of cancelled broadcasts, so many chunks of it; returns how many chunks that were."""
        chunks = self._tx.run(_TO_GIVE_UP, {"most": most}).all()
        for row in chunks:
            chunk = {"b": row.broadcast_id, "c": row.number}
            self._tx.run(_GIVE_UP, {**chunk, "final": MessageState.CANCELLED, "now": now})
            self._tx.run(_DONE, chunk)
        return len(chunks)

    def _opened(self, row: Row[Any]) -> Broadcast:
        return Broadcast(
            id=row.id,
            audience=row.audience,
            content=_CONTENT.validate_json(self._tx.vault.open(row.sealed)),
            purpose=Purpose(row.purpose),
            made_by=row.made_by,
            created_at=row.created_at,
            state=BroadcastState(row.state),
            not_before=row.not_before,
            expires_at=row.expires_at,
            spread_s=row.spread_s,
            budget=row.budget,
            spent=row.spent + int(row.by_chunks),
            approved_by=row.approved_by,
            practice=row.practice,
            retry_of=row.retry_of,
            changed_at=row.changed_at,
            expanded=row.expanded,
            people=row.people,
            halt=row.halt,
        )
