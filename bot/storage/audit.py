"""The audit log on tables: each row is linked to the one before it by a hash that only this database's key can make."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Any, Final

from sqlalchemy import Row, bindparam, select, update

from bot.domain.audit import AuditEntry, Verified
from bot.domain.masking import masked
from bot.storage.staff_tables import audit_head, audit_log, staff_member
from bot.storage.tables import insert
from bot.storage.transaction import Transaction

LONGEST_REASON: Final = 200
_ONE: Final = 1
_HEAD: Final = select(audit_head).with_for_update()
_ADD: Final = audit_log.insert()
_MOVE: Final = (
    update(audit_head)
    .where(audit_head.c.id == _ONE)
    .values(number=bindparam("new_number"), link=bindparam("new_link"), seal=bindparam("new_seal"))
)
_FROM: Final = (
    select(audit_log).where(audit_log.c.number > bindparam("after")).order_by(audit_log.c.number).limit(bindparam("most"))
)


class SqlAuditLog:
    """`bot.domain.audit.AuditLog` on tables."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def write(self, entry: AuditEntry) -> None:
        """Add a row. Whoever writes next waits until this transaction ends."""
        head = self._head()
        row = {
            "number": head.number + 1,
            "at": entry.at.astimezone(UTC),
            "actor": entry.actor,
            "action": entry.action,
            "kind": entry.kind,
            "object_id": entry.object_id,
            "reason": masked(entry.reason)[:LONGEST_REASON],
        }
        link = self._link(head.link, row)
        self._tx.run(_ADD, {**row, "link": link})
        self._tx.run(_MOVE, {"new_number": row["number"], "new_link": link, "new_seal": self._seal(head.number + 1, link)})

    def recent(self, *, before: int | None = None, actor: str = "", action: str = "", limit: int = 50) -> Sequence[AuditEntry]:
        """Rows, the newest first, with numbers below `before`; of one actor, or of actions that begin so, where given."""
        wanted = select(audit_log).order_by(audit_log.c.number.desc()).limit(limit)
        if before is not None:
            wanted = wanted.where(audit_log.c.number < before)
        if actor:
            wanted = wanted.where(audit_log.c.actor == actor)
        if action:
            wanted = wanted.where(audit_log.c.action.startswith(action, autoescape=True))
        return [
            AuditEntry(row.at, row.actor, row.action, row.kind, row.object_id, row.reason, row.number)
            for row in self._tx.run(wanted)
        ]

    def verify(self, so_far: Verified, limit: int = 2000) -> Verified:
        """Read on from there; call again until it is finished."""
        number, link = so_far.number, so_far.link
        rows = self._tx.run(_FROM, {"after": number, "most": limit}).all()
        for row in rows:
            facts = {name: getattr(row, name) for name in ("number", "at", "actor", "action", "kind", "object_id", "reason")}
            expected = self._link(link, facts)
            if row.number != number + 1 or row.link != expected:
                return Verified(number, link, broken=number + 1, finished=True)
            number, link = row.number, expected
        if len(rows) == limit:
            return Verified(number, link)
        head = self._tx.run(select(audit_head)).first()
        if head is None:
            # Making the first account has begun the log.
            whole = number == 0 and self._tx.run(select(staff_member.c.id).limit(1)).first() is None
        else:
            whole = (head.number, head.link, head.seal) == (number, link, self._seal(number, link))
        return Verified(number, link, broken=0 if whole else number + 1, finished=True)

    def _head(self) -> Row[Any]:
        head = self._tx.run(_HEAD).first()
        if head is None:
            first = {"id": _ONE, "number": 0, "link": "", "seal": self._seal(0, "")}
            self._tx.run(insert(self._tx.dialect, audit_head).on_conflict_do_nothing(), first)
            head = self._tx.run(_HEAD).one()
        return head

    def _link(self, before: str, row: dict[str, Any]) -> str:
        facts = [str(row["number"]), row["at"].isoformat(), row["actor"], row["action"], row["kind"]]
        return self._tx.lookup.of("audit", before, *facts, row["object_id"], row["reason"])

    def _seal(self, number: int, link: str) -> str:
        return self._tx.lookup.of("audit-head", str(number), link)
