"""Passwords, one-time codes and the steps of a sign-in, with a clock that can be moved."""

import shutil
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from argon2 import PasswordHasher

from bot.access import Access
from bot.domain.clock import MovableClock
from bot.domain.errors import AccessError, UsageError
from bot.domain.staff import SIGN_IN_LASTS, TEMPORARY_LASTS, Refusal, Role, Stage
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault

START = datetime(2026, 11, 23, 15, 0, 10, tzinfo=UTC)
OWN = "una frase que solo yo conozco"
OFFICE = "198.51.100.7"


@pytest.fixture
def clock():
    return MovableClock(START)


@pytest.fixture
def store(tmp_path, migrated_sqlite):
    shutil.copy(migrated_sqlite, tmp_path / "batea.db")
    opened = open_store(f"sqlite:///{tmp_path / 'batea.db'}", Vault("a secret of the tests"), RoundKeyFiles(tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def access(store, clock):
    # The least that Argon2 takes: how hard it is is no matter here.
    return Access(store, clock, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def ana(access):
    return access.enrol("ana@example.org", Role.ADMIN, None)


def code(enrolment, moment):
    return pyotp.parse_uri(enrolment.uri).at(moment)


def refused(work, *given):
    with pytest.raises(AccessError) as caught:
        work(*given)
    return caught.value.why


def come_in(access, clock, enrolment, password=None):
    entry = access.sign_in("ana@example.org", password or enrolment.password, OFFICE)
    return access.confirm(entry.token, code(enrolment, clock.now()), OFFICE)


def test_hashes_are_argon2id_of_the_recommended_strength():
    hasher = PasswordHasher()
    assert hasher.hash("x").startswith("$argon2id$")
    assert (hasher.memory_cost, hasher.time_cost) >= (65536, 3), "RFC 9106, section 4, the second option"


def test_the_first_time_leads_to_a_password_of_her_own_and_then_it_is_the_only_one(access, clock, ana):
    entry = come_in(access, clock, ana)
    assert entry.stage is Stage.PASSWORD
    assert access.choose_password(entry.token, OWN).stage is Stage.OPEN
    assert refused(access.sign_in, "ana@example.org", ana.password, OFFICE) is Refusal.WRONG
    clock.move(timedelta(seconds=30))
    assert come_in(access, clock, ana, OWN).stage is Stage.OPEN


def test_a_temporary_password_runs_out(access, clock, ana):
    clock.move(TEMPORARY_LASTS)
    assert refused(access.sign_in, "ana@example.org", ana.password, OFFICE) is Refusal.EXPIRED
    assert refused(access.sign_in, "ana@example.org", "another one", OFFICE) is Refusal.WRONG


@pytest.mark.parametrize(("seconds", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_code_is_taken_half_a_minute_early_or_late(access, clock, ana, seconds, taken):
    entry = access.sign_in("ana@example.org", ana.password, OFFICE)
    given = code(ana, clock.now() + timedelta(seconds=seconds))
    if taken:
        assert access.confirm(entry.token, given, OFFICE).stage is Stage.PASSWORD
    else:
        assert refused(access.confirm, entry.token, given, OFFICE) is Refusal.WRONG


def test_neither_a_used_code_nor_an_older_one_is_taken(access, clock, ana):
    come_in(access, clock, ana)
    for seconds in (0, -30):
        entry = access.sign_in("ana@example.org", ana.password, OFFICE)
        given = code(ana, clock.now() + timedelta(seconds=seconds))
        assert refused(access.confirm, entry.token, given, OFFICE) is Refusal.WRONG


@pytest.mark.parametrize("given", ["", "12345", "١٢٣٤٥٦", "1234567", "abcdef", "0" * 1000])
def test_what_is_no_code_is_a_wrong_one(access, ana, given):
    entry = access.sign_in("ana@example.org", ana.password, OFFICE)
    assert refused(access.confirm, entry.token, given, OFFICE) is Refusal.WRONG


def test_the_steps_of_a_sign_in_do_not_wait_for_long_and_cannot_be_skipped(access, clock, ana):
    entry = access.sign_in("ana@example.org", ana.password, OFFICE)
    assert refused(access.choose_password, entry.token, OWN) is Refusal.EXPIRED
    clock.move(SIGN_IN_LASTS)
    assert refused(access.confirm, entry.token, code(ana, clock.now()), OFFICE) is Refusal.EXPIRED
    assert refused(access.confirm, "no token", code(ana, clock.now()), OFFICE) is Refusal.EXPIRED


def test_codes_are_throttled_like_passwords(access, clock, ana):
    entry = access.sign_in("ana@example.org", ana.password, OFFICE)
    answers = [refused(access.confirm, entry.token, "000000", OFFICE) for _ in range(12)]
    assert answers[-1] is Refusal.THROTTLED
    assert refused(access.confirm, entry.token, code(ana, clock.now()), OFFICE) is Refusal.THROTTLED


@pytest.mark.parametrize("weak", ["", "once letras", "a" * 12, "abababababab", "soy ana y entro aquí", "x" * 5000])
def test_a_password_is_long_varied_and_not_her_name(access, clock, ana, weak):
    assert refused(access.choose_password, come_in(access, clock, ana).token, weak) is Refusal.WEAK


def test_accents_may_be_composed_in_either_way(access, clock, ana):
    access.choose_password(come_in(access, clock, ana).token, "contrase\u00f1a de la se\u00f1ora")
    assert access.sign_in("ana@example.org", "contrasen\u0303a de la sen\u0303ora", OFFICE)


def test_renewing_makes_the_old_password_codes_and_sessions_useless(access, clock, store, ana):
    entry = access.choose_password(come_in(access, clock, ana).token, OWN)
    fresh = access.renew("ANA@example.org")
    assert store.submit(lambda uow: uow.sessions.find(entry.token, clock.now())).result() is None
    assert refused(access.sign_in, "ana@example.org", OWN, OFFICE) is Refusal.WRONG
    clock.move(timedelta(minutes=1))
    half = access.sign_in("ana@example.org", fresh.password, OFFICE)
    assert refused(access.confirm, half.token, code(ana, clock.now()), OFFICE) is Refusal.WRONG
    assert access.confirm(half.token, code(fresh, clock.now()), OFFICE).stage is Stage.PASSWORD


@pytest.mark.parametrize(
    ("email", "role", "community"),
    [
        ("ana", Role.ADMIN, None),
        ("ana@x", Role.ADMIN, None),
        ("a na@example.org", Role.ADMIN, None),
        ("eva@example.org", Role.FACILITATOR, None),
        ("eva@example.org", Role.FACILITATOR, "nowhere"),
        ("eva@example.org", Role.STAFF, "taraza"),
        ("Ana@example.org", Role.STAFF, None),
    ],
)
def test_accounts_that_cannot_be_are_refused(access, ana, email, role, community):
    with pytest.raises(UsageError):
        access.enrol(email, role, community)


def test_nothing_secret_shows_where_things_are_printed(access, ana):
    entry = access.sign_in("ana@example.org", ana.password, OFFICE)
    printed = f"{ana!r} {entry!r}"
    assert ana.password not in printed
    assert entry.token not in printed
    assert "otpauth" not in printed
