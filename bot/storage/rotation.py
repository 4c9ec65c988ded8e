"""Everything sealed anew under a new key, while Batea serves: `batea keys rotate`.

A walk keeps nothing between runs: it goes through every table in the order of its keys, and what is under the first key already
is left alone. So it may end anywhere, and the next run does what is left. Rows are read beside the writers, some at a time, and
replaced in short transactions, each token only where it is still the one that was read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final, cast

from sqlalchemy import Table

from bot.domain.audit import OPERATOR, AuditEntry
from bot.domain.store import Store, UnitOfWork
from bot.storage.seals import Reseal, Slice, SqlSeals, sealed_tables
from bot.storage.unit_of_work import SqlUnitOfWork

# A walk that changes something is followed by another: a turn may have written what it had read before.
WALKS: Final = 5
BEGUN: Final = "key.rotate"
DONE: Final = "key.rotated"

Told = Callable[[int], None]
"""Hears of tokens that were looked at."""


@dataclass(frozen=True, slots=True)
class Sealings:
    """The tokens of one table: how many, how many of them were sealed anew, and how many no key opens."""

    values: int = 0
    resealed: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class Rotation:
    """What was done, by table. Where it is not `finished`, some process still seals with an old key."""

    tables: Mapping[str, Sealings]
    finished: bool

    @property
    def total(self) -> Sealings:
        """All tables together."""
        every = self.tables.values()
        return Sealings(sum(s.values for s in every), sum(s.resealed for s in every), sum(s.unreadable for s in every))


@dataclass(frozen=True, slots=True)
class Survey:
    """How many tokens there are, how many are under an old key, and how many no key opens."""

    values: int
    old: int
    unreadable: int


def rotate(store: Store, now: Callable[[], datetime], told: Told) -> Rotation:
    """Seal everything under the first key of the store's vault.

    The key by which hashes are made is sealed anew after everything else, so that until then a vault without the old key is
    refused when it opens the database. Raises StorageError.
    """
    run = _Run(store, now)
    for _ in range(WALKS):
        if not run.walk(told):
            store.submit(run.finish).result()
            return Rotation(run.done, finished=True)
        told = _nobody
    return Rotation(run.done, finished=False)


def count(store: Store) -> int:
    """How many tokens a walk looks at. Raises StorageError."""
    return store.look(lambda uow: _seals(uow).count()).result()


def survey(store: Store) -> Survey:
    """Look at everything and write nothing. Raises StorageError."""
    values, old, unreadable = 1, int(store.look(lambda uow: _seals(uow).lookup_key_is_old()).result()), 0
    for table in sealed_tables():
        for part in _parts(store, table):
            values, old, unreadable = values + part.values, old + part.old, unreadable + part.unreadable
    return Survey(values, old, unreadable)


class _Run:
    """One call of the command, and what it has done so far."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self.done = {table.name: Sealings() for table in sealed_tables()}
        self._store = store
        self._now = now
        self._noted = False

    def walk(self, told: Told) -> int:
        """Go through everything once. Gives how many tokens were under an old key."""
        return sum(self._through(table, told) for table in sealed_tables())

    def finish(self, uow: UnitOfWork) -> None:
        """What comes after everything else."""
        seals = _seals(uow)
        if seals.renew_lookup_key() or self._noted:
            seals.note(AuditEntry(self._now(), OPERATOR, DONE, "database"))

    def _through(self, table: Table, told: Told) -> int:
        self.done[table.name] = replace(self.done[table.name], values=0, unreadable=0)
        found = 0
        for part in _parts(self._store, table):
            put = self._replaced(table, part.reseals) if part.reseals else 0
            found += part.old
            so_far = self.done[table.name]
            self.done[table.name] = Sealings(
                so_far.values + part.values, so_far.resealed + put, so_far.unreadable + part.unreadable
            )
            told(part.values)
        return found

    def _replaced(self, table: Table, reseals: Sequence[Reseal]) -> int:
        began = time.monotonic()
        put = self._store.submit(partial(self._replace, table, reseals)).result()
        self._noted = True
        # SQLite has one writer at a time, and who waits for her turn looks only now and then.
        time.sleep(time.monotonic() - began)
        return put

    def _replace(self, table: Table, reseals: Sequence[Reseal], uow: UnitOfWork) -> int:
        seals = _seals(uow)
        if not self._noted:
            seals.note(AuditEntry(self._now(), OPERATOR, BEGUN, "database"))
        return seals.replace(table, reseals)


def _parts(store: Store, table: Table) -> Iterator[Slice]:
    """A table's rows with tokens, some at a time, each time as they are then."""
    part = store.look(partial(_read, table, None)).result()
    yield part
    while part.last is not None:
        part = store.look(partial(_read, table, part.last)).result()
        yield part


def _read(table: Table, after: tuple[object, ...] | None, uow: UnitOfWork) -> Slice:
    return _seals(uow).read(table, after)


def _seals(uow: UnitOfWork) -> SqlSeals:
    return cast("SqlUnitOfWork", uow).seals


def _nobody(_: int) -> None:
    """Whom later walks tell."""
