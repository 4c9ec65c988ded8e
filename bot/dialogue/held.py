"""What waited in the ledger for somebody to write: WhatsApp takes no free text to whoever has been silent for a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.dialogue.answers import pick
from bot.dialogue.words import Words
from bot.domain.message import ChannelName, Inbound, MessageState
from bot.domain.ports import Library
from bot.domain.store import UnitOfWork

INVITATION: Final = "window.invitation"


class HeldMessages:
    """The messages that wait for whoever wrote, if any; read when it is made. With `whose`, no message of anybody else."""

    def __init__(self, unit: UnitOfWork, inbound: Inbound, whose: str | None = None) -> None:
        self._unit = unit
        self._inbound = inbound
        self._ids: Sequence[str] = ()
        if inbound.sender.channel is ChannelName.WHATSAPP:
            self._ids = unit.outbox.held((inbound.sender, *inbound.aliases), whose)

    def wanted(self, library: Library, words: Words) -> bool:
        """Whether she only said yes to the invitation: then what waits is the whole answer."""
        if not self._ids:
            return False
        offered = library.reply(INVITATION).choices
        button, text = self._inbound.button, self._inbound.text
        return button in {choice.id for choice in offered} or (not button and pick(text, offered, words) is not None)

    def release(self, now: datetime, *, shut: bool = False) -> tuple[str, ...]:
        """Let them go, behind what she is answered now; where she has left, drop them. Gives the ids of those that go."""
        if shut:
            for message_id in self._ids:
                self._unit.outbox.settle(message_id, MessageState.CANCELLED, now)
            return ()
        self._unit.outbox.release(self._ids, now)
        return tuple(self._ids)
