"""What Batea tells by telephone of its own accord: whom, when, how often, and nothing before somebody listens."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from standins.telephone import Handset

from bot.delivery.call_times import APART, next_allowed, next_try
from bot.domain.message import Address, ChannelName, Choice, MessageState, OutboundMessage, Reply, Speech

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


def tell(telephony: Any, handset: Handset, *replies: Reply) -> None:
    """Queue messages to her telephone, as an announcement does."""
    to, now = Address(ChannelName.CALL, handset.number), telephony.clock.now()

    def work(unit: Any) -> None:
        person, _ = unit.people.meet(to, now)
        unit.outbox.add([OutboundMessage(uuid.uuid4().hex, to, reply, now) for reply in replies], person.id)

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
    assert stranger.rung() is not None
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
def test_times_lie_in_the_day_of_the_number_and_apart(hour: int, number: str) -> None:
    now = datetime.fromisoformat("2026-11-23T00:00:00+00:00") + timedelta(hours=hour)
    for moment in (next_allowed(now, number), next_try(now, number)):
        assert moment >= now
        assert 7 <= (moment - timedelta(hours=5)).hour < 20
    assert next_try(now, number) - now >= APART
