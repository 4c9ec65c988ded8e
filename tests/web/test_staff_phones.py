"""A facilitator's phones and PIN on the web: given, shown once, locked and made anew, taken away."""

import html
import re

import pytest
from standins.staff_side import StaffSide

from bot.domain.message import Address, ChannelName
from bot.domain.staff import Role
from bot.outreach.personal_pin import Pins


@pytest.fixture(scope="module")
def side(tmp_path_factory):
    running = StaffSide(tmp_path_factory.mktemp("phones"))
    yield running
    running.close()


@pytest.fixture(scope="module")
def browser(side):
    return side.browser(side.member(Role.ADMIN))


@pytest.fixture
def rosa(side):
    return side.member(Role.FACILITATOR, "taraza")


def path(member, rest=""):
    return f"/staff/accounts/{member.id}/phones{rest}"


def shown(answer):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def numbers():
    return (f"+57300555{number:04d}" for number in range(1000, 2000))


NUMBERS = numbers()


def enrol(browser, member):
    answer = browser.post(path(member, "/add"), channel="whatsapp", address=next(NUMBERS))
    return re.search(r"\b\d{6}\b", shown(answer))[0]


def fits(side, member, pin):
    hashed = side.submit(lambda uow: uow.facilitators.pin(member.id))
    return Pins(side.batea.store, side.batea.clock).fits(hashed, pin)


def test_her_first_phone_comes_with_a_pin_that_is_shown_once(side, browser, rosa):
    assert "Todavía no tiene clave" in shown(browser.get(path(rosa)))
    number = next(NUMBERS)
    answer = browser.post(path(rosa, "/add"), channel="whatsapp", address=f"{number[:3]} {number[3:6]} {number[6:]}")
    assert answer.headers["cache-control"] == "no-store"
    pin = re.search(r"\b\d{6}\b", shown(answer))[0]
    assert fits(side, rosa, pin)
    assert side.submit(lambda uow: uow.facilitators.phones(rosa.id)) == [Address(ChannelName.WHATSAPP, number)]
    later = shown(browser.get(path(rosa)))
    assert pin not in later
    assert number not in later, "her number is masked"
    assert "Abierta" in later
    assert "Le quedan 3 intentos." in later


def test_three_wrong_ones_are_seen_and_a_new_pin_opens_it(side, browser, rosa):
    old = enrol(browser, rosa)
    now = side.batea.clock.now()
    for _ in range(3):
        side.submit(lambda uow: uow.facilitators.wrong(rosa.id, now))
    assert "Cerrada tras tres fallos" in shown(browser.get(path(rosa)))
    new = re.search(r"\b\d{6}\b", shown(browser.post(path(rosa, "/pin"))))[0]
    assert fits(side, rosa, new)
    assert not fits(side, rosa, old)
    assert "Abierta" in shown(browser.get(path(rosa)))


def test_a_stolen_phone_is_taken_away_with_what_she_was_preparing(side, browser, rosa):
    enrol(browser, rosa)
    now = side.batea.clock.now()
    side.submit(lambda uow: uow.facilitators.keep(rosa.id, {"work": "meeting"}, now))
    assert browser.post(path(rosa, "/remove")).status_code == 303
    assert side.submit(lambda uow: uow.facilitators.phones(rosa.id)) == []
    assert side.submit(lambda uow: uow.facilitators.draft(rosa.id, now)) == {}


@pytest.mark.parametrize(
    ("channel", "address"),
    [("sms", "+573005550101"), ("whatsapp", "300"), ("telegram", "@rosa"), ("", ""), ("x", "+573005550101")],
)
def test_what_is_no_phone_is_refused(browser, rosa, channel, address):
    answer = browser.post(path(rosa, "/add"), channel=channel, address=address)
    assert answer.status_code == 422
    assert "Ese número no sirve" in shown(answer)


def test_somebody_elses_phone_is_refused(side, browser, rosa):
    other, number = side.member(Role.FACILITATOR, "puno"), next(NUMBERS)
    browser.post(path(other, "/add"), channel="whatsapp", address=number)
    assert browser.post(path(rosa, "/add"), channel="whatsapp", address=number).status_code == 422


def test_only_an_administrator_and_only_for_a_facilitator(side, browser, rosa):
    for role in (Role.STAFF, Role.FACILITATOR, Role.PME):
        member = side.member(role, "taraza" if role is Role.FACILITATOR else None)
        assert side.browser(member).get(path(rosa)).status_code in {403, 404}
    assert browser.get(path(side.member(Role.STAFF))).status_code == 404
    assert browser.get("/staff/accounts/nobody/phones").status_code == 404


def test_everything_is_in_the_audit_log_and_the_pin_is_not(side, browser, rosa):
    pin = enrol(browser, rosa)
    browser.post(path(rosa, "/remove"))
    deeds = side.rows("SELECT action FROM audit_log WHERE object_id = ? ORDER BY number", rosa.id)
    assert [deed for (deed,) in deeds if deed != "phone.list"] == ["phone.add", "pin.set", "phone.remove"]
    assert not any(pin in str(row) for row in side.rows("SELECT * FROM audit_log"))
