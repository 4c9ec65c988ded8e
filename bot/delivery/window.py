"""WhatsApp's window: free text goes out only in the 24 hours after the person last wrote.

Outside it only an approved template does. It invites her to answer, and what was to be said waits in the ledger until she
does. Source: channels.md, "WhatsApp 24 h window", read November 2026.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from bot.domain.message import WHATSAPP_OPEN_FOR, ChannelName, MessageState, OutboundMessage, Reply
from bot.domain.ports import Notebook
from bot.domain.store import UnitOfWork

_ANEW: Final[dict[str, Any]] = {"parts_sent": 0, "attempts": 0, "ephemeral": False, "not_before": None}


class ReplyWindow:
    """Decides what has to wait. `invitation` is the reply that the approved template says.

    A simulated phone has no window: no vendor stands between.
    """

    def __init__(self, invitation: Reply, notebook: Notebook, new_id: Callable[[], str] = lambda: uuid.uuid4().hex) -> None:
        self._invitation = invitation
        self._notebook = notebook
        self._new_id = new_id

    def held(self, uow: UnitOfWork, message: OutboundMessage, now: datetime) -> bool:
        """Hold a claimed row whose window is closed; whether that was done."""
        if message.to.channel is not ChannelName.WHATSAPP or message.to.simulated or self._invites(message):
            return False
        if message.reply.template:
            return False  # an approved text goes out at any time
        wrote = uow.people.last_inbound(message.to)
        return (wrote is None or now - wrote >= WHATSAPP_OPEN_FOR) and self.hold(uow, message, now)

    def hold(self, uow: UnitOfWork, message: OutboundMessage, now: datetime) -> bool:
        """Hold a row that the vendor refuses for that reason; False for the invitation, which has nothing to wait for."""
        if self._invites(message):
            return False
        # It stands for what it invites to: it keeps to the same hours, and the two count as one.
        invitation = replace(
            message, id=self._new_id(), reply=self._invitation, created_at=now, state=MessageState.QUEUED, **_ANEW
        )
        uow.outbox.hold(message, invitation, now)
        self._notebook.event("message_held", channel=message.to.channel.value)
        return True

    def reopen(self, uow: UnitOfWork, vendor_id: str, now: datetime) -> bool:
        """Hold a row that was taken first and refused later: she has heard none of it. False where there is none to hold."""
        message = uow.outbox.kept(vendor_id)
        return message is not None and self.hold(uow, replace(message, parts_sent=0), now)

    def _invites(self, message: OutboundMessage) -> bool:
        return message.reply.id == self._invitation.id
