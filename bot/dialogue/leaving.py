"""Reading the words for leaving, being erased and coming back.

They act when they are the whole message, courtesies aside, with a slip or two in long words. Inside a sentence they are
talk ("baja el precio"); what might be one is asked back (design.md, section 5.2).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from rapidfuzz.distance import OSA

from bot.dialogue.words import Phrase, Words, tokens
from bot.domain.folding import plain

_TWO_SLIPS_CHARS: Final = 8
_ONE_SLIP_CHARS: Final = 4
_MOST_SLIPS: Final = 2


class Leaving(StrEnum):
    """What a message asks for; `doubtful` may be an opt-out."""

    OPT_OUT = "opt_out"
    ERASE = "erase"
    OPT_IN = "opt_in"
    DOUBTFUL = "doubtful"


def leaving(text: str, words: Words) -> Leaving | None:
    """What the whole message asks for, if it is about leaving or coming back."""
    said = tokens(text)
    if not said:
        return None
    for meaning in (Leaving.ERASE, Leaving.OPT_IN):
        if words.says(said, meaning.value):
            return meaning
    left = words.without(said, "courtesies")
    if not left or not words.ordinary.isdisjoint(plain(text).split()):
        return None
    if words.says(said, Leaving.OPT_OUT.value):
        return Leaving.OPT_OUT
    joined = "".join(left)
    slips = min((_slips(left, joined, wanted) for wanted in words.phrases["opt_out"]), default=9)
    if slips == 0:
        return Leaving.OPT_OUT
    return Leaving.DOUBTFUL if slips == 1 else None


def _slips(left: Phrase, joined: str, wanted: Phrase) -> int:
    """0: the word, misspelt beyond doubt; 1: it may be; 9: it is not."""
    word = "".join(wanted)
    if joined == word:
        return 1 if len(left) < len(wanted) else 0  # "nomas" is also "just so"
    if len(wanted) > 1 or len(left) > 1 or joined[0] != word[0]:
        return 9
    distance = OSA.distance(joined, word)
    if len(word) >= _TWO_SLIPS_CHARS:
        return 0 if distance <= _MOST_SLIPS else 9
    return 1 if distance == 1 and len(word) >= _ONE_SLIP_CHARS else 9
