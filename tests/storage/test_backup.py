from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.domain.errors import StorageError
from bot.storage.backup import backup, restore
from bot.storage.rounds import RoundKeyFiles
from tests.storage.conftest import NOW, ONLY_POSTGRESQL, PHONE, TELEGRAM, Desk


@pytest.fixture
def with_tools(database_kind: str) -> None:
    if database_kind == "postgresql" and not (shutil.which("pg_dump") and shutil.which("pg_restore")):
        pytest.skip("pg_dump and pg_restore are not on the path")


def test_a_backup_taken_in_use_brings_back_that_moment(
    database_url: str, round_keys: RoundKeyFiles, tmp_path: Path, with_tools: None
) -> None:
    desk = Desk(database_url, round_keys)
    person = desk.run(lambda uow: uow.people.meet(PHONE, NOW))[0]
    copy = tmp_path / "copy.backup"
    backup(database_url, copy)
    desk.run(lambda uow: uow.people.meet(TELEGRAM, NOW))
    desk.run(lambda uow: uow.people.erase(person.id))
    desk.store.close()
    restore(database_url, copy)
    desk = Desk(database_url, round_keys)
    assert desk.run(lambda uow: uow.people.meet(PHONE, NOW))[0] == person
    assert desk.rows("SELECT count(*) FROM person") == [(1,)]
    desk.store.close()
    assert copy.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.glob("*.partial")] == []


def test_a_file_that_is_no_backup_restores_nothing(
    database_url: str, round_keys: RoundKeyFiles, tmp_path: Path, with_tools: None
) -> None:
    desk = Desk(database_url, round_keys)
    desk.run(lambda uow: uow.people.meet(PHONE, NOW))
    desk.store.close()
    (tmp_path / "junk").write_bytes(b"junk" * 5000)
    for file in (tmp_path / "junk", tmp_path / "missing"):
        with pytest.raises(StorageError):
            restore(database_url, file)
    desk = Desk(database_url, round_keys)
    assert desk.rows("SELECT count(*) FROM person") == [(1,)]
    desk.store.close()


def test_a_backup_that_cannot_be_written_says_so(database_url: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        backup(database_url, tmp_path / "no" / "such" / "folder" / "copy")


@ONLY_POSTGRESQL
def test_without_postgresqls_programs_a_backup_says_what_to_install(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StorageError, match="install PostgreSQL's client programs"):
        backup(database_url, tmp_path / "copy")


def test_a_database_that_is_not_there_is_not_backed_up(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="there is no database"):
        backup(f"sqlite:///{tmp_path / 'none.db'}", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
