"""The places and bodies that people belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

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


class Communities(Protocol):
    """Places and committees."""

    def all(self, country: Country | None = None) -> Sequence[Community]:
        """Communities, of one country where given, by name."""
        ...

    def get(self, community_id: str) -> Community | None:
        """One community."""
        ...

    def committees(self, community_id: str) -> Sequence[Committee]:
        """The committees of a community."""
        ...

    def put(self, communities: Sequence[Community], committees: Sequence[Committee]) -> None:
        """Insert or replace."""
        ...
