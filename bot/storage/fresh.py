"""Messages that this process has just written: whoever sends them at once need not read and open them again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

from bot.domain.message import OutboundMessage

MOST: Final = 5_000


class Fresh:
    """The newest messages by id, each until it is taken. Which of them are on disk, and still to be sent, the database knows."""

    def __init__(self) -> None:
        self._messages: OrderedDict[str, OutboundMessage] = OrderedDict()
        self._gate = threading.Lock()

    def keep(self, message: OutboundMessage) -> None:
        """Remember one that is being written; beyond `MOST` the oldest are forgotten."""
        with self._gate:
            self._messages[message.id] = message
            if len(self._messages) > MOST:
                self._messages.popitem(last=False)

    def take(self, message_id: str) -> OutboundMessage | None:
        """One of them, once."""
        with self._gate:
            return self._messages.pop(message_id, None)
