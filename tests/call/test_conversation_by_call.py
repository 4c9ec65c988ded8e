"""What a call says, and what it does with silence, wrong keys, repeated requests, time and trouble."""

from __future__ import annotations

import re
from typing import Any

import pytest
from standins.telephone import Handset

from bot.domain.message import Address, ChannelName, Inbound, InboundKind


def ids(telephony: Any, handset: Handset) -> list[str]:
    found: list[str] = telephony.heard(handset)
    return found


@pytest.fixture
def enrolled(telephony: Any) -> Handset:
    """Somebody who stands in the first lesson."""
    handset: Handset = telephony.handset()
    telephony.call(handset)
    for key in ("1", "1", "1", "1", "1", "1", "1"):
        handset.press(key)
    assert ids(telephony, handset) == ["m1/humo/s1"]
    return handset


def test_until_a_key_is_pressed_it_only_says_who_calls_and_then_gives_up(telephony: Any) -> None:
    handset = telephony.handset()
    telephony.missed_call(handset)
    handset.pick_up()
    for _ in range(3):
        assert ids(telephony, handset) == ["call.who_calls"]
        handset.keep_silent()
    assert handset.over
    assert handset.heard == []


@pytest.mark.parametrize("key", ["1", "5", "0", "*", "#"])
def test_any_key_opens_the_call(telephony: Any, key: str) -> None:
    handset = telephony.handset()
    telephony.missed_call(handset)
    handset.pick_up()
    handset.press(key)
    assert ids(telephony, handset) == ["onboarding.welcome", "onboarding.consent_call"]


def test_silence_is_helped_twice_and_then_let_go_kindly(telephony: Any, enrolled: Handset) -> None:
    for _ in range(2):
        enrolled.keep_silent()
        assert ids(telephony, enrolled) == ["call.silence", "m1/humo/s1"]
    enrolled.keep_silent()
    assert ids(telephony, enrolled) == ["call.goodbye"]
    assert enrolled.over


def test_wrong_keys_are_helped_twice_and_then_let_go_kindly(telephony: Any, enrolled: Handset) -> None:
    for _ in range(2):
        enrolled.press("4")
        assert ids(telephony, enrolled) == ["?"]
    enrolled.press("4")
    assert ids(telephony, enrolled) == ["call.goodbye"]
    assert enrolled.over


def test_a_right_key_forgives_what_was_before(telephony: Any, enrolled: Handset) -> None:
    for key in ("4", "4", "9", "4", "4"):
        enrolled.press(key)
        assert not enrolled.over
    enrolled.keep_silent()
    assert enrolled.over


def test_hanging_up_keeps_the_place(telephony: Any, enrolled: Handset) -> None:
    enrolled.press("9")
    assert ids(telephony, enrolled) == ["m1/humo/s2"]
    enrolled.hang_up()
    telephony.call(enrolled)
    assert ids(telephony, enrolled) == ["m1/humo/s2"]


def test_a_repeated_request_gets_the_same_document_and_changes_nothing(telephony: Any, enrolled: Handset) -> None:
    enrolled.press("9")
    document = enrolled.document
    for _ in range(3):
        enrolled.again()
        assert enrolled.document == document
    enrolled.press("9")
    assert ids(telephony, enrolled) == ["m1/humo/s3"]


def test_a_repeated_request_that_another_process_answered_tells_where_she_stands(telephony: Any, enrolled: Handset) -> None:
    enrolled.press("9")
    telephony.batea.talk._answered.clear()
    enrolled.again()
    assert ids(telephony, enrolled) == ["m1/humo/s2"]


def test_the_same_key_twice_is_two_presses(telephony: Any, enrolled: Handset) -> None:
    enrolled.press("9")
    enrolled.press("9")
    assert ids(telephony, enrolled) == ["m1/humo/s3"]


def test_a_call_ends_kindly_after_its_time_and_what_was_answered_counts(telephony: Any, enrolled: Handset) -> None:
    telephony.pass_time(minutes=15)
    enrolled.press("9")
    assert ids(telephony, enrolled) == ["call.time_is_up"]
    assert enrolled.over
    enrolled.hang_up()
    telephony.call(enrolled)
    assert ids(telephony, enrolled) == ["m1/humo/s2"]


def test_without_a_voice_of_our_own_twilio_reads_it_out(telephony_with: Any, tmp_path: Any) -> None:
    telephony = telephony_with(TTS="off", DATA_DIR=str(tmp_path / "mute"))
    handset = telephony.handset()
    telephony.missed_call(handset)
    document = handset.pick_up()
    assert handset.heard == []
    assert "Batea" in handset.read[0]
    say = document.find("Gather/Say")
    assert say is not None
    assert say.attrib == {"voice": "Polly.Mia-Neural", "language": "es-MX"}


def test_a_database_that_is_away_is_told_kindly(telephony: Any, enrolled: Handset) -> None:
    telephony.batea.store.close()
    enrolled.press("9")
    assert ids(telephony, enrolled) == ["call.trouble"]
    assert enrolled.over


def test_who_leaves_hears_how_to_return_and_then_the_call_ends(telephony: Any, enrolled: Handset) -> None:
    for key in ("#", "1", "1"):
        enrolled.press(key)
    assert ids(telephony, enrolled) == ["optout.done_call"]
    enrolled.keep_silent()
    assert enrolled.over
    enrolled.hang_up()
    telephony.pass_time(days=1)
    telephony.missed_call(enrolled)
    enrolled.never_took("no-answer")
    enrolled.ring()
    telephony.pass_time(seconds=4)
    assert enrolled.rung() is None


def test_who_has_herself_erased_hears_so_and_the_call_ends(telephony: Any, enrolled: Handset) -> None:
    for key in ("#", "2", "1"):
        enrolled.press(key)
    assert ids(telephony, enrolled) == ["optout.erased_call"]
    assert enrolled.over


def test_no_number_and_no_key_in_the_log(telephony: Any, enrolled: Handset, capfd: Any) -> None:
    enrolled.press("9")
    seen = "".join(capfd.readouterr())
    assert enrolled.number.lstrip("+") not in seen
    assert enrolled.sid not in seen


def test_a_code_is_typed_in_one_go_and_ends_by_itself(telephony: Any, enrolled: Handset) -> None:
    for key in ("*", "2", "3", "2"):
        enrolled.press(key)
    said = next(reversed(telephony.batea.talk._answered.values())).said[-1]
    code = "".join(re.findall(r"\b\d{6}\b", said.text))
    enrolled.hang_up()
    other = telephony.handset("+573005550199")
    sms = Address(ChannelName.SMS, other.number)
    for number, text in enumerate(("ola", "tengo un codigo")):
        inbound = Inbound(f"SM{number}", sms, InboundKind.TEXT, telephony.clock.now(), text=text)
        telephony.batea.reception.receive(inbound).result(timeout=30)
    telephony.call(other)
    assert other.keys == 6
    wrong = "".join(str((int(figure) + 1) % 10) for figure in code)
    other.press(wrong)
    assert other.keys == 6
    other.press(code)
    assert other.keys == 1
    assert ids(telephony, other)[-1] == "m1/humo/s1", "she goes on where she was at the other number"


def test_what_was_said_in_a_call_is_forgotten_when_it_ends(telephony: Any, enrolled: Handset) -> None:
    enrolled.press("9")
    enrolled.hang_up()
    assert not [delivery for delivery in telephony.batea.talk._answered if delivery.startswith(enrolled.sid)]
