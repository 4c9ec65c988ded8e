"""What stops, at once, everything that nobody asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from bot.domain.message import Address

EVERYWHERE: Final = ""
"""The territory of a pause that stops all of them."""


@dataclass(frozen=True, slots=True)
class Pause:
    """One territory, or `EVERYWHERE`, to which nothing goes unasked since then."""

    territory: str
    since: datetime


class Pauses(Protocol):
    """Pauses that last until they are lifted. Replies go on."""

    def begin(self, territory: str, now: datetime) -> None:
        """Pause one territory, or `EVERYWHERE`; one that is paused already stays so since then."""
        ...

    def end(self, territory: str | None = None) -> int:
        """Lift the pause of one territory, or with None every pause; returns how many there were."""
        ...

    def all(self) -> Sequence[Pause]:
        """Every pause, the oldest first."""
        ...

    def stopped(self, addresses: Sequence[Address]) -> Collection[Address]:
        """Those of the addresses to which nothing may go unasked."""
        ...

    def stops(self, to: Address) -> bool:
        """Whether nothing may go unasked to an address: its messages are for somebody of a paused territory.

        Nobody lifts a pause until the transaction that asked has ended.
        """
        ...
