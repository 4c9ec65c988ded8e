"""From when to when people may be written to or called unasked, by their country. Pure.

Service 07 to 20 o'clock every day, or as a country is set; what was asked for 05 to 21, what is urgent 05 to 22 (design.md,
section 5.4). Promotional messages keep to what Colombia allows those who sell or collect: Monday to Friday 07 to 19, Saturday
08 to 15, never on Sundays and public holidays. Source: Ley 2300 de 2023 (Colombia), article 3 (read November 2026); whether it
binds a programme that sells nothing is open, and Peru's people get the same with their own holidays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.delivery.public_holidays import public_holidays
from bot.domain.home import ZONES, country_of
from bot.domain.message import OutboundMessage, Purpose
from bot.domain.person import Country

Window = tuple[time, time]

SERVICE: Final[Window] = (time(7), time(20))
_OTHERS: Final[Mapping[Purpose, Window]] = {Purpose.CHOSEN: (time(5), time(21)), Purpose.URGENT: (time(5), time(22))}
_ANY_HOUR: Final = frozenset({Purpose.REPLY, Purpose.DANGER})
_WEEKDAY: Final[Window] = (time(7), time(19))
_SATURDAY: Final[Window] = (time(8), time(15))
_SATURDAYS, _SUNDAYS = 5, 6
# Not even Holy Week closes more days in a row; beyond it a setting leaves no hour at all.
_LOOKS_AHEAD: Final = 14
NEAR: Final = timedelta(hours=12)
"""A text about a meeting that begins within this is for any hour."""


@dataclass(frozen=True)
class Hours:
    """`service` by country, where it is not the usual; `holidays` of one country and year."""

    service: Mapping[str, Window] = field(default_factory=dict)
    holidays: Callable[[Country, int], frozenset[date]] = public_holidays

    def window(self, day: date, country: Country, purpose: Purpose) -> Window | None:
        """From when to when something may leave on that day, where the person is; None: not at all."""
        if purpose is not Purpose.PROMOTIONAL:
            return _OTHERS.get(purpose) or self.service.get(country, SERVICE)
        if day.weekday() == _SUNDAYS or day in self.holidays(country, day.year):
            return None
        return _SATURDAY if day.weekday() == _SATURDAYS else _WEEKDAY

    def opening(self, now: datetime, country: Country, purpose: Purpose) -> datetime:
        """Now, where something may leave for that purpose now; else when it may next."""
        if purpose in _ANY_HOUR:
            return now
        local = now.astimezone(ZoneInfo(ZONES[country]))
        for ahead in range(_LOOKS_AHEAD):
            day = local.date() + timedelta(days=ahead)
            window = self.window(day, country, purpose)
            if window is None:
                continue
            first, last = (datetime.combine(day, at, local.tzinfo) for at in window)
            if local < last:
                return max(local, first).astimezone(now.tzinfo)
        return now + timedelta(days=_LOOKS_AHEAD)

    def lets_out(self, message: OutboundMessage, now: datetime) -> datetime:
        """From when on a message may be sent: `opening`, or at once what is urgent, is no call, and ends within 12 hours."""
        near = message.expires_at is not None and message.expires_at - now <= NEAR
        if not message.timed or (message.purpose is Purpose.URGENT and near and not message.rings):
            return now
        return self.opening(now, home_of(message), message.purpose)


def home_of(message: OutboundMessage) -> Country:
    """The country whose hours hold: the person's, else that of her number, else the one where most people are."""
    return message.country or country_of(message.to.value) or Country.CO
