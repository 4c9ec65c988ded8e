"""What staff have marked people with, to reach them together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class Tags(Protocol):
    """Marks of persons: short words in lower case (`bot.domain.audience.TAG`)."""

    def all(self) -> Mapping[str, int]:
        """Every tag that somebody has, with how many people, by name."""
        ...

    def of(self, person_id: str) -> Sequence[str]:
        """Hers, by name."""
        ...

    def put(self, person_id: str, tag: str) -> None:
        """Mark her; once is enough."""
        ...

    def drop(self, person_id: str, tag: str) -> None:
        """Take a mark away; one that she has not is no error."""
        ...
