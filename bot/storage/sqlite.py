"""The store on an SQLite file."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from bot.storage.database import told
from bot.storage.group_commit import GroupCommit, Job, failed
from bot.storage.transaction import Transaction
from bot.storage.unit_of_work import SqlUnitOfWork


class SqliteStore(GroupCommit):
    """`bot.domain.store.Store` on one file, for one serving process; other processes may take turns with it.

    Each work of a group has a savepoint of its own.
    """

    def _attempt(self, connection: Connection, job: Job) -> None:
        driver: Any = connection.connection.driver_connection
        driver.execute("SAVEPOINT work").close()
        try:
            job.result = job.work(SqlUnitOfWork(Transaction(connection, *self._hidden)))
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever holds the future
            job.error = told(error)
            driver.execute("ROLLBACK TO work").close()
        driver.execute("RELEASE work").close()

    def _lost(self, taken: list[Job], error: BaseException, *, committing: bool) -> None:  # noqa: ARG002 - a file tells
        failed(taken, error)
