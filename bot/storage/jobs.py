"""What waits to be written: whoever is being answered comes before what can wait."""

from __future__ import annotations

import queue
from typing import Generic, TypeVar

T = TypeVar("T")


class Jobs(Generic[T]):
    """Two queues that are taken from as one, the patient one while the other is empty. None ends a taker, after all else."""

    def __init__(self) -> None:
        # One ticket for each job, wherever it lies: whoever has a ticket finds one.
        self._tickets: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._urgent: queue.SimpleQueue[T] = queue.SimpleQueue()
        self._patient: queue.SimpleQueue[T | None] = queue.SimpleQueue()

    def put(self, job: T, *, patient: bool = False) -> None:
        """Add a job."""
        (self._patient if patient else self._urgent).put(job)
        self._tickets.put(None)

    def end(self) -> None:
        """Have one taker find None once nothing else is left."""
        self._patient.put(None)
        self._tickets.put(None)

    def get(self, *, wait: bool = True) -> T | None:
        """The next job. Raises queue.Empty where there is none and it is not to wait."""
        self._tickets.get(block=wait)
        try:
            return self._urgent.get_nowait()
        except queue.Empty:
            return self._patient.get_nowait()

    def empty(self) -> bool:
        """Whether nothing waits."""
        return self._tickets.empty()
