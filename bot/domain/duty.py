"""Who of the team is on duty when, and where she is alerted that somebody waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final, Protocol
from zoneinfo import ZoneInfo

from bot.domain.home import ZONES
from bot.domain.message import Address
from bot.domain.person import Country

if TYPE_CHECKING:
    from bot.domain.community import Community
    from bot.domain.store import UnitOfWork

MOST_SHIFTS: Final = 60
_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody answers the people of one community every week on that day (0: Monday), from then to then, where they live."""

    id: str
    community_id: str
    member_id: str
    weekday: int
    begins: time
    ends: time


@dataclass(frozen=True, slots=True)
class Duty:
    """How it stands at one moment: whether there is a roster at all, who is on duty, and when somebody is next.

    `following` are those who are next; `next_at` is in the community's own time.
    """

    kept: bool = False
    now: tuple[str, ...] = ()
    next_at: datetime | None = None
    following: tuple[str, ...] = ()


def duty_at(shifts: Sequence[Shift], now: datetime, zone: str = ZONES[Country.CO]) -> Duty:
    """What a roster says of a moment."""
    local = now.astimezone(ZoneInfo(zone))
    present = [each for each in shifts if each.weekday == local.weekday() and each.begins <= local.time() < each.ends]
    begins = [(_next(each, local), each.member_id) for each in shifts]
    soonest = min((when for when, _ in begins), default=None)
    return Duty(
        kept=bool(shifts),
        now=tuple(dict.fromkeys(each.member_id for each in present)),
        next_at=soonest,
        following=tuple(dict.fromkeys(member for when, member in begins if when == soonest)),
    )


def duty_of(uow: UnitOfWork, place: Community | None, now: datetime) -> Duty:
    """How it stands in a community at that moment, by its own time; no roster is kept where no community is known."""
    return duty_at(uow.roster.shifts(place.id), now, ZONES[place.country]) if place else Duty()


def _next(shift: Shift, local: datetime) -> datetime:
    """When a shift begins next, after that moment."""
    day = local.date() + timedelta(days=(shift.weekday - local.weekday()) % _WEEK)
    begins = datetime.combine(day, shift.begins, local.tzinfo)
    return begins if begins > local else begins + timedelta(days=_WEEK)


class Roster(Protocol):
    """The weekly table, and the address at which each member of the team is alerted."""

    def shifts(self, community_id: str | None = None) -> Sequence[Shift]:
        """The shifts of one community, or all, by day and hour; those of accounts that were disabled are left out."""
        ...

    def add(self, shift: Shift) -> bool:
        """Add a shift; False where the same person has one there that overlaps, or there are too many."""
        ...

    def drop(self, shift_id: str) -> Shift | None:
        """Take a shift away; gives it, None where there is none."""
        ...

    def contact(self, member_id: str) -> Address | None:
        """Where a member of the team is alerted; None where she did not say, or her account was disabled."""
        ...

    def set_contact(self, member_id: str, address: Address | None) -> None:
        """Alert her there from now on; None: nowhere."""
        ...
