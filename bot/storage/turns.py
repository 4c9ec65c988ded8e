"""The turns that a group of rows takes in the lane of its sender, and in that of a broadcast that is spread."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from bot.domain.broadcast import Broadcast
from bot.domain.chunk import Lane
from bot.storage.workers import SqlWorkers

HORIZON: Final = timedelta(seconds=1)
"""How far ahead turns are taken: what is claimed leaves within about that time, whoever says stop meanwhile."""
BUSY: Final = timedelta(milliseconds=50)
"""After how long a lane is looked at again that somebody else has."""
_A_DAY: Final = timedelta(days=1)


class Turns:
    """Turns from now on. Whoever asks holds the lane until the transaction ends."""

    def __init__(self, workers: SqlWorkers, lane: Lane, head: Broadcast, now: datetime) -> None:
        spread = head.spread_s / head.people if head.spread_s and head.people else 0.0
        self._workers = workers
        self._now = now
        self._lane = lane
        self._paces = {lane.sender: lane.interval_s}
        if spread:
            self._paces[f"broadcast/{head.id}"] = spread
        # Where there is no limit, nobody waits for anybody: the row is only looked at, for whether its vendor wants less.
        limited = bool(lane.interval_s or lane.openings is not None or spread)
        rows = [workers.pace(sender, now, take=limited) for sender in sorted(self._paces)]
        self._busy = None in rows
        found = {row.sender: row for row in rows if row is not None}
        self.interval_s = max(self._paces.values())
        self.starts_at: datetime = max((row.next_free_at for row in found.values()), default=now)
        self.starts_at = max(now, self.starts_at)
        of_sender = found.get(lane.sender)
        recent = of_sender is not None and now - of_sender.opened_at < _A_DAY
        self._opened: int = of_sender.opened if of_sender is not None and recent else 0
        self._opened_at: datetime = of_sender.opened_at if of_sender is not None and recent else now

    @property
    def reopens_at(self) -> datetime:
        """When new conversations may be begun again."""
        return self._opened_at + _A_DAY

    @property
    def openings(self) -> int | None:
        """How many conversations may still be begun; None: any number."""
        return None if self._lane.openings is None else max(0, self._lane.openings - self._opened)

    @property
    def wait_until(self) -> datetime | None:
        """When it is worth asking again, where the next turn is too far ahead, or somebody else takes one just now."""
        if self._busy:
            return self._now + BUSY
        return self.starts_at - HORIZON / 2 if self.starts_at - self._now > HORIZON else None

    def most(self, wanted: int) -> int:
        """How many turns lie within the horizon."""
        return max(1, min(wanted, int(HORIZON.total_seconds() / self.interval_s))) if self.interval_s else wanted

    def take(self, rows: int, opening: int) -> None:
        """Take so many turns, with which so many conversations begin."""
        for sender, interval_s in self._paces.items():
            # The slower of two paces holds for the group; the other sender is free for somebody else meanwhile.
            free = self.starts_at + timedelta(seconds=interval_s * rows)
            if sender != self._lane.sender:
                self._workers.take(sender, free, 0, self._now)
            elif interval_s or opening:
                self._workers.take(sender, free, self._opened + opening, self._opened_at)
