"""Rows of the ledger that wait: for an earlier part of theirs to be sent, or for the person to write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, select, update

from bot.domain.message import Address, MessageState, OutboundMessage
from bot.storage.homing import home
from bot.storage.ledger_rows import awaited as sealed_awaited
from bot.storage.ledger_rows import opened, sealed_row
from bot.storage.ownership import NEW_MESSAGE
from bot.storage.tables import message, vendor_ref
from bot.storage.transaction import Transaction

INVITE_AGAIN_AFTER: Final = timedelta(days=7)
_BY_ID: Final = message.c.id == bindparam("m")
_WAIT: Final = (
    update(message)
    .where(_BY_ID, message.c.state == MessageState.SENDING)
    .values(
        state=MessageState.QUEUED,
        attempts=message.c.attempts - 1,
        due_at=bindparam("until"),
        claimed_at=None,
        changed_at=bindparam("now"),
        error_code="",
    )
)
_PUT_OFF: Final = (
    update(message)
    .where(_BY_ID, message.c.state == MessageState.SENDING)
    .values(
        state=MessageState.QUEUED,
        attempts=message.c.attempts - 1,
        due_at=bindparam("until"),
        claimed_at=None,
        changed_at=bindparam("now"),
        error_code=bindparam("error"),
        expires_at=func.coalesce(message.c.expires_at, bindparam("expires")),
    )
)
_REFUSED: Final = (
    select(message.c.error_code, func.count())
    .where(message.c.due_at.is_not(None), message.c.error_code != "")
    .group_by(message.c.error_code)
)
# A row with an error code was refused, perhaps with "wait": that is not shortened.
_WAITED: Final = (
    select(message.c.seq, message.c.address_hash)
    .join(vendor_ref, vendor_ref.c.message_seq == message.c.seq)
    .where(
        vendor_ref.c.vendor_hash == bindparam("v"),
        message.c.state == MessageState.QUEUED,
        message.c.parts_sent > 0,
        message.c.error_code == "",
    )
)
_DUE: Final = update(message).where(message.c.seq == bindparam("s")).values(due_at=message.c.created_at)
_QUEUED_FOR: Final = (
    select(message.c.id).where(message.c.address_hash == bindparam("a"), message.c.due_at.is_not(None)).order_by(message.c.seq)
)
_KEPT: Final = (
    select(message)
    .join(vendor_ref, vendor_ref.c.message_seq == message.c.seq)
    .where(
        vendor_ref.c.vendor_hash == bindparam("v"),
        message.c.state.in_((MessageState.SENT, MessageState.QUEUED)),
        message.c.sealed.is_not(None),
        message.c.ephemeral.is_(False),
    )
)
_NOT_COPIED: Final = frozenset({"seq", "person_id"})
_HELD: Final = message.c.state == MessageState.HELD
# Held by a pause, not for the person: in the column for reasons.
_PAUSED: Final = "paused"
_PAUSE: Final = (
    update(message)
    .where(_BY_ID, message.c.state == MessageState.SENDING)
    .values(state=MessageState.HELD, due_at=None, claimed_at=None, error_code=_PAUSED, changed_at=bindparam("now"))
)
_PAUSED_ROWS: Final = (
    select(message.c.id)
    .where(_HELD, message.c.error_code == _PAUSED, message.c.changed_at < bindparam("now"))
    .order_by(message.c.seq)
    .limit(bindparam("most"))
)
_EXPIRE: Final = (
    update(message)
    .where(
        message.c.address_hash.is_not(None),
        message.c.expires_at <= bindparam("now"),
        message.c.state.in_((MessageState.QUEUED, MessageState.HELD)),
        message.c.parts_sent == 0,
    )
    .values(state=MessageState.EXPIRED, due_at=None, address_hash=None, sealed=None, changed_at=bindparam("now"), error_code="")
)
_HOLD: Final = (
    update(message)
    .where(_BY_ID)
    .values(
        state=MessageState.HELD,
        parts_sent=bindparam("n"),
        due_at=None,
        claimed_at=None,
        address_hash=bindparam("a"),
        let_at=None,
        error_code="",
        changed_at=bindparam("now"),
    )
)
_INVITED: Final = (
    select(message.c.id)
    .where(message.c.address_hash == bindparam("a"), _HELD, message.c.changed_at > bindparam("after"))
    .limit(1)
)
_HELD_FOR: Final = (
    select(message.c.id, message.c.person_id)
    .where(message.c.address_hash == bindparam("a"), _HELD, message.c.error_code != _PAUSED)
    .order_by(message.c.seq)
)
_OWNER: Final = select(message.c.person_id).where(_BY_ID)
_ROW: Final = select(message).where(_BY_ID, _HELD)


def in_the_way(earlier: Any) -> ColumnElement[bool]:
    """Whether an earlier row of the same address, in that alias of the table, goes first; asked at the moment `now`.

    What is held waits for the person, and nobody waits for it; nor for what is planned for later and has not been tried: an
    announcement for tomorrow holds back no answer of today.
    """
    planned = and_(
        earlier.c.state == MessageState.QUEUED,
        earlier.c.due_at > bindparam("now"),
        earlier.c.attempts == 0,
        earlier.c.parts_sent == 0,
        earlier.c.error_code == "",
    )
    return and_(earlier.c.state != MessageState.HELD, ~planned)


class WaitingRows:
    """The part of `bot.domain.store.Outbox` that is about waiting."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def wait(self, message_id: str, until: datetime, now: datetime) -> None:
        """Put a claimed row back whose next part may not leave before that moment. That is no attempt and no failure."""
        if self._tx.run(_WAIT, {"m": message_id, "until": until, "now": now}).rowcount:
            home(self._tx, message_id, until, now)

    def put_off(self, message_id: str, until: datetime, now: datetime, *, error_code: str, expires_at: datetime) -> None:
        """Put a claimed row back that our own set-up keeps from leaving: no attempt; it ends then where it has no end yet."""
        values = {"m": message_id, "until": until, "now": now, "error": error_code, "expires": expires_at}
        if self._tx.run(_PUT_OFF, values).rowcount:
            home(self._tx, message_id, until, now)

    def refused(self) -> Mapping[str, int]:
        """How many queued rows a vendor has refused so far, by its code."""
        return {row[0]: row[1] for row in self._tx.run(_REFUSED)}

    def hasten(self, vendor_id: str) -> Sequence[str]:
        """That part has left: whatever waited for it is due. Gives it and what is queued behind it, in order.

        It becomes due since it was made, so that nothing behind it is due before it.
        """
        ids: list[str] = []
        for row in self._tx.run(_WAITED, {"v": self._tx.lookup.of("vendor", vendor_id)}).all():
            self._tx.run(_DUE, {"s": row.seq})
            ids += self._tx.run(_QUEUED_FOR, {"a": row.address_hash}).scalars()
        return ids

    def hold(self, held: OutboundMessage, invitation: OutboundMessage | None, now: datetime) -> None:
        """Keep a row, from `parts_sent` on, until the person writes; queue the invitation unless she had one within a week.

        Until then it counts for nothing: the invitation does.
        """
        where = self._tx.lookup.address(held.to)
        invited = self._tx.run(_INVITED, {"a": where, "after": now - INVITE_AGAIN_AFTER}).scalar()
        owner = self._tx.run(_OWNER, {"m": held.id}).scalar()
        if not self._tx.run(_HOLD, {"m": held.id, "n": held.parts_sent, "a": where, "now": now}).rowcount:
            return
        if invitation is not None and invited is None:
            self._tx.run(NEW_MESSAGE, [sealed_row(self._tx, invitation, owner)])

    def pause(self, message_id: str, now: datetime) -> None:
        """Keep a claimed row until `resume`, whatever the person writes meanwhile; nothing waits for it."""
        self._tx.run(_PAUSE, {"m": message_id, "now": now})

    def resume(self, now: datetime, limit: int = 200) -> int:
        """Queue rows paused before now, in order, behind everything that is queued; returns how many, at most `limit`."""
        ids = list(self._tx.run(_PAUSED_ROWS, {"now": now, "most": limit}).scalars())
        self.release(ids, now, awaited=False)
        return len(ids)

    def expire(self, now: datetime) -> int:
        """Give up the rows that wait beyond their time and of which nothing has left; returns how many."""
        return self._tx.run(_EXPIRE, {"now": now}).rowcount

    def kept(self, vendor_id: str) -> OutboundMessage | None:
        """The row that a vendor's id belongs to, opened, where it has left with its body kept and was not delivered yet."""
        row = self._tx.run(_KEPT, {"v": self._tx.lookup.of("vendor", vendor_id)}).first()
        return opened(self._tx, row, MessageState(row.state), row.attempts) if row else None

    def held(self, addresses: Sequence[Address], whose: str | None = None) -> Sequence[str]:
        """The rows that wait for somebody at these addresses to write, in order; with `whose` not those of anybody else.

        Paused rows are not among them.
        """
        where = [self._tx.lookup.address(address) for address in addresses]
        rows = [row for one in where for row in self._tx.run(_HELD_FOR, {"a": one}).all()]
        return [row.id for row in rows if whose is None or row.person_id in {None, whose}]

    def release(self, message_ids: Sequence[str], now: datetime, *, awaited: bool = True) -> None:
        """Queue held rows, behind everything that is queued already: what she asks now is answered first.

        She waits for them now unless `awaited` is false; what has not rung yet counts as asked for.
        """
        for message_id in message_ids:
            row = self._tx.run(_ROW, {"m": message_id}).first()
            if row is None:
                continue
            anew: dict[str, Any] = {name: value for name, value in row._mapping.items() if name not in _NOT_COPIED}  # noqa: SLF001 - public in SQLAlchemy
            anew |= {
                "owner": row.person_id,
                "state": MessageState.QUEUED,
                "attempts": 0,
                "due_at": now,
                "changed_at": now,
                "claim_id": None,
                "error_code": "",
            }
            if awaited:
                anew["sealed"] = sealed_awaited(self._tx, row.sealed)
                anew["announcement"] = row.announcement if row.let_at else None
            self._tx.run(delete(message).where(message.c.seq == row.seq))
            self._tx.run(NEW_MESSAGE, [anew])
