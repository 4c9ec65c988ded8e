"""The store on an SQLite file: one thread writes, and commits the works that wait as one group."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine

from bot.domain.errors import StorageError
from bot.domain.store import UnitOfWork
from bot.storage.database import told
from bot.storage.fresh import Fresh
from bot.storage.rounds import RoundKeys
from bot.storage.transaction import Transaction
from bot.storage.unit_of_work import SqlUnitOfWork
from bot.storage.vault import Lookup, Vault

T = TypeVar("T")
_LONGEST_GROUP_S: Final = 0.02  # the first of a group waits for the last: under load, better several groups than one long one


@dataclass(slots=True, eq=False)
class _Job:
    work: Callable[[UnitOfWork], Any]
    future: Future[Any]
    result: Any = None
    error: BaseException | None = None


class SqliteStore:
    """`bot.domain.store.Store` on one file, for one serving process; other processes may take turns with it.

    Works run one at a time, each in a savepoint of its own; their futures are done after the group's commit. A work must not
    wait for another work: there is only this one thread. Callbacks of futures run in it too and should be short.
    """

    def __init__(self, engine: Engine, vault: Vault, lookup: Lookup, round_keys: RoundKeys) -> None:
        self._engine = engine
        self._hidden = (vault, lookup, round_keys, Fresh())
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="batea-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[UnitOfWork], T]) -> Future[T]:
        """Run `work` in one transaction. The future is done only when it is on disk; an exception undoes all of it."""
        future: Future[T] = Future()
        with self._gate:
            if self._closed:
                raise StorageError("the database is closed: this process is stopping")
            self._jobs.put(_Job(work, future))
        return future

    def close(self) -> None:
        """Finish what waits, then let go of the file."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join()
        self._engine.dispose()

    def _run(self) -> None:
        connection: Connection | None = None
        while (job := self._jobs.get()) is not None:
            taken: list[_Job] = []
            try:
                _take(job, taken)
                connection = connection or self._engine.connect()
                more = self._group(connection, taken)
            except BaseException as error:  # noqa: BLE001 - the thread outlives whatever happens to one group
                more = not (self._closed and self._jobs.empty())
                lost = _lost(error)
                for job in taken:
                    job.error = lost
                _let_go(connection)
                connection = None
            for job in taken:
                _tell(job)
            if not more:
                break
        _let_go(connection)

    def _group(self, connection: Connection, taken: list[_Job]) -> bool:
        """Run the job that was taken and those that wait behind it, then commit; False once the store is closing."""
        started = time.monotonic()
        done = 0
        with connection.begin():
            while True:
                while done < len(taken):
                    self._attempt(connection, taken[done])
                    done += 1
                if time.monotonic() - started > _LONGEST_GROUP_S:
                    return True
                try:
                    job = self._jobs.get_nowait()
                except queue.Empty:
                    return True
                if job is None:
                    return False
                _take(job, taken)

    def _attempt(self, connection: Connection, job: _Job) -> None:
        """Run one job in a savepoint. Raises only where the whole transaction is lost."""
        driver: Any = connection.connection.driver_connection

        driver.execute("SAVEPOINT work").close()
        try:
            job.result = job.work(SqlUnitOfWork(Transaction(connection, *self._hidden)))
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever holds the future
            job.error = told(error)
            driver.execute("ROLLBACK TO work").close()
        driver.execute("RELEASE work").close()


def _take(job: _Job, taken: list[_Job]) -> None:
    if job.future.set_running_or_notify_cancel():
        taken.append(job)


def _lost(error: BaseException) -> StorageError:
    """What everybody hears whose group is not on disk."""
    cause = told(error)
    if isinstance(cause, StorageError):
        return cause
    lost = StorageError(f"the database could not be written: {type(error).__name__}")
    lost.__cause__ = error
    return lost


def _tell(job: _Job) -> None:
    """Complete a future; what its callbacks raise is theirs."""
    with suppress(BaseException):
        if job.error is None:
            job.future.set_result(job.result)
        else:
            job.future.set_exception(job.error)


def _let_go(connection: Connection | None) -> None:
    if connection is not None:
        try:
            connection.close()
        except BaseException:  # noqa: BLE001 - it is broken already
            connection.invalidate()
