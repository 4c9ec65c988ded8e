"""Committee meetings and whether one comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.community import CommitteeKind


class Rsvp(StrEnum):
    """What a person says about coming. Stored encrypted, never listed."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting of one committee. `starts_at` is UTC; `timezone` is the IANA name of the place where it is held."""

    id: str
    committee_id: str
    committee_kind: CommitteeKind
    community_id: str
    agenda: str
    starts_at: datetime
    timezone: str
    place: str
    landmark: str = ""
    food: bool = False
    childcare: bool = False
    transport: bool = False
    contact: str = ""
    version: int = 1
    cancelled: bool = False
