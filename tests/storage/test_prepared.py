"""Statements that come again and again mean the same through the driver's short way as through SQLAlchemy."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import psycopg
import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    select,
)
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from bot.storage.columns import UtcDateTime
from bot.storage.database import make_engine, read_url
from bot.storage.prepared import PreparedStatements

METADATA = MetaData()
THING = Table(
    "prepared_thing",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", Text),
    Column("code", String(8)),
    Column("share", Float),
    Column("right", Boolean),
    Column("day", Date),
    Column("at", UtcDateTime),
    Column("kept", LargeBinary),
)
ADD = THING.insert().inline()
FIND = select(THING).where(THING.c.id == bindparam("n"))
LIKE = select(THING.c.id).where(THING.c.name.like("%100%%"), THING.c.id == bindparam("n"))
ROWS = [
    {
        "id": 1,
        "name": "Tarazá: 100 % 'oro' \\ ñ \U0001f949",
        "code": "a",
        "share": 0.1,
        "right": True,
        "day": date(2026, 11, 23),
        "at": datetime(2026, 11, 23, 15, 0, 0, 123456, tzinfo=UTC),
        "kept": b"\x00\xff'\\",
    },
    {
        "id": 2**31 - 1,
        "name": None,
        "code": None,
        "share": None,
        "right": None,
        "day": None,
        "at": None,
        "kept": None,
    },
]  # fmt: skip


@pytest.fixture
def connection(database_url):
    engine = make_engine(read_url(database_url))
    with engine.connect() as opened:
        METADATA.create_all(opened)
        opened.commit()
        opened.begin()
        yield opened
        opened.rollback()
        METADATA.drop_all(opened)
        opened.commit()
    engine.dispose()


@pytest.fixture
def run(connection):
    """Run a statement the short way: the first call only makes it known."""
    statements = PreparedStatements()

    def run(statement, values):
        for _ in range(2):
            prepared = statements.find(statement, connection.dialect, values)
        assert prepared is not None
        return prepared.run(connection, values)

    return run


def test_what_is_written_is_read_again_as_it_was(connection, run):
    for row in ROWS:
        run(ADD, row)
    for row in ROWS:
        assert dict(run(FIND, {"n": row["id"]}).one()._mapping) == row
        assert dict(connection.execute(FIND, {"n": row["id"]}).one()._mapping) == row


def test_a_percent_sign_in_a_statement_is_one(run):
    run(ADD, ROWS[0])
    assert run(LIKE, {"n": 1}).scalars().all() == [1]


def test_how_many_rows_were_changed_is_told(run):
    run(ADD, ROWS[0])
    rename = THING.update().where(THING.c.id == bindparam("n")).values(name=bindparam("new"))
    assert run(rename, {"n": 1, "new": "x"}).rowcount == 1
    assert run(rename, {"n": 99, "new": "x"}).rowcount == 0


@pytest.fixture
def run_each(connection):
    """Run a statement with many sets of values, each of the same names."""
    statements = PreparedStatements()

    def run_each(statement, many):
        for _ in range(2):
            prepared = statements.find(statement, connection.dialect, many[0])
        return prepared.run_each(connection, many)

    return run_each


def test_of_many_at_once_each_tells_how_many_rows_it_has_changed(connection, run, run_each):
    assert run_each(ADD, ROWS) == [1, 1]
    rename = THING.update().where(THING.c.id == bindparam("n")).values(name=bindparam("new"))
    numbers = [1, 99, 2**31 - 1, 1] * 10
    assert run_each(rename, [{"n": n, "new": f"x{n}"} for n in numbers]) == [1, 0, 1, 1] * 10
    assert run(FIND, {"n": 1}).one().name == "x1"
    assert set(connection.execute(select(THING.c.id)).scalars()) == {1, 2**31 - 1}


def test_where_one_of_many_fails_it_is_sqlalchemys_error_and_the_connection_goes_on(connection, run, run_each):
    with pytest.raises(IntegrityError):
        run_each(ADD, [ROWS[0], ROWS[0], ROWS[1]])
    connection.rollback()
    connection.begin()
    assert run_each(ADD, ROWS) == [1, 1]
    assert run(FIND, {"n": 1}).one().name == ROWS[0]["name"]


def test_many_of_which_the_server_hears_no_end_are_a_lost_connection(connection, run, run_each):
    if connection.dialect.name != "postgresql":
        pytest.skip("a file has no server that could go")
    run_each(ADD, ROWS)
    driver = connection.connection.driver_connection
    me, database = driver.info.backend_pid, driver.info.dsn + " password=" + driver.info.password
    with psycopg.connect(database, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [me])
    with pytest.raises(DBAPIError) as told:
        run_each(ADD, ROWS)
    assert told.value.connection_invalidated
    connection.rollback()
    connection.begin()


def test_while_many_wait_for_what_another_thread_has_locked_that_thread_can_let_go(database_url, connection, run, run_each):
    if connection.dialect.name != "postgresql":
        pytest.skip("a file has one writer")
    run_each(ADD, ROWS)
    connection.commit()
    rename = THING.update().where(THING.c.id == bindparam("n")).values(name=bindparam("new"))
    many = [{"n": n, "new": "x"} for n in (2**31 - 1, 1)]
    engine = make_engine(read_url(database_url))
    with engine.begin() as other, ThreadPoolExecutor(1) as beside:
        other.execute(rename, {"n": 1, "new": "y"})
        connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
        waits = beside.submit(run_each, rename, many)
        with pytest.raises(TimeoutError):
            waits.result(timeout=0.5)
        other.commit()
        assert waits.result(timeout=30) == [1, 1]
    engine.dispose()
    assert run(FIND, {"n": 1}).one().name == "x"


def test_what_was_run_is_undone_with_its_transaction(connection, run):
    run(ADD, ROWS[0])
    connection.rollback()
    connection.begin()
    assert run(FIND, {"n": 1}).first() is None


def test_a_row_that_is_there_already_is_sqlalchemys_error_and_says_no_values(connection, run):
    run(ADD, ROWS[0])
    with pytest.raises(IntegrityError) as told:
        run(ADD, ROWS[0])
    assert "oro" not in str(told.value.statement) + str(told.value.params)
    connection.rollback()
    connection.begin()
    run(ADD, ROWS[0])
    assert run(FIND, {"n": 1}).one().name == ROWS[0]["name"]


def test_a_value_that_is_missing_or_wrong_never_reaches_the_database(run):
    with pytest.raises((StatementError, AttributeError)):
        run(ADD, {**ROWS[0], "at": "yesterday"})
    with pytest.raises((KeyError, AssertionError)):
        run(FIND, {})


def test_what_the_driver_has_the_server_forget_after_a_rollback_is_prepared_anew(desk):
    """psycopg gives up all statements of the server after a rollback, wherever it keeps some of its own."""
    for number in range(8):  # so often that psycopg keeps it
        desk.run(lambda uow, number=number: uow.people._tx.connection.exec_driver_sql(f"SELECT {number % 1}").all())
        desk.run(lambda uow: uow.communities.all())

    def fails(uow):
        uow.communities.all()
        raise ValueError

    for _ in range(2):
        with pytest.raises(ValueError, match=r"^$"):
            desk.run(fails)
        assert desk.run(lambda uow: uow.communities.all()) == []
