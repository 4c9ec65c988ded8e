"""What came of a poll round: counts as they are kept, and results as they may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.poll import Poll


class By(StrEnum):
    """What answers may be broken down by, one at a time."""

    SEX = "sex"
    TERRITORY = "territory"
    ROLE = "role"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Tally:
    """How `people` answered: by option id; for a number the values themselves. Never shown as it is."""

    people: int
    counts: Mapping[str, int] = field(default_factory=dict)
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RoundTally:
    """All that is kept of a closed round: its funnel, the answers, and the answers by group, one way at a time.

    `population` is how many people live or work there, where staff said so; `face_to_face` of the answers were given to a
    facilitator in person. `number` counts the rounds of a poll from 0, the baseline.
    """

    poll: Poll
    round_id: str
    number: int
    opens_at: datetime
    closes_at: datetime
    closed: bool
    invited: int
    delivered: int
    all: Tally
    groups: Mapping[By, Mapping[str, Tally]] = field(default_factory=dict)
    population: int | None = None
    face_to_face: int = 0
    by_channel: Mapping[str, int] = field(default_factory=dict)
