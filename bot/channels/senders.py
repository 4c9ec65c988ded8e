"""Which of our own numbers speaks to an address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.domain.message import Address

# Source: ITU-T E.164 country codes.
_CALLING_CODES: Final = {"+57": "CO", "+51": "PE"}
_ONE_WAY: Final = frozenset({"PE"})
_BSUID: Final = "bsuid:"


def country_of(address: Address) -> str:
    """The country of a number or a business-scoped user id, '' where Batea does not work."""
    if address.value.startswith(_BSUID):
        return address.value.removeprefix(_BSUID)[:2]
    return _CALLING_CODES.get(address.value[:3], "")


def hears_sms(address: Address) -> bool:
    """Whether an SMS from that number can reach us: in Peru Twilio only sends (channels.md, read November 2026) [?]."""
    return country_of(address) not in _ONE_WAY


def sms_number(numbers: Mapping[str, str], country: str | None) -> str:
    """Our number that an SMS from that country reaches, '' where none does."""
    number = numbers.get(country or "", "") or numbers.get("", "")
    return number if country not in _ONE_WAY and number.startswith("+") else ""


def sender_for(numbers: Mapping[str, str], address: Address) -> str:
    """Our number for that country, else the default one, '' where none is set."""
    return numbers.get(country_of(address), "") or numbers.get("", "")
