"""How a reply is laid out as text: numbered options, and pieces that are not too long."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from bot.domain.message import Choice

# The best places to cut a long text, the best first: between paragraphs, lines, sentences, words.
_CUTS: Final = (re.compile(r"\n\n+"), re.compile(r"\n"), re.compile(r"(?<=[.!?…;:]) +"), re.compile(r" +"))


def numbered(choices: Sequence[Choice], mark: str = "") -> str:
    """One line an option, its key first: `1 Sí`, with a mark `1. Sí`."""
    return "\n".join(f"{choice.key}{mark} {choice.label}" for choice in choices)


def utf16_units(text: str) -> int:
    """The length as Telegram and Twilio count it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, most: int, length: Callable[[str], int] = utf16_units) -> list[str]:
    """Cut a text into pieces of at most `most` by `length`, in sentences where it can be done, in words where not."""
    pieces: list[str] = []
    rest = text.strip()
    while length(rest) > most:
        end = _longest(rest, most, length)
        cut = next((place for pattern in _CUTS if (place := _last_cut(pattern, rest, end))), end)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    if rest or not pieces:
        pieces.append(rest)
    return pieces


def _longest(text: str, most: int, length: Callable[[str], int]) -> int:
    """How many characters from the beginning fit, at least one."""
    low, high = 1, min(len(text), most)
    while low < high:
        middle = (low + high + 1) // 2
        if length(text[:middle]) <= most:
            low = middle
        else:
            high = middle - 1
    return low


def _last_cut(pattern: re.Pattern[str], text: str, end: int) -> int:
    """The last place before `end` where the pattern allows a cut; 0 where there is none in the second half."""
    places = [match.start() for match in pattern.finditer(text, 0, end + 1)]
    return places[-1] if places and places[-1] >= end // 2 else 0
