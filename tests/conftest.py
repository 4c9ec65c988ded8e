"""Databases for the tests: an SQLite file, and a PostgreSQL cluster of our own on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from bot.storage import schema
from bot.storage.tables import METADATA


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL server that belongs to this test process."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgresql://batea@127.0.0.1:{self.port}"

    def run(self, statement: str) -> None:
        with psycopg.connect(f"{self.url}/postgres", autocommit=True) as connection:
            connection.execute(statement)


def _binaries() -> Path | None:
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    config = shutil.which("pg_config")
    if config:
        folder = Path(subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True).stdout.strip())
        if (folder / "initdb").exists():
            return folder
    return None


def _missing(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def postgresql_cluster() -> Iterator[Cluster]:
    binaries = _binaries()
    if binaries is None:
        _missing("PostgreSQL's server programs were not found: on Debian, apt install postgresql")
    # PostgreSQL refuses to run as root.
    somebody = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="batea-postgresql-"))
    if somebody:
        shutil.chown(folder, "nobody", "nogroup")
    data = folder / "data"
    common = {"cwd": folder, "stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, **somebody}
    initdb = [binaries / "initdb", "-D", data, "-U", "batea", "-E", "UTF8", "--locale=C", "--auth=trust", "--no-sync"]
    subprocess.run(initdb, check=True, **common)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [
        "-c",
        "listen_addresses=127.0.0.1",
        "-c",
        "unix_socket_directories=",
        "-c",
        "fsync=on",
        "-c",
        "logging_collector=off",
    ]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([binaries / "postgres", "-D", data, "-p", str(port), *options], stderr=log, **common)
        try:
            _wait_for(server, port, folder / "log")
            yield Cluster(data, port)
        finally:
            server.send_signal(2)  # SIGINT: fast shutdown
            server.wait(timeout=30)
            shutil.rmtree(folder)


def _wait_for(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="batea", dbname="postgres", connect_timeout=5).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"PostgreSQL did not start: {log.read_text()[-2000:]}")
            time.sleep(0.05)
        else:
            return


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
    cluster: Cluster = request.getfixturevalue("postgresql_cluster")
    name = f"empty_{uuid.uuid4().hex}"
    cluster.run(f"CREATE DATABASE {name} TEMPLATE template0")
    return f"{cluster.url}/{name}"
