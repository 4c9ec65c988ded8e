"""Days and hours understood as people say them, in any spelling: the Saturday at nine, the day after tomorrow, 14/12.

Pure: what is said, the words for it (`times` of `content/words.yml`) and the local time go in, a day and an hour come out. Each
word becomes one letter that says what kind of word it is, and the ways of saying a day are patterns over these letters.
`dateparser` was measured for this: of seventeen such phrases it reads three, and gives a day that is past for two.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from bot.dialogue.time_words import TimeWords
from bot.domain.folding import clean

_LAST_MORNING_HOUR: Final = 11
_FIRST_MORNING_HOUR: Final = 6
_NOON: Final = 12
_MOST_HOURS: Final = 23
_MOST_MINUTES: Final = 59
_LATE: Final = 22
_EARLY: Final = 4
_FAR_DAYS: Final = 240
_NEAR_WEEKS: Final = 5
_WEEK: Final = 7
_FORTNIGHT: Final = 15
_WEEK_IDIOM: Final = {8: _WEEK, _FORTNIGHT: 2 * _WEEK}
_CENTURY: Final = 100

_ISO: Final = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_SLASHED: Final = re.compile(r"\b(\d{1,2})\s?[/-]\s?(\d{1,2})(?:\s?[/-]\s?(\d{4}|\d{2}))?\b")
_CLOCK: Final = re.compile(r"\b(\d{1,2})\s?[:.h]\s?(\d{2})\b", re.IGNORECASE)
_DOTTED: Final = re.compile(r"\b([ap])\s?\.\s?m\b\.?", re.IGNORECASE)


class Problem(StrEnum):
    """Why no day or hour can be taken: there is no such day (31 April), it is past, or day and weekday do not fit."""

    NO_SUCH_DAY = "no_such_day"
    PAST = "past"
    MISMATCH = "mismatch"
    NO_SUCH_HOUR = "no_such_hour"


@dataclass(frozen=True, slots=True)
class When:
    """What was said of a time, as far as it was said: all of it is local.

    `other_day` is another day that the words may mean: "tomorrow" said around midnight, Saturday said on a Saturday. Where
    `half_said` is false, nobody said whether it is morning or afternoon: `hour` is then what is usual.
    """

    day: date | None = None
    hour: time | None = None
    half_said: bool = True
    other_day: date | None = None
    problem: Problem | None = None

    @property
    def other_hour(self) -> time | None:
        """Twelve hours earlier or later, where it was not said which."""
        return None if self.hour is None or self.half_said else self.hour.replace(hour=(self.hour.hour + _NOON) % 24)


def read(text: str, words: TimeWords, now: datetime, *, expects: str = "") -> When:
    """What a text says of day and hour; `now` is local. `expects` is `day` or `hour` where a bare number is one."""
    reader = _Reading(words, now, expects)
    return reader.read(text)


def usual(hour: time) -> time:
    """An hour of which nobody said whether it is morning or afternoon, as meetings usually are: six to eleven is morning."""
    if hour.hour == 0 or hour.hour > _NOON:
        return hour
    morning = _FIRST_MORNING_HOUR <= hour.hour <= _LAST_MORNING_HOUR
    return hour if morning or hour.hour == _NOON else hour.replace(hour=hour.hour + _NOON)


class _Reading:
    """One text. What was understood is taken out of the letters, so that nothing is read twice."""

    def __init__(self, words: TimeWords, now: datetime, expects: str) -> None:
        self.words = words
        self.today = now.date()
        self.now = now
        self.expects = expects
        self.kinds = ""
        self.values: list[int] = []

    def read(self, text: str) -> When:
        bare, day, hour = self._figures(_DOTTED.sub(r"\1m", clean(text)))
        self.kinds, self.values = self.words.letters(bare)
        found = day if day and (day.day or day.problem) else self._day()
        if found.problem:
            return found
        at = self._hour(hour)
        if at and at.problem:
            return at
        whole = replace(found, hour=at.hour, half_said=at.half_said) if at else found
        return self._checked(whole)

    def _figures(self, text: str) -> tuple[str, When | None, tuple[int, int] | None]:
        """Dates and clocks that are written in figures, and the text without them."""
        day, hour = None, None
        for pattern, order in ((_ISO, (1, 2, 3)), (_SLASHED, (3, 2, 1))):
            if found := pattern.search(text):
                year, month, number = (found.group(n) for n in order)
                day = self._calendar(int(number), int(month), int(year) if year else None)
                text = f"{text[: found.start()]} {text[found.end() :]}"
        if found := _CLOCK.search(text):
            hour = int(found.group(1)), int(found.group(2))
            text = f"{text[: found.start()]} {text[found.end() :]}"
        return text, day, hour

    def _take(self, pattern: str) -> list[tuple[str, int]] | None:
        """The words that fit a pattern over letters, taken out; None where there are none."""
        found = re.search(pattern, self.kinds)
        if found is None or found.start() == found.end():
            return None
        start, end = found.span()
        taken = list(zip(self.kinds[start:end], self.values[start:end], strict=True))
        self.kinds = f"{self.kinds[:start]}?{self.kinds[end:]}"
        self.values[start:end] = [0]
        return taken

    def _day(self) -> When:  # noqa: PLR0911 - one return a way of saying a day
        if self._take("Y"):
            return When(problem=Problem.PAST)
        if taken := self._take(r"e?ND?MD?N(?![apmu&-])") or self._take(r"e?ND?M"):
            day, *year = _numbers(taken)
            return self._calendar(day, _of(taken, "M"), *year[:1])
        if taken := self._take(r"MeN|MN(?![apmu&-])"):
            return self._calendar(_numbers(taken)[0], _of(taken, "M"))
        if taken := self._take(r"e?Nc") or self._take(r"e?Nx"):
            return self._in_month(_numbers(taken)[0], 1 if taken[-1][0] == "x" else 0)
        if taken := self._take(r"[WOT]EN(?![apmu&-])s?"):
            return self._in_idiom(taken)
        if taken := self._take(r"EN[sS]"):
            count = _numbers(taken)[0]
            days = count * _WEEK if taken[-1][0] == "S" else _WEEK_IDIOM.get(count, count)
            return When(self.today + timedelta(days=days))
        if taken := self._take(r"e?WD?e?n") or self._take(r"nD?e?W"):
            monday = self.today - timedelta(days=self.today.weekday()) + timedelta(days=_WEEK)
            return When(monday + timedelta(days=_of(taken, "W")))
        if self._take("f"):
            return When(self.today.replace(day=monthrange(self.today.year, self.today.month)[1]))
        return self._named() or self._numbered() or When()

    def _named(self) -> When | None:
        """A day by its name: a weekday, with or without its number; today, tomorrow."""
        if taken := self._take(r"WD?e?N(?![apmu&q>-])"):
            return self._weekday_and_number(_of(taken, "W"), _numbers(taken)[0])
        if taken := self._take("A|T|O"):
            days = {"O": 0, "T": 1, "A": 2}[taken[0][0]]
            self._take("W")  # tomorrow Tuesday
            return self._from_now(days)
        if taken := self._take("W"):
            ahead = (_of(taken, "W") - self.today.weekday()) % _WEEK
            day = self.today + timedelta(days=ahead)
            return When(day, other_day=None if ahead else day + timedelta(days=_WEEK))
        return None

    def _numbered(self) -> When | None:
        """The fourteenth."""
        if taken := self._take(r"eN(?![apmu&q>-])"):
            return self._in_month(_numbers(taken)[0])
        if self.expects == "day" and (taken := self._take(r"^N$")):
            return self._in_month(_numbers(taken)[0])
        return None

    def _from_now(self, days: int) -> When:
        """Around midnight nobody knows which day "tomorrow" is: the other one is offered too."""
        day = self.today + timedelta(days=days)
        if self.now.hour >= _LATE and days:
            return When(day, other_day=day + timedelta(days=1))
        if self.now.hour < _EARLY and days:
            return When(day - timedelta(days=1), other_day=day)
        return When(day)

    def _in_idiom(self, taken: list[tuple[str, int]]) -> When:
        """Saturday week: "en ocho" is a week, "en quince" are two."""
        count = _numbers(taken)[0]
        first = {"O": 0, "T": 1}.get(taken[0][0], (taken[0][1] - self.today.weekday()) % _WEEK or _WEEK)
        if taken[0][0] == "W" and (self.today.weekday() == taken[0][1]):
            first = 0
        return When(self.today + timedelta(days=first + _WEEK_IDIOM.get(count, count)))

    def _calendar(self, day: int, month: int, year: int | None = None) -> When:
        """A day of a month, this year or next; one that was lately is past."""
        if year is not None and year < _CENTURY:
            year += self.today.year // _CENTURY * _CENTURY
        try:
            found = date(year or self.today.year, month, day)
            if found < self.today and year is None:
                found = date(self.today.year + 1, month, day)
        except ValueError:
            return When(problem=Problem.NO_SUCH_DAY)
        if found < self.today or (year is None and (found - self.today).days > _FAR_DAYS):
            return When(problem=Problem.PAST)
        named = self._take("e?W")
        return When(problem=Problem.MISMATCH) if named and found.weekday() != _of(named, "W") else When(found)

    def _in_month(self, day: int, ahead: int | None = None) -> When:
        """A day of this month or the next one that has it."""
        for months in range(12) if ahead is None else (ahead,):
            year, month = divmod(self.today.year * 12 + self.today.month - 1 + months, 12)
            if 1 <= day <= monthrange(year, month + 1)[1]:
                found = date(year, month + 1, day)
                if found >= self.today:
                    return When(found)
                if ahead is not None:
                    return When(problem=Problem.PAST)
        return When(problem=Problem.NO_SUCH_DAY)

    def _weekday_and_number(self, weekday: int, number: int) -> When:
        """Saturday the 5th; where no such day is near, it may be an hour; else one of the two is wrong."""
        ahead = (weekday - self.today.weekday()) % _WEEK
        for weeks in range(_NEAR_WEEKS):
            found = self.today + timedelta(days=ahead + weeks * _WEEK)
            if found.day == number:
                return When(found)
        if 1 <= number <= _NOON and not re.search(r"L[Nq]|Na|Np|[mz]", self.kinds) and self.expects != "day":
            self.kinds += "LN"
            self.values += [0, number]
            return self._plain_weekday(weekday)
        return When(problem=Problem.MISMATCH)

    def _plain_weekday(self, weekday: int) -> When:
        ahead = (weekday - self.today.weekday()) % _WEEK
        day = self.today + timedelta(days=ahead)
        return When(day, other_day=None if ahead else day + timedelta(days=_WEEK))

    def _hour(self, written: tuple[int, int] | None) -> When | None:
        half = self._take("[apu]")
        marker = half[0][0] if half else ""
        if written is not None:
            return _hour_of(*written, marker)
        if self._take("m"):
            return When(hour=time(_NOON))
        if self._take("z"):
            return When(hour=time(0))
        for hour, minute in self._clock():
            return _hour_of(hour, minute, marker)
        return None

    def _clock(self) -> Iterator[tuple[int, int]]:
        """Hour and minute, the surest way of saying them first."""
        if taken := self._take(r"[qN]>L?N"):
            before = _QUARTER if taken[0][0] == "q" else taken[0][1]
            yield _earlier(taken[-1][1], before)
        for marked in ("L", ""):
            if taken := self._take(rf"{marked}N-(?:q|N)"):
                yield _earlier(_numbers(taken)[0], _QUARTER if taken[-1][0] == "q" else taken[-1][1])
            if taken := self._take(rf"{marked}N&?(?:h|q)"):
                yield _numbers(taken)[0], _HALF if taken[-1][0] == "h" else _QUARTER
            if taken := self._take(rf"{marked}N&?N"):
                yield _numbers(taken)[0], taken[-1][1]
            if (marked or self.expects == "hour" or "?" in self.kinds) and (taken := self._take(f"{marked}N")):
                yield _numbers(taken)[0], 0

    def _checked(self, found: When) -> When:
        """Today at nine, said in the afternoon, is in the evening; what is past all the same is past."""
        if found.day is None or found.hour is None:
            return found
        here = self.now.replace(tzinfo=None)
        other = found.other_hour
        if datetime.combine(found.day, found.hour) > here:
            sure = other is not None and not found.other_day and datetime.combine(found.day, other) <= here
            return replace(found, half_said=True) if sure else found
        if found.other_day:
            return replace(found, day=found.other_day, other_day=None)
        if other and datetime.combine(found.day, other) > here:
            return replace(found, hour=other, half_said=True)
        return When(problem=Problem.PAST)


_QUARTER: Final = 15
_HALF: Final = 30


def _hour_of(hour: int, minute: int, marker: str) -> When:
    if hour > _MOST_HOURS + 1 or minute > _MOST_MINUTES or (marker and hour == 0 and marker == "p"):
        return When(problem=Problem.NO_SUCH_HOUR)
    at = time(hour % (_MOST_HOURS + 1), minute)
    if marker == "a":
        return When(hour=at.replace(hour=0) if hour == _NOON else at)
    if marker == "p":
        if hour == _NOON:  # twelve at night
            return When(hour=at.replace(hour=0))
        return When(hour=at if hour > _NOON else at.replace(hour=hour + _NOON))
    if marker == "u":
        return When(hour=usual(at))
    sure = hour == 0 or hour > _NOON
    return When(hour=at if sure else usual(at), half_said=sure)


def _earlier(hour: int, minutes: int) -> tuple[int, int]:
    if not 0 < minutes <= _MOST_MINUTES:
        return 99, 0
    return (hour - 1 if hour > 1 else _NOON), 60 - minutes


def _numbers(taken: list[tuple[str, int]]) -> list[int]:
    return [value for kind, value in taken if kind == "N"]


def _of(taken: list[tuple[str, int]], kind: str) -> int:
    return next(value for found, value in taken if found == kind)
