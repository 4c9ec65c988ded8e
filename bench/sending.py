"""A process of the benchmark of broadcasts: sends as `batea serve` and `batea worker` do, to a vendor that takes all at once.

With `--replies` it also answers somebody all the time, as `serve` would, and tells how long each answer took.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot import telemetry, wiring
from bot.domain.clock import SystemClock
from bot.domain.message import Address, ChannelName, Inbound, InboundKind, Rendered
from bot.domain.ports import Channel
from bot.settings import load
from bot.storage.secret_key import secret_key
from bot.wiring_engine import build_engine


class Open:
    """A channel whose vendor takes everything at once."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._numbers = itertools.count(1)
        self.render = channel.render
        self.close = channel.close

    def send(self, rendered: Rendered) -> str:  # noqa: ARG002 - whatever it is
        """Take it."""
        return f"SM{next(self._numbers):032x}"


@dataclass
class Answers:
    """Somebody who writes ten times a second, and how long it took until the answer had left, in milliseconds."""

    batea: Any
    took_ms: list[float] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Until it is stopped."""
        words = itertools.cycle(("hola", "1", "menu", "0"))
        for number in itertools.count():
            if self.stopping.wait(0.1):
                return
            to = Address(ChannelName.SMS, f"+57310{number % 50:07d}")
            began = time.perf_counter()
            inbound = Inbound(f"B{number}", to, InboundKind.TEXT, datetime.now(UTC), text=next(words))
            receipt = self.batea.reception.receive(inbound).result()
            self.batea.sender.send(receipt.message_ids)
            self.took_ms.append(1000 * (time.perf_counter() - began))


def main() -> None:
    """Run until a line comes; then tell what was measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--replies", action="store_true")
    given = parser.parse_args()
    telemetry.start_logging(quiet=True)
    settings = load()
    if given.replies:
        by: Any = wiring.build(settings, SystemClock(), secret_key(settings, make=False))
        engine = build_engine(by)
    else:
        by, engine = wiring.build_worker(settings)
    made = by.channels._make
    by.channels._make = lambda name: Open(made(name))
    answers = Answers(by)
    thread = threading.Thread(target=answers.run, daemon=True)
    if given.replies:
        thread.start()
    engine.start()
    sys.stdout.write(f"{engine.worker}\n")
    sys.stdout.flush()
    for _ in sys.stdin:
        sys.stdout.write(json.dumps({"took_ms": answers.took_ms}) + "\n")
        sys.stdout.flush()
        answers.took_ms = []
    answers.stopping.set()
    if given.replies:
        thread.join()
    engine.stop()
    by.close()


if __name__ == "__main__":
    main()
