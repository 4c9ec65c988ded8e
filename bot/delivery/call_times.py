"""When Batea may ring somebody who did not ask for it just now, and when to try again. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

# Service calls: 07 to 20 o'clock, every day (design.md, section 5.4), where the number is at home.
FIRST: Final = time(7)
LAST: Final = time(20)
# Who was not reached in the morning may be at noon or in the evening: work in a mine leaves other hours free each day.
TIMES: Final = (time(8), time(12, 30), time(18))
APART: Final = timedelta(hours=3)
MOST_ATTEMPTS: Final = 3

_ZONES: Final = {"+57": ZoneInfo("America/Bogota"), "+51": ZoneInfo("America/Lima")}


def next_allowed(now: datetime, number: str) -> datetime:
    """Now, where a call is allowed now at that number's home; else when it is next."""
    local = now.astimezone(_zone(number))
    if FIRST <= local.time() < LAST:
        return now
    day = local.date() if local.time() < FIRST else local.date() + timedelta(days=1)
    return datetime.combine(day, TIMES[0], local.tzinfo).astimezone(now.tzinfo)


def next_try(now: datetime, number: str) -> datetime:
    """The next of the day's times that lies some hours ahead, so that three tries meet three times of day."""
    local = now.astimezone(_zone(number))
    days = (local.date(), local.date() + timedelta(days=1))
    moments = (datetime.combine(day, at, local.tzinfo) for day in days for at in TIMES)
    return next(moment for moment in moments if moment - local >= APART).astimezone(now.tzinfo)


def _zone(number: str) -> ZoneInfo:
    return _ZONES.get(number[:3], _ZONES["+57"])
