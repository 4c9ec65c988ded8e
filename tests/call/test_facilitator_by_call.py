"""A facilitator calls a meeting from a telephone: by keys, in her own voice, and by her PIN."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from argon2 import PasswordHasher
from call.test_voice_question import at_twilio, fetch, sound
from standins.telephone import Handset

from bot.domain.message import Address, ChannelName
from bot.domain.person import Consent, Country
from bot.domain.staff import Credentials, Role, StaffMember
from bot.outreach.personal_pin import Pins

PIN = "482913"
TO_HER_VOICE = ("0", "2", "1", "1", "0512", "0900", "1", "1", "1")
"""New meeting, first committee, water, 5 December at nine in the morning, first place, nothing else."""


@pytest.fixture
def caller(telephony: Any) -> Handset:
    """A facilitator of Tarazá who stands at the menu, on a call."""
    handset: Handset = telephony.handset()
    now, her = telephony.clock.now(), Address(ChannelName.CALL, handset.number)
    member = StaffMember("luz", "luz@example.org", Role.FACILITATOR, "taraza", "es", now)

    def enrol(unit: Any) -> None:
        person, state = unit.people.meet(her, now)
        unit.people.record_consent(person.id, Consent("v1", now, "call", "CA0", "lessons"))
        known = replace(person, country=Country.CO, adult=True, community_id="taraza")
        unit.people.save(known, replace(state, place="menu"))
        unit.staff.add(Credentials(member, "", "secret"))

    telephony.run(enrol)
    Pins(telephony.batea.store, telephony.clock, PasswordHasher(1, 8, 1)).enrol(member.email, her, pin=PIN)
    telephony.call(handset)
    return handset


def announced(telephony: Any) -> list[Any]:
    def look(unit: Any) -> list[Any]:
        now = telephony.clock.now()
        return [one for one in unit.meetings.between(now, now.replace(year=2027)) if not one.id.startswith("demo-")]

    found: list[Any] = telephony.run(look)
    return found


def press(handset: Handset, *keys: str) -> None:
    for key in keys:
        handset.press(key)


def test_she_says_it_herself_and_sends_it_by_her_pin_on_the_keys(telephony: Any, caller: Handset) -> None:
    press(caller, *TO_HER_VOICE, "1")
    assert caller.recording is not None
    sid = caller.speak(sound(), 4)
    assert not caller.over
    press(caller, "1")
    assert caller.keys == len(PIN)
    press(caller, "111")
    assert caller.keys == len(PIN), "too few: she is asked again, and the call goes on"
    press(caller, "000000")
    assert announced(telephony) == []
    press(caller, PIN)
    (made,) = announced(telephony)
    assert made.agenda == "el agua"
    assert made.voice.startswith("team:")
    assert not caller.over
    fetch(telephony, minutes=3)
    assert at_twilio(telephony) == 0
    assert sid not in telephony.vendor.recordings
    assert telephony.run(lambda unit: unit.questions.all()) == []


def test_silence_is_told_and_she_may_go_on_without_her_voice_or_stop(telephony: Any, caller: Handset) -> None:
    press(caller, *TO_HER_VOICE, "1")
    caller.speak(sound(loud=0.0), 4)
    assert caller.recording is None
    assert not caller.over
    press(caller, "2", "3")
    assert announced(telephony) == []
    assert telephony.run(lambda unit: unit.facilitators.draft("luz", telephony.clock.now())) == {}


def test_a_recording_that_never_comes_is_asked_for_again(
    telephony: Any, caller: Handset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telephony.batea.recordings, "_pause", lambda _: None)
    press(caller, *TO_HER_VOICE, "1")
    telephony.vendor.recordings.clear()
    caller.speak(b"", 4)
    assert not caller.over
    assert caller.recording is None
    assert "voice" not in telephony.run(lambda unit: unit.facilitators.draft("luz", telephony.clock.now()))
