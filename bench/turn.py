"""`batea bench turn`: how many turns a second one process takes, and how long a person waits.

The last line on standard output is the JSON of design.md, section 4; with `--json` it is the only one.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import signal
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import create_engine, text

from bench import cluster, load, processes, rasa_bot
from bench.conversation import Person, Talk
from bench.processes import ROOT, Server
from bot.storage.database import read_url

RATE_PER_S: Final = 300
CONNECTIONS: Final = 32
RESULTS: Final = ROOT / "bench" / "results"
DRAINED_WITHIN_S: Final = 60
_UNDER_WAY: Final = text("SELECT count(*) FROM message WHERE due_at IS NOT NULL OR claimed_at IS NOT NULL")


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured. `turns` a round flat out, `seconds` a round at the fixed rate, `veteran` turns of one person."""

    people: int
    turns: int
    seconds: int
    rounds: int
    veteran: int
    compared: int
    rasa: int


PROMISED: Final = ("sqlite", "postgresql", "machine")
FULL: Final = Size(people=500, turns=3000, seconds=5, rounds=3, veteran=10_000, compared=500, rasa=600)
QUICK: Final = Size(people=40, turns=200, seconds=1, rounds=1, veteran=60, compared=20, rasa=0)


class Bench:
    """One database, measured."""

    def __init__(self, size: Size, database_url: str, server: Server, bare: Server, talk: Talk) -> None:
        self._size = size
        self._server = server
        self._bare = bare
        self._talk = talk
        self._engine = create_engine(read_url(database_url))

    def run(self) -> dict[str, Any]:
        """All figures of one database."""
        people = self._talk.people(self._size.people)
        tell(f"  {len(people)} people enrol")
        self._flat_out(
            self._server, [request for each in zip(*map(self._talk.enrolment, people), strict=True) for request in each]
        )
        flat, bare_flat, late, bare_late = [], [], [], []
        for number in range(1, self._size.rounds + 1):
            tell(f"  round {number} of {self._size.rounds}")
            bare_flat.append(self._flat_out(self._bare, self._requests(people, self._size.turns), drain=False))
            flat.append(self._flat_out(self._server, self._requests(people, self._size.turns)))
            offered = self._size.seconds * RATE_PER_S
            late.append(self._at_rate(self._server, self._requests(people, offered)))
            bare_late.append(self._at_rate(self._bare, self._requests(people, offered)))
        figures = {
            "turns_per_s": median([each["per_s"] for each in flat]),
            "p50_ms_at_300": median([each.percentile_ms(0.5) for each in late], 1),
            "p99_ms_at_300": median([each.percentile_ms(0.99) for each in late], 1),
            "rss_mb": self._server.memory_mb(),
            "rss_peak_mb": self._server.memory_mb("VmHWM"),
            "turns_per_s_rounds": [round(each["per_s"]) for each in flat],
            "p99_ms_at_300_rounds": [round(each.percentile_ms(0.99), 1) for each in late],
            "cpu_ms_per_turn": median([each["cpu_ms"] for each in flat], 2),
            "refused": sum(each["refused"] for each in flat) + sum(each.refused for each in late),
            "bare": {
                "webhooks_per_s": median([each["per_s"] for each in bare_flat]),
                "p50_ms_at_300": median([each.percentile_ms(0.5) for each in bare_late], 1),
                "p99_ms_at_300": median([each.percentile_ms(0.99) for each in bare_late], 1),
                "cpu_ms_per_webhook": median([each["cpu_ms"] for each in bare_flat], 2),
                "rss_mb": self._bare.memory_mb(),
            },
            "one_person": self._one_person(),
        }
        self._engine.dispose()
        return figures

    def _requests(self, people: list[Person], count: int) -> list[bytes]:
        talk = self._talk.round_robin(people)
        return [next(talk) for _ in range(count)]

    def _flat_out(self, server: Server, requests: list[bytes], *, drain: bool = True) -> dict[str, float]:
        """Until every webhook is answered and every reply has been handed over."""
        cpu, began = server.cpu_s(), time.perf_counter()
        outcome = asyncio.run(load.flat_out(server.port, requests, connections=CONNECTIONS))
        if drain:
            self._drain()
        took = time.perf_counter() - began
        return {
            "per_s": len(requests) / took,
            "cpu_ms": 1000 * (server.cpu_s() - cpu) / len(requests),
            "refused": outcome.refused,
        }

    def _at_rate(self, server: Server, requests: list[bytes]) -> load.Outcome:
        outcome = asyncio.run(load.at_rate(server.port, requests, per_s=RATE_PER_S))
        self._drain()
        return outcome

    def _drain(self) -> None:
        until = time.monotonic() + DRAINED_WITHIN_S
        with self._engine.connect() as connection:
            while time.monotonic() < until:
                if not connection.execute(_UNDER_WAY).scalar():
                    return
                connection.rollback()
                time.sleep(0.02)
        raise processes.ServerError("replies were still not handed over after a minute")

    def _one_person(self) -> dict[str, float]:
        """Turns of somebody with thousands behind her, each beside the same turn of a newcomer."""
        veteran, newcomer = self._talk.people(2, first=9_000_000)
        tell(f"  one person takes {self._size.veteran} turns")
        for person, turns in ((veteran, self._size.veteran - self._size.compared), (newcomer, 0)):
            requests = self._talk.enrolment(person) + self._requests([person], turns)
            asyncio.run(load.flat_out(self._server.port, requests, connections=1))
        times: dict[str, list[float]] = {"first": [], "last": []}
        veteran.turns = newcomer.turns = veteran.short = newcomer.short = 0
        pairs = [(self._talk.next_turn(newcomer), self._talk.next_turn(veteran)) for _ in range(self._size.compared)]
        for ours in pairs:
            for which, request in zip(times, ours, strict=True):
                times[which] += asyncio.run(load.flat_out(self._server.port, [request], connections=1)).seconds
        first, last = (1000 * statistics.median(times[which]) for which in times)
        return {
            "turns": self._size.veteran,
            "first_ms": round(first, 2),
            "last_ms": round(last, 2),
            "ratio": round(last / first, 2),
        }


def median(values: list[float], digits: int = 0) -> float:
    """The median, rounded; a whole number for no digits."""
    middle = statistics.median(values)
    return round(middle, digits) if digits else round(middle)


def machine() -> dict[str, Any]:
    """What it ran on, and how busy that was."""
    model = ""
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return {
        "cpus": os.cpu_count(),
        "model": model,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load_1m": round(os.getloadavg()[0], 2),
    }


def measure_sqlite(size: Size) -> dict[str, Any]:
    """The figures on an SQLite file."""
    with processes.folder() as folder:
        return _measure(size, folder, f"sqlite:///{folder / 'batea.db'}", f"sqlite:///{folder / 'bare.db'}")


def measure_postgresql(size: Size) -> dict[str, Any] | None:
    """The figures on a PostgreSQL cluster of our own; None, with the reason on stderr, where there are no server programs."""
    programs = cluster.binaries()
    if programs is None:
        tell("  skipped: PostgreSQL's server programs were not found")
        return None
    with processes.folder() as folder, cluster.running(programs) as server:
        for name in ("batea", "bare"):
            server.run(f"CREATE DATABASE {name}")
        return _measure(size, folder, f"{server.url}/batea", f"{server.url}/bare")


def measure_rasa(size: Size) -> dict[str, Any] | None:
    """A Rasa bot beside; None, with the reason on stderr, where `make rasa` has not run."""
    if not size.rasa:
        return None
    if not rasa_bot.available():
        tell("  skipped: Rasa is not set up (make rasa)")
        return None
    tell("  a Rasa bot is trained")
    return rasa_bot.measure(Talk(ROOT / "intents"), size.rasa)


def _measure(size: Size, folder: Path, database_url: str, bare_url: str) -> dict[str, Any]:
    talk = Talk(ROOT / "intents")
    with processes.batea(folder, database_url) as server, processes.bare(folder, bare_url) as bare:
        return Bench(size, database_url, server, bare, talk).run()


def tell(line: str) -> None:
    """Progress, for whoever watches."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _table(found: dict[str, Any]) -> Iterator[str]:
    yield f"{'':12}{'turns/s':>10}{'p50 ms':>10}{'p99 ms':>10}{'RSS MB':>10}{'CPU ms':>10}{'limit/s':>10}{'10,000th':>10}"
    for name in ("sqlite", "postgresql"):
        row = found[name]
        if row:
            yield (
                f"{name:12}{row['turns_per_s']:>10}{row['p50_ms_at_300']:>10}{row['p99_ms_at_300']:>10}{row['rss_mb'] or '?':>10}"
                f"{row['cpu_ms_per_turn']:>10}{row['bare']['webhooks_per_s']:>10}{row['one_person']['ratio']:>10}"
            )
    if found["rasa"]:
        yield f"Rasa bot: {found['rasa']['messages_per_s']} messages/s, {found['rasa']['p50_ms_alone']} ms for somebody alone"


def main() -> int:
    """Measure, keep the result, print it."""
    parser = argparse.ArgumentParser(prog="batea bench turn")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="a few turns only: to see that it runs, not how fast")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], help="only this one, without Rasa beside")
    given = parser.parse_args()
    # Whoever ends this program ends the servers that it started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    size = QUICK if given.quick else FULL
    found: dict[str, Any] = {"sqlite": None, "postgresql": None, "rasa": None, "machine": machine()}
    try:
        for name, measure in (("sqlite", measure_sqlite), ("postgresql", measure_postgresql), ("rasa", measure_rasa)):
            if given.database in {None, name}:
                tell(name)
                found[name] = measure(size)
    except (processes.ServerError, cluster.ClusterError, rasa_bot.RasaBotError, ConnectionError) as error:
        sys.stderr.write(f"batea: {' '.join(str(error).split())}\n")
        return 1
    found["machine"]["load_1m_after"] = round(os.getloadavg()[0], 2)
    if not given.quick and not given.database:
        RESULTS.mkdir(parents=True, exist_ok=True)
        (RESULTS / "turn.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    if not given.json:
        for line in _table(found):
            sys.stdout.write(line + "\n")
    # What is beside stands in the file and the table: the line is as design.md promises it.
    sys.stdout.write(json.dumps({name: found[name] for name in PROMISED}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
