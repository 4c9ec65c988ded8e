"""What Batea tells by telephone of its own accord: whom, when, how often, and nothing before somebody listens."""

from __future__ import annotations

import uuid
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from standins.telephone import Handset

from bot.delivery.call_times import APART, CallHours
from bot.domain.message import Address, ChannelName, Choice, MessageState, OutboundMessage, Purpose, Reply, Speech
from bot.domain.unasked import Admission

NEWS = Reply("test.news", "El agua bajó.", Speech("El agua bajó."))
QUESTION = Reply(
    "test.question",
    "¿Va a ir?",
    Speech("¿Va a ir? Opción uno: Voy. Opción dos: No voy."),
    (Choice("1", "meeting:demo-taraza:yes", "Voy"), Choice("2", "meeting:demo-taraza:no", "No voy")),
)


@pytest.fixture
def member(telephony: Any) -> Handset:
    """Somebody who agreed, of Tarazá."""
    handset: Handset = telephony.handset()
    telephony.call(handset)
    for key in ("1", "1", "1", "1", "3", "2"):
        handset.press(key)
    handset.hang_up()
    telephony.pass_time(days=1)
    return handset


def tell(telephony: Any, handset: Handset, *replies: Reply, **facts: Any) -> None:
    """Queue messages to her telephone, as an announcement does."""
    to, now = Address(ChannelName.CALL, handset.number), telephony.clock.now()

    def work(unit: Any) -> None:
        person, _ = unit.people.meet(to, now)
        unit.outbox.add([OutboundMessage(uuid.uuid4().hex, to, reply, now, **facts) for reply in replies], person.id)

    telephony.run(work)
    telephony.batea.sender.sweep()


def states(telephony: Any) -> dict[MessageState, int]:
    found: dict[MessageState, int] = telephony.run(lambda unit: dict(unit.outbox.counts()))
    return found


def local_hour(telephony: Any) -> float:
    local = telephony.clock.now() - timedelta(hours=5)
    return float(local.hour + local.minute / 60)


def test_she_is_called_and_told_once_a_key_says_that_somebody_listens(telephony: Any, member: Handset) -> None:
    tell(telephony, member, NEWS)
    telephony.pass_time(seconds=1)
    assert member.rung() is not None
    member.pick_up()
    assert telephony.heard(member) == ["call.who_calls"]
    member.press("1")
    assert telephony.names(member)[0] == telephony.clips([NEWS])[0]
    assert telephony.heard(member)[1:] == ["?"], "then where she stands: the meeting"
    assert states(telephony)[MessageState.SENT] >= 1
    member.hang_up()
    telephony.pass_time(days=3)
    assert member.rung() is None


def test_what_is_told_may_be_answered_with_a_key(telephony: Any, member: Handset) -> None:
    tell(telephony, member, NEWS, QUESTION)
    telephony.pass_time(seconds=1)
    member.rung()
    member.pick_up()
    member.press("1")
    assert telephony.names(member) == telephony.clips([NEWS, QUESTION])
    member.press("1")
    assert len(telephony.names(member)) == 1
    assert telephony.run(lambda unit: unit.meetings.coming("demo-taraza")) == 1


def test_several_messages_are_one_call(telephony: Any, member: Handset) -> None:
    tell(telephony, member, NEWS)
    tell(telephony, member, QUESTION)
    telephony.pass_time(seconds=1)
    assert member.rung() is not None
    assert member.rung() is None


def test_at_night_nobody_is_called(telephony: Any, member: Handset) -> None:
    telephony.pass_time(hours=12)
    tell(telephony, member, NEWS)
    for _ in range(9):
        telephony.pass_time(hours=1)
        assert member.rung() is None
    telephony.pass_time(hours=1)
    assert member.rung() is not None
    assert 7 <= local_hour(telephony) < 20


@pytest.mark.parametrize("outcome", ["no-answer", "busy", "machine", "silence"])
def test_who_was_not_reached_is_called_at_other_times_of_day_and_then_no_more(
    telephony: Any, member: Handset, outcome: str
) -> None:
    tell(telephony, member, NEWS)
    hours = []
    for _ in range(72):
        telephony.pass_time(hours=1)
        if member.rung() is None:
            continue
        hours.append(local_hour(telephony))
        if outcome == "machine":
            assert [verb.tag for verb in member.pick_up(answered_by="machine_end_beep")] == ["Hangup"]
            member.hang_up()
        elif outcome == "silence":
            member.pick_up()
            member.hang_up()
        else:
            member.never_took(outcome)
    assert len(hours) == 3
    assert len({round(hour) for hour in hours}) == 3
    assert states(telephony)[MessageState.FAILED] == 1


def test_who_rings_before_she_is_reached_hears_it_then(telephony: Any, member: Handset) -> None:
    telephony.pass_time(hours=12)
    tell(telephony, member, NEWS)
    telephony.missed_call(member)
    member.pick_up()
    member.press("1")
    assert telephony.names(member)[0] == telephony.clips([NEWS])[0]


def test_who_has_heard_it_by_ringing_herself_is_not_called_for_nothing(telephony: Any, member: Handset) -> None:
    telephony.pass_time(hours=12)
    tell(telephony, member, NEWS)
    telephony.call(member)
    member.hang_up()
    for _ in range(24):
        telephony.pass_time(hours=1)
        assert member.rung() is None


def test_what_is_urgent_is_told_at_hours_at_which_nothing_else_is(telephony: Any, member: Handset) -> None:
    telephony.pass_time(hours=11)
    tell(telephony, member, NEWS)
    telephony.pass_time(seconds=1)
    assert local_hour(telephony) > 20
    assert member.rung() is None
    tell(telephony, member, QUESTION, purpose=Purpose.URGENT)
    telephony.pass_time(seconds=1)
    assert member.rung() is not None, "the call that was to be made tomorrow is made now"
    member.pick_up()
    member.press("1")
    assert telephony.names(member) == telephony.clips([NEWS, QUESTION])


def test_even_what_is_urgent_is_not_told_at_night(telephony: Any, member: Handset) -> None:
    telephony.pass_time(hours=13)
    tell(telephony, member, NEWS, purpose=Purpose.URGENT)
    for _ in range(5):
        telephony.pass_time(hours=1)
        assert member.rung() is None
    telephony.pass_time(hours=1)
    assert 5 <= local_hour(telephony) < 6
    assert member.rung() is not None


def test_who_got_three_announcements_this_week_is_not_rung_about_a_fourth(telephony: Any, member: Handset) -> None:
    told = {"purpose": Purpose.SERVICE}
    tell(telephony, member, NEWS, NEWS, QUESTION, **told)
    tell(telephony, member, NEWS, **told)
    telephony.pass_time(seconds=1)
    assert member.rung() is not None
    member.never_took("no-answer")
    while member.rung() is None:
        telephony.pass_time(hours=1)
    member.pick_up()
    member.press("1")
    assert telephony.names(member) == telephony.clips([NEWS, NEWS, QUESTION]), "two rings are one"
    member.hang_up()
    assert states(telephony)[MessageState.CANCELLED] == 1
    tell(telephony, member, NEWS, **told)
    for _ in range(24):
        telephony.pass_time(hours=1)
        assert member.rung() is None
    assert states(telephony)[MessageState.CANCELLED] == 2


def test_a_week_that_fills_while_a_call_waits_for_the_morning_stops_the_call(telephony: Any, member: Handset) -> None:
    telephony.pass_time(hours=12)
    tell(telephony, member, NEWS, purpose=Purpose.SERVICE)
    sms, now = Address(ChannelName.SMS, member.number, simulated=True), telephony.clock.now()

    def work(unit: Any) -> None:
        person, _ = unit.people.meet(Address(ChannelName.CALL, member.number), now)
        rows = [OutboundMessage(uuid.uuid4().hex, sms, NEWS, now, purpose=Purpose.SERVICE) for _ in range(3)]
        unit.outbox.add(rows, person.id)
        assert list(unit.unasked.admit([row.id for row in rows], now, 3).values()) == [Admission.LET] * 3

    telephony.run(work)
    for _ in range(24):
        telephony.pass_time(hours=1)
        assert member.rung() is None
    assert states(telephony)[MessageState.CANCELLED] == 1


def test_a_country_has_hours_of_its_own(telephony_with: Any) -> None:
    telephony = telephony_with(CALL_HOURS_CO="10:30-12")
    stranger = telephony.handset()
    telephony.pass_time(hours=3)
    tell(telephony, stranger, NEWS)
    while stranger.rung() is None:
        telephony.pass_time(minutes=30)
    assert 10.5 <= local_hour(telephony) < 12


def test_while_her_territory_is_paused_nobody_calls_and_then_the_call_is_made(telephony: Any, member: Handset) -> None:
    telephony.run(lambda unit: unit.pauses.begin("bajo-cauca", telephony.clock.now()))
    tell(telephony, member, NEWS)
    for _ in range(72):
        telephony.pass_time(hours=1)
        assert member.rung() is None
    assert states(telephony)[MessageState.HELD] == 1
    telephony.run(lambda unit: (unit.pauses.end("bajo-cauca"), unit.outbox.resume(telephony.clock.now())))
    telephony.batea.sender.sweep()
    telephony.pass_time(seconds=1)
    assert member.rung() is not None
    member.pick_up()
    member.press("1")
    assert telephony.names(member)[0] == telephony.clips([NEWS])[0]


def test_a_pause_stops_a_call_that_was_planned_before_and_takes_no_try_from_it(telephony: Any, member: Handset) -> None:
    telephony.pass_time(hours=12)
    tell(telephony, member, NEWS)
    telephony.run(lambda unit: unit.pauses.begin("", telephony.clock.now()))
    for _ in range(100):
        telephony.pass_time(hours=1)
        assert member.rung() is None
    telephony.run(lambda unit: unit.pauses.end())
    tries = 0
    for _ in range(96):
        telephony.pass_time(hours=1)
        if member.rung() is not None:
            tries += 1
            member.never_took("no-answer")
    assert tries == 3


def test_while_paused_who_rings_is_called_back_and_news_wait(telephony: Any, member: Handset) -> None:
    telephony.pass_time(hours=12)
    tell(telephony, member, NEWS)
    telephony.run(lambda unit: unit.pauses.begin("", telephony.clock.now()))
    telephony.call(member)
    assert telephony.clips([NEWS])[0] not in telephony.names(member)
    assert states(telephony)[MessageState.HELD] == 1


def test_news_that_expired_is_neither_told_nor_called_about_but_counted(telephony: Any, member: Handset) -> None:
    telephony.pass_time(hours=12)
    tell(telephony, member, NEWS, purpose=Purpose.SERVICE, expires_at=telephony.clock.now() + timedelta(hours=2))
    telephony.pass_time(hours=3)
    telephony.batea.sender.sweep()
    for _ in range(24):
        telephony.pass_time(hours=1)
        assert member.rung() is None
    assert states(telephony)[MessageState.EXPIRED] == 1


def test_who_said_baja_is_not_called(telephony: Any, member: Handset) -> None:
    sms = Address(ChannelName.SMS, member.number)
    telephony.run(lambda unit: unit.people.set_opted_out(sms, telephony.clock.now()))
    tell(telephony, member, NEWS)
    telephony.pass_time(seconds=1)
    assert member.rung() is None
    assert states(telephony)[MessageState.FAILED] == 1


def test_who_says_baja_before_the_call_is_not_called(telephony: Any, member: Handset) -> None:
    telephony.pass_time(hours=12)
    tell(telephony, member, NEWS)
    call = Address(ChannelName.CALL, member.number)
    telephony.run(lambda unit: unit.people.set_opted_out(call, telephony.clock.now()))
    telephony.pass_time(hours=12)
    assert member.rung() is None
    assert states(telephony)[MessageState.FAILED] == 1


def test_nothing_is_told_to_who_never_agreed(telephony: Any) -> None:
    stranger = telephony.handset("+573005550177")
    tell(telephony, stranger, NEWS)
    telephony.pass_time(seconds=1)
    assert stranger.rung(5) is not None
    stranger.pick_up()
    stranger.press("1")
    assert telephony.heard(stranger) == ["onboarding.welcome", "onboarding.consent_call"]
    for key in ("1", "1", "1"):
        stranger.press(key)
    assert telephony.clips([NEWS])[0] not in telephony.names(stranger)
    stranger.press("1")
    assert telephony.names(stranger)[0] == telephony.clips([NEWS])[0]


def test_a_message_by_telephone_is_never_sent_as_anything_else(telephony: Any, member: Handset) -> None:
    tell(telephony, member, NEWS)
    telephony.pass_time(seconds=1)
    paths = [path for path, _ in telephony.vendor.calls]
    assert all(path.endswith("/Calls.json") for path in paths)
    assert not any("Twiml" in fields for _, fields in telephony.vendor.calls)


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("number", ["+573001234567", "+51912345678"])
@pytest.mark.parametrize(
    ("purpose", "first", "last"), [(Purpose.SERVICE, 7, 20), (Purpose.CHOSEN, 5, 21), (Purpose.URGENT, 5, 22)]
)
def test_times_lie_in_the_day_of_the_number_and_apart(hour: int, number: str, purpose: Purpose, first: int, last: int) -> None:
    now = datetime.fromisoformat("2026-11-23T00:00:00+00:00") + timedelta(hours=hour)
    hours = CallHours({})
    for moment in (hours.next_allowed(now, number, purpose), hours.next_try(now, number, purpose)):
        assert moment >= now
        assert first <= (moment - timedelta(hours=5)).hour < last
    assert hours.next_try(now, number, purpose) - now >= APART


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("window", [(time(0), time(2)), (time(9), time(9, 30)), (time(14), time(23, 59))])
def test_whatever_the_hours_of_a_country_there_is_a_time_within_them(hour: int, window: tuple[time, time]) -> None:
    now = datetime.fromisoformat("2026-11-23T00:10:00+00:00") + timedelta(hours=hour)
    hours = CallHours({"PE": window})
    for moment in (hours.next_allowed(now, "+51912345678"), hours.next_try(now, "+51912345678")):
        assert now <= moment <= now + timedelta(days=2)
        assert window[0] <= (moment - timedelta(hours=5)).time() < window[1]
    assert hours.next_allowed(now, "+573001234567") == CallHours({}).next_allowed(now, "+573001234567")
