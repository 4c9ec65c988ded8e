"""The shape of `audio/pronunciation.yml`: every Spanish word that the rules of pronunciation need."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

FILE: Final = "pronunciation.yml"

_STRICT: Final = ConfigDict(extra="forbid", frozen=True, strict=True)

Word = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\d<>&]*$")]
"""What is handed to a voice: never a digit or a sign of markup."""


class NumberWords(BaseModel):
    """Words between and after numbers."""

    model_config = _STRICT

    decimal: Word
    percent: Word
    minus: Word
    plus: Word
    of: Word
    to: Word
    per: Word
    with_: Word = Field(alias="with")
    first: Word
    half_past: Word
    quarter_past: Word
    and_: Word = Field(alias="and")
    one_feminine: Word
    dot: Word


class TelephoneWords(BaseModel):
    """Short numbers, and the beginnings of the words that announce one."""

    model_config = _STRICT

    short: list[Annotated[str, Field(pattern=r"^\d{3,5}$")]]
    cues: list[Word]


class NounWords(BaseModel):
    """Nouns by gender where the ending does not tell it, and words that are no nouns."""

    model_config = _STRICT

    feminine: list[Word]
    masculine: list[Word]
    neither: list[Word]


class SpokenWords(BaseModel):
    """The whole file."""

    model_config = _STRICT

    version: Literal[1]
    units: dict[str, Annotated[list[Word], Field(min_length=3, max_length=3)]]
    money: dict[str, Annotated[list[Word], Field(min_length=4, max_length=4)]]
    scales: list[Word]
    numbers: NumberWords
    fractions: dict[str, Annotated[list[Word], Field(min_length=2, max_length=2)]]
    months: Annotated[list[Word], Field(min_length=12, max_length=12)]
    short_months: dict[Word, Word]
    date_cues: list[Word]
    day_parts: dict[Annotated[str, Field(pattern=r"^(1?\d|2[0-3])$")], Word]
    telephones: TelephoneWords
    nouns: NounWords
    roman_cues: list[Word]
    acronyms: dict[str, Word]
    abbreviations: dict[str, Word]
    words: dict[str, Word]
    symbols: dict[Annotated[str, Field(min_length=1, max_length=1)], Word]
    letters: dict[Annotated[str, Field(min_length=1, max_length=1)], Word]

    @property
    def coins(self) -> set[str]:
        """Every coin, one and several."""
        return {coin for coins in self.money.values() for coin in coins[:2]}

    @model_validator(mode="after")
    def _hours_begin_the_day(self) -> SpokenWords:
        if "0" not in self.day_parts:
            raise ValueError("day_parts must say what the hour 0 belongs to")
        return self
