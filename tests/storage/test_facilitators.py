"""Facilitators who work from their own phone: on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher

from bot.domain.clock import MovableClock
from bot.domain.community import Community
from bot.domain.errors import UsageError
from bot.domain.facilitator import ASKED
from bot.domain.message import Address, ChannelName
from bot.domain.staff import Credentials, Role, StaffMember
from bot.outreach.personal_pin import Pins
from tests.storage.conftest import NOW, PHONE, TELEGRAM, WHATSAPP, Desk

EMAIL = "rosa@example.org"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def pins(desk: Desk, place: Community) -> Pins:
    member = StaffMember("m1", EMAIL, Role.FACILITATOR, place.id, "es", NOW)
    boss = StaffMember("m2", "ana@example.org", Role.STAFF, None, "es", NOW)
    desk.run(lambda uow: [uow.staff.add(Credentials(one, "hash", "secret")) for one in (member, boss)])
    return Pins(desk.store, MovableClock(NOW), QUICK)


def at(desk: Desk, address: Address) -> Any:
    return desk.run(lambda uow: uow.facilitators.at(address))


def test_an_enrolled_number_is_hers_on_every_channel_of_it(desk: Desk, pins: Pins) -> None:
    pins.enrol(EMAIL, PHONE)
    found = at(desk, WHATSAPP)
    assert (found.member_id, found.community_id, found.locked) == ("m1", "taraza", False)
    assert at(desk, TELEGRAM) is None
    assert at(desk, replace(WHATSAPP, simulated=True)) is None


def test_the_pin_is_shown_once_and_kept_as_a_sealed_hash(desk: Desk, pins: Pins) -> None:
    pin = pins.enrol(EMAIL, PHONE)
    assert len(pin) == 6
    assert pin.isdecimal()
    assert pins.enrol(EMAIL, TELEGRAM) == ""
    hashed = desk.run(lambda uow: uow.facilitators.pin("m1"))
    assert hashed.startswith("$argon2id$")
    assert pins.fits(hashed, pin)
    assert not pins.fits(hashed, "000000" if pin != "000000" else "111111")
    tables = ("facilitator_pin", "facilitator_phone", "facilitator_draft", "audit_log", "message")
    kept = repr([desk.rows(f"SELECT * FROM {table}") for table in tables])
    assert pin not in kept
    assert "argon2" not in kept
    assert PHONE.value not in kept


def test_three_wrong_pins_lock_it_and_a_new_one_opens_it(desk: Desk, pins: Pins) -> None:
    pins.enrol(EMAIL, PHONE)
    assert [desk.run(lambda uow: uow.facilitators.wrong("m1", NOW)) for _ in range(4)] == [False, False, True, False]
    assert at(desk, PHONE).locked
    desk.run(lambda uow: uow.facilitators.right("m1"))
    assert at(desk, PHONE).locked
    pins.renew(EMAIL)
    assert not at(desk, PHONE).locked


def test_a_right_pin_forgives_the_wrong_ones_before(desk: Desk, pins: Pins) -> None:
    pins.enrol(EMAIL, PHONE)
    for _ in range(3):
        assert not desk.run(lambda uow: uow.facilitators.wrong("m1", NOW))
        assert not desk.run(lambda uow: uow.facilitators.wrong("m1", NOW))
        desk.run(lambda uow: uow.facilitators.right("m1"))
    assert not at(desk, PHONE).locked


def test_who_is_disabled_or_withdrawn_works_from_no_phone(desk: Desk, pins: Pins) -> None:
    pins.enrol(EMAIL, PHONE)
    pins.enrol(EMAIL, TELEGRAM)
    desk.run(lambda uow: uow.staff.disable("m1", NOW))
    assert at(desk, PHONE) is None
    with pytest.raises(UsageError, match="no facilitator"):
        pins.withdraw(EMAIL)


def test_a_stolen_phone_is_taken_away_with_what_was_prepared(desk: Desk, pins: Pins) -> None:
    pins.enrol(EMAIL, PHONE)
    pins.enrol(EMAIL, TELEGRAM)
    desk.run(lambda uow: uow.facilitators.keep("m1", {"message": "x"}, NOW))
    assert pins.withdraw(EMAIL) == 2
    assert at(desk, PHONE) is None
    assert desk.run(lambda uow: uow.facilitators.draft("m1", NOW)) == {}


def test_only_a_facilitator_gets_a_phone_and_only_her_own(desk: Desk, pins: Pins) -> None:
    with pytest.raises(UsageError, match="no facilitator"):
        pins.enrol("ana@example.org", PHONE)
    pins.enrol(EMAIL, PHONE)
    other = StaffMember("m3", "luz@example.org", Role.FACILITATOR, "taraza", "es", NOW)
    desk.run(lambda uow: uow.staff.add(Credentials(other, "hash", "secret")))
    with pytest.raises(UsageError, match="somebody else's"):
        pins.enrol(other.email, PHONE)
    for number in range(2):
        pins.enrol(EMAIL, Address(ChannelName.TELEGRAM, f"88{number}"))
    with pytest.raises(UsageError, match="3 already"):
        pins.enrol(EMAIL, TELEGRAM)


def test_what_she_prepares_is_sealed_and_gone_after_a_day(desk: Desk, pins: Pins) -> None:
    draft = {"message": "planted words"}
    desk.run(lambda uow: uow.facilitators.keep("m1", draft, NOW))
    assert desk.run(lambda uow: uow.facilitators.draft("m1", NOW)) == draft
    assert "planted" not in repr(desk.rows("SELECT * FROM facilitator_draft"))
    late = NOW + timedelta(hours=25)
    assert desk.run(lambda uow: uow.facilitators.draft("m1", late)) == {}
    assert desk.run(lambda uow: uow.facilitators.forget_drafts(late - timedelta(hours=24))) == 1


@pytest.mark.parametrize("pin", ["111111", "123456", "654321", "121212", "12345", "1234567", "abcdef", "", "१२३४५६"])
def test_a_pin_that_is_easily_guessed_is_refused(pins: Pins, pin: str) -> None:
    with pytest.raises(UsageError, match="digits"):
        pins.choose(EMAIL, pin)


def test_she_chooses_her_own_pin(desk: Desk, pins: Pins) -> None:
    pins.enrol(EMAIL, PHONE)
    pins.choose(EMAIL, "482913")
    assert pins.fits(desk.run(lambda uow: uow.facilitators.pin("m1")), "482913")
    assert [entry.action for entry in desk.run(lambda uow: uow.audit.recent())][:2] == ["pin.set", "pin.set"]


def test_what_waits_for_a_second_person_is_seen_by_others_of_that_community_alone(desk: Desk, pins: Pins) -> None:
    for name, place in (("m3", "taraza"), ("m4", "taraza")):
        other = StaffMember(name, f"{name}@example.org", Role.FACILITATOR, place, "es", NOW)
        desk.run(lambda uow, other=other: uow.staff.add(Credentials(other, "hash", "secret")))
    desk.run(lambda uow: uow.facilitators.keep("m3", {"work": "change"}, NOW))
    assert desk.run(lambda uow: uow.facilitators.asking("taraza", "m1", NOW)) is None
    draft = {"work": "change", ASKED: "yes"}
    desk.run(lambda uow: uow.facilitators.keep("m3", draft, NOW))
    assert desk.run(lambda uow: uow.facilitators.asking("taraza", "m1", NOW)) == ("m3", draft)
    assert desk.run(lambda uow: uow.facilitators.asking("taraza", "m3", NOW)) is None
    assert desk.run(lambda uow: uow.facilitators.asking("suarez", "m1", NOW)) is None
    assert desk.run(lambda uow: uow.facilitators.asking("taraza", "m1", NOW + timedelta(hours=25))) is None


def test_nobody_else_has_a_pin(pins: Pins) -> None:
    with pytest.raises(UsageError, match="no facilitator"):
        pins.choose("nobody@example.org", "482913")


def test_how_her_pin_stands(desk: Desk, pins: Pins) -> None:
    assert desk.run(lambda uow: uow.facilitators.tries_left("m1")) is None
    pins.enrol(EMAIL, PHONE)
    stands = [desk.run(lambda uow: uow.facilitators.tries_left("m1"))]
    for _ in range(3):
        desk.run(lambda uow: uow.facilitators.wrong("m1", NOW))
        stands.append(desk.run(lambda uow: uow.facilitators.tries_left("m1")))
    assert stands == [3, 2, 1, 0]
    pins.renew(EMAIL)
    assert desk.run(lambda uow: uow.facilitators.tries_left("m1")) == 3


def test_what_waits_for_a_second_person_is_seen_for_a_day(desk: Desk, pins: Pins) -> None:
    desk.run(lambda uow: uow.facilitators.keep("m1", {"work": "meeting"}, NOW))
    assert desk.run(lambda uow: uow.facilitators.waiting(NOW)) == []
    desk.run(lambda uow: uow.facilitators.keep("m1", {"work": "change", ASKED: "yes"}, NOW))
    (found,) = desk.run(lambda uow: uow.facilitators.waiting(NOW))
    assert (found.member_id, found.community_id, found.draft["work"]) == ("m1", "taraza", "change")
    assert "change" not in repr(found)
    assert desk.run(lambda uow: uow.facilitators.waiting(NOW + timedelta(hours=25))) == []
