"""What somebody says of how often and at which hour something is to come: every day at seven in the evening."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from bot.dialogue.spoken_time import read
from bot.dialogue.words import Phrase, Words, tokens
from bot.domain.study import EARLIEST, LATEST, Every

_MOST_WORDS: Final = 20
_WEEKDAY: Final = "W"


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of which it may not be sure whether it is before or after noon; `outside`: nothing comes at such an hour."""

    at: time
    sure: bool = True
    outside: bool = False

    @property
    def halves(self) -> tuple[time, time]:
        """The hour before noon, and after it."""
        morning = self.at.replace(hour=self.at.hour % 12)
        return morning, morning.replace(hour=morning.hour + 12)


@dataclass(frozen=True, slots=True)
class Wanted:
    """How often, and at which hour, as far as it was said; `weekday` from 0, Monday."""

    every: Every | None = None
    weekday: int | None = None
    hour: Hour | None = None


def allowed(at: time) -> bool:
    """Whether something may come at that hour."""
    return EARLIEST <= at < LATEST


def hour(text: str, words: Words, now: datetime, *, alone: bool = True) -> Hour | None:
    """The hour that is said; `alone`: a bare number is one. `now` is local."""
    when = read(text, words.times, now, expects="hour" if alone else "")
    if when.hour is None:
        return None
    if when.half_said or when.other_hour is None:
        return Hour(when.hour, outside=not allowed(when.hour))
    possible = [at for at in (when.hour, when.other_hour) if allowed(at)]
    if len(possible) == 1:
        return Hour(possible[0])
    return Hour(when.hour, sure=not possible, outside=not possible)


def wanted(text: str, words: Words, now: datetime) -> Wanted:
    """How often, and at which hour."""
    said = tokens(text)
    weekday = _weekday(said, words)
    every = Every.WEEK if weekday is not None or words.mentions(said, "each_week") else None
    if every is None and words.mentions(said, "each_day"):
        every = Every.DAY
    return Wanted(every, weekday, hour(" ".join(_besides(said, words)), words, now, alone=False))


def asks_for_lessons(text: str, words: Words) -> bool:
    """Whether the message says that lessons are to come again and again."""
    said = tokens(text)
    if len(said) > _MOST_WORDS or not words.mentions(said, "lesson_words"):
        return False
    again = words.mentions(said, "each_day") or words.mentions(said, "each_week") or _weekday(said, words) is not None
    return again and not words.mentions(said, "negations")


def _besides(said: Phrase, words: Words) -> Phrase:
    """What is said besides how often and of what: the one of "one lesson" is no hour."""
    left: list[str] = []
    for word in words.without(said, "each_week"):
        if not words.mentions((word,), "lesson_words"):
            left.append(word)
        elif left and words.times.letters(left[-1]) == ("N", [1]):
            left.pop()
    return tuple(left)


def _weekday(said: Phrase, words: Words) -> int | None:
    """The day of "every Monday", "on Mondays"."""
    for at in range(1, len(said)):
        if words.says(said[at - 1 : at], "each"):
            kinds, values = words.times.letters(said[at])
            singular = (kinds, values) if kinds == _WEEKDAY else words.times.letters(said[at].removesuffix("s"))
            if singular[0] == _WEEKDAY:
                return singular[1][0]
    return None
