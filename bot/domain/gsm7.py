"""The alphabet of SMS, and how a Spanish text is brought into it.

Source: 3GPP TS 23.038, default alphabet and its extension table (channels.md, read November 2026).
"""

# ruff: noqa: RUF001 - the look-alikes below are what gets replaced

from __future__ import annotations

import re
import unicodedata
from typing import Final

BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION: Final = frozenset("\f^{}\\[~]|€")

_REPLACED: Final = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‘’‚‛′´`", "'"),
        **dict.fromkeys("‹", "<"),
        **dict.fromkeys("›", ">"),
        **dict.fromkeys("‐‑‒–—―−•·▪●◦", "-"),
        **dict.fromkeys("→⇒➔➡", "->"),
        **dict.fromkeys("×✕✖", "x"),
        **dict.fromkeys("÷⁄∕", "/"),
        "≤": "<=",
        "≥": ">=",
        "±": "+/-",
        "\t": " ",
        "\r": "\n",
        "\f": "\n",
        "\u2028": "\n",
        "\u2029": "\n",
    }
)
_BLANKS: Final = re.compile(r"[ \u00a0]{2,}")
_EDGES: Final = re.compile(r" *\n *")
_EMPTY_LINES: Final = re.compile(r"\n{3,}")


def fits(text: str) -> bool:
    """Whether a text can be sent as GSM-7 as it is."""
    return all(character in BASIC or character in EXTENSION for character in text)


def fold(text: str) -> str:
    """A text in GSM-7 letters only: á í ó ú lose their accent, ñ ü é ¿ ¡ stay, what has no like (emoji) is left out.

    Total and idempotent: any text comes out, and the outcome always fits.
    """
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).translate(_REPLACED)
    folded = "".join(_folded(character) for character in composed)
    return _EMPTY_LINES.sub("\n\n", _EDGES.sub("\n", _BLANKS.sub(" ", folded))).strip()


def _folded(character: str) -> str:
    if character in BASIC or character in EXTENSION:
        return character
    parts = unicodedata.normalize("NFKD", character).translate(_REPLACED)
    return "".join(part for part in parts if part in BASIC or part in EXTENSION)


def foreign(text: str) -> tuple[int, str] | None:
    """The first character for which GSM-7 has no like, with its position from 0: it would force UCS-2, `fold` leaves it out.

    Marks that only change the character before them, and what is invisible, are not counted as characters.
    """
    for position, character in enumerate(text):
        if not _folded(character.translate(_REPLACED)) and unicodedata.category(character) not in _MARKS:
            return position, character
    return None


_MARKS: Final = frozenset({"Mn", "Me", "Cf", "Cc"})
