"""Whose a row of the ledger is: her own, or nobody's once she is gone.

On SQLite a foreign key promises that as well. PostgreSQL, which would lock and write the row of the person for each row of a
broadcast, has none: with one it makes the rows of a million people at two thirds of the pace (docs/performance.md).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, select, text

from bot.storage.tables import message, person
from bot.storage.transaction import Transaction

_owner = select(person.c.id).where(person.c.id == bindparam("owner"))
NEW_MESSAGE: Final = (
    message.insert()
    .values(person_id=_owner.with_for_update(read=True, key_share=True).scalar_subquery())
    .inline()
)  # fmt: skip
"""One row of that `owner`, or of nobody where she was erased."""
_EXPANDS: Final = text("SELECT pg_advisory_xact_lock_shared(hashtext('expansion'))")
_NOBODY_EXPANDS: Final = text("SELECT pg_advisory_xact_lock(hashtext('expansion'))")
_LOCKED: Final = select(person.c.id).where(person.c.id == bindparam("p")).with_for_update()


def expanding(tx: Transaction) -> None:
    """Until the transaction ends nobody is erased: its rows of a broadcast are those of people who are there."""
    if tx.dialect == "postgresql":
        tx.run(_EXPANDS)


def ending(tx: Transaction, person_id: str) -> None:
    """Until the transaction ends nobody else writes a row for her: what it deletes or gives to another is all there is."""
    if tx.dialect == "postgresql":
        tx.run(_LOCKED, {"p": person_id})
        tx.run(_NOBODY_EXPANDS)
