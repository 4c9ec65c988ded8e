"""The store on PostgreSQL."""

from __future__ import annotations

import random
import time
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot.domain.errors import StorageError
from bot.storage.database import told
from bot.storage.group_commit import GroupCommit, Job, failed
from bot.storage.transaction import Transaction
from bot.storage.unit_of_work import SqlUnitOfWork

WRITERS: Final = 2  # so that one long work does not keep all others waiting; more only wait for each other
_ATTEMPTS: Final = 6
_PAUSE_S: Final = 0.01
# Source: https://www.postgresql.org/docs/15/mvcc-serialization-failure-handling.html (serialization failure, deadlock).
_RETRIED_SQLSTATES: Final = frozenset({"40001", "40P01"})


class PostgresqlStore(GroupCommit):
    """`bot.domain.store.Store` on PostgreSQL, for any number of processes.

    A group has no savepoints, each of which would cost two ways to the server: where one work fails, all are undone and run
    again one by one. So a work may run twice, after a deadlock or a lost connection too, and must do nothing outside its
    transaction that cannot be done twice. A group holds the locks of all its works until it is committed, hundredths of a second.
    """

    def _attempt(self, connection: Connection, job: Job) -> None:
        try:
            job.result = job.work(SqlUnitOfWork(Transaction(connection, *self._hidden)))
        except BaseException as error:
            job.error = error
            raise

    def _lost(self, taken: list[Job], error: BaseException, *, committing: bool) -> None:
        broken = isinstance(error, DBAPIError) and error.connection_invalidated
        if committing and broken:
            failed(taken, StorageError("the connection broke during a commit: nobody knows whether it is on disk"))
            return
        if len(taken) > 1:
            for job in taken:
                job.again = True
            return
        for job in taken:
            job.error = told(job.error or error)
            job.again = job.attempts < _ATTEMPTS and (broken or _sqlstate(error) in _RETRIED_SQLSTATES)
            if job.again:
                time.sleep(random.uniform(0, _PAUSE_S * 2**job.attempts))  # noqa: S311 - no secret


def _sqlstate(error: BaseException) -> str | None:
    return getattr(getattr(error, "orig", None), "sqlstate", None)
