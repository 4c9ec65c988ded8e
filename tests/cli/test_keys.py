"""`batea keys rotate`: from one key to another, as an operator does it."""

import json
import sqlite3
from contextlib import closing

import pytest

OLD = "a secret of the tests and long enough"  # what `batea` has by default
NEW = "a newer secret of the tests and long enough"
BOTH = f"{NEW},{OLD}"


@pytest.fixture
def enrolled(batea):
    """A database with an account in it, made with the old key: its address and its secret for codes are sealed."""
    assert batea("staff", "add", "ana@example.org", "--role", "admin").returncode == 0
    return batea


def database_line(done):
    return next(line for line in done.stdout.splitlines() if line.startswith("database: "))


def test_a_key_is_changed_in_four_steps(enrolled):
    before = enrolled("doctor", BATEA_SECRET_KEY=BOTH, BATEA_ASR="off")
    assert database_line(before) == "database: 3 of 3 values are sealed with an old key: run batea keys rotate"
    done = enrolled("keys", "rotate", BATEA_SECRET_KEY=BOTH)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "staff_member\t2 values\t2 sealed anew",
        "in all\t2 values\t2 sealed anew",
        "everything is sealed with the first key: the others may be taken away, and kept for backups of before",
    ]
    after = enrolled("doctor", BATEA_SECRET_KEY=BOTH, BATEA_ASR="off")
    assert database_line(after) == "database: all 3 values are sealed with the first of 2 keys: the others may be taken away"
    assert "ana@example.org" in enrolled("staff", "list", BATEA_SECRET_KEY=NEW).stdout
    assert "3 rows, all whole" in enrolled("audit", "verify", BATEA_SECRET_KEY=NEW).stdout
    old = enrolled("staff", "list")
    assert old.returncode == 1
    assert "BATEA_SECRET_KEY does not open this database" in old.stderr


def test_for_machines_it_is_one_object(enrolled):
    told = json.loads(enrolled("keys", "rotate", "--json", BATEA_SECRET_KEY=BOTH).stdout)
    assert told.keys() == {"tables", "values", "resealed", "unreadable", "finished"}
    assert {"table": "staff_member", "values": 2, "resealed": 2, "unreadable": 0} in told["tables"]
    assert (told["values"], told["resealed"], told["unreadable"], told["finished"]) == (2, 2, 0, True)


@pytest.mark.parametrize("key", [OLD, f"{OLD},{OLD}"])
def test_with_one_key_there_is_nothing_to_change_to(enrolled, key):
    done = enrolled("keys", "rotate", BATEA_SECRET_KEY=key)
    assert (done.returncode, done.stdout) == (1, "")
    assert "put a new one in front of it" in done.stderr


def test_a_key_that_is_not_the_databases_is_refused_before_anything(enrolled):
    done = enrolled("keys", "rotate", BATEA_SECRET_KEY=f"{NEW},another secret of the tests")
    assert done.returncode == 1
    assert "does not open this database" in done.stderr


def test_what_no_key_opens_is_told_by_table_and_breaks_the_doctor(enrolled, tmp_path):
    with closing(sqlite3.connect(tmp_path / "batea.db")) as connection, connection:
        connection.execute("INSERT INTO voice_note VALUES ('n', '2026-11-23 15:00:00', 0, '2.AAAA')")
    done = enrolled("keys", "rotate", BATEA_SECRET_KEY=BOTH)
    assert done.returncode == 1
    assert "staff_member\t2 values\t2 sealed anew" in done.stdout
    assert done.stderr.startswith("batea: 1 values open with none of these keys and stayed as they are (voice_note 1)")
    assert "may be taken away" not in done.stdout
    sick = enrolled("doctor", BATEA_SECRET_KEY=BOTH, BATEA_ASR="off")
    assert sick.returncode == 1
    assert database_line(sick).startswith("database: BROKEN 1 values open with no key")
