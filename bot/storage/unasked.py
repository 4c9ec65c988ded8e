"""What people got without having asked for it, as the ledger tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, func, select, text, update

from bot.domain.message import MessageState, OutboundMessage
from bot.domain.unasked import WEEK, Admission, Kept
from bot.storage.ledger_rows import sealed_row
from bot.storage.tables import message as ledger
from bot.storage.transaction import Transaction

_NEVER_LEFT: Final = (MessageState.FAILED, MessageState.CANCELLED, MessageState.EXPIRED)
_other = ledger.alias("other")
_others: Final = (
    select(func.count(_other.c.announcement.distinct()))
    .where(
        _other.c.person_id == ledger.c.person_id,
        _other.c.announcement.is_not(None),
        _other.c.announcement != ledger.c.announcement,
        _other.c.let_at > bindparam("since"),
        _other.c.state.not_in(_NEVER_LEFT),
    )
    .scalar_subquery()
)
_LET: Final = (
    update(ledger)
    .where(ledger.c.id == bindparam("m"), ledger.c.announcement.is_not(None), _others < bindparam("most"))
    .values(let_at=bindparam("now"))
)
_COUNTS: Final = select(ledger.c.announcement).where(ledger.c.id == bindparam("m"))
# Two at once would each see that there is room for one more. Nobody waits here for a lock: the row is looked at again soon.
_ALONE: Final = text(
    "SELECT pg_try_advisory_xact_lock(hashtext('unasked'), hashtext(person_id)) FROM message"
    " WHERE id = :m AND person_id IS NOT NULL AND announcement IS NOT NULL"
)
_when = func.coalesce(ledger.c.let_at, ledger.c.due_at, ledger.c.created_at, type_=ledger.c.created_at.type)
_TAKEN: Final = (
    select(func.max(_when, type_=ledger.c.created_at.type))
    .where(
        ledger.c.person_id == bindparam("p"),
        ledger.c.announcement.is_not(None),
        ledger.c.announcement != bindparam("but"),
        ledger.c.state.not_in(_NEVER_LEFT),
        _when > bindparam("since"),
    )
    .group_by(ledger.c.announcement)
)
_REFUSED: Final = (
    select(ledger.c.error_code, func.count())
    .where(ledger.c.created_at > bindparam("since"), ledger.c.error_code.in_(list(Kept)))
    .group_by(ledger.c.error_code)
)


class SqlUnasked:
    """`bot.domain.unasked.Unasked` on the ledger."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def admit(self, message_id: str, now: datetime, most: int) -> Admission:
        """Let a row out, and count it, unless so many other announcements were let out to its person in the last seven days.

        A row that does not count is always let out. Whoever else would let something out to her waits for this transaction.
        """
        if self._tx.dialect == "postgresql" and self._tx.run(_ALONE, {"m": message_id}).scalar() is False:
            return Admission.BUSY
        if self._tx.run(_LET, {"m": message_id, "now": now, "since": now - WEEK, "most": most}).rowcount:
            return Admission.LET
        return Admission.LET if self._tx.run(_COUNTS, {"m": message_id}).scalar() is None else Admission.FULL

    def taken(self, person_id: str, since: datetime, announcement: str = "") -> Sequence[datetime]:
        """When she got, or is to get, each announcement but that one, from then on, in order."""
        values = {"p": person_id, "but": announcement, "since": since}
        return sorted(row[0] for row in self._tx.run(_TAKEN, values).all())

    def refuse(self, message: OutboundMessage, person_id: str, state: MessageState, why: Kept) -> None:
        """Write down a message that is not going to be sent, without what it would have said."""
        row = sealed_row(self._tx, message, None if person_id in self._tx.erased else person_id)
        ended: dict[str, Any] = {"state": state, "error_code": why, "due_at": None, "address_hash": None, "sealed": None}
        self._tx.run(ledger.insert().inline(), row | ended)

    def refused(self, since: datetime) -> Mapping[str, int]:
        """How many messages since then were not sent for each of those reasons."""
        return {row[0]: row[1] for row in self._tx.run(_REFUSED, {"since": since}).all()}
