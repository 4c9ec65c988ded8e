"""When Batea may ring somebody who did not ask for it just now, and when to try again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.home import ZONES, country_of
from bot.domain.message import Purpose
from bot.domain.person import Country

# Service calls: 07 to 20 o'clock, every day (design.md, section 5.4), where the number is at home; a country may have its own.
SERVICE: Final = (time(7), time(20))
_OTHERS: Final = {Purpose.CHOSEN: (time(5), time(21)), Purpose.URGENT: (time(5), time(22))}
# Who was not reached in the morning may be at noon or in the evening: work in a mine leaves other hours free each day.
TIMES: Final = (time(8), time(12, 30), time(18))
APART: Final = timedelta(hours=3)
MOST_ATTEMPTS: Final = 3


@dataclass(frozen=True, slots=True)
class CallHours:
    """From when to when people are called; `service` by country, where it is not the usual."""

    service: Mapping[str, tuple[time, time]]

    def next_allowed(self, now: datetime, number: str, purpose: Purpose = Purpose.SERVICE) -> datetime:
        """Now, where a call for that purpose is allowed now at that number's home; else when it is next."""
        local, (first, last) = _local(now, number), self._hours(number, purpose)
        if first <= local.time() < last:
            return now
        # What is urgent goes out as soon as it may, the rest not at the first minute of the day.
        at = first if purpose is Purpose.URGENT else _times(first, last)[0]
        day = local.date() if local.time() < first else local.date() + timedelta(days=1)
        return datetime.combine(day, at, local.tzinfo).astimezone(now.tzinfo)

    def next_try(self, now: datetime, number: str, purpose: Purpose = Purpose.SERVICE) -> datetime:
        """The next of the day's times that lies some hours ahead, so that three tries meet three times of day."""
        local = _local(now, number)
        days = (local.date() + timedelta(days=ahead) for ahead in range(3))
        moments = (datetime.combine(day, at, local.tzinfo) for day in days for at in _times(*self._hours(number, purpose)))
        return next(moment for moment in moments if moment - local >= APART).astimezone(now.tzinfo)

    def _hours(self, number: str, purpose: Purpose) -> tuple[time, time]:
        return _OTHERS.get(purpose) or self.service.get(_country(number), SERVICE)


def _times(first: time, last: time) -> tuple[time, ...]:
    """The times of day that lie within the hours; their beginning, where none does."""
    return tuple(at for at in TIMES if first <= at < last) or (first,)


def _local(now: datetime, number: str) -> datetime:
    return now.astimezone(ZoneInfo(ZONES[_country(number)]))


def _country(number: str) -> Country:
    return country_of(number) or Country.CO
