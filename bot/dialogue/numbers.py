"""Reading a number that was asked for: in figures, or in words in any spelling."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from num2words import num2words

from bot.dialogue.words import Phrase, Words, tokens

MANY: Final = -2
"""More numbers than one."""
IMPOSSIBLE: Final = -1
"""A number that nothing can count: below zero, or broken."""

_MOST_IN_WORDS: Final = 999
_LONGEST_PHRASE: Final = 6
_GROUPED: Final = re.compile(r"(?<=\d)[.,](?=\d{3}\b)")
_BROKEN: Final = re.compile(r"(?:^|\s)-\s?\d|\d[.,]\d|\d\s*/\s*\d")


def read(text: str, words: Words) -> int | None:
    """The one number in a short text; `MANY` or `IMPOSSIBLE`; None where there is none."""
    whole = _GROUPED.sub("", text)
    if _BROKEN.search(whole):
        return IMPOSSIBLE
    said = tokens(whole)
    if words.says(said, "nothing", around=("courtesies", "fillers", "only")):
        return 0
    figures = [int(word) for word in said if word.isdecimal()]
    if figures:
        return figures[0] if len(figures) == 1 else MANY
    found = list(_spans(said))
    return None if not found else found[0] if len(found) == 1 else MANY


def _spans(said: Phrase) -> list[int]:
    """The numbers said in words, the longest first: "cuarenta y siete" is one number."""
    known, found, at = in_words(), [], 0
    while at < len(said):
        longest = min(_LONGEST_PHRASE, len(said) - at)
        length = next((n for n in range(longest, 0, -1) if said[at : at + n] in known), 0)
        alone = length == 1 and said[at] in _ARTICLES and len(said) > 1
        if length and not alone:
            found.append(known[said[at : at + length]])
        at += length or 1
    return found


_ARTICLES: Final = frozenset({"un", "una"})


@lru_cache(maxsize=1)
def in_words() -> dict[Phrase, int]:
    """The numbers to 999 by how they are said, folded word by word."""
    known: dict[Phrase, int] = {}
    for number in range(_MOST_IN_WORDS + 1):
        spelled = tokens(str(num2words(number, lang="es")))
        known[spelled] = number
        if spelled[-1] == "uno":
            known |= {(*spelled[:-1], article): number for article in _ARTICLES}
    for tens in range(30, 100, 10):
        for units in range(1, 10):  # written in one word by many
            joined = tokens(str(num2words(tens, lang="es")))[0].removesuffix("a") + "i"
            known[(joined + tokens(str(num2words(units, lang="es")))[0],)] = tens + units
    return known
