"""One lane a person: her messages are taken and answered one after the other, and nobody waits behind a flood of hers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

MOST_IN_A_LANE: Final = 20
# Replies that have not left: several a message, and a voice note waits seconds for its text, so a quick reader has many.
MOST_UNSENT: Final = 100
# When to look again for replies that could not leave at once: behind an earlier one to her, or a voice note behind its
# text, which waits three seconds for a vendor that does not call back.
PAUSES_S: Final = (0.2, 0.2, 0.2, 0.2, 2.3, 3.1, 3.1)


class LaneFullError(Exception):
    """More came from one person than can be answered in time."""


class _Lane:
    """`inside` counts her messages that are at work; `unsent` are the rows that wait until others of hers have left."""

    def __init__(self) -> None:
        self.inside = 0
        self.turn = asyncio.Lock()
        self.unsent: list[str] = []
        self.sending = False
        self.more = asyncio.Event()


class Lanes:
    """Keeps people apart in front of what they share: the database's one writer and the few threads that send.

    Of each person one message at a time is at the database, and one call at a time with a thread that sends. What she sends
    meanwhile waits here; beyond `most` messages that wait, or `most_unsent` replies that have not left, the next is refused.
    """

    def __init__(
        self,
        send: Callable[[Sequence[str]], Awaitable[int]],
        most: int = MOST_IN_A_LANE,
        most_unsent: int = MOST_UNSENT,
        pauses_s: Sequence[float] = PAUSES_S,
    ) -> None:
        self._send = send
        self._pauses_s = pauses_s
        self._most = most
        self._most_unsent = most_unsent
        self._lanes: dict[str, _Lane] = {}

    def __len__(self) -> int:
        """How many people are being answered now."""
        return len(self._lanes)

    @asynccontextmanager
    async def turn(self, identity: str) -> AsyncIterator[None]:
        """Wait until it is this message's turn. Raises LaneFullError at once where too many wait already."""
        lane = self._enter(identity)
        try:
            async with lane.turn:
                yield
        finally:
            self._leave(identity, lane)

    async def answer(self, identity: str, message_ids: Sequence[str]) -> None:
        """Send those rows, behind what is being sent to her; gives up, for the sweep, what cannot leave for seconds."""
        if not message_ids:
            return
        lane = self._enter(identity, always=True)
        try:
            lane.unsent += message_ids
            lane.more.set()
            if not lane.sending:
                lane.sending = True
                try:
                    await self._empty(lane)
                finally:
                    lane.sending = False
        finally:
            self._leave(identity, lane)

    async def _empty(self, lane: _Lane) -> None:
        """Send until nothing is left, or nothing can leave: then what is left is the sweep's."""
        pauses = iter(self._pauses_s)
        waiting: list[str] = []
        left = 0
        while True:
            lane.more.clear()
            fresh, lane.unsent = lane.unsent, []
            if fresh:
                # Which of the older ones have left is not told; beyond `most_unsent` they are the sweep's.
                waiting = [*(waiting if left else ()), *fresh][-self._most_unsent :]
                left, pauses = min(left + len(fresh), self._most_unsent), iter(self._pauses_s)
            if left:
                left = max(0, left - await self._send(waiting))
            if lane.unsent:
                continue
            pause = next(pauses, None) if left else None
            if pause is None:
                return
            try:
                async with asyncio.timeout(pause):
                    await lane.more.wait()
            except TimeoutError:
                continue

    def _enter(self, identity: str, *, always: bool = False) -> _Lane:
        lane = self._lanes.get(identity)
        if lane is None:
            lane = self._lanes[identity] = _Lane()
        elif (lane.inside >= self._most or len(lane.unsent) >= self._most_unsent) and not always:
            raise LaneFullError
        lane.inside += 1
        return lane

    def _leave(self, identity: str, lane: _Lane) -> None:
        lane.inside -= 1
        if not lane.inside:
            del self._lanes[identity]
