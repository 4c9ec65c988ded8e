"""Which of our own numbers speaks to an address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.domain.home import country_of
from bot.domain.message import Address
from bot.domain.person import Country

_ONE_WAY: Final = frozenset({Country.PE})


def hears_sms(address: Address) -> bool:
    """Whether an SMS from that number can reach us: in Peru Twilio only sends (channels.md, read November 2026) [?]."""
    return country_of(address.value) not in _ONE_WAY


def sms_number(numbers: Mapping[str, str], country: str | None) -> str:
    """Our number that an SMS from that country reaches, '' where none does."""
    number = numbers.get(country or "", "") or numbers.get("", "")
    return number if country not in _ONE_WAY and number.startswith("+") else ""


def sender_for(numbers: Mapping[str, str], address: Address) -> str:
    """Our number for that country, else the default one, '' where none is set."""
    return numbers.get(country_of(address.value) or "", "") or numbers.get("", "")
