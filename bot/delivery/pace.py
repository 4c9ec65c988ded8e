"""How fast each of our senders goes, and how much of that broadcasts may have: replies come first.

Source: channels.md (read November 2026): WhatsApp about 80 messages/s a number, Telegram about 30/s in all; a new account at
WhatsApp 250 people in 24 hours outside the window. SMS and calls a second depend on the number and the account [?]: settings.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.domain.chunk import Lane
from bot.domain.errors import AmbiguousSendError, SendError
from bot.domain.message import ChannelName

REPLIES_SHARE: Final = 0.3
"""Of each sender's rate; never booked, so that a reply waits for nobody."""
TIER_SHARE: Final = 0.8
FIRST_PAUSE_S: Final = 2.0
LONGEST_PAUSE_S: Final = 60.0
# Everybody by that sender meets the same. Source: https://www.twilio.com/docs/api/errors (read November 2026).
_OF_ALL: Final = frozenset({"429", "20429", "20500", "20503", "63017", "63018", "network", "timeout", "answer", "stopped"})
_SERVER_FAILED: Final = range(500, 600)


@dataclass(frozen=True, slots=True)
class Rates:
    """Messages a second by channel, 0 without limit; `tier`: conversations a day outside WhatsApp's window, 0 without limit.

    `numbers`: our own, by channel and country, '' the default: those who share one share its rate.
    """

    per_s: Mapping[ChannelName, float] = field(default_factory=dict)
    tier: int = 0
    numbers: Mapping[ChannelName, Mapping[str, str]] = field(default_factory=dict)


class Pace:
    """The lanes. Remembers, in memory alone, which of them meet trouble. Safe for several threads."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._lock = threading.Lock()
        self._troubles: dict[str, tuple[int, datetime]] = {}

    def rate(self, sender: str) -> float:
        """How many messages of broadcasts leave a second by that sender, e.g. `sms/CO`; infinite without limit."""
        per_s = self._rates.per_s.get(ChannelName(sender.partition("/")[0]), 0.0) * (1 - REPLIES_SHARE)
        return per_s or float("inf")

    def lane(self, sender: str) -> Lane:
        """Whose rate it is, and how far apart the messages are."""
        channel, _, country = sender.partition("/")
        name = ChannelName(channel)
        openings = int(self._rates.tier * TIER_SHARE) if name is ChannelName.WHATSAPP and self._rates.tier else None
        return Lane(f"{channel}/{self._shared(name, country)}", 1 / self.rate(sender), openings)

    def trouble(self, sender: str, error: SendError, now: datetime) -> datetime | None:
        """Until when a sender is left alone that meets what everybody by it would; None where it is about one message.

        What was under way when a pause began is no further trouble: each pause is twice as long as the one before.
        """
        if not (error.retry_after_s or error.code in _OF_ALL or _is_outage(error)):
            return None
        lane = self.lane(sender).sender
        with self._lock:
            times, until = self._troubles.get(lane, (0, now))
            asked = now + timedelta(seconds=error.retry_after_s or 0.0)
            if now >= until:
                pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(times, 10))
                times, until = times + 1, now + timedelta(seconds=pause_s)
            until = max(until, asked)
            self._troubles[lane] = times, until
        return until

    def worked(self, sender: str) -> None:
        """Something left by that sender."""
        if self._troubles:
            with self._lock:
                self._troubles.pop(self.lane(sender).sender, None)

    def _shared(self, channel: ChannelName, country: str) -> str:
        """The first of the countries that have the same number; '' where it is the default one, or the only."""
        numbers = self._rates.numbers.get(channel, {})
        own = numbers.get(country, "") or numbers.get("", "")
        return min((one for one, number in numbers.items() if number == own), default="")


def _is_outage(error: SendError) -> bool:
    return isinstance(error, AmbiguousSendError) or (error.code.isdecimal() and int(error.code) in _SERVER_FAILED)
