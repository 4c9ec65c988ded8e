"""Polls that staff wrote."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import select

from bot.domain.errors import StorageError
from bot.domain.poll import Poll
from bot.storage.tables import composed_poll, poll_round, upsert
from bot.storage.transaction import Transaction

_POLL: Final = TypeAdapter(Poll)


class SqlComposed:
    """`bot.domain.ballots.Composed` on a table."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def get(self, poll_id: str) -> Poll | None:
        """One version."""
        body = self._tx.run(select(composed_poll.c.body).where(composed_poll.c.id == poll_id)).scalar()
        return _POLL.validate_json(body) if body else None

    def all(self) -> Sequence[Poll]:
        """Every version, by id."""
        return [_POLL.validate_json(body) for body in self._tx.run(_ALL).scalars()]

    def put(self, poll: Poll, by: str, now: datetime) -> None:
        """Write a version, or rewrite one that was never asked. Raises StorageError for one that was."""
        known = self.get(poll.id)
        if known == poll:
            return
        asked = select(poll_round.c.id).where(poll_round.c.poll_id == poll.id).limit(1)
        if self._tx.run(asked).first() is not None:
            name, _, number = poll.id.rpartition("_v")
            following = f"{name}_v{int(number) + 1}" if name and number.isdecimal() else "a new id"
            raise StorageError(f"the poll {poll.id} was asked already and stays as it is: write {following}")
        row = {"id": poll.id, "body": _POLL.dump_json(poll).decode(), "composed_by": by, "composed_at": now}
        self._tx.run(upsert(self._tx.dialect, composed_poll), row)


_ALL: Final = select(composed_poll.c.body).order_by(composed_poll.c.id)
