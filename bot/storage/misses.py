"""Messages that were not understood, kept for a while so that the staff can write new ones in their manner.

Nothing in a row tells whose it was: no person, no address, no time of day; its id is random, and rows lie in the order of
their ids.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import bindparam, func, select

from bot.domain.masking import masked
from bot.domain.understanding import Miss
from bot.storage.tables import unread_message
from bot.storage.transaction import Transaction

LONGEST_CHARS: Final = 300
MOST: Final = 2000
"""How many are kept at once; since no row tells whose it is, this is what bounds how much one person can fill."""

_KEEP: Final = unread_message.insert()
_COUNT: Final = select(func.count()).select_from(unread_message)
_OLDEST: Final = select(unread_message.c.id).order_by(unread_message.c.day, unread_message.c.id).limit(bindparam("n"))
_DELETE: Final = unread_message.delete().where(unread_message.c.id == bindparam("i"))


class SqlMisses:
    """`bot.domain.store.Misses` on tables."""

    def __init__(self, transaction: Transaction, most: int = MOST) -> None:
        self._tx = transaction
        self._most = most

    def keep(self, text: str, guess: str, confidence: float, day: date) -> None:
        """Keep a message, masked, cut and sealed; where there are too many the oldest are dropped."""
        row = {
            "id": uuid.uuid4().hex,
            "day": day,
            "guess": guess,
            "confidence": confidence,
            "sealed": self._tx.vault.seal(masked(text)[:LONGEST_CHARS]),
        }
        self._tx.run(_KEEP, row)
        surplus = (self._tx.run(_COUNT).scalar() or 0) - self._most
        if surplus > 0:
            for miss_id in self._tx.run(_OLDEST, {"n": surplus}).scalars().all():
                self.delete(miss_id)

    def all(self) -> Sequence[Miss]:
        """Every message, the oldest day first; within a day in no order. Raises StorageError where the secret does not fit."""
        rows = self._tx.run(select(unread_message).order_by(unread_message.c.day, unread_message.c.id))
        return [Miss(row.id, self._tx.vault.open(row.sealed), row.guess, row.confidence, row.day) for row in rows]

    def delete(self, miss_id: str) -> None:
        """Forget one that was dealt with; one that is gone already is no error."""
        self._tx.run(_DELETE, {"i": miss_id})

    def forget(self, before: date) -> int:
        """Delete those kept before that day (UTC); returns how many."""
        return self._tx.run(unread_message.delete().where(unread_message.c.day < before)).rowcount
