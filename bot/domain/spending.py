"""What sending has cost: everything that left, replies and calls too, by month and channel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from bot.domain.message import ChannelName


class Spending(Protocol):
    """Months by their first day; amounts in millionths of a Colombian peso."""

    def add(self, month: date, channel: ChannelName, micros: int, messages: int) -> None:
        """Book what so many vendor calls have cost."""
        ...

    def of(self, month: date) -> Mapping[ChannelName, int]:
        """What a month has cost so far, by channel."""
        ...
