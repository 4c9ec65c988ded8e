"""The places and bodies that people belong to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.person import Country


class CommitteeKind(StrEnum):
    """Management Committee, or Participatory Monitoring & Evaluation Committee."""

    MANAGEMENT = "management"
    PME = "pme"


@dataclass(frozen=True, slots=True)
class Community:
    """A municipality where the programme works; `territory` groups communities that are paused together."""

    id: str
    name: str
    country: Country
    territory: str


@dataclass(frozen=True, slots=True)
class Committee:
    """A body of one community."""

    id: str
    community_id: str
    kind: CommitteeKind
    name: str
