"""What went back to the people who were asked: once for each round, whoever approves it and how often."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ToldRound:
    """The results of a round were given back: when (UTC), and to how many. To whom is nowhere."""

    round_id: str
    at: datetime
    people: int


class Told(Protocol):
    """The rounds whose results were given back."""

    def once(self, told: ToldRound) -> bool:
        """Mark a round; False where it was marked already, and then nothing may be sent. Whoever else tries waits."""
        ...

    def get(self, round_id: str) -> ToldRound | None:
        """When it was; None: not yet."""
        ...
