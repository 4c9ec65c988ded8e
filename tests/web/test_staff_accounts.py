"""Accounts that an administrator makes, renews and closes on a page."""

import html
import re

import pyotp
import pytest
from standins.staff_side import StaffSide

from bot.domain.errors import AccessError
from bot.domain.staff import Stage

PATH = "/staff/accounts"


@pytest.fixture(scope="module")
def side(tmp_path_factory):
    running = StaffSide(tmp_path_factory.mktemp("accounts"))
    yield running
    running.close()


@pytest.fixture(scope="module")
def admin(side):
    return side.member("admin", name="admin")


@pytest.fixture(scope="module")
def browser(side, admin):
    return side.browser(admin)


def made(answer):
    """What is shown once: the password and the secret of the codes."""
    text = html.unescape(answer.text)
    return re.search(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", text)[0], re.search(r"secret=(\w+)", text)[1]


def deeds(side, actor):
    return list(side.rows("SELECT action, reason FROM audit_log WHERE actor = ? ORDER BY number", actor.id))


def entered(side, email, password, secret):
    """How far somebody gets with these."""
    entry = side.batea.access.sign_in(email, password, "test")
    return side.batea.access.confirm(entry.token, pyotp.TOTP(secret).now(), "test").stage


def test_a_new_member_comes_in_with_what_was_shown_once(side, admin, browser):
    answer = browser.post(f"{PATH}/add", email=" rosa@example.org ", role="facilitator", community="taraza", language="es")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "<svg" in answer.text
    assert entered(side, "rosa@example.org", *made(answer)) is Stage.PASSWORD
    shown = browser.get(PATH).text
    assert "rosa@example.org" in shown
    assert made(answer)[0] not in shown
    assert ("staff.add", "facilitator") in deeds(side, admin)
    assert "staff.list" in {action for action, _ in deeds(side, admin)}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"email": "nada"}, "no está bien escrito"),
        ({"email": "a b@example.org"}, "no está bien escrito"),
        ({"role": "queen"}, "Escoja qué puede hacer"),
        ({"language": "fr"}, "Escoja qué puede hacer"),
        ({"role": "facilitator"}, "Escoja la comunidad"),
        ({"role": "facilitator", "community": "nowhere"}, "Escoja la comunidad"),
        ({"email": "ADMIN@example.org"}, "Ya hay una cuenta"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(side, browser, wrong, says):
    before = side.rows("SELECT count(*) FROM staff_member")
    good = {"email": "new@example.org", "role": "pme", "community": "", "language": "es"}
    answer = browser.post(f"{PATH}/add", **{**good, **wrong})
    assert answer.status_code == 422
    assert says in answer.text
    assert side.rows("SELECT count(*) FROM staff_member") == before


def test_who_is_disabled_is_out_at_once_and_comes_back_with_new_codes(side, admin, browser):
    member = side.member("staff", name="lost")
    hers = side.browser(member)
    assert hers.get("/staff/").status_code == 200
    assert browser.post(f"{PATH}/{member.id}/disable").status_code == 303
    assert hers.get("/staff/").status_code == 303
    assert "sin acceso desde" in browser.get(PATH).text
    password, secret = made(browser.post(f"{PATH}/{member.id}/renew"))
    assert entered(side, member.email, password, secret) is Stage.PASSWORD
    again = made(browser.post(f"{PATH}/{member.id}/renew"))
    with pytest.raises(AccessError):
        side.batea.access.sign_in(member.email, password, "test")
    assert again[1] != secret
    assert {"staff.disable", "staff.renew"} <= {action for action, _ in deeds(side, admin)}


def test_nobody_takes_her_own_access_away(side, admin, browser):
    for action in ("disable", "renew"):
        assert browser.post(f"{PATH}/{admin.id}/{action}").status_code == 404
        assert browser.post(f"{PATH}/nobody/{action}").status_code == 404
    assert browser.get(PATH).status_code == 200
