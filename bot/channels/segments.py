"""How many SMS a text costs.

Source: 3GPP TS 23.040 (a header of 6 octets once a message is split); cut points as Twilio's message segment calculator
makes them, whose vectors the tests replay (channels.md, read November 2026).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.domain.gsm7 import EXTENSION, fits

GSM_7: Final = "GSM-7"
UCS_2: Final = "UCS-2"
_SINGLE: Final = {GSM_7: 160, UCS_2: 70}
_SPLIT: Final = {GSM_7: 153, UCS_2: 67}
_LAST_BMP: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class Cost:
    """`units` are septets in GSM-7 and UTF-16 units in UCS-2."""

    encoding: str
    segments: int
    units: int


def count(text: str) -> Cost:
    """What a text costs. Neither an escaped character nor a surrogate pair is ever cut in two."""
    encoding = GSM_7 if fits(text) else UCS_2
    widths = [_width(character, encoding) for character in text]
    total = sum(widths)
    if total <= _SINGLE[encoding]:
        return Cost(encoding, 1, total)
    segments, free = 1, _SPLIT[encoding]
    for width in widths:
        if width > free:
            segments, free = segments + 1, _SPLIT[encoding]
        free -= width
    return Cost(encoding, segments, total)


def _width(character: str, encoding: str) -> int:
    if encoding == GSM_7:
        return 2 if character in EXTENSION else 1
    return 2 if ord(character) > _LAST_BMP else 1
