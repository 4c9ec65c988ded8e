"""Deliveries that were dealt with already."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import Any

from bot.storage.tables import delivery_seen, insert
from bot.storage.transaction import Transaction


class SqlInbox:
    """`bot.domain.store.Inbox` on tables."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def is_new(self, channel: str, vendor_id: str, now: datetime) -> bool:
        """Record a delivery by a keyed hash of its vendor id; False where it was recorded before.

        On PostgreSQL a second delivery that comes meanwhile waits here for what becomes of the first.
        """
        seen = {"delivery_hash": self._tx.lookup.of("delivery", channel, vendor_id), "day": now.date()}
        return self._tx.run(_record(self._tx.dialect), seen).rowcount == 1

    def forget(self, before: date) -> int:
        """Delete what was recorded before that day (UTC); returns how many."""
        return self._tx.run(delivery_seen.delete().where(delivery_seen.c.day < before)).rowcount


@cache
def _record(dialect: str) -> Any:
    # SQLAlchemy drops the row count of an INSERT unless it is asked to keep it.
    return insert(dialect, delivery_seen).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
