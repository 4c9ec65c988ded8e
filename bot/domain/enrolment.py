"""People who are signed up by somebody else: with her present, until she answers herself; or by a file that was looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.domain.community import Community
from bot.domain.folding import plain
from bot.domain.message import Address
from bot.domain.person import Country, Mode

PENDING_LASTS: Final = timedelta(hours=48)
FILE_LASTS: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody who is to be asked for her permission at that address; nothing else of her is known."""

    address: Address
    country: Country
    community_id: str
    mode: Mode


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file of people that somebody looks at before she keeps it."""

    id: str
    member_id: str
    content: bytes = field(repr=False)


class Enrolments(Protocol):
    """What waits for an answer: numbers for 48 hours, files for one."""

    def expect(self, expected: Expected, member_id: str, now: datetime) -> None:
        """Keep a number, sealed, until she answers or the time is up."""
        ...

    def expected(self, address: Address, now: datetime) -> Expected | None:
        """What was filled in for whoever comes by that address."""
        ...

    def answered(self, address: Address) -> None:
        """She has answered: the pending number is dropped."""
        ...

    def pending(self, community_id: str | None, now: datetime) -> int:
        """How many numbers wait for an answer."""
        ...

    def put_file(self, file: UploadedFile, now: datetime) -> None:
        """Keep a file, sealed; it replaces the one that the same member uploaded before."""
        ...

    def file(self, file_id: str, member_id: str, now: datetime) -> UploadedFile | None:
        """A file of that member's."""
        ...

    def drop_file(self, file_id: str) -> None:
        """Delete a file."""
        ...

    def forget(self, now: datetime) -> int:
        """Drop what has waited too long; returns how many numbers."""
        ...


def keyword(community: Community, communities: Sequence[Community]) -> str:
    """The word by which a newcomer says where she is: letters alone, the same however she spells it.

    It is the place's name; where two have the same name, that of its id.
    """
    name = _letters(community.name)
    alike = [each for each in communities if _letters(each.name) == name]
    return name if len(alike) == 1 and name else _letters(community.id)


def by_keyword(text: str, communities: Sequence[Community]) -> Community | None:
    """The community whose keyword is the whole message, a start or a greeting aside."""
    said = _letters(text)
    for opening in ("START", "HOLA", ""):
        rest = said.removeprefix(opening)
        found = [each for each in communities if rest and keyword(each, communities) == rest]
        if len(found) == 1:
            return found[0]
    return None


def _letters(text: str) -> str:
    return "".join(letter for letter in plain(text) if letter.isalpha()).upper()
