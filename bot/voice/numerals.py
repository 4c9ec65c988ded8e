"""Numbers as Spanish words: cardinals that agree with what they count, decimals, ordinals, digits one by one, hours."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from num2words import num2words

from bot.voice.spoken_words import SpokenWords

NUMBER: Final = r"(?<!\d)(?:[1-9]\d{0,2}(?:[ .,\u00a0\u202f]\d{3})+(?!\d)(?:[.,]\d{1,2}(?![.,]?\d))?|\d++(?:[.,]\d++)?)"
"""A number as people write it: a separator before exactly three digits groups thousands, any other begins decimals."""

_GROUPED: Final = re.compile(r"([1-9]\d{0,2}(?:[ .,\u00a0\u202f]\d{3})+)(?:[.,](\d{1,2}))?")
_DECIMAL: Final = re.compile(r"(\d+)[.,](\d+)")
_LONGEST_CARDINAL: Final = 12
_LAST_ORDINAL: Final = 10
_SHORTENED: Final = {"veintiuno": "veintiún", "uno": "un"}
_ONE: Final = re.compile(r"\b(veintiuno|uno)$")
_ONE_THOUSAND: Final = re.compile(r"\b(veintiuno|uno)(?= mil)")
_HUNDREDS: Final = re.compile(r"(cient|quinient)os\b")
_DAY_H: Final = 24
_HALF_DAY_H: Final = 12


class Gender(Enum):
    """What a number agrees with; NONE counts nothing: "uno, dos"."""

    NONE = ""
    MASCULINE = "m"
    FEMININE = "f"


class Numerals:
    """Says numbers with the words of `audio/pronunciation.yml`. Every method takes ASCII digits and is total over them."""

    def __init__(self, words: SpokenWords) -> None:
        self._words = words.numbers
        self._day_parts = sorted((int(hour), part) for hour, part in words.day_parts.items())

    def digits(self, text: str) -> str:
        """Each digit by itself: "155" is "uno, cinco, cinco". Anything that is no digit is left out."""
        return ", ".join(self._cardinal(int(digit)) for digit in text if digit.isdecimal())

    def number(self, text: str, gender: Gender = Gender.NONE) -> str:
        """A number in the form of NUMBER."""
        grouped = _GROUPED.fullmatch(text)
        if grouped:
            whole, rest = re.sub(r"\D", "", grouped[1]), grouped[2] or ""
        else:
            decimal = _DECIMAL.fullmatch(text)
            whole, rest = (decimal[1], decimal[2]) if decimal else (re.sub(r"\D", "", text), "")
        if not rest.strip("0"):
            return self.cardinal(whole, gender)
        return f"{self.cardinal(whole)} {self._words.decimal} {self._decimals(rest)}"

    def cardinal(self, whole: str, gender: Gender = Gender.NONE) -> str:
        """Digits as one number; with a leading zero, or too long for anybody to follow, digit by digit."""
        if not whole or len(whole) > _LONGEST_CARDINAL or (len(whole) > 1 and whole[0] == "0"):
            return self.digits(whole)
        said = self._cardinal(int(whole))
        if gender is Gender.MASCULINE:
            return _ONE.sub(lambda one: _SHORTENED[one[1]], said)
        if gender is Gender.FEMININE:
            said = _HUNDREDS.sub(r"\1as", said)
            return _ONE.sub(lambda one: one[1][:-3] + self._words.one_feminine, said)
        return said

    def ordinal(self, whole: str, *, feminine: bool, shortened: bool) -> str:
        """One of a series, as in "primero", "tercera", "primer"; beyond the tenth people say the plain number."""
        if not whole or len(whole) > 2 or not 1 <= int(whole) <= _LAST_ORDINAL:  # noqa: PLR2004 - two digits hold the tenth
            return self.cardinal(whole)
        said = str(num2words(int(whole), lang="es", to="ordinal"))
        if feminine:
            return said[:-1] + "a"
        return said[:-1] if shortened and said.endswith("ero") else said

    def hour(self, hour: int, minute: int, *, spoken_of_day: bool) -> str:
        """An hour, 0 to 23, as in "tres y media de la tarde"; the part of the day is said where `spoken_of_day`."""
        twelve = hour % _HALF_DAY_H or _HALF_DAY_H
        said = self.cardinal(str(twelve), Gender.FEMININE)
        if minute:
            quarters = {15: self._words.quarter_past, 30: self._words.half_past}
            said = f"{said} {quarters.get(minute, f'{self._words.and_} {self._cardinal(minute)}')}"
        return f"{said} {self.day_part(hour)}" if spoken_of_day else said

    def day_part(self, hour: int) -> str:
        """The part of the day that an hour, 0 to 23, belongs to."""
        return next(part for begins, part in reversed(self._day_parts) if begins <= hour % _DAY_H)

    def _decimals(self, rest: str) -> str:
        zeros = len(rest) - len(rest.lstrip("0"))
        said = [self._cardinal(0)] * zeros
        kept = rest[zeros:]
        # "noventa y cinco", but "uno, dos, tres".
        said.append(self.cardinal(kept) if len(kept) <= 2 else self.digits(kept))  # noqa: PLR2004
        return " ".join(said)

    @staticmethod
    def _cardinal(value: int) -> str:
        return _ONE_THOUSAND.sub(lambda one: _SHORTENED[one[1]], str(num2words(value, lang="es")))
