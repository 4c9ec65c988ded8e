"""Looks after broadcasts: starts what is due, hands chunks to whoever executes them, gives up what was cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final, Protocol

from bot.delivery.sender import ABANDONED_AFTER
from bot.domain.broadcast import Means
from bot.domain.chunk import Chunk, Worker
from bot.domain.ports import Clock, Notebook
from bot.domain.store import Store, UnitOfWork

AT_A_TIME: Final = 32
"""How many chunks of one sender are handed over at a time, by all processes together."""
DEAD_AFTER: Final = timedelta(seconds=15)
"""A worker that has not been heard of for so long is dead: what it had claimed is in doubt, its chunks are somebody else's."""
BEAT_EVERY: Final = timedelta(seconds=4)
STUCK_AFTER: Final = timedelta(minutes=15)


class Executor(Protocol):
    """Executes what it is handed, soon, and once more where the process that had it died."""

    def expand(self, broadcast_id: str, attempt: str) -> None:
        """Give all recipients of a broadcast their rows; the same attempt twice is one."""
        ...

    def send(self, chunks: Sequence[Chunk]) -> None:
        """Run these chunks; the same run twice is one."""
        ...

    def take_over(self, dead: Sequence[str]) -> int:
        """What those workers had begun is executed by others; returns how much that is."""
        ...


class Dispatcher:
    """Goes round. Any number of processes may; `worker` is the stable name of this one, `life` this start of it.

    `alone`: no other process executes anything, so that at the first round whatever is under way is left over from before.
    `per_week`: how many announcements a person gets in seven days, None for any number.
    """

    def __init__(
        self,
        store: Store,
        executor: Callable[[], Executor],
        means: Callable[[str], Means],
        clock: Clock,
        notebook: Notebook,
        *,
        worker: str,
        life: str,
        alone: bool,
        per_week: int | None = None,
    ) -> None:
        self._per_week = per_week
        self._store = store
        self._executor = executor
        self._means = means
        self._clock = clock
        self._notebook = notebook
        self._worker = worker
        self._life = life
        self._alone = alone
        self._first = True
        self._lock = threading.Lock()
        self._beaten = clock.now() - BEAT_EVERY
        self._taken_over: set[tuple[str, str]] = set()

    def look(self) -> bool:
        """One round; whether there was anything to do. Raises StorageError."""
        self._beat()
        now = self._clock.now()

        def work(uow: UnitOfWork) -> tuple[list[tuple[str, str]], Sequence[Chunk], int]:
            if self._first:
                uow.chunks.stuck(now + timedelta(days=1) if self._alone else now - STUCK_AFTER, now)
            uow.chunks.stuck(now - STUCK_AFTER, now)
            heads = [uow.broadcasts.get(broadcast_id) for broadcast_id in uow.broadcasts.tend(now)]
            growing = [(head.id, f"{head.changed_at:%Y%m%d%H%M%S%f}") for head in heads if head is not None]
            return growing, uow.chunks.waiting(now, AT_A_TIME), uow.broadcasts.give_up(now)

        growing, waiting, given_up = self._store.submit(work).result()
        self._first = False
        for broadcast_id, attempt in growing:
            self._executor().expand(broadcast_id, attempt)
        if waiting:
            self._executor().send(waiting)
            self._store.submit(lambda uow: uow.chunks.handed(waiting, now)).result()
        return bool(growing or waiting or given_up)

    def expand(self, broadcast_id: str) -> None:
        """Give all recipients of a broadcast their rows, slice by slice; ends early where it does not run any more."""

        def work(uow: UnitOfWork) -> bool:
            head = uow.broadcasts.get(broadcast_id)
            means = self._means(head.content.template if head else "")
            return uow.broadcasts.expand(broadcast_id, self._clock.now(), means, per_week=self._per_week)

        while not self._store.submit(work, patient=True).result():
            continue

    def _beat(self) -> None:
        """Say that this process is alive, hear who else is, and take over from the dead: what they had claimed is in doubt.

        A process claims nothing before its first beat, so that nobody takes the living for dead.
        """
        now = self._clock.now()
        if timedelta() <= now - self._beaten < BEAT_EVERY:
            return

        def work(uow: UnitOfWork) -> Sequence[Worker]:
            uow.workers.beat(self._worker, self._life, now)
            workers = uow.workers.all()
            uow.chunks.leftovers({one.life for one in workers if now - one.beat_at < DEAD_AFTER}, now)
            uow.outbox.abandoned(now - ABANDONED_AFTER)
            return [one for one in workers if now - one.beat_at >= DEAD_AFTER]

        found = self._store.submit(work).result()
        self._beaten = now
        dead = {(one.id, one.life) for one in found} - self._taken_over
        if dead and not self._alone:
            taken = self._executor().take_over([worker for worker, _ in dead])
            self._notebook.event("worker_dead", count=taken)
            self._taken_over |= dead
