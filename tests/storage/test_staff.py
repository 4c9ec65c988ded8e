"""Accounts, sessions and throttling of the staff side, on both databases."""

from datetime import timedelta

import pytest

from bot.domain.staff import (
    IDLE,
    MOST_TRIES_OF_ACCOUNT,
    MOST_TRIES_OF_ADDRESS,
    SESSION_LASTS,
    TRIES_COUNT_FOR,
    Credentials,
    Role,
    Session,
    StaffMember,
    Stage,
)
from tests.storage.conftest import NOW

ANA = StaffMember("ana", "Ana@Example.org", Role.ADMIN, None, "es", NOW)


def account(member=ANA, secret="PLANTEDSECRETBASE32"):
    return Credentials(member, "hash", secret)


def begin(desk, token="token", stage=Stage.OPEN):
    desk.run(lambda uow: uow.staff.add(account()))
    desk.run(lambda uow: uow.sessions.open(token, Session(ANA, stage, "csrf"), NOW, NOW + SESSION_LASTS))


def found(desk, token="token", later=timedelta()):
    return desk.run(lambda uow: uow.sessions.find(token, NOW + later))


def test_an_account_is_found_by_its_address_in_any_case_and_there_is_one(desk):
    assert desk.run(lambda uow: uow.staff.add(account()))
    again = StaffMember("other", " ANA@example.org ", Role.STAFF, None, "es", NOW)
    assert not desk.run(lambda uow: uow.staff.add(account(again)))
    assert desk.run(lambda uow: uow.staff.by_email("ana@EXAMPLE.org ")).member == ANA
    assert desk.run(lambda uow: uow.staff.by_email("anna@example.org")) is None
    assert desk.run(lambda uow: list(uow.staff.all())) == [ANA]


def test_neither_address_nor_secret_stand_in_the_rows(desk):
    begin(desk, "a-token-of-a-browser")
    desk.run(lambda uow: uow.sessions.try_once(ANA.email, "198.51.100.7", NOW))
    kept = str([desk.rows(f"SELECT * FROM {table}") for table in ("staff_member", "staff_session", "sign_in_try")]).lower()
    assert not [word for word in ("example.org", "plantedsecret", "a-token", "198.51") if word in kept]


def test_no_code_is_taken_twice_nor_an_older_one(desk):
    desk.run(lambda uow: uow.staff.add(account()))
    assert [desk.run(lambda uow, n=n: uow.staff.use_code("ana", n)) for n in (7, 7, 6, 8)] == [True, False, False, True]


def test_a_session_ends_when_idle_and_after_its_time(desk):
    begin(desk)
    assert found(desk).member == ANA
    assert found(desk, later=IDLE) is None
    step, awake = IDLE - timedelta(minutes=1), timedelta()
    while awake + step < SESSION_LASTS:
        awake += step
        assert found(desk, later=awake) is not None
    assert found(desk, later=SESSION_LASTS) is None


@pytest.mark.parametrize("how", ["end", "disable", "set_password"])
def test_a_session_ends_with_its_sign_out_account_or_password(desk, how):
    begin(desk)
    work = {
        "end": lambda uow: uow.sessions.end("token"),
        "disable": lambda uow: uow.staff.disable("ana", NOW),
        "set_password": lambda uow: uow.staff.set_password("ana", "other"),
    }
    desk.run(work[how])
    assert found(desk) is None
    assert desk.rows("SELECT * FROM staff_session") == []


def test_another_token_is_no_session(desk):
    begin(desk)
    assert found(desk, "tokem") is None
    assert found(desk, "") is None


def tries(desk, account, address, times, later=timedelta()):
    return [desk.run(lambda uow: uow.sessions.try_once(account, address, NOW + later)) for _ in range(times)]


def test_an_account_is_tried_so_often_and_again_after_a_while(desk):
    assert all(tries(desk, "ana@example.org", "a", MOST_TRIES_OF_ACCOUNT))
    assert tries(desk, "ANA@example.org", "b", 2) == [False, False]
    assert tries(desk, "eva@example.org", "a", 1) == [True]
    assert tries(desk, "ana@example.org", "a", 1, TRIES_COUNT_FOR) == [True]


def test_an_address_tries_so_many_accounts(desk):
    done = [tries(desk, f"{number}@example.org", "a", 1)[0] for number in range(MOST_TRIES_OF_ADDRESS + 1)]
    assert done == [True] * MOST_TRIES_OF_ADDRESS + [False]


def test_what_was_right_does_not_count_against_the_address(desk):
    for number in range(MOST_TRIES_OF_ADDRESS + 5):
        assert tries(desk, f"{number}@example.org", "office", 1) == [True]
        desk.run(lambda uow: uow.sessions.right("office"))


def test_a_right_password_forgives_the_wrong_ones(desk):
    tries(desk, "ana@example.org", "a", MOST_TRIES_OF_ACCOUNT)
    desk.run(lambda uow: uow.sessions.forgive("ana@example.org"))
    assert tries(desk, "ana@example.org", "a", 1) == [True]


def test_what_has_ended_and_what_counts_no_more_is_forgotten(desk):
    begin(desk)
    tries(desk, "ana@example.org", "a", 1)
    assert desk.run(lambda uow: uow.sessions.forget(NOW)) == 0
    assert desk.run(lambda uow: uow.sessions.forget(NOW + IDLE)) == 1
    assert desk.rows("SELECT * FROM sign_in_try") == []
