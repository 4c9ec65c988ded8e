"""How she learns from day to day, as a turn sees it and writes it down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.dialogue.effects import Whom
from bot.domain.repetition import Review
from bot.domain.store import UnitOfWork
from bot.domain.study import ASKED_WITHIN, Intention, Managed, Rhythm


class Study(Protocol):
    """What a turn may ask of it."""

    def rhythm(self) -> Rhythm | None:
        """When lessons come to her; None where she asked for none."""
        ...

    def reviews(self) -> Sequence[Review]:
        """Questions that she missed and whose time has come, the one that waits longest first."""
        ...

    def is_asked(self, module_id: str) -> bool:
        """Whether she was asked how it went after that module, and has not answered."""
        ...


class StudyOfTurn:
    """`Study` in one transaction."""

    def __init__(self, unit: UnitOfWork, person_id: str, now: datetime) -> None:
        self._studies = unit.study
        self._person_id = person_id
        self._now = now

    def rhythm(self) -> Rhythm | None:
        """When lessons come to her."""
        return self._studies.rhythm(self._person_id)

    def reviews(self) -> Sequence[Review]:
        """Questions whose time has come."""
        return self._studies.reviews(self._person_id, self._now)

    def is_asked(self, module_id: str) -> bool:
        """Whether she was asked how it went, and has not answered."""
        return self._studies.is_asked(self._person_id, module_id)


@dataclass(frozen=True, slots=True)
class SetRhythm:
    """She wants lessons at that hour."""

    rhythm: Rhythm
    due_at: datetime

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Keep it."""
        unit.study.set_rhythm(whom.person_id, self.rhythm, self.due_at)


@dataclass(frozen=True, slots=True)
class StopRhythm:
    """She wants no more lessons by themselves."""

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Stop them."""
        unit.study.stop_rhythm(whom.person_id)


@dataclass(frozen=True, slots=True)
class Intend:
    """She has set out to do something. It shows in no `repr`."""

    module_id: str
    option_id: str = field(repr=False)
    due_at: datetime

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Keep it until she is asked."""
        unit.study.intend(Intention(whom.person_id, self.module_id, self.option_id, self.due_at, self.due_at + ASKED_WITHIN))


@dataclass(frozen=True, slots=True)
class RecordManaged:
    """Whether she managed: counted, and not kept with her."""

    module_id: str
    how: Managed = field(repr=False)

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Count it, once."""
        unit.study.managed(whom.person_id, self.module_id, self.how)
