"""Who rings is refused at no cost and called back within a minute or not at all; within limits that no number can break."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Any

import pytest
from standins.telephone import CALL

from bot.domain.message import Address, ChannelName
from bot.domain.store import UnitOfWork


def stored(telephony: Any) -> dict[str, int]:
    """Rows of what would say that somebody called."""

    def count(unit: UnitOfWork) -> dict[str, int]:
        run = unit.people._tx.connection.exec_driver_sql  # type: ignore[attr-defined]
        return {table: run(f"SELECT count(*) FROM {table}").scalar_one() for table in ("person", "address", "message")}

    found: dict[str, int] = telephony.run(count)
    return found


def test_a_call_is_rejected_and_called_back_within_a_minute(telephony: Any) -> None:
    handset = telephony.handset()
    assert [verb.tag for verb in handset.ring()] == ["Reject"]
    assert handset.rung() is None, "her line is still busy"
    telephony.pass_time(seconds=4)
    asked = handset.rung()
    assert asked["To"] == handset.number
    assert asked["From"] == "+15005550008"
    assert asked["Url"].startswith(CALL)
    assert asked["MachineDetection"] == "Enable"
    assert int(asked["TimeLimit"]) == 16 * 60
    telephony.pass_time(hours=2)
    assert handset.rung() is None


def test_a_missed_call_is_a_request_and_leaves_nothing_of_hers(telephony: Any) -> None:
    before = stored(telephony)
    handset = telephony.handset()
    telephony.missed_call(handset)
    handset.pick_up()
    assert stored(telephony) == before
    handset.press("1")
    handset.hang_up()
    assert stored(telephony) == before, "she was asked for her consent and hung up"


def test_after_a_minute_nobody_is_called_back(telephony: Any) -> None:
    handset = telephony.handset()
    handset.ring()
    telephony.pass_time(seconds=61)
    assert handset.rung() is None


def test_ringing_twice_is_called_back_once(telephony: Any) -> None:
    handset = telephony.handset()
    handset.ring()
    handset.again()
    handset.ring()
    telephony.pass_time(seconds=4)
    assert handset.rung() is not None
    assert handset.rung() is None


@pytest.mark.parametrize(
    "number",
    ["+12025550123", "+5719001234", "+5718001234567", "+51808012345", "+881612345678", "+57300123456", "+5730012345678"],
)
def test_what_is_no_ordinary_number_of_colombia_or_peru_is_never_called(telephony: Any, number: str) -> None:
    handset = telephony.handset(number)
    assert handset.ring().find("Reject") is not None
    telephony.pass_time(seconds=4)
    assert handset.rung() is None


@pytest.mark.parametrize("number", ["+576042345678", "+5112345678", "+5151234567"])
def test_fixed_telephones_are_called_back(telephony: Any, number: str) -> None:
    handset = telephony.handset(number)
    telephony.missed_call(handset)


def test_a_hidden_number_is_rejected(telephony: Any) -> None:
    assert telephony.handset("anonymous").ring().find("Reject") is not None


def test_three_calls_a_day_for_a_number(telephony: Any) -> None:
    handset, other = telephony.handset(), telephony.handset("+51955550101")
    for _ in range(3):
        telephony.missed_call(handset)
        handset.never_took("no-answer")
    assert handset.ring().find("Reject") is not None
    telephony.pass_time(seconds=4)
    assert handset.rung() is None
    telephony.missed_call(other)
    telephony.pass_time(days=1)
    telephony.missed_call(handset)


def test_all_calls_of_a_day_together_are_bounded(telephony_with: Any) -> None:
    telephony = telephony_with(CALLS_PER_DAY="2")
    for last in (1, 2):
        telephony.missed_call(telephony.handset(f"+57300555010{last}"))
    handset = telephony.handset("+573005550103")
    handset.ring()
    telephony.pass_time(seconds=4)
    assert handset.rung() is None


@pytest.mark.parametrize("channel", [ChannelName.CALL, ChannelName.SMS, ChannelName.WHATSAPP])
def test_who_said_baja_is_called_once_to_offer_the_way_back(telephony: Any, channel: ChannelName) -> None:
    handset = telephony.handset()
    address = Address(channel, handset.number)
    telephony.run(lambda unit: unit.people.set_opted_out(address, telephony.clock.now()))
    telephony.pass_time(days=40)
    telephony.missed_call(handset)
    handset.pick_up()
    handset.press("1")
    assert telephony.names(handset)[0] in telephony.any_wording("optout.way_back_call")
    handset.hang_up()
    telephony.pass_time(days=2)
    handset.ring()
    telephony.pass_time(seconds=4)
    assert handset.rung() is None, "she did not come back, so she is left in peace"


def test_who_comes_back_is_called_again_like_anybody(telephony: Any) -> None:
    handset = telephony.handset()
    sms = Address(ChannelName.SMS, handset.number)
    telephony.run(lambda unit: unit.people.set_opted_out(sms, telephony.clock.now()))
    telephony.missed_call(handset)
    handset.pick_up()
    handset.press("1")
    handset.press("1")
    assert telephony.names(handset)[0] in telephony.any_wording("optout.back")
    handset.hang_up()
    telephony.missed_call(handset)
    assert telephony.run(lambda unit: unit.people.opted_out(sms)), "the letters stay shut"


def test_without_a_number_of_ours_nobody_is_called(telephony_with: Any) -> None:
    telephony = telephony_with(TWILIO_VOICE_FROM="")
    handset = telephony.handset()
    assert handset.ring().find("Reject") is not None
    telephony.pass_time(seconds=4)
    assert handset.rung() is None


def test_calls_can_be_switched_off(telephony_with: Any) -> None:
    telephony = telephony_with(CALLS="off")
    handset = telephony.handset()
    assert handset.ring().find("Reject") is not None
    telephony.pass_time(seconds=4)
    assert handset.rung() is None


def test_calls_can_be_answered_instead(telephony_with: Any) -> None:
    telephony = telephony_with(CALLS="answer", TWILIO_VOICE_FROM="")
    handset = telephony.handset()
    handset.ring()
    assert not handset.over
    assert telephony.heard(handset) == ["onboarding.welcome", "onboarding.consent_call"]
    document = handset.document
    handset.again()
    assert handset.document == document
    handset.press("1")
    assert telephony.heard(handset) == ["onboarding.country_guess_co"]
    handset.hang_up()
    assert telephony.handset("+12025550123").ring().find("Reject") is not None


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
def test_a_call_back_that_is_not_taken_is_not_repeated(telephony: Any, status: str) -> None:
    handset = telephony.handset()
    telephony.missed_call(handset)
    handset.never_took(status)
    telephony.pass_time(days=1)
    assert handset.rung() is None


def test_an_answering_machine_hears_nothing(telephony: Any) -> None:
    handset = telephony.handset()
    telephony.missed_call(handset)
    document = handset.pick_up(answered_by="machine_start")
    assert [verb.tag for verb in document] == ["Hangup"]


def test_a_webhook_that_twilio_did_not_sign_is_refused(telephony: Any) -> None:
    request = urllib.request.Request(
        telephony.url + "/webhooks/twilio/call", data=b"CallSid=CA1", headers={"x-twilio-signature": "AAAA"}
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    refused.value.close()
    assert refused.value.code == 403
