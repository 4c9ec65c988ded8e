"""Results of other threads, brought into the event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


class Arrivals:
    """Waits for futures of the database's threads; those that are done together wake the event loop once.

    `asyncio.wrap_future` wakes it for each: the thread that has just committed a group would write to a pipe as often as the
    group has works, and each time lose its turn.
    """

    def __init__(self) -> None:
        self._arrived: deque[tuple[Future[Any], asyncio.Future[Any]]] = deque()
        self._called = False

    def wait(self, future: Future[T]) -> asyncio.Future[T]:
        """A future of the running loop that ends as the given one does. What was begun is not cancelled with it."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[T] = loop.create_future()
        future.add_done_callback(lambda done: self._arrive(loop, done, waiter))
        return waiter

    def _arrive(self, loop: asyncio.AbstractEventLoop, done: Future[Any], waiter: asyncio.Future[Any]) -> None:
        self._arrived.append((done, waiter))
        if not self._called:
            self._called = True
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        # First this, so that whoever comes while the rest is dealt with calls again.
        self._called = False
        while self._arrived:
            done, waiter = self._arrived.popleft()
            if waiter.done():
                continue
            error = done.exception()
            if error is None:
                waiter.set_result(done.result())
            else:
                waiter.set_exception(error)
