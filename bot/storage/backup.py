"""Copies of the database. The keys of poll rounds are never part of one, nor is `BATEA_SECRET_KEY`."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import URL

from bot.domain.errors import StorageError
from bot.storage.database import read_url

_WAIT_S: Final = 10
_LONGEST_S: Final = 3600


def backup(database_url: str, file: Path) -> None:
    """Write a consistent copy of a database, in use or not; an old copy is only replaced by a whole one. Raises StorageError."""
    url = read_url(database_url)
    partial = file.with_name(f"{file.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        partial.touch(mode=0o600)
        if url.get_backend_name() == "sqlite":
            _copy(Path(str(url.database)), partial)
        else:
            _run("pg_dump", url, "--format=custom", f"--file={partial}", "--dbname", _without_password(url))
        partial.replace(file)
    except OSError as error:
        raise StorageError(f"the backup {file} cannot be written: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)


def restore(database_url: str, file: Path) -> None:
    """Make a database what a backup says. Stop every process that uses it before. Raises StorageError."""
    url = read_url(database_url)
    if not file.is_file():
        raise StorageError(f"there is no backup {file}")
    if url.get_backend_name() != "sqlite":
        options = ("--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error")
        _run("pg_restore", url, *options, "--dbname", _without_password(url), str(file))
        return
    if not _sound(file):
        raise StorageError(f"{file} is no whole Batea database: nothing was restored")
    target = Path(str(url.database))
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        target.touch(mode=0o600)
    _copy(file, target)


def _copy(source: Path, target: Path) -> None:
    """SQLite's online backup, which sees one moment of a database in use."""
    if not source.exists():
        raise StorageError(f"there is no database {source}")
    try:
        with closing(sqlite3.connect(source, timeout=_WAIT_S)) as old, closing(sqlite3.connect(target, timeout=_WAIT_S)) as new:
            old.backup(new)
            new.execute("PRAGMA journal_mode=WAL").close()
    except sqlite3.Error as error:
        raise StorageError(f"the database cannot be copied ({error}): stop every process that uses it") from error


def _sound(file: Path) -> bool:
    try:
        with closing(sqlite3.connect(file)) as connection:
            whole = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            return whole and connection.execute("SELECT version_num FROM alembic_version").fetchone() is not None
    except sqlite3.Error:
        return False


def _run(program: str, url: URL, *arguments: str) -> None:
    """Run one of PostgreSQL's own tools; the password goes through the environment, where `ps` does not show it."""
    found = shutil.which(program)
    if found is None:
        raise StorageError(f"{program} was not found: install PostgreSQL's client programs")
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    try:
        done = subprocess.run(  # noqa: S603 - the program is PostgreSQL's, the arguments are ours
            [found, "--no-password", *arguments],
            env={"PATH": os.pathsep.join(os.get_exec_path())} | secret,
            capture_output=True,
            text=True,
            timeout=_LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise StorageError(f"{program} took longer than {_LONGEST_S} s") from error
    if done.returncode:
        raise StorageError(f"{program} failed: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")


def _without_password(url: URL) -> str:
    return url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
