"""A stable name for each process that works on a PostgreSQL database: the first that nobody holds.

It is held by an advisory lock of a connection of its own, which ends with the process: whoever starts next, after a crash too,
has the same name, and takes up what it had begun.
"""

from __future__ import annotations

from typing import Final

import psycopg

from bot.domain.errors import StorageError
from bot.storage.database import read_url

_LOCK: Final = "SELECT pg_try_advisory_lock(hashtext('batea-worker'), hashtext(%s))"
_MOST: Final = 1_000


class WorkerName:
    """`name` is `base-1`, `base-2`, ... Raises StorageError where the database cannot be reached."""

    def __init__(self, database_url: str, base: str) -> None:
        self._url = read_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._base = base
        self._connection: psycopg.Connection[tuple[bool]] | None = None
        self.name = ""
        if not self.held():
            raise StorageError("no name is free for this worker")

    def held(self) -> bool:
        """Whether it is still ours; a connection that broke is made anew, under the same name if that is free."""
        try:
            if self._connection is not None:
                self._connection.execute("SELECT 1")
                return True
        except psycopg.Error:
            self.give_back()
        return self._take()

    def give_back(self) -> None:
        """Somebody else may have it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _take(self) -> bool:
        wanted = [self.name] if self.name else [f"{self._base}-{number}" for number in range(1, _MOST)]
        try:
            connection: psycopg.Connection[tuple[bool]] = psycopg.connect(self._url, autocommit=True, connect_timeout=5)
        except psycopg.Error as error:
            if self.name:
                return False
            raise StorageError(f"the database cannot be reached ({type(error).__name__}): check BATEA_DATABASE_URL") from None
        for name in wanted:
            row = connection.execute(_LOCK, (name,)).fetchone()
            if row and row[0]:
                self.name, self._connection = name, connection
                return True
        connection.close()
        return False
