"""Committee meetings and whether one comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

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


class Meetings(Protocol):
    """Meetings and RSVPs, the latter only ever as counts."""

    def next_for(self, community_id: str, now: datetime) -> Meeting | None:
        """The next meeting of that community that is not cancelled."""
        ...

    def get(self, meeting_id: str) -> Meeting | None:
        """One meeting."""
        ...

    def put(self, meeting: Meeting) -> None:
        """Insert or replace."""
        ...

    def rsvp(self, meeting_id: str, person_id: str, rsvp: Rsvp, when: datetime) -> None:
        """Record or change whether she comes."""
        ...

    def coming(self, meeting_id: str) -> int:
        """How many said yes."""
        ...
