"""The servers that are measured, each a process of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.conversation import ACCOUNT, AUTH_TOKEN, PUBLIC_URL, SENDER

ROOT: Final = Path(__file__).resolve().parents[1]
STARTS_WITHIN_S: Final = 120
STOPS_WITHIN_S: Final = 20


class ServerError(Exception):
    """A server did not start, or ended too early."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def memory_mb(self, field: str = "VmRSS") -> float | None:
        """Resident memory now (`VmRSS`) or at its highest (`VmHWM`), in megabytes of 10^6 bytes; None off Linux."""
        try:
            lines = Path(f"/proc/{self.process.pid}/status").read_text("ascii", "replace").splitlines()
        except OSError:
            return None
        kib = next((int(line.split()[1]) for line in lines if line.startswith(f"{field}:")), None)
        return round(kib * 1.024 / 1000, 1) if kib is not None else None

    def cpu_s(self) -> float:
        """Seconds of processor time used so far by all its threads; 0 off Linux."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def batea(folder: Path, database_url: str) -> Iterator[Server]:
    """`batea serve` with the demo data, its SMS stubbed (see bench/server.py)."""
    data = folder / "data"
    # What `make setup` has trained and spoken of the same content need not be made again.
    for name in ("models", "clips"):
        if (ROOT / "var" / name).is_dir():
            shutil.copytree(ROOT / "var" / name, data / name)
    settings = {
        "DATA_DIR": str(data),
        "DATABASE_URL": database_url,
        "DEMO": "1",
        "PUBLIC_URL": PUBLIC_URL,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_SMS_FROM": SENDER,
        "TTS": "off",
    }
    environment = {f"BATEA_{name}": value for name, value in settings.items()}
    with _started(["-m", "bench.server", "serve", "--port"], [], folder / "batea.log", environment) as server:
        yield server


@contextlib.contextmanager
def bare(folder: Path, database_url: str) -> Iterator[Server]:
    """The bare webhook (see bench/bare.py)."""
    with _started(["-m", "bench.bare", database_url], [str(folder)], folder / "bare.log", {}) as server:
        yield server


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A throw-away folder on the same disk as var/, so that a commit costs what it costs there."""
    (ROOT / "var").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=ROOT / "var") as made:
        yield Path(made)


@contextlib.contextmanager
def _started(before_port: list[str], after_port: list[str], log: Path, environment: dict[str, str]) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {"PATH": os.environ["PATH"], "HOME": str(log.parent), **environment}
    command = [sys.executable, *before_port, str(port), *after_port]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=out)  # noqa: S603
    server = Server(port, process, log)
    try:
        _wait_for(server)
        yield server
    except ConnectionError as error:
        ended = process.poll()
        state = "still runs" if ended is None else f"ended with {ended}"
        raise ServerError(f"{error}; the server ({before_port[1]}) {state}; its log ends: {log.read_text()[-500:]}") from error
    finally:
        process.terminate()
        try:
            process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(server: Server) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until and server.process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise ServerError(f"no server came up; its log ends: {server.log.read_text()[-500:]}")
