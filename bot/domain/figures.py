"""Counts that the staff pages show: never of whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from bot.domain.meeting import Meeting
from bot.domain.person import Country

SMALLEST_GROUP: Final = 10
"""A group of fewer is not shown (domain.md, section C)."""


def shown(people: int) -> int | None:
    """A count as it may be shown: None for a group that is too small, 0 where there is nobody."""
    return people if people == 0 or people >= SMALLEST_GROUP else None


@dataclass(frozen=True, slots=True)
class ModuleCounts:
    """How many people of a country have begun a module, by how many of its lessons each has finished."""

    country: Country | None
    module_id: str
    by_lessons: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class QuizCounts:
    """How many people have answered a quiz item, and how many of them wrongly at the first try.

    Of them `again` have answered it once more: `missed_before` wrongly at the first try, `missed_again` wrongly the last time.
    """

    module_id: str
    quiz_id: str
    people: int
    missed: int
    again: int = 0
    missed_before: int = 0
    missed_again: int = 0


class Figures(Protocol):
    """Counts, of one community where one is given."""

    def enrolled(self, community_id: str | None = None) -> int:
        """How many people have agreed and not left."""
        ...

    def waiting(self, community_id: str | None = None) -> int:
        """How many people wait for a person."""
        ...

    def failed(self, since: datetime, community_id: str | None = None) -> int:
        """Messages since then that did not arrive, or of which nobody knows."""
        ...

    def unread(self) -> int:
        """Messages that were not understood and that nobody has dealt with."""
        ...

    def meetings(self, now: datetime, community_id: str | None = None, limit: int = 5) -> Sequence[Meeting]:
        """The next meetings that are not cancelled, the soonest first."""
        ...

    def modules(self, community_id: str | None = None) -> Sequence[ModuleCounts]:
        """Who learnt what, as counts."""
        ...

    def quizzes(self, community_id: str | None = None) -> Sequence[QuizCounts]:
        """Answers to quiz items, each person's first and last to each."""
        ...
