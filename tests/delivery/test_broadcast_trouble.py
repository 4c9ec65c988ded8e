"""Processes that send, and everything around them that breaks: the carrier, the database, the disk, one of two workers."""

from __future__ import annotations

import contextlib
import resource
import time

import psycopg
import pytest
from delivery.broadcast_house import TEXT, Hands
from standins.carrier import Carrier

ONLY_POSTGRESQL = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
ONLY_SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def carrier():
    with Carrier() as opened:
        yield opened


@contextlib.contextmanager
def hands(url, folder, carrier, people, workers=1):
    made = Hands(url, folder, carrier, people)
    try:
        for _ in range(workers):
            made.start()
        yield made
    finally:
        made.close()


def sent_once(made, carrier, people, seconds=90):
    made.until(lambda: made.state() == "done" and "unknown" not in made.states(), seconds)
    assert made.states() == {"sent": people}
    assert set(carrier.got) == {(f"+57300{n:07d}", TEXT) for n in range(1, people + 1)}
    assert set(carrier.got.values()) == {1}


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_an_outage_lost_answers_and_slowness_lose_and_double_nothing(database_url, tmp_path, carrier):
    with hands(database_url, tmp_path / "data", carrier, 600) as made:
        made.announce()
        for outage, delay_s, seconds in (
            ("", 0.01, 3),
            ("refuse", 0.01, 5),
            ("swallow", 0.01, 1),
            ("busy", 0.01, 3),
            ("", 1.5, 6),
        ):
            carrier.outage, carrier.delay_s = outage, delay_s
            time.sleep(seconds)
        carrier.outage, carrier.delay_s = "", 0.01
        sent_once(made, carrier, 600, 240)


@pytest.mark.soak
@pytest.mark.timeout(600)
@ONLY_POSTGRESQL
def test_of_two_workers_the_work_of_the_dead_one_is_taken_over_within_thirty_seconds(database_url, tmp_path, carrier):
    carrier.delay_s = 0.4
    with hands(database_url, tmp_path / "data", carrier, 1_500, workers=2) as made:
        made.announce()
        made.until(lambda: made.states().get("sent", 0) > 100)
        made.kill(0)
        began = time.monotonic()
        carrier.delay_s = 0.01
        sent_once(made, carrier, 1_500)
        assert time.monotonic() - began < 60, "thirty to take over, and the rest to send and to ask"


@pytest.mark.soak
@pytest.mark.timeout(600)
@ONLY_POSTGRESQL
def test_a_database_that_breaks_every_connection_is_waited_for(database_url, tmp_path, carrier):
    with hands(database_url, tmp_path / "data", carrier, 800, workers=2) as made:
        made.announce()
        for _ in range(3):
            time.sleep(1.5)
            with psycopg.connect(database_url, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
        with contextlib.suppress(Exception):
            made.states()
        sent_once(made, carrier, 800, 240)


@pytest.mark.soak
@pytest.mark.timeout(600)
@ONLY_SQLITE
def test_a_full_disk_is_waited_for(database_url, tmp_path, carrier):
    with hands(database_url, tmp_path / "data", carrier, 800) as made:
        made.announce()
        made.until(lambda: made.states().get("sent", 0) > 50)
        resource.prlimit(made.processes[0], resource.RLIMIT_FSIZE, (1_000, resource.RLIM_INFINITY))
        time.sleep(3)
        resource.prlimit(made.processes[0], resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        sent_once(made, carrier, 800, 240)
