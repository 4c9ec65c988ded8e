"""Where somebody stands, for those who show it: the terminal and the simulator."""

from __future__ import annotations

from datetime import datetime

from bot.dialogue.scene import public
from bot.dialogue.telephone import asked
from bot.domain.conversation import State
from bot.domain.message import Address, InboundKind
from bot.domain.store import UnitOfWork


def whereabouts(uow: UnitOfWork, address: Address, now: datetime) -> str:
    """The public form of the place of whoever writes from an address; she is met by that."""
    person, state = uow.people.meet(address, now)
    question = asked(uow.people.line(address), person, InboundKind.TEXT, now)
    return public(State(place=str(question)) if question else state)
