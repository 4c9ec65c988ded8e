"""Those who work with Batea: who they are and what they may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a member of staff may do.

    `admin`: all, and accounts; `staff`: all but accounts; `facilitator`: her own community only, its people who wait, its
    meetings and its face-to-face answers; `pme`: published results only, of a PM&E committee.
    """

    ADMIN = "admin"
    STAFF = "staff"
    FACILITATOR = "facilitator"
    PME = "pme"


@dataclass(frozen=True, slots=True)
class StaffMember:
    """An account. `community_id` is set for a facilitator and bounds what she sees."""

    id: str
    email: str
    role: Role
    community_id: str | None = None
    language: str = "es"
    created_at: datetime | None = None
    disabled_at: datetime | None = None
