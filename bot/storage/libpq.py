"""Statements that PostgreSQL keeps parsed, asked through libpq without psycopg's cursor.

A cursor compiles the statement's text anew, chooses its way and waits in Python; what it does around libpq costs as much as the
rest of a short statement (docs/performance.md). psycopg's own adapters still turn values into text and back.
Source: https://www.psycopg.org/psycopg3/docs/api/pq.html and https://www.postgresql.org/docs/15/libpq-exec.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from psycopg import Connection, errors
from psycopg.abc import PyFormat
from psycopg.adapt import Transformer
from psycopg.generators import fetch, send
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

_PLACE: Final = re.compile(r"%\((\w+)\)s|%%")
_DONE: Final = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK})


class Session:
    """One connection: the statements that its server keeps, and psycopg's way with values."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection
        self._server: PGconn = connection.pgconn
        self._values = Transformer(connection)
        self._kept: dict[bytes, bytes] = {}
        self._made = 0
        self._doubtful = False

    def rolled_back(self) -> None:
        """Now psycopg may have the server forget all statements, ours too: it does where it keeps some of its own."""
        self._doubtful = True

    def run(self, statement: ServerStatement, values: Sequence[Any]) -> tuple[list[tuple[Any, ...]], list[str], int]:
        """Rows, the names of their columns, and how many rows were written. Raises psycopg's errors."""
        name = self._begun(statement)
        result = self._checked(self._server.exec_prepared(name, self._dumped(statement, values)))
        if result.status != ExecStatus.TUPLES_OK:
            return [], [], result.command_tuples or 0
        self._values.set_pgresult(result)
        names = [(result.fname(column) or b"").decode() for column in range(result.nfields)]
        return self._values.load_rows(0, result.ntuples, tuple), names, result.ntuples

    def run_each(self, statement: ServerStatement, many: Sequence[Sequence[Any]]) -> list[int]:
        """The same with one set of values after the other, sent in one go: how many rows each has written.

        Where one fails those behind it are not done. Raises psycopg's errors.
        """
        name = self._begun(statement)
        dumped = [self._dumped(statement, values) for values in many]
        self._server.enter_pipeline_mode()
        for values in dumped:
            self._server.send_query_prepared(name, values)
        self._server.pipeline_sync()
        self._connection.wait(send(self._server))
        results = [self._next_result() for _ in dumped]
        self._next_result()  # of the sync
        self._server.exit_pipeline_mode()
        return [self._checked(result).command_tuples or 0 for result in results]

    def _next_result(self) -> PGresult:
        """What one statement of a pipeline gave; a None tells that it has given all, but behind a pipeline's end."""
        result = self._awaited()
        if result is None or self._server.status != ConnStatus.OK:
            raise errors.OperationalError("the connection to the server was lost")
        if result.status != ExecStatus.PIPELINE_SYNC:
            self._awaited()
        return result

    def _awaited(self) -> PGresult | None:
        """What comes next, waited for as Python waits.

        `get_result` alone would hold the interpreter's lock meanwhile: where the server waits for what another thread of this
        process has locked, that thread could never let go, and no database sees such a deadlock.
        """
        return cast("PGresult | None", self._connection.wait(fetch(self._server)))

    def _begun(self, statement: ServerStatement) -> bytes:
        """Begin a transaction where there is none; the name by which the server keeps the statement."""
        if self._server.transaction_status == TransactionStatus.IDLE:
            self._checked(self._server.exec_(b"BEGIN"))
        if self._doubtful:
            self._look_again()
        return self._kept.get(statement.sql) or self._keep(statement.sql)

    def _dumped(self, statement: ServerStatement, values: Sequence[Any]) -> Sequence[bytes]:
        return cast("Sequence[bytes]", self._values.dump_sequence(values, statement.formats))

    def _keep(self, sql: bytes) -> bytes:
        name = b"batea_%d" % self._made
        self._made += 1
        self._checked(self._server.prepare(name, sql))
        self._kept[sql] = name
        return name

    def _look_again(self) -> None:
        """Which statements the server still keeps."""
        result = self._checked(self._server.exec_(b"SELECT name FROM pg_prepared_statements"))
        there = {result.get_value(row, 0) for row in range(result.ntuples)}
        self._kept = {sql: name for sql, name in self._kept.items() if name in there}
        self._doubtful = False

    def _checked(self, result: PGresult) -> PGresult:
        if result.status not in _DONE:
            raise errors.error_from_result(result, self._connection.info.encoding)
        return result


class ServerStatement:
    """A statement with numbered places, whose values go as text: its casts tell the server their types."""

    def __init__(self, sql: str, names: Sequence[str]) -> None:
        number: Mapping[str, int] = {name: place for place, name in enumerate(names, 1)}
        self.sql = _PLACE.sub(lambda found: f"${number[found[1]]}" if found[1] else "%", sql).encode()
        self.formats = [PyFormat.TEXT] * len(names)
