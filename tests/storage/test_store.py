from __future__ import annotations

import sqlite3
from concurrent.futures import CancelledError
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import psycopg
import pytest

from bot.domain.errors import StorageError
from bot.storage.rounds import RoundKeyFiles
from bot.storage.unit_of_work import SqlUnitOfWork
from tests.storage.conftest import NOW, ONLY_POSTGRESQL, ONLY_SQLITE, PHONE, Desk, message

_END_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def _seen_from_outside(desk: Desk) -> int:
    """How many messages another connection sees: what is committed."""
    if desk.url.startswith("sqlite"):
        with closing(sqlite3.connect(desk.url.removeprefix("sqlite:///"))) as other:
            return int(other.execute("SELECT count(*) FROM message").fetchone()[0])
    with psycopg.connect(desk.url) as other:
        [count] = other.execute("SELECT count(*) FROM message").fetchone() or (0,)
        return int(count)


def _add(number: int) -> object:
    return lambda uow: uow.outbox.add([message(number)], None)


def test_a_failing_work_undoes_all_of_itself_and_nothing_else(desk: Desk) -> None:
    def fails(uow: SqlUnitOfWork) -> None:
        uow.people.meet(PHONE, NOW)
        uow.outbox.add([message("x")], None)
        raise KeyError("deliberate")

    works = [_add(1), fails, _add(2), _add(1), _add(3)]  # the second m1 breaks a unique constraint
    futures = [desk.store.submit(work) for work in works]
    errors = [type(future.exception(timeout=30)) for future in futures]
    assert errors[:3] == [type(None), KeyError, type(None)]
    assert errors[4] is type(None)
    assert errors.count(StorageError) <= 1
    assert desk.rows("SELECT id FROM message ORDER BY id") == [("m1",), ("m2",), ("m3",)]
    assert desk.rows("SELECT count(*) FROM person") == [(0,)]


@ONLY_SQLITE
def test_works_that_wait_are_committed_as_one_group(desk: Desk) -> None:
    started, go_on = Event(), Event()

    def first(uow: SqlUnitOfWork) -> None:
        started.set()
        go_on.wait(10)
        uow.outbox.add([message(0)], None)

    commits: list[int] = []
    desk.store._engine.dialect.do_commit, commit = (
        lambda connection: (commits.append(1), commit(connection)),
        desk.store._engine.dialect.do_commit,
    )
    futures = [desk.store.submit(first)]
    started.wait(10)
    futures += [desk.store.submit(_add(number)) for number in (1, 2, 3)]
    assert not any(future.done() for future in futures)
    go_on.set()
    for future in futures:
        future.result(timeout=30)
    assert len(commits) <= 2


def test_a_future_is_done_only_after_its_commit(desk: Desk) -> None:
    for number in range(20):
        desk.run(_add(number))
        assert _seen_from_outside(desk) == number + 1


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_nothing_that_a_work_raises_stops_the_store(desk: Desk, error: type[BaseException]) -> None:
    def fails(_: SqlUnitOfWork) -> None:
        raise error

    assert isinstance(desk.store.submit(fails).exception(timeout=30), error)
    assert desk.run(lambda uow: uow.outbox.counts()) == {}


@ONLY_SQLITE
def test_a_callback_that_fails_stops_nobody(desk: Desk) -> None:

    def exits(_: object) -> None:
        raise SystemExit

    blocked, go_on = Event(), Event()
    first = desk.store.submit(lambda _: (blocked.set(), go_on.wait(10)))
    blocked.wait(10)
    first.add_done_callback(exits)
    go_on.set()
    first.result(timeout=30)
    assert desk.run(lambda uow: uow.outbox.counts()) == {}


def test_a_work_that_destroys_its_transaction_fails_alone_with_its_group(desk: Desk) -> None:
    def vandal(uow: SqlUnitOfWork) -> None:
        uow.outbox.add([message("v")], None)
        uow.outbox._tx.connection.exec_driver_sql("ROLLBACK")

    future = desk.store.submit(vandal)
    future.exception(timeout=30)
    assert desk.run(lambda uow: uow.outbox.counts()) == {}
    desk.run(_add(1))
    assert _seen_from_outside(desk) == 1


@ONLY_SQLITE
def test_a_cancelled_work_does_not_run(desk: Desk) -> None:
    started, go_on = Event(), Event()
    first = desk.store.submit(lambda _: (started.set(), go_on.wait(10)))
    started.wait(10)
    second, third = desk.store.submit(_add(1)), desk.store.submit(_add(2))
    assert second.cancel()
    go_on.set()
    first.result(timeout=30)
    third.result(timeout=30)
    with pytest.raises(CancelledError):
        second.result()
    assert desk.rows("SELECT id FROM message") == [("m2",)]


def test_closing_finishes_what_waits_and_then_refuses(database_url: str, round_keys: RoundKeyFiles) -> None:
    desk = Desk(database_url, round_keys)
    futures = [desk.store.submit(_add(number)) for number in range(50)]
    desk.store.close()
    desk.store.close()
    assert all(future.done() and future.exception() is None for future in futures)
    assert _seen_from_outside(desk) == 50
    with pytest.raises(StorageError, match="closed"):
        desk.store.submit(_add(99))


def test_many_threads_may_submit_at_once(desk: Desk) -> None:
    def work(base: int) -> None:
        for number in range(10):
            desk.run(_add(base + number))

    threads = [Thread(target=work, args=(base * 10,)) for base in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert _seen_from_outside(desk) == 80


def test_a_deadlock_is_resolved_by_trying_again(desk: Desk) -> None:
    """Two works lock two persons in opposite orders: one has to give way, and then succeeds."""
    other = replace(PHONE, value="+573009999999")
    for address in (PHONE, other):
        desk.run(lambda uow, a=address: uow.people.meet(a, NOW))
    both = (Event(), Event())

    def work(uow: SqlUnitOfWork, me: int) -> str:
        uow.people.meet((PHONE, other)[me], NOW)
        both[me].set()
        both[1 - me].wait(0.5)
        uow.people.meet((other, PHONE)[me], NOW)
        return "done"

    futures = [desk.store.submit(lambda uow, me=me: work(uow, me)) for me in (0, 1)]
    assert [future.result(timeout=30) for future in futures] == ["done", "done"]


@ONLY_POSTGRESQL
def test_a_lost_connection_is_replaced(desk: Desk) -> None:
    desk.run(_add(1))
    with psycopg.connect(desk.url, autocommit=True) as other:
        other.execute(_END_OTHERS)
    desk.run(_add(2))
    assert _seen_from_outside(desk) == 2


@ONLY_SQLITE
def test_a_full_disk_fails_the_group_and_not_the_store(desk: Desk) -> None:
    pages = desk.rows("PRAGMA page_count")[0][0]
    desk.rows(f"PRAGMA max_page_count={pages + 4}")
    big = "palabra " * 20000
    future = desk.store.submit(lambda uow: uow.outbox.add([message(1, text=big)], None))
    assert isinstance(future.exception(timeout=30), StorageError)
    desk.rows("PRAGMA max_page_count=1000000")
    desk.run(_add(2))
    assert desk.rows("SELECT id FROM message") == [("m2",)]


def test_an_error_quotes_no_value(desk: Desk, tmp_path: Path) -> None:
    desk.run(_add(1))
    error = desk.store.submit(_add(1)).exception(timeout=30)
    assert isinstance(error, StorageError)
    assert str(error).startswith("the database refused: IntegrityError")
    assert PHONE.value not in repr(error.__cause__)


def test_who_only_looks_sees_what_is_on_disk_and_holds_nobody_up(desk: Desk) -> None:
    desk.run(lambda uow: uow.pauses.begin("taraza", NOW))
    begun, go_on = Event(), Event()

    def look(uow: SqlUnitOfWork) -> tuple[int, int]:
        before = len(uow.pauses.all())
        begun.set()
        assert go_on.wait(20)
        return before, len(uow.pauses.all())

    looking = desk.store.look(look)
    assert begun.wait(20)
    desk.run(lambda uow: uow.pauses.begin("suarez", NOW))
    go_on.set()
    assert looking.result(20)[0] == 1
    assert desk.store.look(lambda uow: len(uow.pauses.all())).result(20) == 2


def test_who_only_looks_writes_nothing(desk: Desk) -> None:
    with pytest.raises(StorageError):
        desk.store.look(lambda uow: uow.pauses.begin("taraza", NOW)).result(20)
    desk.run(lambda uow: uow.pauses.begin("taraza", NOW))
    assert desk.run(lambda uow: len(uow.pauses.all())) == 1


def test_a_closed_store_is_not_looked_into(desk: Desk) -> None:
    desk.store.close()
    with pytest.raises(StorageError):
        desk.store.look(lambda uow: uow.pauses.all())
