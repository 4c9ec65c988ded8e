"""Database addresses, and engines set up the way Batea needs them."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from bot.domain.errors import ConfigurationError, StorageError

READING: Final = "batea_reading"
"""The execution option of a connection that takes no part in writing."""

SESSION: Final = "batea_session"
"""Where a connection to PostgreSQL keeps what `bot.storage.libpq` knows of it."""
_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # a commit that was answered survives a power cut
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",  # what is deleted is overwritten
    "PRAGMA busy_timeout=10000",  # ms
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-4000",  # KiB; what is read again lies in the cache of the system anyway
)


def read_url(database_url: str) -> URL:
    """The address of a database. Raises ConfigurationError for what is neither an SQLite file nor PostgreSQL."""
    try:
        url = make_url(database_url)
    except ArgumentError:
        raise ConfigurationError(
            "BATEA_DATABASE_URL cannot be read: write sqlite:///FILE or postgresql://USER@HOST/NAME"
        ) from None
    if url.drivername in {"postgres", "postgresql", "postgresql+psycopg"}:
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() != "sqlite":
        raise ConfigurationError(f"BATEA_DATABASE_URL names {url.get_backend_name()}: only sqlite and postgresql are known")
    if not url.database or url.database == ":memory:":
        raise ConfigurationError("BATEA_DATABASE_URL names no file: SQLite in memory would forget everybody")
    return url


def make_engine(url: URL, *, connections: int = 1) -> Engine:
    """An engine whose errors show no values. For SQLite every connection is new and the folder is made if need be."""
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=connections,
        max_overflow=0,
        # Compiling a statement to machine code takes most of a second, which an audience's slice of thousands never earns back.
        connect_args={"options": "-c timezone=UTC -c jit=off", "connect_timeout": 10},
    )

    @event.listens_for(engine, "rollback")
    def _rolled_back(connection: Any) -> None:
        session = None if connection.invalidated else connection.info.get(SESSION)
        if session is not None:
            session.rolled_back()

    return engine


def _sqlite_engine(url: URL) -> Engine:
    path = Path(str(url.database))
    if not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)  # the write-ahead log takes its permissions from this file
        except OSError as error:
            raise ConfigurationError(f"the database file {path} cannot be made: {error.strerror}") from None
    # Transactions are begun by hand: Python's driver would begin them too late, and never IMMEDIATE.
    engine = create_engine(
        url, hide_parameters=True, poolclass=NullPool, connect_args={"isolation_level": None, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        for pragma in _PRAGMAS:
            connection.execute(pragma).close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # Straight to the driver: SQLAlchemy's way of a statement costs as much as a whole small transaction.
        try:
            reading = connection.get_execution_options().get(READING)
            connection.connection.driver_connection.execute("BEGIN" if reading else "BEGIN IMMEDIATE").close()
        except sqlite3.Error as error:
            raise DBAPIError.instance("BEGIN", None, error, sqlite3.Error, hide_parameters=True) from error

    return engine


def told(error: BaseException) -> BaseException:
    """A database's error as one of ours, without its own text, which may quote values; anything else as it is."""
    if not isinstance(error, SQLAlchemyError):
        return error
    code = ""
    if isinstance(error, DBAPIError):
        code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None) or ""
    ours = StorageError(f"the database refused: {type(error).__name__} {code}".strip())
    ours.__cause__ = error
    return ours
