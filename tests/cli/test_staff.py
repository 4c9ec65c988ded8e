"""`batea staff` and `batea audit`."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_an_account_is_made_listed_renewed_and_disabled(batea):
    made = batea("staff", "add", "rosa@example.org", "--role", "facilitator", "--community", "taraza")
    assert (made.returncode, made.stdout.splitlines()[0]) == (0, "rosa@example.org: facilitator of taraza")
    password = re.search(r"UTC: ([a-z2-9]{4}(?:-[a-z2-9]{4}){3})$", made.stdout, re.MULTILINE)[1]
    assert "otpauth://totp/Batea:rosa%40example.org?secret=" in made.stdout
    assert "█" in made.stdout
    listed = batea("staff", "list").stdout
    assert listed.startswith("rosa@example.org\tfacilitator\ttaraza\t")
    assert listed.endswith("\tactive\n")
    assert password not in batea("staff", "renew", "rosa@example.org").stdout
    assert batea("staff", "disable", "Rosa@Example.org").returncode == 0
    assert "\tdisabled " in batea("staff", "list").stdout
    assert batea("audit", "verify").stdout == "3 rows, all whole\n"


@pytest.mark.parametrize(
    "words",
    [
        ("add", "rosa@example.org"),
        ("add", "rosa@example.org", "--role", "queen"),
        ("add", "rosa", "--role", "staff"),
        ("add", "rosa@example.org", "--role", "facilitator"),
        ("add", "rosa@example.org", "--role", "facilitator", "--community", "nowhere"),
        ("add", "rosa@example.org", "--role", "staff", "--language", "fr"),
        ("disable", "nobody@example.org"),
        ("renew", "nobody@example.org"),
    ],
)
def test_wrong_use_changes_nothing(batea, words):
    done = batea("staff", *words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert batea("staff", "list").stdout == ""


def test_a_broken_log_is_told_with_its_first_row(batea, tmp_path):
    for name in ("ana", "eva", "rosa"):
        batea("staff", "add", f"{name}@example.org", "--role", "staff")
    with closing(sqlite3.connect(tmp_path / "batea.db")) as connection, connection:
        connection.execute("DROP TRIGGER audit_log_no_update")
        connection.execute("UPDATE audit_log SET actor = 'nobody' WHERE number = 2")
    done = batea("audit", "verify")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("batea: the audit log is broken at row 2")
    assert done.stderr.count("\n") == 1
