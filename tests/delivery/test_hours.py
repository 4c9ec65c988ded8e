"""From when to when something may leave unasked, by country, purpose and day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.delivery.hours import Hours
from bot.delivery.public_holidays import public_holidays
from bot.domain.home import ZONES
from bot.domain.message import Address, ChannelName, OutboundMessage, Purpose, Reply
from bot.domain.person import Country

CO, PE = Country.CO, Country.PE
HERS = Address(ChannelName.SMS, "+573001234567")


def at(text: str, country: Country = CO) -> datetime:
    """A moment by the clock of a country."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONES[country])).astimezone(UTC)


def message(purpose: Purpose, now: datetime, to: Address = HERS, **facts: Any) -> OutboundMessage:
    return OutboundMessage("m", to, Reply("r", "x"), now, purpose=purpose, **facts)


@pytest.mark.parametrize(
    ("purpose", "now", "opens"),
    [
        (Purpose.SERVICE, "2026-11-23T06:59", "2026-11-23T07:00"),
        (Purpose.SERVICE, "2026-11-23T07:00", "2026-11-23T07:00"),
        (Purpose.SERVICE, "2026-11-22T19:59", "2026-11-22T19:59"),
        (Purpose.SERVICE, "2026-11-22T20:00", "2026-11-23T07:00"),
        (Purpose.CHOSEN, "2026-11-23T04:30", "2026-11-23T05:00"),
        (Purpose.CHOSEN, "2026-11-23T21:00", "2026-11-24T05:00"),
        (Purpose.URGENT, "2026-11-23T21:59", "2026-11-23T21:59"),
        (Purpose.URGENT, "2026-11-23T23:00", "2026-11-24T05:00"),
        (Purpose.REPLY, "2026-11-23T02:00", "2026-11-23T02:00"),
        (Purpose.DANGER, "2026-11-23T02:00", "2026-11-23T02:00"),
        (Purpose.PROMOTIONAL, "2026-11-23T06:00", "2026-11-23T07:00"),
        (Purpose.PROMOTIONAL, "2026-11-20T19:00", "2026-11-21T08:00"),  # Friday evening: Saturday
        (Purpose.PROMOTIONAL, "2026-11-21T15:00", "2026-11-23T07:00"),  # Saturday afternoon: Monday
        (Purpose.PROMOTIONAL, "2026-11-22T10:00", "2026-11-23T07:00"),  # Sunday
        (Purpose.PROMOTIONAL, "2026-11-16T10:00", "2026-11-17T07:00"),  # Independence of Cartagena, moved to Monday
        (Purpose.PROMOTIONAL, "2026-12-08T10:00", "2026-12-09T07:00"),  # Immaculate Conception, a Tuesday
    ],
)
def test_what_is_outside_its_hours_waits_for_the_next_opening(purpose: Purpose, now: str, opens: str) -> None:
    assert Hours().opening(at(now), CO, purpose) == at(opens)


def test_each_country_has_its_own_holidays_and_hours() -> None:
    battle = at("2026-07-28T10:00", PE)  # Peru's independence, a Tuesday
    assert Hours().opening(battle, CO, Purpose.PROMOTIONAL) == battle
    assert Hours().opening(battle, PE, Purpose.PROMOTIONAL) == at("2026-07-30T07:00", PE), "and the day after"
    hours = Hours({"PE": (time(9), time(12))})
    assert hours.opening(at("2026-11-23T08:00"), PE, Purpose.SERVICE) == at("2026-11-23T09:00")
    assert hours.opening(at("2026-11-23T08:00"), CO, Purpose.SERVICE) == at("2026-11-23T08:00")


def test_holidays_are_those_of_the_calendar() -> None:
    assert {date(2026, 7, 20), date(2026, 11, 2), date(2026, 4, 3)} <= public_holidays(CO, 2026)
    assert {date(2026, 7, 28), date(2026, 6, 29), date(2026, 4, 3)} <= public_holidays(PE, 2026)
    assert date(2026, 7, 20) not in public_holidays(PE, 2026)


def test_the_country_is_hers_else_that_of_her_number() -> None:
    hours, now = Hours({"PE": (time(12), time(13))}), at("2026-11-23T10:00")
    chat = Address(ChannelName.TELEGRAM, "3001234567")
    noon = at("2026-11-23T12:00")
    assert hours.lets_out(message(Purpose.SERVICE, now), now) == now
    assert hours.lets_out(message(Purpose.SERVICE, now, Address(ChannelName.SMS, "+51912345678")), now) == noon
    assert hours.lets_out(message(Purpose.SERVICE, now, chat, country=PE), now) == noon
    assert hours.lets_out(message(Purpose.SERVICE, now, country=PE), now) == noon
    assert hours.lets_out(message(Purpose.SERVICE, now, chat), now) == now


def test_a_change_of_a_meeting_that_is_near_is_written_at_any_hour_but_not_rung() -> None:
    night = at("2026-11-23T23:00")
    near, far = night + timedelta(hours=12), night + timedelta(hours=13)
    assert Hours().lets_out(message(Purpose.URGENT, night, expires_at=near), night) == night
    assert Hours().lets_out(message(Purpose.URGENT, night, expires_at=far), night) == at("2026-11-24T05:00")
    call = Address(ChannelName.CALL, HERS.value)
    assert Hours().lets_out(message(Purpose.URGENT, night, call, expires_at=near), night) == at("2026-11-24T05:00")


def test_what_she_waits_for_now_has_no_hours() -> None:
    night = at("2026-11-23T23:00")
    assert Hours().lets_out(message(Purpose.PROMOTIONAL, night, awaited=True), night) == night
