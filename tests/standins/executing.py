"""Processes that send broadcasts, as `batea serve` and `batea worker` do, without the web: for tests that kill them.

Each line read forks one off a process that has imported everything; what is written back is its number, then its name.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import timedelta

import dbos  # noqa: F401 - so that no child has to
import twilio.rest  # noqa: F401 - likewise

from bot import telemetry, wiring
from bot.domain.clock import SystemClock
from bot.settings import load
from bot.storage.secret_key import secret_key
from bot.wiring_engine import build_engine
from bot.wiring_sending import build_sending


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        if not os.fork():
            send()


def send() -> None:
    os.setsid()
    telemetry.start_logging(quiet=True)
    settings, clock = load(), SystemClock()
    key = secret_key(settings, make=False)
    sending = build_sending(settings, clock, key, wiring.build_library(settings, clock))
    engine = build_engine(sending, kind="worker", ask_after=timedelta(seconds=2))
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: engine.ask_to_stop())
    engine.start()
    os.write(1, f"{os.getpid()} {engine.worker}\n".encode())
    engine.wait()
    engine.stop()
    sending.close()
    os._exit(0)


if __name__ == "__main__":
    main()
