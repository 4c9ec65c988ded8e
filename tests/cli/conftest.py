"""A command on a database of its own."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from standins import commands

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def batea(tmp_path, migrated_sqlite):
    """Runs a command on a database with one community."""
    database = tmp_path / "batea.db"
    database.write_bytes(migrated_sqlite.read_bytes())
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT INTO community VALUES ('taraza', 'Tarazá', 'CO', 'bajo-cauca')")
    environment = {
        "PATH": "/usr/bin:/bin",
        "BATEA_DATA_DIR": str(tmp_path),
        "BATEA_DATABASE_URL": f"sqlite:///{database}",
        "BATEA_SECRET_KEY": "a secret of the tests and long enough",
    }

    def run(*words, stdin="", **changes):
        return commands.run(*words, environment=environment | changes, folder=ROOT, stdin=stdin.encode()).as_text()

    return run
