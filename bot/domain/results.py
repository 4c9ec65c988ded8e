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


@dataclass(frozen=True, slots=True)
class Panel:
    """The same people in two rounds of one poll version: who chose its headline both times, before only, after only, never.

    Never shown as it is.
    """

    both: int
    before_only: int
    after_only: int
    neither: int


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know about the results: a key, worded in `content/results/`, and what its sentence is filled with."""

    key: str
    values: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OptionResult:
    """One option as shown; percentages and their limits from 0 to 100 with one decimal. None: hidden."""

    id: str
    label: str
    count: int | None = None
    pct: float | None = None
    lo: float | None = None
    hi: float | None = None


@dataclass(frozen=True, slots=True)
class NumberResult:
    """The numbers that `n` gave (None: hidden): the median between its limits, and the quartiles, in the question's unit."""

    n: int | None
    median: float
    lo: float
    hi: float
    q1: float
    q3: float


@dataclass(frozen=True, slots=True)
class GroupResult:
    """One group as shown. `n` is None for a hidden group, of which nothing else is shown either."""

    id: str
    n: int | None
    options: tuple[OptionResult, ...] = ()
    numbers: NumberResult | None = None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The answers by one thing known of people."""

    by: By
    groups: tuple[GroupResult, ...]


@dataclass(frozen=True, slots=True)
class ChannelResult:
    """How many answered over a channel. None: hidden."""

    id: str
    answered: int | None


@dataclass(frozen=True, slots=True)
class Funnel:
    """From the invitation to the answer. None: hidden, or not known yet."""

    invited: int
    delivered: int | None
    answered: int | None
    face_to_face: int | None
    channels: tuple[ChannelResult, ...] = ()


class Direction(StrEnum):
    """What a change of the headline amounts to. `unclear`: its interval holds zero, or does so once adjusted."""

    UP = "up"
    DOWN = "down"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Change:
    """An option in two rounds: percentages, and the difference after - before in percentage points, with its limits.

    `p` and its `p_adjusted` (by Holm, over the headlines shown together) and the `direction` are told of a headline only.
    """

    option_id: str
    label: str
    before: float
    after: float
    difference: float
    lo: float
    hi: float
    p: float | None = None
    p_adjusted: float | None = None
    direction: Direction | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A round beside an earlier one. `why_not` is a note's key where the two cannot be compared; then nothing else is told.

    `panel_n` people answered both; `panel` is their headline. `headline` takes the two rounds for different people.
    """

    number: int
    n: int | None
    why_not: str = ""
    headline: Change | None = None
    options: tuple[Change, ...] = ()
    panel_n: int | None = None
    panel: Change | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """All that may be shown of a round. `n` and `invited` are rounded down to tens while it is open; None: hidden."""

    poll: Poll
    round_id: str
    number: int
    opens_at: datetime
    closes_at: datetime
    closed: bool
    n: int | None
    invited: int
    population: int | None
    headline_id: str
    options: tuple[OptionResult, ...]
    numbers: NumberResult | None
    breakdowns: tuple[Breakdown, ...]
    comparison: Comparison | None
    funnel: Funnel
    notes: tuple[Note, ...]

    @property
    def headline(self) -> OptionResult | None:
        """The option that stands for the question; None for numbers."""
        return next((option for option in self.options if option.id == self.headline_id), None)
