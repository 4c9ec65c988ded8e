"""Taking out of a sentence what could tell who wrote it, before it is kept for the staff to learn from."""

from __future__ import annotations

import re
from typing import Final

from bot.domain.home import CODES, country_of

_LINK_OR_MAIL: Final = re.compile(r"\S*(?:@|://|\bwww\.|\bwa\.me\b)\S*", re.IGNORECASE)
_SHOWN: Final = 2
_DIGITS: Final = re.compile(r"\d(?:[\s.,\-()/_]*\d){3,}")


def masked(text: str) -> str:
    """The text without e-mail addresses, accounts and links (`@`) and without runs of four or more digits (`#`).

    Digits with blanks, dots, commas, dashes, slashes or brackets between them are one run. Idempotent.
    """
    return _DIGITS.sub("#", _LINK_OR_MAIL.sub("@", text))


def masked_address(value: str) -> str:
    """An address that only who knows it recognises: the country's prefix and the last two letters or digits."""
    country = country_of(value) if value.startswith("+") else None
    prefix = f"+{CODES[country]}" if country else ""
    return f"{prefix} ••• {value[-_SHOWN:]}".strip()
