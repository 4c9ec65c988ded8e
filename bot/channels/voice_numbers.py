"""Which numbers Batea ever calls: mobile and fixed ones of Colombia and Peru, no premium, shared-cost or satellite ones.

Source: Colombia's numbering plan since 2021 (mobile 3xx, fixed 60x, ten digits), Peru's (mobile 9xx, nine digits; fixed with
the area codes of Lima and the departments, eight digits), as libphonenumber has them (read November 2026).
"""

from __future__ import annotations

import re
from typing import Final

from bot.channels.senders import sender_for
from bot.domain.message import Address
from bot.settings import Settings

_COLOMBIA: Final = r"57(?:3\d{9}|60[1245678]\d{7})"
_PERU: Final = r"51(?:9\d{8}|1\d{7}|(?:4[1-4]|5[1-46]|6[1-7]|7[2-46]|8[2-4])\d{6})"
_CALLABLE: Final = re.compile(rf"\+(?:{_COLOMBIA}|{_PERU})", re.ASCII)


def callable_number(number: str) -> bool:
    """Whether that E.164 number may be called at all."""
    return _CALLABLE.fullmatch(number) is not None


def may_call(settings: Settings, to: Address) -> bool:
    """Whether there may be a call with that number; who is only answered needs no number of ours to be called from."""
    return callable_number(to.value) and (settings.calls == "answer" or bool(sender_for(settings.senders.voice, to)))


def listening_number(settings: Settings, address: Address) -> str | None:
    """Where somebody who writes may ring to be called back, '' for the number that she writes to, None where she cannot."""
    number = sender_for(settings.senders.voice, address)
    if settings.calls != "callback" or not (number or settings.demo):
        return None
    return "" if number in {"", sender_for(settings.senders.sms, address)} else number
