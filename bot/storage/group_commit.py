"""One thread writes, and commits the works that wait as one group: what both databases have in common."""

from __future__ import annotations

import queue
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.errors import StorageError
from bot.domain.store import UnitOfWork
from bot.storage.database import READING, told
from bot.storage.fresh import Fresh
from bot.storage.jobs import Jobs
from bot.storage.rounds import RoundKeys
from bot.storage.transaction import Transaction
from bot.storage.unit_of_work import SqlUnitOfWork
from bot.storage.vault import Lookup, Vault

T = TypeVar("T")
READERS: Final = 2
_READ_ONLY: Final = {"sqlite": "PRAGMA query_only=ON", "postgresql": "SET TRANSACTION READ ONLY"}
_LONGEST_GROUP_S: Final = 0.02  # the first of a group waits for the last: under load, better several groups than one long one


@dataclass(slots=True, eq=False)
class Job:
    """A work, who waits for it, and what came of it.

    `attempts` so far; `again`: it is to be tried once more, in a group of its own.
    """

    work: Callable[[UnitOfWork], Any]
    future: Future[Any]
    result: Any = None
    error: BaseException | None = None
    attempts: int = 0
    again: bool = False


class GroupCommit(ABC):
    """`bot.domain.store.Store` with one connection for each of its writers, of which SQLite has one.

    A writer runs one work at a time; their futures are done after the group's commit. A work must not wait for another work:
    there may be no other thread to run it. Callbacks of futures run there too and should be short.
    """

    def __init__(self, engine: Engine, vault: Vault, lookup: Lookup, round_keys: RoundKeys, writers: int = 1) -> None:
        self._engine = engine
        self._hidden = (vault, lookup, round_keys, Fresh())
        self._jobs: Jobs[Job] = Jobs()
        self._gate = threading.Lock()
        self._closed = False
        self._readers = ThreadPoolExecutor(READERS, "batea-reader")
        self._threads = [threading.Thread(target=self._run, name="batea-writer", daemon=True) for _ in range(writers)]
        for thread in self._threads:
            thread.start()

    def submit(self, work: Callable[[UnitOfWork], T], *, patient: bool = False) -> Future[T]:
        """Run `work` in one transaction. The future is done only when it is on disk; an exception undoes all of it.

        What is `patient` comes after everything that is not: nobody who is being answered waits behind a broadcast.
        """
        future: Future[T] = Future()
        with self._gate:
            if self._closed:
                raise StorageError("the database is closed: this process is stopping")
            self._jobs.put(Job(work, future), patient=patient)
        return future

    def look(self, work: Callable[[UnitOfWork], T]) -> Future[T]:
        """Run `work`, which only reads, in a thread and a connection beside the writers'."""
        try:
            return self._readers.submit(self._read, work)
        except RuntimeError:
            raise StorageError("the database is closed: this process is stopping") from None

    def _read(self, work: Callable[[UnitOfWork], T]) -> T:
        vault, lookup, round_keys, _ = self._hidden
        try:
            with self._engine.connect().execution_options(**{READING: True}) as connection, connection.begin():
                connection.exec_driver_sql(_READ_ONLY[connection.dialect.name])
                return work(SqlUnitOfWork(Transaction(connection, vault, lookup, round_keys, Fresh())))
        except SQLAlchemyError as error:
            raise told(error) from error

    def close(self) -> None:
        """Finish what waits, then let go of the database."""
        with self._gate:
            if not self._closed:
                self._closed = True
                for _ in self._threads:
                    self._jobs.end()
        for thread in self._threads:
            if threading.current_thread() is not thread:
                thread.join()
        self._readers.shutdown(wait=True)
        self._engine.dispose()

    @abstractmethod
    def _attempt(self, connection: Connection, job: Job) -> None:
        """Run one job of a group. Raises where the whole transaction is lost with it."""

    @abstractmethod
    def _lost(self, taken: list[Job], error: BaseException, *, committing: bool) -> None:
        """Nothing of a group is on disk, unless `committing`, when that is not known: note an error with each, or try again."""

    def _run(self) -> None:
        connection: Connection | None = None
        again: list[Job] = []
        more = True
        while more or again:
            taken: list[Job] = []
            committing = False
            try:
                if again:
                    taken.append(again.pop(0))
                elif not self._take(self._jobs.get(), taken):
                    break
                connection = connection or self._engine.connect()
                with connection.begin() as transaction:
                    more = self._group(connection, taken) and more
                    committing = True
                    transaction.commit()
            except BaseException as error:  # noqa: BLE001 - the thread outlives whatever happens to one group
                more = more and not (self._closed and self._jobs.empty())
                self._lost(taken, error, committing=committing)
                _let_go(connection)
                connection = None
            again = [job for job in taken if job.again] + again
            for job in taken:
                if not job.again:
                    _tell(job)
        _let_go(connection)

    def _group(self, connection: Connection, taken: list[Job]) -> bool:
        """Run the job that was taken and, unless it failed before, those that wait behind it; False once the store is closing."""
        alone = bool(taken) and taken[0].attempts > 0
        started = time.monotonic()
        done = 0
        while True:
            while done < len(taken):
                job = taken[done]
                job.result = job.error = None
                job.attempts, job.again = job.attempts + 1, False
                self._attempt(connection, job)
                done += 1
            if alone or time.monotonic() - started > _LONGEST_GROUP_S:
                return True
            try:
                waiting = self._jobs.get(wait=False)
            except queue.Empty:
                return True
            if not self._take(waiting, taken):
                return False

    @staticmethod
    def _take(job: Job | None, taken: list[Job]) -> bool:
        """Add a job unless it was cancelled; False for the end."""
        if job is not None and job.future.set_running_or_notify_cancel():
            taken.append(job)
        return job is not None


def failed(taken: list[Job], error: BaseException) -> None:
    """Have each of a group hear that it is not on disk."""
    cause = told(error)
    if not isinstance(cause, StorageError):
        cause = StorageError(f"the database could not be written: {type(error).__name__}")
        cause.__cause__ = error
    for job in taken:
        job.error = cause


def _tell(job: Job) -> None:
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
