"""The store on PostgreSQL: a few threads, each work in a transaction of its own."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.domain.errors import StorageError
from bot.domain.store import UnitOfWork
from bot.storage.database import told
from bot.storage.fresh import Fresh
from bot.storage.rounds import RoundKeys
from bot.storage.transaction import Transaction
from bot.storage.unit_of_work import SqlUnitOfWork
from bot.storage.vault import Lookup, Vault

T = TypeVar("T")
CONNECTIONS: Final = 4  # measured on two cores: with more, threads wait for each other rather than for the database
_ATTEMPTS: Final = 5
_PAUSE_S: Final = 0.01
# Source: https://www.postgresql.org/docs/15/mvcc-serialization-failure-handling.html (serialization failure, deadlock).
_RETRIED_SQLSTATES: Final = frozenset({"40001", "40P01"})


class PostgresqlStore:
    """`bot.domain.store.Store` on PostgreSQL, for any number of processes.

    A work may run again after a deadlock or a lost connection, so it must do nothing outside its transaction that cannot be
    done twice.
    """

    def __init__(self, engine: Engine, vault: Vault, lookup: Lookup, round_keys: RoundKeys) -> None:
        self._engine = engine
        self._hidden = (vault, lookup, round_keys, Fresh())
        self._threads = ThreadPoolExecutor(max_workers=CONNECTIONS, thread_name_prefix="batea-database")

    def submit(self, work: Callable[[UnitOfWork], T]) -> Future[T]:
        """Run `work` in one transaction. The future is done only when it is on disk; an exception undoes all of it."""
        try:
            return self._threads.submit(self._persist, work)
        except RuntimeError:
            raise StorageError("the database is closed: this process is stopping") from None

    def close(self) -> None:
        """Finish what waits, then let go of the connections."""
        self._threads.shutdown(wait=True)
        self._engine.dispose()

    def _persist(self, work: Callable[[UnitOfWork], T]) -> T:
        for attempt in range(1, _ATTEMPTS):
            try:
                return self._attempt(work)
            except SQLAlchemyError as error:
                if not _worth_retrying(error):
                    raise told(error) from error
            time.sleep(random.uniform(0, _PAUSE_S * 2**attempt))  # noqa: S311 - no secret
        try:
            return self._attempt(work)
        except SQLAlchemyError as error:
            raise told(error) from error

    def _attempt(self, work: Callable[[UnitOfWork], T]) -> T:
        with self._engine.connect() as connection:
            transaction = connection.begin()
            try:
                result = work(SqlUnitOfWork(Transaction(connection, *self._hidden)))
            except BaseException:
                transaction.rollback()
                raise
            try:
                transaction.commit()
            except DBAPIError as error:
                if error.connection_invalidated:
                    raise StorageError("the connection broke during a commit: nobody knows whether it is on disk") from error
                raise
            return result


def _worth_retrying(error: SQLAlchemyError) -> bool:
    """Whether nothing is on disk and another try may succeed."""
    return isinstance(error, DBAPIError) and (
        error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _RETRIED_SQLSTATES
    )
