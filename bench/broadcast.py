"""`batea bench broadcast`: how fast recipients are given rows, and how fast those leave to a vendor that takes all at once.

From 1,000 people to a million, on SQLite with the one process that serves and on PostgreSQL with two workers; what a person who
writes meanwhile waits for her answer; and Celery over Redis doing the same, where it is set up (bench/celery_beside.py).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from bench import celery_beside, cluster, crowd, processes
from bench.processes import ROOT
from bench.turn import machine, tell
from bot.domain.audience import Audience
from bot.domain.broadcast import Broadcast, BroadcastState, Content, Means
from bot.domain.message import MessageState, Purpose, Reply
from bot.storage import schema
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault

RESULTS: Final = ROOT / "bench" / "results"
SECRET: Final = "a secret of the benchmark and long enough"  # noqa: S105 - of nothing but the benchmark
TEXT: Final = "Manana sabado hay reunion en la escuela a las 9. Traiga su cedula."
DRAINED_WITHIN_S: Final = 600
SMALL: Final = 10_000
REPEATED: Final = 5
"""So often are rows made for so few people, and the run in the middle counts: one of them takes some hundredths of a second."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many people at the most are given rows, and how many are sent to."""

    most: int
    drained: int


FULL: Final = Size(1_000_000, 20_000)
QUICK: Final = Size(1_000, 400)


class Bench:
    """One database, measured."""

    def __init__(self, url: str, folder: Path, workers: int) -> None:
        self._url, self._folder, self._workers = url, folder, workers
        schema.upgrade(url)
        self._store: Any = open_store(url, Vault(SECRET), RoundKeyFiles(folder / "rounds"))
        self._children: list[subprocess.Popen[bytes]] = []

    def run(self, size: Size) -> dict[str, Any]:
        """All figures of one database."""
        found: dict[str, Any] = {"workers": self._workers, "enqueue": [], "drain": None}
        people = 0
        for count in crowd.sizes(size.most):
            crowd.settle_more(self._store, people, count, datetime.now(UTC))
            people = count
            runs = [self._enqueue(count, number) for number in range(REPEATED if count <= SMALL else 1)]
            found["enqueue"].append(sorted(runs, key=lambda run: run["per_s"])[len(runs) // 2])
            tell(f"  {count} people: {found['enqueue'][-1]['per_s']} rows/s")
        found["drain"] = self._drain(size.drained)
        tell(f"  {found['drain']['per_s']} messages/s")
        self._store.close()
        return found

    def _enqueue(self, count: int, number: int) -> dict[str, Any]:
        """Rows for everybody; the longest that one transaction took, which is what a reply may have to wait for."""
        one = self._broadcast(f"e{count}-{number}", BroadcastState.RUNNING)
        memory = _memory_mb(os.getpid())  # which the making of the crowd has left
        began, longest = time.perf_counter(), 0.0
        done = False
        while not done:
            slice_began = time.perf_counter()
            done = self._do(lambda uow: uow.broadcasts.expand(one.id, one.created_at, Means()))
            longest = max(longest, time.perf_counter() - slice_began)
        took = time.perf_counter() - began
        grown = (_memory_mb(os.getpid()) or 0.0) - (memory or 0.0)
        rows = sum(self._do(lambda uow: uow.broadcasts.states(one.id)).values())
        began = time.perf_counter()
        counted = self._store.look(lambda uow: uow.broadcasts.count(Audience(), one.created_at, Means())).result()
        quoted = time.perf_counter() - began
        self._do(lambda uow: uow.broadcasts.change(one.id, BroadcastState.CANCELLED, datetime.now(UTC)))
        self._forget(one.id)
        if rows != count or counted.people != count:
            raise processes.ServerError(f"{rows} rows and a count of {counted.people} for {count} people")
        return {
            "people": count,
            "per_s": round(count / took),
            "us_per_person": round(1e6 * took / count, 1),
            "longest_ms": round(1000 * longest, 1),
            "count_s": round(quoted, 2),
            "rss_mb": _memory_mb(os.getpid()),
            "rss_grown_mb": round(grown, 1),
        }

    def _drain(self, count: int) -> dict[str, Any]:
        """That many messages, from the first that leaves to the last, as the ledger has it."""
        with self._sending():
            cpu = self._cpu_s()
            one = self._broadcast("d1", BroadcastState.SCHEDULED, most=count)
            self._wait(one.id, count)
            cpu = self._cpu_s() - cpu
            memory = [_memory_mb(child.pid) for child in self._children]
            replies = sorted(ms for child in self._children for ms in _asked(child)["took_ms"])
        left = sorted(self._do(lambda uow: crowd.left_at(uow, one.id)))
        first, half, last = (left[int(part * (len(left) - 1))] for part in (0.02, 0.5, 0.98))
        each_us = 1e6 / (0.48 * len(left))
        return {
            "messages": len(left),
            "per_s": round(0.96 * len(left) / (last - first).total_seconds()),
            "us_per_message_first_half": round(each_us * (half - first).total_seconds(), 1),
            "us_per_message_second_half": round(each_us * (last - half).total_seconds(), 1),
            "cpu_us_per_message": round(1e6 * cpu / len(left), 1),
            "reply_ms_p50": _percentile(replies, 0.5),
            "reply_ms_p95": _percentile(replies, 0.95),
            "replies": len(replies),
            "rss_mb": memory,
        }

    def _wait(self, broadcast_id: str, count: int) -> None:
        """Until so many have left."""
        deadline = time.monotonic() + DRAINED_WITHIN_S
        while time.monotonic() < deadline and not any(child.poll() for child in self._children):
            states = self._do(lambda uow: uow.broadcasts.states(broadcast_id))
            if states.get(MessageState.SENT, 0) >= count:
                return
            time.sleep(0.2)
        raise processes.ServerError(f"not all have left: {states}")

    def _cpu_s(self) -> float:
        return sum(_cpu_s(child.pid) for child in self._children)

    def _broadcast(self, name: str, state: BroadcastState, most: int | None = None) -> Broadcast:
        now = datetime.now(UTC)
        audience = "all" if most is None else "tag:drained"
        content = Content(Reply("broadcast.message", TEXT))
        one = Broadcast(name, audience, content, Purpose.SERVICE, "bench", now, state, expires_at=now + timedelta(days=1))
        if most is not None:
            self._do(lambda uow: crowd.mark(uow, "drained", most))
        self._do(lambda uow: uow.broadcasts.add(one))
        return one

    def _forget(self, broadcast_id: str) -> None:
        while self._do(lambda uow: crowd.forget_rows(uow, broadcast_id)):
            continue

    @contextlib.contextmanager
    def _sending(self) -> Iterator[None]:
        """The processes that send; on SQLite the one that also answers."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("BATEA_")} | {
            "BATEA_DATABASE_URL": self._url,
            "BATEA_DATA_DIR": str(self._folder / "data"),
            "BATEA_SECRET_KEY": SECRET,
            "BATEA_TTS": "off",
            "BATEA_SERVE_DRAFTS": "1",
            "BATEA_CALL_HOURS_CO": "00:00-23:59",
            "BATEA_CALL_HOURS_PE": "00:00-23:59",
            "BATEA_RATES": "sms=0,whatsapp=0,telegram=0,call=0",
            "BATEA_WHATSAPP_TIER": "0",
            "BATEA_TWILIO_SMS_FROM": "+15005550006",
            "BATEA_TWILIO_WHATSAPP_FROM": "+15005550006",
        }
        for number in range(self._workers):
            command = [sys.executable, "-m", "bench.sending", *(["--replies"] if number == 0 else [])]
            with (self._folder / "log").open("ab") as log:
                child = subprocess.Popen(  # noqa: S603
                    command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
                )
            self._children.append(child)
        try:
            for child in self._children:
                if child.stdout is None or not child.stdout.readline():
                    raise processes.ServerError((self._folder / "log").read_text()[-500:])
            for child in self._children:
                _asked(child)
            yield
        finally:
            for child in self._children:
                if child.stdin:
                    child.stdin.close()
            for child in self._children:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(60)
                child.kill()
                child.wait()
                if child.stdout:
                    child.stdout.close()

    def _do(self, work: Any) -> Any:
        return self._store.submit(work).result()


def _asked(child: subprocess.Popen[bytes]) -> dict[str, list[float]]:
    """What a sender has measured since it was last asked."""
    if child.stdin is None or child.stdout is None:
        return {"took_ms": []}
    child.stdin.write(b"\n")
    child.stdin.flush()
    found: dict[str, list[float]] = json.loads(child.stdout.readline())
    return found


def _percentile(values: list[float], part: float) -> float | None:
    return round(values[min(len(values) - 1, int(part * len(values)))], 1) if values else None


def _memory_mb(pid: int) -> float | None:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines():
            if line.startswith("VmRSS:"):
                return round(int(line.split()[1]) * 1.024 / 1000, 1)
    return None


def _cpu_s(pid: int) -> float:
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def measure_sqlite(size: Size) -> dict[str, Any]:
    """One process, which serves too."""
    with processes.folder() as folder:
        return Bench(f"sqlite:///{folder / 'batea.db'}", folder, 1).run(size)


def measure_postgresql(size: Size) -> dict[str, Any] | None:
    """Two workers on a cluster of our own; None, with the reason on stderr, where there are no server programs."""
    programs = cluster.binaries()
    if programs is None:
        tell("  skipped: PostgreSQL's server programs were not found")
        return None
    with processes.folder() as folder, cluster.running(programs) as server:
        server.run("CREATE DATABASE batea")
        return Bench(f"{server.url}/batea", folder, 2).run(size)


def measure_celery(size: Size) -> dict[str, Any] | None:
    """Celery over Redis, two workers; None, with the reason on stderr, where it is not set up."""
    missing = celery_beside.missing()
    if missing:
        tell(f"  skipped: {missing}")
        return None
    return celery_beside.measure(size.drained)


def _table(found: dict[str, Any]) -> Iterator[str]:
    heads = ("people", "rows/s", "us each", "count s", "sent/s", "us 1st", "us 2nd", "reply p95")
    yield f"{'':12}" + "".join(f"{head:>10}" for head in heads)
    for name in ("sqlite", "postgresql"):
        for row in found[name]["enqueue"] if found[name] else ():
            yield f"{name:12}{row['people']:>10}{row['per_s']:>10}{row['us_per_person']:>10}{row['count_s']:>10}"
        if found[name]:
            drain = found[name]["drain"]
            halves = f"{drain['us_per_message_first_half']:>10}{drain['us_per_message_second_half']:>10}"
            yield f"{name:12}{drain['messages']:>10}{'':30}{drain['per_s']:>10}{halves}{drain['reply_ms_p95'] or '':>10}"
    if found["celery"]:
        yield f"Celery + Redis: {found['celery']['enqueue_per_s']} enqueued/s, {found['celery']['per_s']} sent/s"


def main() -> int:
    """Measure, keep the result, print it."""
    parser = argparse.ArgumentParser(prog="batea bench broadcast")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="a few people only: to see that it runs, not how fast")
    parser.add_argument("--people", type=int, help="so many at the most, instead of a million")
    parser.add_argument("--only", choices=["sqlite", "postgresql", "celery"])
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    size = QUICK if given.quick else FULL
    if given.people:
        size = Size(given.people, min(size.drained, given.people))
    found: dict[str, Any] = {"sqlite": None, "postgresql": None, "celery": None, "machine": machine()}
    measures = {"sqlite": measure_sqlite, "postgresql": measure_postgresql, "celery": measure_celery}
    try:
        for name, measure in measures.items():
            if given.only in {None, name}:
                tell(name)
                found[name] = measure(size)
    except (processes.ServerError, cluster.ClusterError) as error:
        sys.stderr.write(f"batea: {' '.join(str(error).split())}\n")
        return 1
    found["machine"]["load_1m_after"] = round(os.getloadavg()[0], 2)
    if not (given.quick or given.only):
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "broadcast.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    if not given.json:
        sys.stdout.write("\n".join(_table(found)) + "\n")
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
