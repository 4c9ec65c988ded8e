"""What this process has claimed and not settled yet, so that it can end in a few seconds however slow a vendor is."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final, TypeVar

from bot.domain.message import OutboundMessage

T = TypeVar("T")
GRACE_S: Final = 6.0
"""How long an ending process waits for vendors that have a message: longer than nearly all of their answers take."""


@dataclass(frozen=True, slots=True)
class Rest:
    """What an ending process still has: rows of which nothing was begun, and those that a vendor has not answered."""

    untouched: Sequence[OutboundMessage]
    begun: Sequence[OutboundMessage]


class InHand:
    """Rows by id, in memory alone. Safe for several threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._claimed: dict[str, OutboundMessage] = {}
        self._begun: dict[str, OutboundMessage] = {}
        self._over = False
        self.stopping = False

    def claimed(self, messages: Sequence[OutboundMessage]) -> None:
        """These are to be sent by this process, and by nobody else."""
        with self._changed:
            if not self._over:
                self._claimed.update((message.id, message) for message in messages)

    def begin(self, message: OutboundMessage) -> bool:
        """Whether it may go to its vendor now: not once this process stops."""
        with self._changed:
            if self.stopping:
                return False
            self._claimed.pop(message.id, None)
            self._begun[message.id] = message
            return True

    def let_go(self, message: OutboundMessage) -> bool:
        """It is not in hand any more; False where it was not: by then somebody else may have it."""
        with self._changed:
            had = self._claimed.pop(message.id, None) or self._begun.pop(message.id, None)
            if self.stopping:
                self._changed.notify_all()
            return had is not None

    def stop(self) -> None:
        """Nothing is begun from now on."""
        with self._changed:
            self.stopping = True

    def rest(self, within_s: float) -> Rest:
        """Wait until nothing is left, or so long; gives what is, and forgets it."""
        with self._changed:
            self._changed.wait_for(lambda: not self._claimed and not self._begun, within_s)
            self._over = True
            left = Rest(tuple(self._claimed.values()), tuple(self._begun.values()))
            self._claimed.clear()
            self._begun.clear()
            return left


def done(result: T) -> Future[T]:
    """What nobody has to wait for."""
    future: Future[T] = Future()
    future.set_result(result)
    return future
