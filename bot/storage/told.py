"""The rounds whose results were given back to the people."""

from __future__ import annotations

from sqlalchemy import select

from bot.domain.told import ToldRound
from bot.storage.tables import insert, poll_told
from bot.storage.transaction import Transaction


class SqlTold:
    """`bot.domain.told.Told` on a table."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def once(self, told: ToldRound) -> bool:
        """Mark a round; False where it was marked already, and then nothing may be sent. Whoever else tries waits."""
        row = {"round_id": told.round_id, "at": told.at, "people": told.people}
        added = self._tx.run(insert(self._tx.dialect, poll_told).on_conflict_do_nothing().returning(poll_told.c.round_id), row)
        return added.first() is not None

    def get(self, round_id: str) -> ToldRound | None:
        """When it was; None: not yet."""
        row = self._tx.run(select(poll_told).where(poll_told.c.round_id == round_id)).first()
        return ToldRound(row.round_id, row.at, row.people) if row else None
