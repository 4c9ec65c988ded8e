"""The last step before sending: what nobody asked for does not leave while its people are paused, nor beyond its time."""

from __future__ import annotations

from datetime import datetime

from bot.domain.message import MessageState, OutboundMessage
from bot.domain.ports import Notebook
from bot.domain.store import UnitOfWork


class Gate:
    """Keeps back rows that were claimed. What has begun to leave goes on: half a message is worse than one too many."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook

    def keeps(self, uow: UnitOfWork, message: OutboundMessage, now: datetime) -> bool:
        """Put a claimed row aside where it may not leave now, or never; whether that was done."""
        if message.parts_sent:
            return False
        if message.expires_at is not None and now >= message.expires_at:
            uow.outbox.settle(message.id, MessageState.EXPIRED, now)
            self._notebook.event("message_expired", channel=message.to.channel.value)
            return True
        if message.unasked and uow.pauses.stops(message.to):
            uow.outbox.pause(message.id, now)
            self._notebook.event("message_paused", channel=message.to.channel.value)
            return True
        return False
