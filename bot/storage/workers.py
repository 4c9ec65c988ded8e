"""Processes that work on broadcasts, and the pace that they share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, case, delete, select, update

from bot.domain.chunk import Worker
from bot.storage.columns import UtcDateTime
from bot.storage.tables import engine_worker, insert, sender_pace, upsert
from bot.storage.transaction import Transaction

_A_DAY: Final = timedelta(days=1)
_ALL: Final = select(engine_worker).order_by(engine_worker.c.id)
_FORGET: Final = delete(engine_worker).where(engine_worker.c.beat_at < bindparam("before"))
_PACE: Final = select(sender_pace).where(sender_pace.c.sender == bindparam("s"))
_TAKEN: Final = _PACE.with_for_update(skip_locked=True)
_free = bindparam("free", type_=UtcDateTime())
_TAKE: Final = (
    update(sender_pace)
    .where(sender_pace.c.sender == bindparam("s"))
    .values(next_free_at=_free, opened=bindparam("n"), opened_at=bindparam("since"))
)
_HOLD_BACK: Final = (
    update(sender_pace)
    .where(sender_pace.c.sender == bindparam("s"))
    .values(next_free_at=case((sender_pace.c.next_free_at < _free, _free), else_=sender_pace.c.next_free_at))
)


class SqlWorkers:
    """`bot.domain.chunk.Workers` on tables."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def beat(self, worker_id: str, life: str, now: datetime) -> None:
        """That worker is alive."""
        self._tx.run(_FORGET, {"before": now - _A_DAY})
        self._tx.run(upsert(self._tx.dialect, engine_worker), {"id": worker_id, "life": life, "beat_at": now})

    def all(self) -> Sequence[Worker]:
        """Every worker of the last day, by id."""
        return [Worker(row.id, row.life, row.beat_at) for row in self._tx.run(_ALL)]

    def hold_back(self, sender: str, until: datetime, now: datetime) -> None:
        """Its vendor wants less: nothing more by that sender before that moment."""
        self._make(sender, now)
        self._tx.run(_HOLD_BACK, {"s": sender, "free": until})

    def pace(self, sender: str, now: datetime, *, take: bool) -> Any:
        """The row of a sender, made where there is none; to `take` turns it is locked, and None where somebody else has it."""
        which = _TAKEN if take else _PACE
        row = self._tx.run(which, {"s": sender}).first()
        if row is None:
            self._make(sender, now)
            row = self._tx.run(which, {"s": sender}).first()
        return row

    def _make(self, sender: str, now: datetime) -> None:
        new = {"sender": sender, "next_free_at": now, "opened": 0, "opened_at": now}
        self._tx.run(insert(self._tx.dialect, sender_pace).on_conflict_do_nothing(), new)

    def take(self, sender: str, next_free_at: datetime, opened: int, opened_at: datetime) -> None:
        """Move the moment from which on the sender is free."""
        self._tx.run(_TAKE, {"s": sender, "free": next_free_at, "n": opened, "since": opened_at})
