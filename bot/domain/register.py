"""People as the staff see them: what is known of each, with addresses that are masked until somebody gives a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Protocol

from bot.domain.message import Address
from bot.domain.person import Country, Mode

MOST_COUNTED: Final = 1000


class Standing(StrEnum):
    """Whether somebody agreed to be part of it."""

    AGREED = "agreed"
    NOT_YET = "not_yet"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class MaskedAddress:
    """One of her addresses. `ref` stands for it in a form; `shown` ends in its last two letters or digits."""

    ref: str
    channel: str
    shown: str
    opted_out: bool


@dataclass(frozen=True, slots=True)
class Record:
    """One person. `standing_since` is when she agreed or left; `waits_since` when she asked for a person."""

    id: str
    created_at: datetime = field(repr=False)
    community_id: str | None
    country: Country | None
    mode: Mode | None
    language: str
    standing: Standing
    standing_since: date | None
    consent_version: str
    consent_channel: str
    last_seen: date | None
    lessons_finished: int
    waits_since: datetime | None
    addresses: tuple[MaskedAddress, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Some records, the newest people first; `after` asks for those behind them, '' where there are none.

    `total` is how many there are in all, counted up to `MOST_COUNTED`.
    """

    records: tuple[Record, ...]
    total: int
    after: str = ""


class Register(Protocol):
    """Looking people up. Whoever does writes it into the audit log."""

    def page(
        self, *, community_id: str | None = None, standing: Standing | None = None, after: str = "", limit: int = 25
    ) -> Page:
        """Records of one community, or of all; of one standing, or of any."""
        ...

    def record(self, person_id: str) -> Record | None:
        """One person; None where there is none."""
        ...

    def reveal(self, person_id: str, ref: str) -> Address | None:
        """One of her addresses, in full; None where it is not hers."""
        ...

    def waiting(self, community_id: str | None = None, limit: int = 50) -> Sequence[Record]:
        """Those who asked for a person, the longest waiting first."""
        ...
