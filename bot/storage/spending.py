"""What sending has cost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import select

from bot.domain.message import ChannelName
from bot.storage.tables import insert, spending
from bot.storage.transaction import Transaction


class SqlSpending:
    """`bot.domain.spending.Spending` on a table."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(self, month: date, channel: ChannelName, micros: int, messages: int) -> None:
        """Book what so many vendor calls have cost."""
        row = {"month": month, "channel": channel.value, "micros": micros, "messages": messages}
        self._tx.run(_add(self._tx.dialect), row)

    def of(self, month: date) -> Mapping[ChannelName, int]:
        """What a month has cost so far, by channel."""
        rows = self._tx.run(select(spending.c.channel, spending.c.micros).where(spending.c.month == month))
        return {ChannelName(row.channel): row.micros for row in rows}


@cache
def _add(dialect: str) -> Any:
    new = insert(dialect, spending)
    more = {name: spending.c[name] + new.excluded[name] for name in ("micros", "messages")}
    return new.on_conflict_do_update(index_elements=["month", "channel"], set_=more)
