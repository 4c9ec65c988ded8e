"""Every token of the vault in the database, found through the schema, and sealing them anew under the first key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from sqlalchemy import Column, Select, Table, Update, bindparam, func, or_, select, tuple_, update

from bot.domain.audit import AuditEntry
from bot.domain.errors import StorageError
from bot.storage.audit import SqlAuditLog
from bot.storage.columns import METADATA, Sealed
from bot.storage.tables import lookup_key
from bot.storage.transaction import Transaction

ROWS: Final = 100
# Rows with a sound or a file in them are few but long.
MOST_CHARS: Final = 4_000_000
_FETCHED: Final = 20
_LOOKUP_KEY: Final = select(lookup_key.c.sealed)
_RENEW_LOOKUP_KEY: Final = update(lookup_key).where(lookup_key.c.sealed == bindparam("before")).values(sealed=bindparam("after"))


@dataclass(frozen=True, slots=True)
class Reseal:
    """The tokens of one row that are to be replaced, by column: what stands there, and what shall. Its `repr` shows nothing."""

    key: tuple[Any, ...] = field(repr=False)
    tokens: Mapping[str, tuple[str, str]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Slice:
    """Some rows of a table, in the order of their keys.

    How many tokens they hold, which of these are under an old key, and how many no key opens. `last` is the key to go on behind,
    None at the end.
    """

    values: int
    reseals: Sequence[Reseal]
    unreadable: int
    last: tuple[Any, ...] | None

    @property
    def old(self) -> int:
        """How many tokens are under an old key."""
        return sum(len(one.tokens) for one in self.reseals)


class SqlSeals:
    """The columns of the type `Sealed`, in whichever table they are."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def count(self) -> int:
        """How many tokens there are, but for the lookup key."""
        return sum(sum(self._tx.run(_counted(table)).one()) for table in sealed_tables())

    def read(self, table: Table, after: tuple[Any, ...] | None, most_chars: int = MOST_CHARS) -> Slice:
        """Look at the next rows behind a key: at most `ROWS`, and no further than `most_chars`. Writes nothing."""
        width, columns = len(table.primary_key), sealed_columns(table)
        values = unreadable = chars = rows = 0
        reseals: list[Reseal] = []
        statement = _next_rows(table, begin=after is None)
        found = self._tx.connection.execute(statement, _named(after or ()), execution_options={"yield_per": _FETCHED})
        with closing(found):
            for row in found:
                key, there = tuple(row[:width]), [(c.name, t) for c, t in zip(columns, row[width:], strict=True) if t is not None]
                renewed: dict[str, tuple[str, str]] = {}
                for column, token in there:
                    try:
                        new = self._tx.vault.resealed(token)
                    except StorageError:
                        unreadable += 1
                        continue
                    if new is not None:
                        renewed[column] = token, new
                if renewed:
                    reseals.append(Reseal(key, renewed))
                values, chars, rows = values + len(there), chars + sum(len(token) for _, token in there), rows + 1
                if rows == ROWS or chars >= most_chars:
                    return Slice(values, reseals, unreadable, key)
        return Slice(values, reseals, unreadable, None)

    def replace(self, table: Table, reseals: Sequence[Reseal]) -> int:
        """Put the new tokens where the old ones still stand; a row that was written meanwhile stays. Gives how many were put."""
        put = 0
        for one in reseals:
            values = dict(_named(one.key))
            for column, (before, after) in one.tokens.items():
                values |= {f"old_{column}": before, f"new_{column}": after}
            put += len(one.tokens) * self._tx.run(_replaced(table, tuple(one.tokens)), values).rowcount
        return put

    def renew_lookup_key(self) -> bool:
        """Seal the lookup key under the first key. Whether it was under another. Raises StorageError.

        It is the last to be so: whoever opens the database proves by it that hers is the right key.
        """
        before = self._tx.run(_LOOKUP_KEY).scalar_one()
        after = self._tx.vault.resealed(before)
        if after is not None:
            self._tx.run(_RENEW_LOOKUP_KEY, {"before": before, "after": after})
        return after is not None

    def lookup_key_is_old(self) -> bool:
        """Whether not everything has been sealed anew since a key was put in front. Raises StorageError."""
        return self._tx.vault.resealed(self._tx.run(_LOOKUP_KEY).scalar_one()) is not None

    def note(self, entry: AuditEntry) -> None:
        """Write it into the audit log."""
        SqlAuditLog(self._tx).write(entry)


@cache
def sealed_tables() -> tuple[Table, ...]:
    """Every table with a sealed column, but for the lookup key's."""
    return tuple(t for t in METADATA.sorted_tables if t is not lookup_key and sealed_columns(t))


@cache
def sealed_columns(table: Table) -> tuple[Column[Any], ...]:
    """The columns of a table that hold tokens."""
    return tuple(column for column in table.columns if isinstance(column.type, Sealed))


@cache
def _counted(table: Table) -> Select[*tuple[Any, ...]]:
    return select(*(func.count(column) for column in sealed_columns(table)))


@cache
def _next_rows(table: Table, *, begin: bool) -> Select[*tuple[Any, ...]]:
    """Keys and tokens of rows in the order of their keys: the first ones, or those behind `key_0`, `key_1`, ..."""
    keys, sealed = list(table.primary_key), sealed_columns(table)
    wanted = select(*keys, *sealed).where(or_(*(column.is_not(None) for column in sealed))).order_by(*keys).limit(ROWS)
    if begin:
        return wanted
    behind = tuple_(*(bindparam(f"key_{number}", type_=key.type) for number, key in enumerate(keys)))
    return wanted.where(tuple_(*keys) > behind)


@cache
def _replaced(table: Table, columns: tuple[str, ...]) -> Update:
    """One statement a row, whatever it holds: PostgreSQL would check its references again at a second."""
    where = [key == bindparam(f"key_{number}", type_=key.type) for number, key in enumerate(table.primary_key)]
    where += [table.c[column] == bindparam(f"old_{column}") for column in columns]
    return update(table).where(*where).values({column: bindparam(f"new_{column}") for column in columns})


def _named(key: tuple[Any, ...]) -> Mapping[str, Any]:
    return {f"key_{number}": value for number, value in enumerate(key)}
