"""A facilitator who works from her own phone: the phones that staff gave her role to, her PIN, and what she is preparing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.domain.message import Address

PIN_DIGITS: Final = 6
MOST_WRONG: Final = 3
"""So many wrong PINs running lock it, until staff give her a new one."""
MOST_PHONES: Final = 3
DRAFT_LASTS: Final = timedelta(hours=24)

ASKED: Final = "asked"
"""The field of a draft that has its first PIN and waits for a second person's."""

Draft = Mapping[str, str]
"""What she has said of something that she is preparing, by field."""


@dataclass(frozen=True, slots=True)
class Facilitator:
    """Whoever acts from an enrolled phone. Without `tries_left` nothing is sent until staff have given her a new PIN."""

    member_id: str
    community_id: str
    tries_left: int = MOST_WRONG

    @property
    def locked(self) -> bool:
        """Whether too many PINs were wrong."""
        return self.tries_left <= 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A draft that a facilitator has put her PIN to and that a second person is to confirm; gone after `DRAFT_LASTS`."""

    member_id: str
    community_id: str
    draft: Draft = field(repr=False)


class Facilitators(Protocol):
    """Enrolled phones, PINs and drafts. Addresses and drafts are sealed, a PIN is a sealed Argon2 hash."""

    def enrol(self, member_id: str, address: Address, now: datetime) -> bool:
        """She works from there from now on; False where somebody else does, or she has too many already."""
        ...

    def withdraw(self, member_id: str, address: Address | None = None) -> int:
        """She does no more, there or anywhere (None); gives how many phones that were."""
        ...

    def phones(self, member_id: str) -> Sequence[Address]:
        """Where she works from."""
        ...

    def at(self, address: Address) -> Facilitator | None:
        """Who works from there: one with the role, whose account is not disabled and who has a PIN."""
        ...

    def tries_left(self, member_id: str) -> int | None:
        """How many wrong PINs she may still give, 0 where she is locked; None: she has no PIN."""
        ...

    def set_pin(self, member_id: str, hashed: str, now: datetime) -> None:
        """Her PIN from now on; it is not locked."""
        ...

    def pin(self, member_id: str) -> str | None:
        """The hash of her PIN; None where there is none."""
        ...

    def wrong(self, member_id: str, now: datetime) -> bool:
        """Count a wrong PIN; True where it is locked by that."""
        ...

    def right(self, member_id: str) -> None:
        """Wrong ones before count no more."""
        ...

    def draft(self, member_id: str, now: datetime) -> Draft:
        """What she is preparing; empty where that is nothing, or too old."""
        ...

    def keep(self, member_id: str, draft: Draft, now: datetime) -> None:
        """Keep what she is preparing; an empty one is forgotten."""
        ...

    def asking(self, community_id: str, member_id: str, now: datetime) -> tuple[str, Draft] | None:
        """What another facilitator there has asked a second person to confirm: who, and her draft, which holds `ASKED`."""
        ...

    def waiting(self, now: datetime) -> Sequence[Asked]:
        """What waits for a second person, the oldest first."""
        ...

    def forget_drafts(self, before: datetime) -> int:
        """Delete those kept before that moment; gives how many."""
        ...
