"""The simulator's phones: what is sent to a simulated address ends here and never reaches a vendor."""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.errors import MediaError
from bot.domain.message import Address, Clip, Drawing, OutboundMessage, Rendered, Reply

MOST_SOUND_BYTES: Final = 64_000_000
"""What all voice notes that nobody has listened to yet may hold together; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One reply as it reached a simulated phone: `rendered` is what a vendor would have been asked to send.

    `clip` may be there where the channel could not carry it; `drawing` only where it could.
    """

    message_id: str
    to: Address
    reply: Reply
    clip: Clip | None
    rendered: tuple[Rendered, ...]
    drawing: Drawing | None = None


class SimulatedPhones:
    """Keeps what arrived until the page or the terminal takes it. Safe to use from several threads.

    The voice notes that they send are kept in memory alone, and only until somebody listens.
    """

    def __init__(self, most_kept: int = 200, most_sound_bytes: int = MOST_SOUND_BYTES) -> None:
        self._most_kept = most_kept
        self._most_sound_bytes = most_sound_bytes
        self._lock = threading.Lock()
        self._arrived: dict[str, list[Arrival]] = defaultdict(list)
        self._sounds: OrderedDict[str, bytes] = OrderedDict()
        self._numbers = itertools.count(1)

    def deliver(
        self, message: OutboundMessage, clip: Clip | None, rendered: Sequence[Rendered], drawing: Drawing | None = None
    ) -> str:
        """Put a message on the phone; returns an id as a vendor would."""
        with self._lock:
            kept = self._arrived[_slot(message.to)]
            kept.append(Arrival(message.id, message.to, message.reply, clip, tuple(rendered), drawing))
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

    def record(self, sound: bytes) -> str:
        """Keep the sound of a voice note that a phone sends, as a vendor would; returns where it is kept."""
        with self._lock:
            reference = f"simulated-sound-{next(self._numbers)}"
            self._sounds[reference] = sound
            while sum(map(len, self._sounds.values())) > self._most_sound_bytes:
                self._sounds.popitem(last=False)
            return reference

    def sound(self, reference: str) -> bytes:
        """Give that sound, and forget it. Raises MediaError where it is gone, after a restart or because it is too old."""
        with self._lock:
            found = self._sounds.pop(reference, None)
        if found is None:
            raise MediaError("that sound is gone", code="gone")
        return found


def _slot(address: Address) -> str:
    return f"{address.channel.value} {address.value}"
