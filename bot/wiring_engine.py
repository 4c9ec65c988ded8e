"""Puts the engine together for `wiring`: what sends broadcasts, in this process."""

from __future__ import annotations

import secrets
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from bot.delivery.chunks import ChunkSending
from bot.delivery.dispatcher import Dispatcher
from bot.delivery.engine import THREADS, Alone, Durable, Lasting
from bot.delivery.reconciling import ASKED_AFTER, Reconciling
from bot.running import Batea
from bot.settings import Settings
from bot.wiring_sending import Sending

if TYPE_CHECKING:
    from bot.storage.worker_name import WorkerName

FILE: Final = "engine.db"
LOCK: Final = "engine.lock"


def on_file(settings: Settings) -> bool:
    """Whether the database is an SQLite file, on which one process alone executes."""
    return settings.database_url.startswith("sqlite")


def build_engine(by: Batea | Sending, *, kind: str = "serve", ask_after: timedelta = ASKED_AFTER) -> Lasting:
    """The engine of this process, not started yet. On PostgreSQL its name is free again once the process ends, however."""
    settings, broadcasts, life = by.settings, by.broadcasts, secrets.token_hex(4)
    threads = ThreadPoolExecutor(THREADS, "batea-broadcast")
    alone = Alone(settings.data_dir / LOCK) if on_file(settings) else None
    name = None if alone else _name(settings, kind)
    worker = name.name if name else kind
    opened: list[Lasting] = []
    dispatcher = Dispatcher(
        by.store,
        lambda: opened[0].durable(),  # noqa: PLW0108 - it is made below
        broadcasts.means,
        by.clock,
        by.notebook,
        worker=worker,
        life=life,
        alone=alone is not None,
        per_week=settings.unasked_per_week,
    )
    sending = ChunkSending(
        by.store,
        by.sender,
        broadcasts.pace,
        broadcasts.pricing,
        by.clock,
        by.notebook,
        threads,
        life,
    )
    where = settings.data_dir / FILE if alone else settings.database_url
    reconciling = Reconciling(by.store, by.channels.get, by.sender.calls, by.clock, by.notebook, ask_after)
    engine = Lasting(
        partial(Durable, where, worker, sending.run, dispatcher.expand),
        dispatcher.look,
        # Where there is a web face, that books.
        [reconciling.sweep] if kind == "serve" else [reconciling.sweep, broadcasts.meter.book],
        sending.stop,
        threads,
        by.notebook,
        may_execute=alone.take if alone else name.held if name else lambda: True,
        let_go=alone.give_back if alone else name.give_back if name else lambda: None,
        at_once=alone is None,
        worker=worker,
    )
    opened.append(engine)
    return engine


def _name(settings: Settings, kind: str) -> WorkerName:
    from bot.storage.worker_name import WorkerName  # noqa: PLC0415 only who uses PostgreSQL pays for its driver, 9 MB

    return WorkerName(settings.database_url, f"{kind}-{socket.gethostname()}")
