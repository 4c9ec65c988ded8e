"""The simulator's phones: what is sent to a simulated address ends here and never reaches a vendor."""

from __future__ import annotations

import itertools
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.message import Address, Clip, OutboundMessage, Rendered, Reply


@dataclass(frozen=True, slots=True)
class Arrival:
    """One reply as it reached a simulated phone: `rendered` is what a vendor would have been asked to send."""

    message_id: str
    to: Address
    reply: Reply
    clip: Clip | None
    rendered: tuple[Rendered, ...]


class SimulatedPhones:
    """Keeps what arrived until the page or the terminal takes it. Safe to use from several threads."""

    def __init__(self, most_kept: int = 200) -> None:
        self._most_kept = most_kept
        self._lock = threading.Lock()
        self._arrived: dict[str, list[Arrival]] = defaultdict(list)
        self._numbers = itertools.count(1)

    def deliver(self, message: OutboundMessage, clip: Clip | None, rendered: Sequence[Rendered]) -> str:
        """Put a message on the phone; returns an id as a vendor would."""
        with self._lock:
            kept = self._arrived[_slot(message.to)]
            kept.append(Arrival(message.id, message.to, message.reply, clip, tuple(rendered)))
            del kept[: -self._most_kept]
            return f"SIM{next(self._numbers):08d}-{message.id}"

    def take(self, address: Address) -> list[Arrival]:
        """What arrived at one address since the last time, oldest first."""
        with self._lock:
            return self._arrived.pop(_slot(address), [])

    def take_all(self) -> list[Arrival]:
        """What arrived anywhere since the last time."""
        with self._lock:
            arrived = [arrival for kept in self._arrived.values() for arrival in kept]
            self._arrived.clear()
            return arrived


def _slot(address: Address) -> str:
    return f"{address.channel.value} {address.value}"
