"""The ledger of outbound messages."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Row, and_, bindparam, delete, exists, func, literal, or_, select, update

from bot.domain.chunk import life_of
from bot.domain.message import RANK, MessageState, OutboundMessage, StatusUpdate, moves_forward
from bot.storage.due_rows import due_rows
from bot.storage.homing import home, refund
from bot.storage.ledger_rows import opened, sealed_row
from bot.storage.ownership import NEW_MESSAGE
from bot.storage.states import UNDER_WAY
from bot.storage.tables import broadcast, insert, message, vendor_ref
from bot.storage.waiting import WaitingRows, in_the_way

_ACTIVE: Final = (MessageState.QUEUED, MessageState.HELD, MessageState.SENDING)
_LEFT: Final = (MessageState.SENT, MessageState.DELIVERED, MessageState.READ)
_earlier = message.alias("earlier")
_under_way = in_the_way(_earlier)
_standing = (message.c.seq, message.c.state, message.c.ephemeral, message.c.parts_sent)
_of_message = message.c.seq == bindparam("s")
_moved: dict[str, Any] = {"state": bindparam("state"), "changed_at": bindparam("now"), "error_code": bindparam("error")}
_out_of_queue = {**_moved, "due_at": None, "claimed_at": None, "address_hash": None}

_STANDING: Final = select(*_standing).where(message.c.id == bindparam("m")).with_for_update()
_PART_SENT: Final = update(message).where(message.c.id == bindparam("m")).values(parts_sent=bindparam("n"))
_MOVE: Final = update(message).where(_of_message).values(**_moved, due_at=bindparam("due"), claimed_at=bindparam("claimed"))
_KEEP: Final = update(message).where(_of_message).values(**_out_of_queue)
_DROP: Final = update(message).where(_of_message).values(**_out_of_queue, sealed=None)
# The usual end: all has left, and no vendor has told anything of a part yet.
_SENT: Final = (
    update(message)
    .where(
        message.c.id == bindparam("m"),
        message.c.state == MessageState.SENDING,
        message.c.ephemeral.is_(False),
        ~exists().where(vendor_ref.c.message_seq == message.c.seq, vendor_ref.c.state.is_not(None)),
    )
    .values(**_out_of_queue, sealed=None, parts_sent=bindparam("n"))
)
_gone = _SENT.returning(message.c.seq).cte("gone")
# Both in one way to the server, where a statement may hold another that writes.
_SENT_WITH_REFERENCE: Final = (
    insert("postgresql", vendor_ref)
    .from_select(["vendor_hash", "message_seq", "error_code"], select(bindparam("vendor"), _gone.c.seq, literal("")))
    .on_conflict_do_nothing()
)
_TOLD: Final = select(vendor_ref.c.state, vendor_ref.c.error_code).where(vendor_ref.c.message_seq == bindparam("s"))
_BY_VENDOR: Final = (
    select(*_standing, vendor_ref.c.state.label("told"))
    .join(vendor_ref, vendor_ref.c.message_seq == message.c.seq)
    .where(vendor_ref.c.vendor_hash == bindparam("v"))
    .with_for_update()
)
_TELL: Final = (
    update(vendor_ref)
    .where(vendor_ref.c.vendor_hash == bindparam("v"), vendor_ref.c.message_seq == bindparam("s"))
    .values(state=bindparam("state"), error_code=bindparam("error"))
)
_ABANDONED: Final = (
    select(message.c.seq, message.c.id, message.c.simulated, message.c.claimed_at, message.c.claim_id)
    .where(message.c.claimed_at < bindparam("before"))
    .order_by(message.c.seq)
    .with_for_update()
)
_ALIVE: Final = select(message.c.claim_id).where(
    message.c.claim_id.in_(bindparam("claims", expanding=True)), message.c.changed_at >= bindparam("before")
)
_UNTRIED: Final = (
    update(message)
    .where(_of_message)
    .values(state=MessageState.QUEUED, attempts=message.c.attempts - 1, due_at=bindparam("due"), claimed_at=None)
)
_CLAIM: Final = (
    update(message)
    .where(_of_message)
    .values(
        state=MessageState.SENDING,
        attempts=message.c.attempts + 1,
        due_at=None,
        claimed_at=bindparam("now"),
        claim_id=bindparam("claim"),
        changed_at=bindparam("now"),
    )
)
# What this process has just written and sends at once. Behind an elder of its address it waits, unless that is of this claim.
_CLAIM_FRESH: Final = (
    update(message)
    .where(
        message.c.id == bindparam("m"),
        message.c.state == MessageState.QUEUED,
        message.c.due_at <= bindparam("now"),
        ~exists().where(
            _earlier.c.address_hash == message.c.address_hash,
            _earlier.c.seq < message.c.seq,
            _under_way,
            or_(_earlier.c.claim_id.is_(None), _earlier.c.claim_id != bindparam("claim")),
        ),
    )
    .values(
        state=MessageState.SENDING,
        attempts=1,
        due_at=None,
        claimed_at=bindparam("now"),
        claim_id=bindparam("claim"),
        changed_at=bindparam("now"),
    )
)
_old = and_(message.c.created_at < bindparam("before"), message.c.state.not_in(UNDER_WAY))
_old_broadcasts = select(broadcast.c.id).where(broadcast.c.created_at < bindparam("before"))


def _forget(which: Any) -> Any:
    return delete(message).where(message.c.seq.in_(select(message.c.seq).where(_old, which).limit(bindparam("most"))))


_FORGET_ALONE: Final = _forget(message.c.broadcast_id.is_(None))
_FORGET_OF_BROADCASTS: Final = _forget(message.c.broadcast_id.in_(_old_broadcasts))
_DROP_BODIES: Final = (
    update(message)
    .where(
        message.c.sealed.is_not(None),
        message.c.address_hash.is_(None),
        message.c.state == MessageState.SENT,
        message.c.changed_at < bindparam("before"),
    )
    .values(sealed=None)
)
_COUNTS: Final = select(message.c.state, func.count()).group_by(message.c.state)


class SqlOutbox(WaitingRows):
    """`bot.domain.store.Outbox` on tables.

    A vendor's word about one part of a message that is still under way is kept with that part and counts when the message is
    settled: else "delivered" for the text would end a message whose voice note has yet to leave.
    """

    def add(self, messages: Sequence[OutboundMessage], person_id: str | None) -> None:
        """Write rows, encrypted. An ephemeral one never points at a person, nor does one to somebody just erased."""
        if not messages:
            return
        self._tx.run(NEW_MESSAGE, [sealed_row(self._tx, m, None if m.ephemeral else person_id) for m in messages])
        for new in messages:
            if new.state is MessageState.QUEUED and not new.attempts and not new.unasked:
                self._tx.fresh.keep(new)

    def claim(self, now: datetime, *, ids: Sequence[str] | None = None, limit: int = 100) -> Sequence[OutboundMessage]:
        """Turn queued rows that are due (those ids, or the oldest) into `sending` and open them.

        Rows of one address come in the order in which they were added; one that waits behind an earlier row of its address
        (in `sending`, to be retried later, or not among the ids) is left alone. Without ids at most three of an address come.
        """
        tx = self._tx
        mine = self._claim_fresh(now, ids or ())
        if mine and ids is not None:
            claimed = {one.id for one in mine}
            ids = [message_id for message_id in ids if message_id not in claimed]
        chosen = {f"id{number}": message_id for number, message_id in enumerate(ids or ())}
        if ids is not None and not chosen:
            return mine
        rows = list(tx.run(due_rows(len(chosen)), {"now": now, "most": limit, **chosen}))
        if tx.dialect == "postgresql" and rows:
            rows = self._without_overtaking(rows, now)
        if not rows:
            return mine
        claim = uuid.uuid4().hex
        tx.run_each(_CLAIM, [{"s": row.seq, "now": now, "claim": claim} for row in rows])
        rows.sort(key=lambda row: row.seq)
        return [*mine, *(opened(tx, row, MessageState.SENDING, row.attempts + 1) for row in rows)]

    def _claim_fresh(self, now: datetime, ids: Sequence[str]) -> list[OutboundMessage]:
        """Where this process has written all of them: claimed without reading them, as far as the first that may not leave."""
        taken = [self._tx.fresh.take(message_id) for message_id in ids]
        claim = uuid.uuid4().hex
        found: list[OutboundMessage] = []
        for new in taken if None not in taken else ():
            if new is None or not self._tx.run(_CLAIM_FRESH, {"m": new.id, "now": now, "claim": claim}).rowcount:
                break
            found.append(replace(new, state=MessageState.SENDING, attempts=1))
        return found

    def sent(self, message_id: str, vendor_id: str, parts_sent: int, now: datetime) -> None:
        """Record the last vendor call of a message, which succeeded: `part_sent` and `settle` in one, for the usual case."""
        values = {"m": message_id, "n": parts_sent, "state": MessageState.SENT, "now": now, "error": ""}
        vendor = self._tx.lookup.of("vendor", vendor_id)
        if self._tx.dialect == "postgresql":
            left = self._tx.run(_SENT_WITH_REFERENCE, {**values, "vendor": vendor}).rowcount > 0
        else:
            left = self._tx.run(_SENT, values).rowcount > 0
            if left:
                self._tx.run(_refer(self._tx.dialect), {"vendor": vendor, "m": message_id})
        if not left:
            self.part_sent(message_id, vendor_id, parts_sent)
            self.settle(message_id, MessageState.SENT, now)

    def part_sent(self, message_id: str, vendor_id: str, parts_sent: int) -> None:
        """Record one vendor call; without its id nothing told of it counts. A message that was erased meanwhile is no error."""
        if self._tx.run(_PART_SENT, {"m": message_id, "n": parts_sent}).rowcount and vendor_id:
            ref = {"vendor": self._tx.lookup.of("vendor", vendor_id), "m": message_id}
            self._tx.run(_refer(self._tx.dialect), ref)

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

        Final states drop the body; `keep` leaves it until the vendor's next word where that word may ask for it again. A
        row that a vendor's status or a cancellation already moved further stays there.
        """
        row = self._tx.run(_STANDING, {"m": message_id}).first()
        if row is None:
            return
        if state in _ACTIVE:
            if row.state in _ACTIVE:
                self._retry(row.seq, state, now, error_code, not_before)
                home(self._tx, message_id, not_before or now, now)
            return
        told = self._told(row.seq)
        best = max([(state, error_code), *told], key=lambda pair: RANK[pair[0]])
        if row.state in _ACTIVE or moves_forward(MessageState(row.state), best[0]):
            if best[0] not in {*_LEFT, MessageState.UNKNOWN}:
                refund(self._tx, message_id)
            self._finish(row, best[0], now, best[1], keep=keep)

    def advance(self, update: StatusUpdate, now: datetime) -> bool:
        """Apply a vendor's status, forward only; False where it changed nothing or is of an unknown message.

        Where one part failed while the next had yet to leave, the next does not.
        """
        changed = False
        vendor = self._tx.lookup.of("vendor", update.vendor_id)
        for row in self._tx.run(_BY_VENDOR, {"v": vendor}).all():
            known = MessageState(row.told or MessageState.QUEUED)
            if moves_forward(known, update.state):
                self._tx.run(_TELL, {"v": vendor, "s": row.seq, "state": update.state, "error": update.error_code})
                changed = changed or row.state in _ACTIVE
            failed_early = row.state == MessageState.QUEUED and row.parts_sent and update.state is MessageState.FAILED
            if (row.state not in _ACTIVE or failed_early) and moves_forward(MessageState(row.state), update.state):
                self._finish(row, update.state, now, update.error_code)
                changed = True
        return changed

    def abandoned(self, before: datetime) -> int:
        """Turn rows in `sending` since before that moment into what is known of them; returns how many.

        Rows that were claimed together are sent one at a time in their order, so of those left behind only the first may
        have reached its vendor: it becomes `unknown`, or what the vendor has said since; the others are queued again, as is
        whatever goes to a simulated address; of a group of a broadcast, which is sent side by side, any may. A claim of which
        any row was settled lately is not abandoned but slow.
        """
        rows = self._tx.run(_ABANDONED, {"before": before}).all()
        alive = (
            set(self._tx.run(_ALIVE, {"claims": [row.claim_id for row in rows], "before": before}).scalars()) if rows else set()
        )
        left = [row for row in rows if row.claim_id not in alive]
        doubtful: set[str] = set()
        for row in left:
            if row.simulated or (row.claim_id in doubtful and not life_of(row.claim_id)):
                self._tx.run(_UNTRIED, {"s": row.seq, "due": row.claimed_at})
                home(self._tx, row.id, before, before)
            else:
                self.settle(row.id, MessageState.UNKNOWN, before)
            doubtful.add(row.claim_id)
        return len(left)

    def counts(self) -> Mapping[MessageState, int]:
        """Rows by state."""
        return {MessageState(row[0]): row[1] for row in self._tx.run(_COUNTS)}

    def forget(self, before: datetime, most: int) -> int:
        """Delete some rows made before that moment that are no longer under way, at most so many of a kind; returns how many."""
        return sum(self._tx.run(old, {"before": before, "most": most}).rowcount for old in (_FORGET_ALONE, _FORGET_OF_BROADCASTS))

    def drop_bodies(self, before: datetime) -> int:
        """Forget what was said in messages that left before that moment, of which no vendor has told more; returns how many."""
        return self._tx.run(_DROP_BODIES, {"before": before}).rowcount

    def _without_overtaking(self, rows: list[Row[Any]], now: datetime) -> list[Row[Any]]:
        """Drop rows whose elder is locked by another worker, which SKIP LOCKED passed over."""
        mine = [row.seq for row in rows]
        held = select(message.c.seq).where(
            message.c.seq.in_(mine),
            exists().where(
                _earlier.c.address_hash == message.c.address_hash,
                _earlier.c.seq < message.c.seq,
                _under_way,
                _earlier.c.seq.not_in(mine),
            ),
        )
        overtaking = set(self._tx.run(held, {"now": now}).scalars())
        return [row for row in rows if row.seq not in overtaking]

    def _told(self, seq: int) -> list[tuple[MessageState, str]]:
        return [(MessageState(row.state), row.error_code) for row in self._tx.run(_TOLD, {"s": seq}) if row.state]

    def _retry(self, seq: int, state: MessageState, now: datetime, error_code: str, not_before: datetime | None) -> None:
        queued = state is MessageState.QUEUED
        times = {"due": (not_before or now) if queued else None, "claimed": None if queued else now}
        self._tx.run(_MOVE, {"s": seq, "state": state, "now": now, "error": error_code, **times})

    def _finish(self, row: Row[Any], state: MessageState, now: datetime, error_code: str, *, keep: bool = False) -> None:
        """Leave the queue. `unknown` keeps its body, for whoever decides to send again; an ephemeral row goes once it left."""
        if row.ephemeral and state in _LEFT:
            self._tx.run(delete(message).where(message.c.seq == row.seq))
            return
        stays = (state is MessageState.UNKNOWN or (keep and state is MessageState.SENT)) and not row.ephemeral
        self._tx.run(_KEEP if stays else _DROP, {"s": row.seq, "state": state, "now": now, "error": error_code})


@cache
def _refer(dialect: str) -> Any:
    row = select(bindparam("vendor"), message.c.seq, literal("")).where(message.c.id == bindparam("m"))
    return insert(dialect, vendor_ref).from_select(["vendor_hash", "message_seq", "error_code"], row).on_conflict_do_nothing()
