"""Statements that come again and again: compiled once, then given to the driver without SQLAlchemy's way of a statement.

That way costs five times what SQLite needs for the statement itself (docs/performance.md). What is skipped is only the work
that gives the same result every time: cache keys, compiling, choosing the processors of types.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Dialect, Executable, Float
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import SelectBase

from bot.storage.database import SESSION

Process = Callable[[Any], Any]
T = TypeVar("T")


class Rows(IteratorResult[Any]):
    """What a statement gave; `rowcount` is the driver's."""

    rowcount: int = -1


class Prepared:
    """One statement for one dialect and one set of parameter names."""

    def __init__(self, statement: Any, compiled: SQLCompiler, dialect: Dialect) -> None:
        self._sql = str(compiled)
        self._dialect = dialect
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        self._names = tuple(compiled.positiontup or binds)
        self._positional = compiled.positional
        self._constants = dict(compiled.params)
        self._binds = tuple((name, _towards(binds[name].type, dialect)) for name in self._names)
        columns = list(statement.selected_columns) if isinstance(statement, SelectBase) else []
        self._processors = tuple(_back(column.type, dialect) for column in columns)
        self._plain = not any(self._processors)
        self._width = len(columns)
        self._keys: SimpleResultMetaData | None = None
        self._server = None if self._positional else _server_side().ServerStatement(self._sql, self._names)

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Rows:
        """Execute it in the transaction that is open. Raises what SQLAlchemy would."""
        found, keys, count = self._told(connection, lambda driver: self._ask(connection, driver, self._processed(values)))
        rows = Rows(keys, iter(found if self._plain else [self._read(row) for row in found]))
        rows.rowcount = count
        return rows

    def run_each(self, connection: Connection, many: Sequence[Mapping[str, Any]]) -> list[int]:
        """Execute it once with each of them; how many rows each has written. Raises what SQLAlchemy would."""
        server, processed = self._server, [self._processed(values) for values in many]
        if server is None:
            return self._told(connection, lambda driver: [self._ask(connection, driver, values)[2] for values in processed])
        return self._told(connection, lambda driver: self._session(connection, driver).run_each(server, processed))

    def _told(self, connection: Connection, ask: Callable[[Any], T]) -> T:
        driver = connection.connection.driver_connection
        try:
            return ask(driver)
        except self._dialect.loaded_dbapi.Error as error:
            lost = self._dialect.is_disconnect(error, driver, None)
            told = DBAPIError.instance(
                self._sql, None, error, self._dialect.loaded_dbapi.Error, hide_parameters=True, connection_invalidated=lost
            )
            if lost:
                connection.invalidate(error)
            raise told from error

    @staticmethod
    def _session(connection: Connection, driver: Any) -> Any:
        known = connection.info
        return known.get(SESSION) or known.setdefault(SESSION, _server_side().Session(driver))

    def _ask(self, connection: Connection, driver: Any, values: list[Any]) -> tuple[list[Any], SimpleResultMetaData, int]:
        if self._server is not None:
            found, names, count = self._session(connection, driver).run(self._server, values)
            return found, self._keys or self._named(names), count
        cursor = driver.cursor()
        try:
            cursor.execute(self._sql, values)
            keys = self._keys or self._named([column[0] for column in cursor.description or ()])
            return cursor.fetchall() if cursor.description else [], keys, cursor.rowcount
        finally:
            cursor.close()

    def _named(self, columns: list[str]) -> SimpleResultMetaData:
        self._keys = SimpleResultMetaData(columns)
        return self._keys

    def _processed(self, values: Mapping[str, Any]) -> list[Any]:
        given = {**self._constants, **values}
        try:
            return [process(given[name]) if process else given[name] for name, process in self._binds]
        except (ValueError, TypeError) as error:
            raise StatementError(str(error), self._sql, None, error, hide_parameters=True) from error

    def _read(self, row: Any) -> tuple[Any, ...]:
        return tuple(process(value) if process else value for process, value in zip(self._processors, row, strict=True))


class PreparedStatements:
    """Prepares what comes a second time: a statement that is built anew each time is another one each time."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[Executable, dict[Any, Prepared | None]] = WeakKeyDictionary()

    def find(self, statement: Executable, dialect: Dialect, values: Mapping[str, Any]) -> Prepared | None:
        """The prepared form; None where SQLAlchemy has to run the statement itself."""
        forms = self._known.get(statement)
        if forms is None:
            self._known[statement] = {}
            return None
        key = (dialect.name, *values)
        if key not in forms:
            forms[key] = _prepare(statement, dialect, values)
        return forms[key]


def _prepare(statement: Any, dialect: Dialect, values: Mapping[str, Any]) -> Prepared | None:
    compiled = statement.compile(dialect=dialect, column_keys=list(values))
    special = (
        compiled.post_compile_params
        or compiled.literal_execute_params
        or compiled.escaped_bind_names
        or compiled.effective_returning
        or getattr(compiled, "insert_prefetch", ())
        or getattr(compiled, "update_prefetch", ())
    )
    missing = any(bind.required and name not in values for bind, name in compiled.bind_names.items())
    return None if special or missing else Prepared(statement, compiled, dialect)


@cache
def _server_side() -> Any:
    """What speaks with PostgreSQL, loaded only where there is one."""
    from bot.storage import libpq  # noqa: PLC0415 only who uses PostgreSQL pays for it

    return libpq


def _towards(kind: Any, dialect: Dialect) -> Process | None:
    found: Process | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return found


def _back(kind: Any, dialect: Dialect) -> Process | None:
    if isinstance(kind, Float):
        return None  # both drivers give floats; PostgreSQL's processor would ask for the number of the column's type
    found: Process | None = kind.dialect_impl(dialect).result_processor(dialect, None)
    return found
