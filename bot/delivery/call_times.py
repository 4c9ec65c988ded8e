"""When Batea may ring somebody who did not ask for it just now, and when to try again. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.delivery.hours import Hours, Window
from bot.domain.home import ZONES, country_of
from bot.domain.message import Purpose
from bot.domain.person import Country

# Who was not reached in the morning may be at noon or in the evening: work in a mine leaves other hours free each day.
TIMES: Final = (time(8), time(12, 30), time(18))
APART: Final = timedelta(hours=3)
MOST_ATTEMPTS: Final = 3
_LOOKS_AHEAD: Final = 14


class CallHours(Hours):
    """From when to when people are called."""

    def next_allowed(self, now: datetime, number: str, purpose: Purpose = Purpose.SERVICE) -> datetime:
        """Now, where a call for that purpose is allowed now at that number's home; else when it is next."""
        country = country_of(number) or Country.CO
        opens = self.opening(now, country, purpose)
        if opens <= now or purpose is Purpose.URGENT:
            return opens
        # What is urgent goes out as soon as it may, the rest not at the first minute of the day.
        day = opens.astimezone(ZoneInfo(ZONES[country])).date()
        return max(opens, self._moments(day, country, purpose)[0].astimezone(now.tzinfo))

    def next_try(self, now: datetime, number: str, purpose: Purpose = Purpose.SERVICE) -> datetime:
        """The next of the day's times that lies some hours ahead, so that three tries meet three times of day."""
        country = country_of(number) or Country.CO
        local = now.astimezone(ZoneInfo(ZONES[country]))
        days = (local.date() + timedelta(days=ahead) for ahead in range(_LOOKS_AHEAD))
        moments = (moment for day in days for moment in self._moments(day, country, purpose))
        return next(moment for moment in moments if moment - local >= APART).astimezone(now.tzinfo)

    def _moments(self, day: date, country: Country, purpose: Purpose) -> list[datetime]:
        window = self.window(day, country, purpose)
        zone = ZoneInfo(ZONES[country])
        return [datetime.combine(day, at, zone) for at in _times(window)] if window else []


def _times(window: Window) -> tuple[time, ...]:
    """The times of day that lie within the hours; their beginning, where none does."""
    first, last = window
    return tuple(at for at in TIMES if first <= at < last) or (first,)
