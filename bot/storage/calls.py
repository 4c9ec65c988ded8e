"""Telephone calls. Once a call has ended, only a keyed hash of its number is left, for the limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, func, or_, select, update

from bot.domain.call import CallKind, CallState, PhoneCall, ended, moves_forward
from bot.domain.message import Address, ChannelName, Purpose
from bot.storage.tables import phone_call
from bot.storage.transaction import Transaction

_BY_ID: Final = phone_call.c.id == bindparam("c")
_TO: Final = phone_call.c.address_hash == bindparam("a")
_OPEN: Final = phone_call.c.state.not_in([state for state in CallState if ended(state)])
_ADD: Final = phone_call.insert()
_DUE: Final = (
    select(phone_call)
    .where(phone_call.c.due_at <= bindparam("now"))
    .order_by(phone_call.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_DIALLED: Final = (
    update(phone_call)
    .where(_BY_ID)
    .values(state=CallState.DIALLING, due_at=None, dialled_at=bindparam("now"), changed_at=bindparam("now"))
)
_POSTPONE: Final = (
    update(phone_call)
    .where(_BY_ID)
    .values(state=CallState.QUEUED, due_at=bindparam("until"), dialled_at=None, changed_at=bindparam("now"))
)
_POSTPONE_LONGER: Final = _POSTPONE.values(expires_at=bindparam("expires"))
_HASTEN: Final = (
    update(phone_call)
    .where(_TO, phone_call.c.kind == CallKind.OUT, phone_call.c.due_at > bindparam("due"))
    .values(due_at=bindparam("due"), purpose=bindparam("p"))
)
_FIND: Final = select(phone_call).where(_BY_ID).with_for_update()
_MOVE: Final = (
    update(phone_call)
    .where(_BY_ID)
    .values(state=bindparam("state"), due_at=None, changed_at=bindparam("now"), sealed=bindparam("n"))
)
_COUNTED: Final = or_(phone_call.c.dialled_at >= bindparam("since"), phone_call.c.due_at.is_not(None))
_COUNT: Final = select(func.count()).select_from(phone_call).where(_COUNTED)
_COUNT_TO: Final = _COUNT.where(_TO)
_WAITING: Final = select(phone_call.c.id).where(_TO, phone_call.c.kind == bindparam("kind"), _OPEN).limit(1)
_UNTAKEN: Final = _WAITING.where(phone_call.c.state.not_in((CallState.ANSWERED, CallState.HEARD)))
_OFFERED: Final = (
    select(phone_call.c.id)
    .where(
        _TO,
        phone_call.c.kind == CallKind.RETURN,
        phone_call.c.state != CallState.EXPIRED,
        phone_call.c.changed_at >= bindparam("since"),
    )
    .limit(1)
)
_STUCK: Final = select(phone_call).where(
    phone_call.c.changed_at < bindparam("before"), phone_call.c.due_at.is_(None), phone_call.c.sealed.is_not(None), _OPEN
)


class SqlCalls:
    """`bot.domain.store.Calls` on tables."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(self, call: PhoneCall, now: datetime) -> None:
        """Write a call; one that is not queued counts as dialled now."""
        queued = call.state is CallState.QUEUED
        row = {
            "id": call.id,
            "address_hash": self._tx.lookup.address(call.to),
            "kind": call.kind,
            "state": call.state,
            "attempt": call.attempt,
            "purpose": call.purpose,
            "expires_at": call.expires_at,
            "changed_at": now,
            "due_at": call.due_at if queued else None,
            "dialled_at": None if queued else now,
            "sealed": self._tx.vault.seal(call.to.value),
        }
        self._tx.run(_ADD, row)

    def due(self, now: datetime, limit: int = 20) -> Sequence[PhoneCall]:
        """Queued calls whose time has come, the oldest first, locked until the transaction ends."""
        return [self._opened(row) for row in self._tx.run(_DUE, {"now": now, "most": limit}).all()]

    def dialled(self, call_id: str, now: datetime) -> None:
        """Turn a queued call into one that is being dialled."""
        self._tx.run(_DIALLED, {"c": call_id, "now": now})

    def postpone(self, call_id: str, until: datetime, now: datetime, *, expires_at: datetime | None = None) -> None:
        """Put a call that was not made back into the queue; it expires when it did, or then."""
        values = {"c": call_id, "until": until, "now": now}
        if expires_at is None:
            self._tx.run(_POSTPONE, values)
        else:
            self._tx.run(_POSTPONE_LONGER, {**values, "expires": expires_at})

    def hasten(self, to: Address, due_at: datetime, purpose: Purpose) -> None:
        """Have a queued call out to that number made earlier, for that purpose."""
        self._tx.run(_HASTEN, {"a": self._tx.lookup.address(to), "due": due_at, "p": purpose})

    def advance(self, call_id: str, state: CallState, now: datetime) -> PhoneCall | None:
        """Move a call forward; gives it as it was before, None where nothing changed. An ended one loses its number."""
        row = self._tx.run(_FIND, {"c": call_id}).first()
        if row is None or not moves_forward(CallState(row.state), state):
            return None
        self._tx.run(_MOVE, {"c": call_id, "state": state, "now": now, "n": None if ended(state) else row.sealed})
        return self._opened(row)

    def count(self, since: datetime, to: Address | None = None) -> int:
        """Calls dialled since then or still queued, to one number or to all."""
        if to is None:
            return int(self._tx.run(_COUNT, {"since": since}).scalar() or 0)
        return int(self._tx.run(_COUNT_TO, {"since": since, "a": self._tx.lookup.address(to)}).scalar() or 0)

    def waiting(self, to: Address, kind: CallKind, *, taken: bool = True) -> bool:
        """Whether a call of that kind to that number has not ended; with `taken` false, one that was not taken yet."""
        return (
            self._tx.run(_WAITING if taken else _UNTAKEN, {"a": self._tx.lookup.address(to), "kind": kind}).scalar() is not None
        )

    def offered_return(self, to: Address, since: datetime) -> bool:
        """Whether the one call that offers the way back was made since then."""
        return self._tx.run(_OFFERED, {"a": self._tx.lookup.address(to), "since": since}).scalar() is not None

    def stuck(self, before: datetime) -> Sequence[PhoneCall]:
        """Calls of whose end no vendor has told, unchanged since before that moment."""
        return [self._opened(row) for row in self._tx.run(_STUCK, {"before": before}).all()]

    def forget(self, before: datetime) -> int:
        """Delete ended calls older than that, but for those that offered the way back; returns how many."""
        old = phone_call.c.changed_at < before
        return self._tx.run(delete(phone_call).where(old, phone_call.c.kind != CallKind.RETURN, ~_OPEN)).rowcount

    def _opened(self, row: Row[Any]) -> PhoneCall:
        number = self._tx.vault.open(row.sealed) if row.sealed else ""
        return PhoneCall(
            id=row.id,
            to=Address(ChannelName.CALL, number),
            kind=CallKind(row.kind),
            due_at=row.due_at or row.changed_at,
            expires_at=row.expires_at,
            state=CallState(row.state),
            attempt=row.attempt,
            purpose=Purpose(row.purpose),
        )


def forget_calls(tx: Transaction, address_hashes: Any) -> None:
    """Drop the calls that wait for somebody who is erased. The bare hashes of the others stay their two days, for the limits."""
    tx.run(delete(phone_call).where(phone_call.c.address_hash.in_(address_hashes), phone_call.c.due_at.is_not(None)))
