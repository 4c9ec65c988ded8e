"""Words that differ in few letters, found without comparing a word with all of them.

Comparing with some thousands of words takes a quarter of a millisecond, and a message has several unknown ones. A wrong letter
changes at most two of the kinds of letters that a word has, and its length by at most one: that leaves one word in thirty.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

MOST_EDITS: Final = 2
_KINDS: Final = 32


@dataclass(frozen=True, slots=True)
class Near:
    """A word of a shelf, how many letters differ, and its place among the words of its length."""

    word: str
    distance: int
    place: int


class Shelf:
    """Words by length, each once, those of one length in the order given."""

    def __init__(self, words: Iterable[str]) -> None:
        ordered = sorted(filter(None, dict.fromkeys(words)), key=len)
        longest = len(ordered[-1]) if ordered else 0
        lengths = [len(word) for word in ordered]
        self._words = np.array(ordered, dtype=object)
        # The words of n letters stand from _starts[n] up to _starts[n + 1].
        self._starts: list[int] = np.searchsorted(lengths, range(longest + 2)).tolist()
        self._kinds = np.array([_kinds(word) for word in ordered], dtype=np.uint32)
        self._firsts = np.array([_letter(word, 0) for word in ordered], dtype=np.uint32)
        self._seconds = np.array([_letter(word, 1) for word in ordered], dtype=np.uint32)

    def near(self, word: str, edits: int, *, begins_alike: bool = False) -> list[Near]:
        """The words that differ by up to `edits` letters (two at most); two neighbours exchanged count as one.

        `begins_alike`: with two letters wrong the first or the second must be right.
        """
        first, end = self._from(len(word) - edits), self._from(len(word) + edits + 1)
        likely = self._likely(word, first, end, edits, begins_alike=begins_alike)
        others = self._words[likely].tolist()
        found = process.extract(word, others, scorer=OSA.distance, processor=None, score_cutoff=edits, limit=None)
        return [Near(other, int(distance), int(likely[at]) - self._starts[len(other)]) for other, distance, at in found]

    def _likely(self, word: str, first: int, end: int, edits: int, *, begins_alike: bool) -> NDArray[np.int64]:
        differing = np.bitwise_count(self._kinds[first:end] ^ np.uint32(_kinds(word)))
        likely = differing <= 2 * edits
        if begins_alike and edits == MOST_EDITS:
            likely &= (self._firsts[first:end] == _letter(word, 0)) | (self._seconds[first:end] == _letter(word, 1))
            shorter, longer = self._from(len(word) - 1) - first, self._from(len(word) + 2) - first
            likely[shorter:longer] |= differing[shorter:longer] <= MOST_EDITS
        return np.flatnonzero(likely) + first

    def _from(self, length: int) -> int:
        """Where the words of at least that length begin."""
        return self._starts[length] if 0 <= length < len(self._starts) else 0 if length < 0 else len(self._words)


def _letter(word: str, at: int) -> int:
    return ord(word[at]) if at < len(word) else 0


def _kinds(word: str) -> int:
    """A bit for each kind of letter; that some kinds share one lets a word more through, never one too few."""
    found = 0
    for letter in word:
        found |= 1 << ord(letter) % _KINDS
    return found
