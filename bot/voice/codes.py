"""What is written in codes: numbers of laws, web addresses, keys such as *611#, Roman numerals."""

from __future__ import annotations

import re
from typing import Final

from bot.voice.numerals import Gender, Numerals
from bot.voice.spoken_words import SpokenWords

LAW: Final = re.compile(r"\b0*([1-9]\d{0,4})-((?:19|20)\d{2})(?:-([A-ZÑ]{2,6}))?\b(?!-)")
WEB: Final = re.compile(
    r"\b(?:https?://)?(?:www\.)?((?:[A-Za-z0-9-]+\.)+(?:com|org|net|info|edu|gov|gob|co|pe)\b)(?:/[^\s,;]*[^\s,;.:?!])?/?",
    re.IGNORECASE,
)
STARRED: Final = re.compile(r"(?<!\S)\*(\d{1,6})(?:(#)|\b(?![^\n]*\S\*))|(?<!\S)(\d{1,6})(#)")
ROMAN: Final = re.compile(r"(?:X{0,3})(?:IX|IV|V?I{0,3})")
_VALUES: Final = {"I": 1, "V": 5, "X": 10, "L": 50}


class Codes:
    """Says them with the words of `audio/pronunciation.yml`."""

    def __init__(self, words: SpokenWords, numerals: Numerals) -> None:
        self._words = words
        self._numerals = numerals

    def law(self, match: re.Match[str]) -> str:
        """The number of a decree: "018-2017-EM" is "dieciocho de dos mil diecisiete, e eme"."""
        cardinal = self._numerals.cardinal
        said = f"{cardinal(match[1])} {self._words.numbers.of} {cardinal(match[2])}"
        return f"{said}, {self.spelt(match[3])}" if match[3] else said

    def web(self, match: re.Match[str]) -> str:
        """The name of a site; what comes before and after it nobody can type from hearing."""
        return f" {self._words.numbers.dot} ".join(match[1].split("."))

    def starred(self, match: re.Match[str]) -> str:
        """A code that is typed into a telephone."""
        star = self._words.symbols["*"] if match[1] else ""
        hash_ = self._words.symbols["#"] if match[2] or match[4] else ""
        return ", ".join(filter(None, (star, self._numerals.digits(match[1] or match[3]), hash_)))

    def roman(self, written: str) -> str:
        """A Roman numeral."""
        figures = [_VALUES[letter] for letter in written.upper()]
        total = sum(-value if value < after else value for value, after in zip(figures, [*figures[1:], 0], strict=True))
        return self._numerals.cardinal(str(max(total, 0)), Gender.NONE)

    def spelt(self, word: str) -> str:
        """Letter by letter."""
        return " ".join(self._words.letters.get(letter.upper(), letter) for letter in word)
