"""What a turn may ask about the line it came by: who shares it, and what a code stands for."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.dialogue.fieldwork import WorkOfTurn
from bot.domain.conversation import Place, PlaceKind, State
from bot.domain.field_desk import FieldDesk
from bot.domain.line import NOBODY, SESSION, Claim, Line, Profile, Question
from bot.domain.message import Inbound, InboundKind
from bot.domain.person import Person
from bot.domain.store import UnitOfWork

# Somebody else may take the phone between two calls, but not between two keys of one.
BETWEEN_CALLS: Final = timedelta(minutes=3)
FIRST: Final = "first"
"""Behind a question's place: it has not been asked yet, so that what was said is no answer to it."""


class Telephone(Protocol):
    """The line of a turn."""

    @property
    def shared(self) -> bool:
        """Whether several persons share it."""
        ...

    def profiles(self) -> Sequence[Profile]:
        """Those who share it, by number."""
        ...

    def known(self, person_id: str) -> tuple[Person, State] | None:
        """One of them, or whose code it is."""
        ...

    def owner(self) -> tuple[Person, State]:
        """Whom the line belongs to where nobody shares it."""
        ...

    def newcomer(self) -> Person:
        """Somebody new, who is not written down yet."""
        ...

    def new_code(self) -> str:
        """Six digits that are no valid code yet."""
        ...

    def claim(self, code: str) -> Claim | None:
        """What a code stands for; None where it is not valid, or is one of this very line."""
        ...

    def tries_left(self) -> int:
        """How many wrong codes this line may still give."""
        ...


class LineOfTurn:
    """`Telephone` on the repositories of a turn. Of a line that nobody shares it asks the database nothing.

    `work` is what a facilitator does from it.
    """

    def __init__(
        self, unit: UnitOfWork, inbound: Inbound, owner: tuple[Person, State], now: datetime, desk: FieldDesk | None = None
    ) -> None:
        self.work = WorkOfTurn(unit, desk, inbound.sender, now)
        self._unit = unit
        self._sender = inbound.sender
        self._owner = owner
        self._now = now
        self._line = unit.people.line(inbound.sender)

    @property
    def shared(self) -> bool:
        """Whether several persons share it."""
        return self._line.shared

    def profiles(self) -> Sequence[Profile]:
        """Those who share it, by number."""
        return self._unit.lines.profiles(self._line.id) if self._line.shared else ()

    def known(self, person_id: str) -> tuple[Person, State] | None:
        """One of them, or whose code it is."""
        return self._unit.people.get(person_id)

    def owner(self) -> tuple[Person, State]:
        """Whom the line belongs to where nobody shares it."""
        return self._owner

    def newcomer(self) -> Person:
        """Somebody new, who is not written down yet."""
        return Person(uuid.uuid4().hex, self._now)

    def new_code(self) -> str:
        """Six digits that are no valid code yet."""
        return self._unit.lines.new_code(self._now)

    def claim(self, code: str) -> Claim | None:
        """What a code stands for; None where it is not valid, or is one of this very line."""
        claim = self._unit.lines.claim(code, self._now)
        return claim if claim and claim.line.id != self._line.id else None

    def tries_left(self) -> int:
        """How many wrong codes this line may still give."""
        return self._unit.lines.tries_left(self._sender, self._now)


def asked(line: Line, person: Person, kind: InboundKind, now: datetime) -> Place | None:
    """Where a turn begins while it is not known who writes; None where it is.

    After 90 days of silence the number may have a new owner. Where several share the phone, each conversation begins with
    the question who it is; an answer counts only once the question was asked, and not for long.
    """
    silence = None if line.heard_at is None else now - line.heard_at
    question = line.asked
    if question is None and line.silent(now) and (person.enrolled or line.shared):
        question = Question.AGAIN
    if question is None and line.shared:
        longest = BETWEEN_CALLS if kind is InboundKind.ANSWERED_CALL else SESSION
        question = Question.WHO if silence is None or silence > longest else None
    if question is None:
        return None
    waits = line.asked is not None and silence is not None and silence <= SESSION
    return Place(PlaceKind.PROFILE, (question.value,) if waits else (question.value, FIRST))


def nobody(person: Person) -> Person:
    """Somebody unknown at this line: only the country is kept, for the numbers to call in an emergency."""
    return replace(Person(NOBODY, person.created_at), country=person.country, last_seen_at=person.last_seen_at)
