"""Leaves a vendor alone that refuses everybody because our own account is set up wrongly."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(minutes=15)
TRIPS_AT: Final = 3
"""How many people must have been refused, nobody served between them: one alone may be the fault of one message."""


@dataclass
class _Vendor:
    refused: set[str] = field(default_factory=set)
    code: str = ""
    pause: timedelta = FIRST_PAUSE
    shut_until: datetime | None = None


class Breaker:
    """Remembers, per channel and in memory alone, whether it is worth asking the vendor now. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._vendors: dict[str, _Vendor] = {}

    def shut(self, channel: str, now: datetime) -> tuple[datetime, str] | None:
        """Until when the vendor is left alone, and for which of its codes; None where it may be asked."""
        with self._lock:
            vendor = self._vendors.get(channel)
            if vendor is None or vendor.shut_until is None or now >= vendor.shut_until:
                return None
            return vendor.shut_until, vendor.code

    def refused(self, channel: str, whom: str, code: str, now: datetime) -> None:
        """Somebody's message was refused because of our set-up; of the third in a row the pause begins, then doubles."""
        with self._lock:
            vendor = self._vendors.setdefault(channel, _Vendor())
            if len(vendor.refused) < TRIPS_AT:  # from there on one is enough to tell that nothing has changed
                vendor.refused.add(whom)
            vendor.code = code
            pausing = vendor.shut_until is not None and now < vendor.shut_until
            if len(vendor.refused) >= TRIPS_AT and not pausing:
                vendor.shut_until = now + vendor.pause
                vendor.pause = min(2 * vendor.pause, LONGEST_PAUSE)

    def worked(self, channel: str) -> None:
        """The vendor took a message."""
        if channel in self._vendors:
            with self._lock:
                self._vendors.pop(channel, None)
