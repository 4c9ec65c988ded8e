"""Chunks of broadcasts: who works on them, and the claims of groups of their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, and_, bindparam, exists, func, or_, select, update

from bot.domain.broadcast import Broadcast, BroadcastState, Halt, Means, Tariff
from bot.domain.chunk import Chunk, Claimed, Lane
from bot.domain.message import COUNTED, WHATSAPP_OPEN_FOR, Address, ChannelName, MessageState, OutboundMessage, Reply
from bot.domain.person import Country, Mode
from bot.storage import handing_over
from bot.storage.broadcasts import SqlBroadcasts
from bot.storage.doubtful import Doubtful
from bot.storage.fallback import count_failure, reach_otherwise
from bot.storage.handing_over import OF_CHUNK, THIS_RUN
from bot.storage.handing_over import named as _of
from bot.storage.ledger_rows import sealed_body
from bot.storage.outbox import SqlOutbox
from bot.storage.recipients import AGREED
from bot.storage.tables import address, broadcast, broadcast_chunk, line, message, person, profile, vendor_ref
from bot.storage.transaction import Transaction
from bot.storage.turns import BUSY, Turns
from bot.storage.workers import SqlWorkers

_AHEAD: Final = timedelta(minutes=1)
_COUNTRIES: Final = frozenset(Country)
_rows: Final = and_(message.c.broadcast_id == bindparam("b"), message.c.chunk == bindparam("c"))
_queued: Final = and_(_rows, message.c.state == MessageState.QUEUED, message.c.due_at.is_(None))
_TOUCH: Final = update(broadcast_chunk).where(THIS_RUN, broadcast_chunk.c.due_at.is_(None)).values(touched_at=bindparam("now"))
_STUCK: Final = (
    update(broadcast_chunk)
    .where(
        broadcast_chunk.c.done.is_(False),
        broadcast_chunk.c.due_at.is_(None),
        broadcast_chunk.c.touched_at < bindparam("before"),
        exists().where(broadcast.c.id == broadcast_chunk.c.broadcast_id, broadcast.c.state == BroadcastState.RUNNING),
    )
    .values(run=broadcast_chunk.c.run + 1, due_at=bindparam("now"), touched_at=bindparam("now"))
)
_LEFT: Final = select(message.c.seq).where(_queued).limit(1)
_TRIED: Final = select(func.min(message.c.attempts)).where(_queued)
_END: Final = update(broadcast_chunk).where(THIS_RUN).values(done=True, due_at=None, touched_at=bindparam("now"))
_LEAVE: Final = (
    update(broadcast_chunk)
    .where(THIS_RUN)
    .values(run=broadcast_chunk.c.run + 1, due_at=bindparam("due"), touched_at=bindparam("now"))
)
_shares = select(profile.c.line_id).where(profile.c.line_id == line.c.id, profile.c.person_id == message.c.person_id)
_leads = exists(
    select(line.c.id)
    .where(
        line.c.id == address.c.line_id,
        or_(line.c.person_id == message.c.person_id, exists(_shares.correlate(line, message))),
    )
    .correlate(address, message)
)
_NEXT: Final = (
    select(
        message.c.seq,
        message.c.id,
        message.c.attempts,
        message.c.created_at,
        message.c.simulated,
        address.c.value_sealed,
        address.c.opted_out_at,
        address.c.dead_at,
        address.c.last_inbound_at,
        person.c.mode,
        person.c.adult,
        AGREED.label("agreed"),
        _leads.label("leads"),
    )
    .select_from(
        message.outerjoin(person, person.c.id == message.c.person_id).outerjoin(
            address, address.c.address_hash == message.c.to_hash
        )
    )
    # What is from the future was written before the clock was put back.
    .where(_queued, or_(message.c.changed_at <= bindparam("began"), message.c.changed_at > bindparam("ahead")))
    .order_by(message.c.seq)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=message)
)
_CLAIM: Final = (
    update(message)
    .where(message.c.seq == bindparam("s"))
    .values(
        state=MessageState.SENDING,
        attempts=message.c.attempts + 1,
        claimed_at=bindparam("now"),
        claim_id=bindparam("claim"),
        changed_at=bindparam("now"),
        address_hash=bindparam("a"),
        announcement=bindparam("announced"),
        sealed=bindparam("body"),
        segments=bindparam("n"),
        cost=bindparam("price"),
    )
)
_SETTLE: Final = (
    update(message)
    .where(message.c.seq == bindparam("s"))
    .values(state=bindparam("state"), error_code=bindparam("why"), changed_at=bindparam("now"))
)
_EXPIRE: Final = (
    update(message).where(_queued, message.c.parts_sent == 0).values(state=MessageState.EXPIRED, changed_at=bindparam("now"))
)
# Whoever meets one of these held by somebody else asks again soon: two who wait for each other would both wait for a second.
_BUDGET: Final = select(broadcast.c.spent).where(broadcast.c.id == bindparam("b")).with_for_update(skip_locked=True)
_SPENT: Final = select(func.sum(broadcast_chunk.c.spent)).where(broadcast_chunk.c.broadcast_id == bindparam("b"))
_SPEND: Final = update(broadcast_chunk).where(OF_CHUNK).values(spent=broadcast_chunk.c.spent + bindparam("price"))
_SENDER: Final = select(message.c.sender).where(message.c.id == bindparam("m"))
_UNDELIVERED: Final = (
    select(message.c.id)
    .join(vendor_ref, vendor_ref.c.message_seq == message.c.seq)
    .where(
        vendor_ref.c.vendor_hash == bindparam("v"),
        message.c.broadcast_id.is_not(None),
        message.c.state == MessageState.FAILED,
    )
)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that may leave, what it says, and what it costs."""

    seq: int
    message: OutboundMessage
    segments: int
    price: int
    opens: bool


class SqlChunks(Doubtful):
    """`bot.domain.chunk.Chunks` on tables."""

    def __init__(self, transaction: Transaction, broadcasts: SqlBroadcasts, outbox: SqlOutbox, workers: SqlWorkers) -> None:
        super().__init__(transaction, outbox)
        self._broadcasts = broadcasts
        self._workers = workers

    def waiting(self, now: datetime, most: int) -> Sequence[Chunk]:
        """Chunks of broadcasts that run, which nobody has taken on and whose time has come, the oldest broadcast first."""
        return handing_over.waiting(self._tx, now, most)

    def handed(self, chunks: Sequence[Chunk], now: datetime) -> None:
        """The engine has these runs of them."""
        handing_over.handed(self._tx, chunks, now)

    def stuck(self, before: datetime, now: datetime) -> int:
        """Have chunks taken on anew that somebody took on and that nothing happened to since that moment; how many."""
        return self._tx.run(_STUCK, {"before": before, "now": now}).rowcount

    def claim(
        self, chunk: Chunk, began: datetime, now: datetime, claim_id: str, most: int, lane: Lane, tariff: Tariff
    ) -> Claimed:
        """Turn up to so many queued rows into `sending`, open them, book what they cost, and take their turns in the lane."""
        head = self._broadcasts.head(chunk.broadcast_id)
        touched = self._tx.run(_TOUCH, {**_of(chunk), "r": chunk.run, "now": now}).rowcount
        if not touched or head is None or head.state is not BroadcastState.RUNNING:
            return Claimed(over=True)
        if head.expires_at is not None and now >= head.expires_at:
            return Claimed(settled=self._tx.run(_EXPIRE, {**_of(chunk), "now": now}).rowcount, over=True)
        spent = self._tx.run(_BUDGET, {"b": head.id}).scalar() if head.budget is not None else 0
        turns = Turns(self._workers, lane, head, now)
        if spent is None or turns.wait_until is not None:
            return Claimed(until=turns.wait_until or now + BUSY)
        rows = self._tx.run(_NEXT, {**_of(chunk), "began": began, "ahead": now + _AHEAD, "most": turns.most(most)}).all()
        found, settled = self._looked_at(rows, head, chunk, now, tariff)
        allowed = _allowed(found, turns.openings)
        leaving = self._afforded(head, chunk, allowed, now)
        self._take(leaving, claim_id, now)
        turns.take(len(leaving), sum(row.opens for row in leaving))
        messages = tuple(row.message for row in leaving)
        until = turns.reopens_at if found and not allowed else None
        return Claimed(messages, turns.starts_at, turns.interval_s, settled, until, over=not rows or len(leaving) < len(allowed))

    def tried(self, chunk: Chunk) -> int:
        """How often the rows that are left of a chunk were tried: those that were least; 0 where none is left."""
        return self._tx.run(_TRIED, _of(chunk)).scalar() or 0

    def leave(self, chunk: Chunk, now: datetime, due_at: datetime | None) -> bool:
        """End this run: True where nothing of it is left to send; else it may be taken on anew at that time."""
        over = self._tx.run(_LEFT, _of(chunk)).first() is None
        run = {**_of(chunk), "r": chunk.run, "now": now}
        self._tx.run(_END, run) if over else self._tx.run(_LEAVE, {**run, "due": due_at})
        return over

    def sender_of(self, message_id: str) -> str:
        """The sender of a row's chunk, e.g. `sms/CO`; '' where it has none."""
        return self._tx.run(_SENDER, {"m": message_id}).scalar() or ""

    def reach_otherwise(self, message_id: str, now: datetime, means: Means, *, nobody: bool) -> bool:
        """Give the person of a row that failed another one, by another channel, where there is one that was not tried."""
        if nobody:
            count_failure(self._tx, message_id, now)
        return reach_otherwise(self._tx, message_id, now, means)

    def undelivered(self, vendor_id: str) -> Sequence[str]:
        """The rows of broadcasts that a vendor's id belongs to, and that have failed."""
        return list(self._tx.run(_UNDELIVERED, {"v": self._tx.lookup.of("vendor", vendor_id)}).scalars())

    def _looked_at(
        self, rows: Sequence[Row[Any]], head: Broadcast, chunk: Chunk, now: datetime, tariff: Tariff
    ) -> tuple[list[_Row], int]:
        """Those that may leave; the others are settled, and counted."""
        found: list[_Row] = []
        for row in rows:
            state, why = _verdict(row, practice=head.practice)
            if state is None:
                found.append(self._opened(row, head, chunk, now, tariff))
            else:
                self._tx.run(_SETTLE, {"s": row.seq, "state": state, "why": why, "now": now})
        return found, len(rows) - len(found)

    def _opened(self, row: Row[Any], head: Broadcast, chunk: Chunk, now: datetime, tariff: Tariff) -> _Row:
        channel = chunk.channel
        wrote = row.last_inbound_at
        window = channel is not ChannelName.WHATSAPP or row.simulated or (wrote is not None and now - wrote < WHATSAPP_OPEN_FOR)
        reader = row.mode == Mode.READ and channel is not ChannelName.CALL
        unit = tariff.unit(
            head.content, channel, chunk.country, window=window, voice=not reader and channel is not ChannelName.SMS
        )
        one = OutboundMessage(
            id=row.id,
            to=Address(channel, self._tx.vault.open(row.value_sealed), row.simulated),
            reply=_said(head, window=window, reader=reader),
            created_at=row.created_at,
            state=MessageState.SENDING,
            attempts=row.attempts + 1,
            purpose=head.purpose,
            expires_at=head.expires_at,
            announcement=head.id if head.purpose in COUNTED else "",
            country=Country(chunk.country) if chunk.country in _COUNTRIES else None,
            broadcast_id=head.id,
        )
        return _Row(row.seq, one, unit.segments, unit.price, opens=not window)

    def _afforded(self, head: Broadcast, chunk: Chunk, rows: Sequence[_Row], now: datetime) -> Sequence[_Row]:
        """As many as the budget allows, booked; the broadcast pauses where it does not allow the next."""
        price = sum(row.price for row in rows)
        if not price:
            return rows
        if head.budget is not None:
            left = head.budget - head.spent - int(self._tx.run(_SPENT, {"b": head.id}).scalar() or 0)
            while rows and price > left:
                price -= rows[-1].price
                rows = rows[:-1]
                # What is in flight may fail and leave its money, but nobody can wait for that.
                self._broadcasts.change(head.id, BroadcastState.PAUSED, now, halt=Halt.BUDGET)
        if price:
            self._tx.run(_SPEND, {**_of(chunk), "price": price})
        return rows

    def _take(self, rows: Sequence[_Row], claim_id: str, now: datetime) -> None:
        claims = []
        for row in rows:
            values = {"s": row.seq, "now": now, "claim": claim_id, "n": row.segments, "price": row.price}
            where = self._tx.lookup.address(row.message.to)
            announced = row.message.announcement or None
            claims.append({**values, "a": where, "announced": announced, "body": sealed_body(self._tx, row.message)})
        self._tx.run_each(_CLAIM, claims)


def _allowed(rows: Sequence[_Row], openings: int | None) -> list[_Row]:
    """Those that may leave where only so many conversations may be begun."""
    if openings is None:
        return list(rows)
    return [row for number, row in enumerate(rows) if not row.opens or sum(one.opens for one in rows[:number]) < openings]


def _verdict(row: Row[Any], *, practice: bool) -> tuple[MessageState | None, str]:
    """What a row becomes that may not leave, and why; None for one that may."""
    if row.mode is None and row.adult is None and not row.agreed:
        return MessageState.CANCELLED, "gone"
    if not row.agreed or not row.adult:
        return MessageState.CANCELLED, "no_consent"
    if row.value_sealed is None or not row.leads:
        return MessageState.CANCELLED, "no_address"
    if row.opted_out_at is not None:
        return MessageState.CANCELLED, "opted_out"
    if row.dead_at is not None:
        return MessageState.FAILED, "dead_number"
    return (MessageState.SENT, "practice") if practice else (None, "")


def _said(head: Broadcast, *, window: bool, reader: bool) -> Reply:
    content = head.content
    reply = replace(content.reply, voice_note=False) if reader else content.reply
    if not window and content.template:
        return replace(reply, template=content.template, variables=tuple(content.variables.items()))
    return reply
