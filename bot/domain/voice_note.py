"""Voice notes that wait to be understood."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.listening import WaitingNote
from bot.domain.message import Inbound


class Notes(Protocol):
    """Voice notes that have come and were not answered yet: where the vendor keeps them, never their sound."""

    def keep(self, inbound: Inbound, now: datetime) -> WaitingNote:
        """Write one down, encrypted."""
        ...

    def waiting(self) -> Sequence[WaitingNote]:
        """Every one, in the order in which they came."""
        ...

    def open(self, note_id: str) -> Inbound | None:
        """What came; None where it has been answered."""
        ...

    def tried(self, note_id: str) -> None:
        """Count an attempt, before it is made: what ends the process counts too."""
        ...

    def done(self, note_id: str) -> None:
        """Forget one that was answered."""
        ...

    def forget(self, before: datetime) -> int:
        """Delete those that came before that; returns how many."""
        ...
