"""What people got without having asked for it, as the ledger tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, func, select, text, update

from bot.domain.message import MessageState, OutboundMessage
from bot.domain.unasked import WEEK, Admission, Kept
from bot.storage.ledger_rows import sealed_row
from bot.storage.ownership import NEW_MESSAGE
from bot.storage.states import NEVER_LEFT
from bot.storage.tables import message as ledger
from bot.storage.transaction import Transaction

_other = ledger.alias("other")
_others: Final = (
    select(func.count(_other.c.announcement.distinct()))
    .where(
        _other.c.person_id == ledger.c.person_id,
        _other.c.announcement.is_not(None),
        _other.c.announcement != ledger.c.announcement,
        _other.c.let_at > bindparam("since"),
        _other.c.state.not_in(NEVER_LEFT),
    )
    .scalar_subquery()
)
# Not `IS NOT NULL`: while statistics know of few announcements, PostgreSQL would walk through the index of all for one row.
_counts = func.coalesce(ledger.c.announcement, "") != ""
_LET: Final = (
    update(ledger).where(ledger.c.id == bindparam("m"), _counts, _others < bindparam("most")).values(let_at=bindparam("now"))
)
_COUNTS: Final = select(ledger.c.announcement).where(ledger.c.id == bindparam("m"))
# Two at once would each see that there is room for one more. Nobody waits here for a lock: the row is looked at again soon.
_ALONE: Final = text(
    "SELECT id, pg_try_advisory_xact_lock(hashtext('unasked'), hashtext(person_id)) FROM message"
    " WHERE id = ANY(CAST(:ids AS VARCHAR[])) AND person_id IS NOT NULL AND coalesce(announcement, '') <> ''"
)
_when = func.coalesce(ledger.c.let_at, ledger.c.due_at, ledger.c.created_at, type_=ledger.c.created_at.type)
_TAKEN: Final = (
    select(func.max(_when, type_=ledger.c.created_at.type))
    .where(
        ledger.c.person_id == bindparam("p"),
        ledger.c.announcement.is_not(None),
        ledger.c.announcement != bindparam("but"),
        ledger.c.state.not_in(NEVER_LEFT),
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

    def admit(self, message_ids: Sequence[str], now: datetime, most: int) -> Mapping[str, Admission]:
        """Let rows out, in order, and count them, each unless so many other announcements were let out to its person in a week.

        A row that does not count is always let out. Whoever else would let something out to her waits for this transaction.
        """
        found = dict.fromkeys(message_ids, Admission.LET)
        if self._tx.dialect == "postgresql" and message_ids:
            alone = self._tx.run(_ALONE, {"ids": list(message_ids)})
            found |= {message_id: Admission.BUSY for message_id, mine in alone if not mine}
        free = [message_id for message_id, admission in found.items() if admission is Admission.LET]
        values = [{"m": message_id, "now": now, "since": now - WEEK, "most": most} for message_id in free]
        for message_id, let in zip(free, self._tx.run_each(_LET, values), strict=True):
            if not let and self._tx.run(_COUNTS, {"m": message_id}).scalar() is not None:
                found[message_id] = Admission.FULL
        return found

    def taken(self, person_id: str, since: datetime, announcement: str = "") -> Sequence[datetime]:
        """When she got, or is to get, each announcement but that one, from then on, in order."""
        values = {"p": person_id, "but": announcement, "since": since}
        return sorted(row[0] for row in self._tx.run(_TAKEN, values).all())

    def refuse(self, message: OutboundMessage, person_id: str, state: MessageState, why: Kept) -> None:
        """Write down a message that is not going to be sent, without what it would have said."""
        row = sealed_row(self._tx, message, person_id)
        ended: dict[str, Any] = {"state": state, "error_code": why, "due_at": None, "address_hash": None, "sealed": None}
        self._tx.run(NEW_MESSAGE, row | ended)

    def refused(self, since: datetime) -> Mapping[str, int]:
        """How many messages since then were not sent for each of those reasons."""
        return {row[0]: row[1] for row in self._tx.run(_REFUSED, {"since": since}).all()}
