"""Quick polls: one question, a few numbered answers or a number, the same words in every round."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.learning import Wording
from bot.domain.person import Country

MOST_PICKS: Final = 3
MOST_DIGITS: Final = 5  # six figures would be a code
PANEL_LASTS: Final = timedelta(days=365)


class PollKind(StrEnum):
    """How a question is answered: by one option, by up to three, by a number."""

    SINGLE = "single"
    SEVERAL = "several"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class PollOption:
    """An answer on offer. The last of a question is always a way out."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a number may be, both ends included."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Condition:
    """Ask only who gave one of these answers to that poll, while that one is being asked of her too."""

    poll_id: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Poll:
    """A published, immutable version of a question: `Q01_v1`. A round may only ask it in `countries`.

    `most` is how many options one answer may have. A number has `bounds`, and ways out for its only options.
    """

    id: str
    question_id: str
    wording: Wording
    simpler: Wording
    options: tuple[PollOption, ...]
    enabled: bool = True
    sensitive: bool = False
    countries: tuple[Country, ...] = tuple(Country)
    kind: PollKind = PollKind.SINGLE
    most: int = 1
    bounds: Bounds | None = None
    when: Condition | None = None

    @property
    def way_out(self) -> str:
        """The option of whoever does not know or would rather not say."""
        return self.options[-1].id

    def accepts(self, answer: tuple[str, ...]) -> bool:
        """Whether this can be an answer: known options, not too many, the way out alone; or a number within its bounds."""
        known = [option.id for option in self.options]
        if self.bounds and len(answer) == 1 and answer[0] not in known:
            number = answer[0]
            return number.isascii() and number.isdecimal() and self.bounds.least <= int(number) <= self.bounds.most
        alone = self.way_out not in answer or len(answer) == 1
        return 1 <= len(answer) <= self.most and len(set(answer)) == len(answer) and set(answer) <= set(known) and alone


@dataclass(frozen=True, slots=True)
class PollRound:
    """One asking of one poll, between two moments (UTC), of everybody, of some territories, or of an `audience`.

    `audience` is an expression (`bot.domain.audience`). `number` counts the rounds of a poll from 0, the baseline;
    `population` is how many people there are, where staff said so; `panel`: those who agree are compared from round to round.
    """

    id: str
    poll_id: str
    opens_at: datetime
    closes_at: datetime
    territories: tuple[str, ...] = ()
    audience: str = ""
    number: int = 0
    population: int | None = None
    panel: bool = False

    def open_at(self, now: datetime) -> bool:
        """Whether an answer given now still counts."""
        return self.opens_at <= now < self.closes_at

    @property
    def tag(self) -> str:
        """What stands for the round in a button: one of an old round is told from one of this."""
        return hashlib.sha256(self.id.encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class RoundRecord:
    """A round with its poll as it was asked; `closed_at` is None while it is open.

    `invited` and `answered` are counts; while it is open only rounded ones may be shown.
    """

    round: PollRound
    poll: Poll | None
    closed_at: datetime | None
    invited: int
    answered: int


@dataclass(frozen=True, slots=True)
class InPerson:
    """Answers that a facilitator took in person, as counts by option; for a number by the number. Without names.

    `id` names the list, so that a corrected one replaces it; `territory` is where it was taken, '' where that is not known.
    """

    id: str
    people: int
    counts: Mapping[str, int] = field(default_factory=dict)
    territory: str = ""


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody who is to be asked, or reminded, now; `sent` counts the messages about this round that she was sent before."""

    round: PollRound
    person_id: str
    sent: int


@dataclass(frozen=True, slots=True)
class PanelConsent:
    """Proof that somebody agreed, or not, to have her answers compared from round to round."""

    agreed: bool
    text_version: str
    given_at: datetime
    channel: str
    message_ref: str
