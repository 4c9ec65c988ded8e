"""Clocks: the real one, and one that tests and `batea chat` move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        """Timezone-aware UTC."""
        return datetime.now(UTC)


class MovableClock:
    """Starts at a given moment, stands still (or runs with the machine's), and can be moved forward."""

    def __init__(self, start: datetime, *, running: bool = False) -> None:
        self._start = start
        self._running = running
        self._started = datetime.now(UTC)
        self._moved = timedelta()

    def now(self) -> datetime:
        """The moved time, timezone-aware UTC."""
        ran = datetime.now(UTC) - self._started if self._running else timedelta()
        return self._start + self._moved + ran

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        self._moved += by
