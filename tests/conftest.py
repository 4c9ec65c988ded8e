"""Databases for the tests: an SQLite file, and a PostgreSQL cluster of our own on loopback."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from standins.server import linked

from bench import cluster
from bench.cluster import Cluster
from bot.lessons.content import Content, read_content
from bot.nlu.engine import EmbeddedEngine, open_engine
from bot.storage import schema
from bot.storage.tables import METADATA

ROOT = Path(__file__).resolve().parents[1]
# Files of few tests that take long, the longest first: begun last, they would keep one processor busy while the other waits.
LONG = ("web/test_kills.py", "house/test_packaging.py", "bench/test_turn.py", "web/test_flood.py", "web/test_fuzz.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first (with xdist's own order switched off: it begins with those of many tests)."""

    def place(item: pytest.Item) -> int:
        return next((number for number, file in enumerate(LONG) if item.path.as_posix().endswith(file)), len(LONG))

    items.sort(key=place)


def _missing(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models and clips, shared by all: they depend on the content only."""
    folder = tmp_path_factory.mktemp("data")
    for name in ("models", "clips"):
        if (ROOT / "var" / name).is_dir():
            shutil.copytree(ROOT / "var" / name, folder / name, copy_function=linked)
    return folder


@pytest.fixture(scope="session")
def engine(data_dir: Path) -> EmbeddedEngine:
    """The engine for what stands in `intents/`."""
    return open_engine(ROOT / "intents", data_dir)


@pytest.fixture(scope="session")
def content() -> Content:
    """What stands in `content/`: reading it takes a third of a second. Never changed by a test."""
    return read_content(ROOT / "content")


@pytest.fixture(scope="session")
def postgresql_cluster() -> Iterator[Cluster]:
    programs = cluster.binaries()
    if programs is None:
        _missing("PostgreSQL's server programs were not found: on Debian, apt install postgresql")
    with cluster.running(programs) as server:
        yield server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("migrated") / "batea.db"
    schema.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql_cluster: Cluster) -> str:
    postgresql_cluster.run("CREATE DATABASE migrated")
    url = f"{postgresql_cluster.url}/migrated"
    schema.upgrade(url)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


_END_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def _emptied(url: str) -> str:
    """The one database of this process without its rows: making a new one for every test would take far longer."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_END_OTHERS)
        # Without triggers: the audit log refuses to be emptied.
        connection.execute("SET session_replication_role = replica")
        for table in reversed(METADATA.sorted_tables):
            connection.execute(f"DELETE FROM {table.name}".encode())
    return url


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database at the newest revision without a row; the test runs once on each kind."""
    if database_kind == "postgresql":
        return _emptied(request.getfixturevalue("migrated_postgresql"))
    shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "batea.db")
    return f"sqlite:///{tmp_path / 'batea.db'}"


@pytest.fixture
def empty_database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database in which nothing is yet."""
    if database_kind == "sqlite":
        return f"sqlite:///{tmp_path / 'batea.db'}"
    server: Cluster = request.getfixturevalue("postgresql_cluster")
    name = f"empty_{uuid.uuid4().hex}"
    server.run(f"CREATE DATABASE {name} TEMPLATE template0")
    return f"{server.url}/{name}"
