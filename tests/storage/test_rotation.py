"""Everything sealed anew under a new key, in front of the old one."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Date, Float, Integer, String, Table, create_engine, select

from bot.domain.audit import Verified
from bot.domain.conversation import State
from bot.domain.errors import StorageError
from bot.storage import rotation
from bot.storage.columns import METADATA, Sealed, UtcDateTime
from bot.storage.database import read_url
from bot.storage.opening import open_store
from bot.storage.rotation import Rotation, Sealings, rotate, survey
from bot.storage.rounds import RoundKeyFiles
from bot.storage.seals import ROWS, sealed_columns, sealed_tables
from bot.storage.tables import audit_log, lookup_key, uploaded_file, voice_note
from bot.storage.unit_of_work import SqlUnitOfWork
from bot.storage.vault import Vault
from tests.storage.conftest import NOW, PHONE, SECRET, Desk

ROOT = Path(__file__).parents[2]
NEW = "a newer secret of the tests and long enough"
BOTH = f"{NEW},{SECRET}"


class Rotated(Desk):
    """A store whose new key stands in front of the old one."""

    def __init__(self, url: str, keys: RoundKeyFiles, secrets: str = BOTH) -> None:
        self.url, self.keys = url, keys
        self.store: Any = open_store(url, Vault(secrets), keys)

    def rotate(self) -> Rotation:
        return rotate(self.store, lambda: NOW, lambda _: None)


@pytest.fixture
def both(desk: Desk) -> Iterator[Rotated]:
    """What runs after a restart with the new key in front; `desk` made the database with the old one."""
    opened = Rotated(desk.url, desk.keys)
    yield opened
    opened.store.close()


@contextmanager
def raw(url: str) -> Iterator[Any]:
    """The database without any rule between its tables."""
    engine = create_engine(read_url(url))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = replica")
        yield connection
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = DEFAULT")
    engine.dispose()


def value(column: Column[Any], row: int, secret: str) -> Any:
    """Something of the column's type that no other row has."""
    if isinstance(column.type, Sealed):
        return Vault(secret).seal(f"{column} {row}")
    if isinstance(column.type, String):
        return str(row)[: column.type.length]
    if isinstance(column.type, Boolean):
        return False
    if isinstance(column.type, UtcDateTime | Date):
        return NOW if isinstance(column.type, UtcDateTime) else NOW.date()
    assert isinstance(column.type, Integer | Float), f"{column} is of a type that this test does not know"
    return row


def fill(url: str, table: Table, rows: int, secret: str = SECRET) -> None:
    with raw(url) as connection:
        many = [{column.name: value(column, row, secret) for column in table.columns} for row in range(1, rows + 1)]
        connection.execute(table.insert(), many)


def tokens(url: str, table: Table) -> list[tuple[str, str]]:
    """Each token of a table, with the column it stands in."""
    columns = sealed_columns(table)
    with raw(url) as connection:
        return [
            (str(column), token)
            for row in connection.execute(select(*columns))
            for column, token in zip(columns, row, strict=True)
            if token is not None
        ]


def under(url: str, table: Table, secret: str) -> int:
    """How many tokens of a table one secret alone opens."""
    opened = 0
    for _, token in tokens(url, table):
        try:
            Vault(secret).open(token)
        except StorageError:
            continue
        opened += 1
    return opened


def test_a_column_is_called_sealed_exactly_where_it_is_of_the_type_that_is_rotated() -> None:
    for table in METADATA.sorted_tables:
        for column in table.columns:
            assert isinstance(column.type, Sealed) == column.name.endswith("sealed"), (
                f"{column}: what holds tokens is called sealed and of the type Sealed, or `batea keys rotate` forgets it"
            )
            assert not (column.primary_key and isinstance(column.type, Sealed)), f"{column}: rows are found by their keys"


def test_every_sealed_column_of_every_table_ends_up_under_the_new_key(desk: Desk, both: Rotated) -> None:
    rows = ROWS + 3
    for table in sealed_tables():
        fill(desk.url, table, rows)
    done = both.rotate()
    assert done.finished
    assert done.tables == {
        t.name: Sealings(rows * len(sealed_columns(t)), rows * len(sealed_columns(t))) for t in sealed_tables()
    }
    new = Vault(NEW)
    for table in METADATA.sorted_tables:
        holds = [column for column in table.columns if isinstance(column.type, Sealed)]
        if not holds or table is lookup_key:
            continue
        expected = {(str(column), f"{column} {row}") for column in holds for row in range(1, rows + 1)}
        assert {(column, new.open(token)) for column, token in tokens(desk.url, table)} == expected
    assert survey(both.store).old == 0


def test_people_are_found_by_the_same_hashes_without_the_old_key(desk: Desk, both: Rotated) -> None:
    person = desk.run(lambda uow: uow.people.meet(PHONE, NOW))[0]
    desk.run(lambda uow: uow.people.save(person, State("lesson:m1/humo/s1")))
    assert both.rotate().finished
    alone = Rotated(desk.url, desk.keys, NEW)
    assert alone.run(lambda uow: uow.people.meet(PHONE, NOW)) == (person, State("lesson:m1/humo/s1"))
    alone.store.close()
    with pytest.raises(StorageError, match="BATEA_SECRET_KEY"):
        open_store(desk.url, Vault(SECRET), desk.keys)


def test_it_stands_in_the_audit_log_which_is_whole_and_a_second_run_has_nothing_to_do(desk: Desk, both: Rotated) -> None:
    fill(desk.url, voice_note, 3)
    assert both.rotate().total == Sealings(3, 3)
    assert both.rotate().total == Sealings(3)
    log = both.run(lambda uow: [(entry.actor, entry.action) for entry in uow.audit.recent()])
    assert log == [("operator", "key.rotated"), ("operator", "key.rotate")]
    whole = both.run(lambda uow: uow.audit.verify(Verified()))
    assert (whole.number, whole.broken, whole.finished) == (2, 0, True)


def test_what_no_key_opens_is_counted_and_stays_and_the_rest_is_sealed_anew(desk: Desk, both: Rotated) -> None:
    fill(desk.url, voice_note, 3)
    foreign = Vault("a secret that nobody has any more").seal("x")
    with raw(desk.url) as connection:
        connection.execute(voice_note.update().where(voice_note.c.id == "2").values(sealed=foreign))
    done = both.rotate()
    assert (done.finished, done.tables["voice_note"]) == (True, Sealings(3, 2, 1))
    assert sorted(token for _, token in tokens(desk.url, voice_note)).count(foreign) == 1
    assert (survey(both.store).old, survey(both.store).unreadable) == (0, 1)


def test_a_survey_writes_nothing(desk: Desk, both: Rotated) -> None:
    fill(desk.url, voice_note, 3)
    before = tokens(desk.url, voice_note)
    assert survey(both.store) == rotation.Survey(4, 4, 0)
    assert rotation.count(both.store) == 3
    assert tokens(desk.url, voice_note) == before


def test_what_was_written_after_it_was_read_is_not_overwritten(desk: Desk, both: Rotated) -> None:
    fill(desk.url, voice_note, 2)
    read = both.run(lambda uow: uow.seals.read(voice_note, None))
    fresh = Vault(SECRET).seal("fresh")
    with raw(desk.url) as connection:
        connection.execute(voice_note.update().where(voice_note.c.id == "1").values(sealed=fresh))
    assert both.run(lambda uow: uow.seals.replace(voice_note, read.reseals)) == 1
    assert fresh in {token for _, token in tokens(desk.url, voice_note)}
    assert both.rotate().total == Sealings(2, 1)


def test_rows_with_whole_files_in_them_are_read_a_few_at_a_time(desk: Desk, both: Rotated) -> None:
    fill(desk.url, uploaded_file, 9)
    most = 2 * len(tokens(desk.url, uploaded_file)[0][1])
    first = both.run(lambda uow: uow.seals.read(uploaded_file, None, most))
    assert (first.old, first.last) == (2, ("2",))
    rest = both.run(lambda uow: uow.seals.read(uploaded_file, first.last))
    assert (rest.old, rest.last) == (7, None)


class Unaware:
    """A store beside which a process that was not restarted goes on sealing with the old key."""

    def __init__(self, desk: Desk, store: Any) -> None:
        self._desk, self._store, self.submit = desk, store, store.submit

    def look(self, work: Any) -> Any:
        self._desk.run(lambda uow: uow.misses.keep("ola", "greet", 0.3, NOW.date()))
        return self._store.look(work)


def test_it_ends_and_says_so_where_somebody_still_seals_with_the_old_key(desk: Desk, both: Rotated) -> None:
    done = rotate(Unaware(desk, both.store), lambda: NOW, lambda _: None)
    assert not done.finished
    assert both.run(lambda uow: [entry.action for entry in uow.audit.recent()]) == ["key.rotate"]
    assert survey(both.store).old > 0
    assert both.rotate().finished


def test_turns_go_on_meanwhile_and_none_is_lost(desk: Desk, both: Rotated, tmp_path: Path) -> None:
    fill(desk.url, voice_note, 12 * ROWS)
    turns = 100
    desk.run(lambda uow: uow.people.meet(PHONE, NOW))
    desk.store.close()
    command = [sys.executable, str(ROOT / "tests/storage/counting.py"), desk.url, str(tmp_path / "rounds")]
    with subprocess.Popen(
        [*command, PHONE.channel.value, PHONE.value, str(turns), BOTH],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(ROOT)},
    ) as serving:
        assert serving.stdout is not None
        assert serving.stdout.readline() == "ready\n"
        assert serving.stdin is not None
        serving.stdin.write("go\n")
        serving.stdin.flush()
        assert both.rotate().finished
        serving.communicate(timeout=60)
    assert serving.returncode == 0
    alone = Rotated(desk.url, desk.keys, NEW)
    assert alone.run(lambda uow: uow.people.meet(PHONE, NOW))[1].misses == turns
    assert survey(alone.store) == rotation.Survey(12 * ROWS + 3, 0, 0)
    alone.store.close()


@contextmanager
def rotating(url: str, keys: Path, stop: int) -> Iterator[subprocess.Popen[str]]:
    """`batea keys rotate` under way, killed in the end."""
    command = [sys.executable, str(ROOT / "tests/storage/rotating.py"), url, str(keys), BOTH, str(stop)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(ROOT)}) as process:
        assert process.stdout is not None
        assert process.stdout.readline(), "it did not start"
        yield process
        process.kill()


def readable(uow: SqlUnitOfWork) -> int:
    """How many tokens open with the keys that there are. Raises StorageError where one does not."""
    transaction = uow.people._tx
    rows = transaction.connection.execute(select(voice_note.c.sealed))
    return len([transaction.vault.open(row.sealed) for row in rows])


def test_killed_midway_everything_stays_readable_and_the_next_run_does_the_rest(
    desk: Desk, both: Rotated, tmp_path: Path
) -> None:
    rows = 9 * ROWS
    fill(desk.url, voice_note, rows)
    with rotating(desk.url, tmp_path / "rounds", 3 * ROWS) as process:
        assert process.stdout is not None
        while "holding" not in process.stdout.readline():
            pass
    assert (under(desk.url, voice_note, NEW), under(desk.url, voice_note, SECRET)) == (3 * ROWS, 6 * ROWS)
    assert both.run(readable) == rows
    with pytest.raises(StorageError, match="BATEA_SECRET_KEY"):
        open_store(desk.url, Vault(NEW), desk.keys)  # the old key was taken away too early
    chance = random.Random(20261123)
    for _ in range(2):
        with rotating(desk.url, tmp_path / "rounds", 0):
            time.sleep(chance.uniform(0, 0.05))
        assert both.run(readable) == rows
    assert both.rotate().finished
    assert under(desk.url, voice_note, NEW) == rows
    actions = both.run(lambda uow: [entry.action for entry in uow.audit.recent()])
    assert (actions[0], set(actions[1:])) == ("key.rotated", {"key.rotate"})
    whole = both.run(lambda uow: uow.audit.verify(Verified()))
    assert (whole.number, whole.broken) == (len(both.rows(f"SELECT number FROM {audit_log.name}")), 0)
