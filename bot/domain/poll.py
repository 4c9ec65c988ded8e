"""Quick polls: one question, a few numbered answers, the same words in every round."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.learning import Wording
from bot.domain.person import Country


@dataclass(frozen=True, slots=True)
class PollOption:
    """An answer on offer. The last of a question is always a way out."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Poll:
    """A published, immutable version of a question: `Q01_v1`. A round may only ask it in `countries`."""

    id: str
    question_id: str
    wording: Wording
    simpler: Wording
    options: tuple[PollOption, ...]
    enabled: bool = True
    sensitive: bool = False
    countries: tuple[Country, ...] = tuple(Country)


@dataclass(frozen=True, slots=True)
class PollRound:
    """One asking of one poll, between two moments (UTC), of everybody or of some territories."""

    id: str
    poll_id: str
    opens_at: datetime
    closes_at: datetime
    territories: tuple[str, ...] = ()

    def open_at(self, now: datetime) -> bool:
        """Whether an answer given now still counts."""
        return self.opens_at <= now < self.closes_at
