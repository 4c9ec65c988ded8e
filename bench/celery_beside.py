"""Celery over Redis doing what a broadcast does: so many messages enqueued, and taken by two workers that send to nobody.

Bench only: nothing of Batea uses it. It is looked for under `var/celery`: a virtual environment `venv` with `celery[redis]`, and
`redis-server`, installed or unpacked under `root`. See CONTRIBUTING.md.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from bench.processes import ROOT

HOME: Final = ROOT / "var" / "celery"
CELERY: Final = HOME / "venv" / "bin" / "celery"
WORKERS: Final = 2
_APP: Final = """
import os
from celery import Celery
app = Celery("beside", broker=os.environ["BROKER"])
app.conf.update(task_ignore_result=True, task_acks_late=True, broker_connection_retry_on_startup=True)
import redis
counts = redis.Redis.from_url(os.environ["BROKER"])

@app.task
def send(number):
    counts.incr("sent")
"""
_ENQUEUE: Final = """
import sys, time
import beside
count = int(sys.argv[1])
began = time.perf_counter()
with beside.app.producer_or_acquire() as producer:
    for number in range(count):
        beside.send.apply_async((number,), producer=producer)
print(time.perf_counter() - began)
"""
_SENT: Final = "import beside; print(int(beside.counts.get('sent') or 0))"


def missing() -> str:
    """What is not there; '' where all is."""
    if not CELERY.exists():
        return f"Celery is not set up: python -m venv {HOME / 'venv'} and install celery[redis] there"
    return "" if _server() else "redis-server was not found: install it, or unpack it under var/celery/root"


def measure(count: int) -> dict[str, Any]:
    """Enqueue so many tasks, then have two workers of one process each take them."""
    with tempfile.TemporaryDirectory(prefix="batea-celery-") as name, _redis(Path(name)) as broker:
        folder = Path(name)
        (folder / "beside.py").write_text(_APP)
        environment = {**os.environ, "BROKER": broker, "PYTHONPATH": str(folder)}
        python = str(HOME / "venv" / "bin" / "python")

        def run(code: str, *given: str) -> float:
            done = subprocess.run(  # noqa: S603
                [python, "-c", code, *given], env=environment, capture_output=True, text=True, check=True
            )
            return float(done.stdout.strip())

        enqueued_s = run(_ENQUEUE, str(count))
        with contextlib.ExitStack() as stack:
            for number in range(WORKERS):
                command = [
                    str(CELERY),
                    "-A",
                    "beside",
                    "worker",
                    "--concurrency=1",
                    "--loglevel=ERROR",
                    f"--hostname=w{number}@%h",
                ]
                worker = subprocess.Popen(  # noqa: S603
                    command, env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
                stack.callback(worker.wait)
                stack.callback(worker.terminate)
            first, began = _until(run, 1)
            last, ended = _until(run, count)
        return {"messages": count, "enqueue_per_s": round(count / enqueued_s), "per_s": round((last - first) / (ended - began))}


def _until(run: Any, count: int) -> tuple[float, float]:
    while True:
        sent = run(_SENT)
        if sent >= count:
            return sent, time.perf_counter()
        time.sleep(0.1)


def _server() -> list[str]:
    """The command of the server, with where its libraries lie."""
    found = shutil.which("redis-server")
    if found:
        return [found]
    unpacked = HOME / "root" / "usr" / "bin" / "redis-server"
    return [str(unpacked)] if unpacked.exists() else []


@contextlib.contextmanager
def _redis(folder: Path) -> Iterator[str]:
    """A server of one's own on loopback, which writes every command down each second, as its default durable setting is."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    libraries = ":".join(str(one) for one in (HOME / "root" / "usr" / "lib").glob("*-linux-gnu"))
    environment = {**os.environ, "LD_LIBRARY_PATH": libraries}
    command = [*_server(), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--appendonly", "yes"]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(20)
