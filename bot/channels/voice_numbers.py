"""Which numbers calls go to, and which one is rung to be called back."""

from __future__ import annotations

from bot.channels.numbering import callable_number
from bot.channels.senders import sender_for
from bot.domain.message import Address
from bot.settings import Settings


def may_call(settings: Settings, to: Address) -> bool:
    """Whether there may be a call with that number; who is only answered needs no number of ours to be called from."""
    return callable_number(to.value) and (settings.calls == "answer" or bool(sender_for(settings.senders.voice, to)))


def listening_number(settings: Settings, address: Address) -> str | None:
    """Where somebody who writes may ring to be called back, '' for the number that she writes to, None where she cannot."""
    number = sender_for(settings.senders.voice, address)
    if settings.calls != "callback" or not (number or settings.demo):
        return None
    return "" if number in {"", sender_for(settings.senders.sms, address)} else number
