"""A PostgreSQL server of one's own on loopback, thrown away afterwards: for benchmarks and tests."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

STARTS_WITHIN_S = 30
SETTINGS = ("shared_buffers=512MB", "max_wal_size=4GB", "checkpoint_timeout=15min")
"""What docker-compose.yml gives the server beside its defaults."""


class ClusterError(Exception):
    """PostgreSQL did not start."""


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL server that belongs to this process."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        """Its address without a database."""
        return f"postgresql://batea@127.0.0.1:{self.port}"

    def run(self, statement: str) -> None:
        """Run one statement outside any transaction."""
        with psycopg.connect(f"{self.url}/postgres", autocommit=True) as connection:
            connection.execute(statement.encode())


def binaries() -> Path | None:
    """The folder of PostgreSQL's server programs, None where they are not installed."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    config = shutil.which("pg_config")
    if config:
        folder = Path(subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True).stdout.strip())  # noqa: S603
        if (folder / "initdb").exists():
            return folder
    return None


@contextlib.contextmanager
def running(programs: Path) -> Iterator[Cluster]:
    """Make a cluster, start it on a free port, throw it away in the end. Raises ClusterError where it does not start."""
    # PostgreSQL refuses to run as root.
    somebody: dict[str, Any] = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="batea-postgresql-"))
    if somebody:
        shutil.chown(folder, "nobody", "nogroup")
    data = folder / "data"
    common: dict[str, Any] = {"cwd": folder, "stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, **somebody}
    options = ["-U", "batea", "-E", "UTF8", "--locale=C", "--auth=trust", "--no-sync"]
    initdb: list[str | Path] = [programs / "initdb", "-D", data, *options]
    subprocess.run(initdb, check=True, **common)  # noqa: S603
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    facts = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=on", "logging_collector=off", *SETTINGS)
    settings = [part for fact in facts for part in ("-c", fact)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([programs / "postgres", "-D", data, "-p", str(port), *settings], stderr=log, **common)  # noqa: S603
        try:
            _wait_for(server, port, folder / "log")
            yield Cluster(data, port)
        finally:
            server.send_signal(signal.SIGINT)  # fast shutdown
            server.wait(timeout=STARTS_WITHIN_S)
            shutil.rmtree(folder)


def _wait_for(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while True:
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="batea", dbname="postgres", connect_timeout=5).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise ClusterError(f"PostgreSQL did not start: {log.read_text()[-2000:]}") from None
            time.sleep(0.05)
        else:
            return
