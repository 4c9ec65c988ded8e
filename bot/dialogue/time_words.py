"""The words for days and hours (`times` of `content/words.yml`): each becomes one letter that says what kind of word it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rapidfuzz.distance import OSA

from bot.dialogue.numbers import in_words
from bot.dialogue.words import tokens
from bot.domain.errors import ContentError

_KINDS: Final = {
    "first": "N", "today": "O", "tomorrow": "T", "day_after": "A", "past": "Y", "morning": "a", "afternoon": "p", "noon": "m",
    "daylight": "u", "midnight": "z", "half": "h", "quarter": "q", "and": "&", "minus": "-", "before": ">", "at": "L", "the": "e",
    "of": "D", "this_month": "c", "next_month": "x", "in": "E", "days": "s", "weeks": "S", "next_week": "n", "month_end": "f",
    "sharp": ".",
}  # fmt: skip
_LONGEST_NUMBER: Final = 3
_LONG_WORD: Final = 5
_HIGHEST: Final = 59


class TimeWords:
    """The words for days and hours, folded."""

    def __init__(self, phrases: Mapping[tuple[str, ...], tuple[str, int]]) -> None:
        self._phrases = phrases
        self._longest = max(map(len, phrases), default=0)
        numbers = {phrase: ("N", number) for phrase, number in in_words().items() if number <= _HIGHEST}
        single = {**numbers, **phrases}
        self._single = {phrase[0]: meant for phrase, meant in single.items() if len(phrase) == 1 and len(phrase[0]) >= _LONG_WORD}

    @classmethod
    def from_mapping(cls, data: Any) -> TimeWords:
        """Read `times` of `content/words.yml`. Raises ContentError for a missing key."""
        found: dict[tuple[str, ...], tuple[str, int]] = {}
        try:
            for name, kind in _KINDS.items():
                found |= {tokens(text): (kind, 1 if name == "first" else 0) for text in data[name]}
            for name, kind in (("weekdays", "W"), ("months", "M")):
                found |= {tokens(text): (kind, int(n)) for n, texts in data[name].items() for text in texts}
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ContentError("words.yml", 0, f"`times` lacks {error}: list the words for days and hours") from error
        return cls(found)

    def letters(self, text: str) -> tuple[str, list[int]]:
        """One letter a word or phrase, and its number; `?` for what is no word for times."""
        said, kinds, values, at = tokens(text), "", [], 0
        while at < len(said):
            length, kind, value = self._at(said, at)
            if kind != ".":
                kinds += kind
                values.append(value)
            at += length
        return kinds, values

    def _at(self, said: tuple[str, ...], at: int) -> tuple[int, str, int]:
        if said[at].isdecimal():
            # A long row of figures, such as a PIN that came too early, is no time.
            return (1, "N", int(said[at])) if len(said[at]) <= _LONG_WORD else (1, "?", 0)
        for length in range(min(self._longest, len(said) - at), 0, -1):
            if known := self._phrases.get(said[at : at + length]):
                return length, *known
        numbers = in_words()
        for length in range(min(_LONGEST_NUMBER, len(said) - at), 0, -1):
            number = numbers.get(said[at : at + length])
            if number is not None:
                return length, "N", number
        return 1, *(self._slipped(said[at]) or ("?", 0))

    def _slipped(self, word: str) -> tuple[str, int] | None:
        """What this word is with a slip of one letter; None where it is nothing, or may be two things."""
        if len(word) < _LONG_WORD - 1:
            return None
        meant = {kind for other, kind in self._single.items() if OSA.distance(word, other, score_cutoff=1) <= 1}
        return meant.pop() if len(meant) == 1 else None
