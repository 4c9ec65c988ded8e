"""From a written text to the words that people say: no voice knows by itself that "155" is dialled and "RUCOM" is a word."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

from bot.voice import datafile
from bot.voice.codes import LAW, ROMAN, STARRED, WEB, Codes
from bot.voice.numerals import NUMBER, Gender, Numerals
from bot.voice.spoken_words import FILE, SpokenWords

Match = re.Match[str]
Rule = tuple[re.Pattern[str], Callable[[Match], str]]

_SILENT: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Mc", "Me", "Mn", "Sk", "So"})
"""Unicode categories that nobody says: controls, joiners, combining marks, emoji."""
_TAG: Final = re.compile(r"</?[A-Za-z][^<>]{0,60}>")
_ORDINAL: Final = re.compile(r"(?<!\d)(\d++)\.?([ºª])|\b(\d++)(er|ro|do|to|mo|vo|no|ra|da|ta|ma|va|na)\b")
_DATE: Final = re.compile(r"\b(?:(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})|(\d{4})-(\d{2})-(\d{2}))\b")
_TIME: Final = re.compile(
    r"\b([01]?\d|2[0-3])(?:[:.h]([0-5]\d)(?::[0-5]\d)?)?\s*([ap])\.?\s?m\b\.?|\b([01]?\d|2[0-3]):([0-5]\d)(?:\s*h\b)?",
    re.IGNORECASE,
)
_NOON: Final = re.compile(r"\b12:00\s*m\b\.?")
_HOURS: Final = re.compile(
    r"(?<=\d)\s*[-\u2013]\s*(?=\d{1,2}(?::\d\d)?\s*[ap]\.?\s?m\b)|(?<=:\d\d)\s*[-\u2013]\s*(?=\d{1,2}:\d\d)", re.IGNORECASE
)
_PHONE: Final = re.compile(r"(?<![\w.,])(?:\+ ?|\()?\d[\d ()./-]{4,}\d(?![.,]?\d)")
_RANGE: Final = re.compile(r"(?<=\d)\s*[-\u2013]\s*(?=\d)")
_MINUS: Final = re.compile(r"(?<![\w)\]])[-\u2212](?=\d)")
_WORD_WITH_DIGITS: Final = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_ACRONYM: Final = re.compile(r"\b[^\W\d_a-záéíóúñü](?:[^\W\d_a-záéíóúñü]|&(?=\w))+\b")
_SINGLE: Final = re.compile(r"\b[B-DF-HJ-NP-TV-XZ]\b")
_ONSET: Final = r"(?:[bcdfgpt][lr]|[bcdfghjklmnñpqrstvyz]|ch|qu)"
_VOWELS: Final = "[aeiouáéíóú]{1,2}"
_SAYABLE: Final = re.compile(
    rf"{_ONSET}?{_VOWELS}(?:[nrslmdxz]?{_ONSET}{_VOWELS})+[bcdfgklmnprstxz]?|{_ONSET}?{_VOWELS}[nrslmdxz]?"
)
_TIMES: Final = re.compile(r"(?<=\d) ?x ?(?=\d)")
_COMPARED: Final = re.compile(r"[<>](?=\s*\d)")
_ISOLATED: Final = re.compile(r"(?<!\S)[*#](?![^\s.,;:?!])")
_BREAKS: Final = re.compile(r"[()\[\]{}\u2014\u2013\u2026\u2022|~]+|(?<=\s)-+(?=\s)")
_QUIET: Final = re.compile(r"[^\w\s.,;:?!¿¡'-]|_")
_STOPS: Final = re.compile(r"\s*([.,;:?!])(?:\s*[.,;:?!])*\s*")
_SENTENCE_END: Final = re.compile(r"[.!?\n]")
_CUE_REACH_CHARS: Final = 120
_SPELT_AT_MOST: Final = 6
_SHOUTED_WORDS: Final = 4
_MOBILE: Final = {10: "3", 9: "9"}  # digits and first digit of mobile numbers in Colombia and in Peru
_PHONE_DIGITS: Final = range(7, 16)


class Pronunciation:
    """The rules, with the words of `audio/pronunciation.yml`."""

    def __init__(self, folder: Path) -> None:
        """Raises ContentError where the file breaks a rule."""
        self._words, _ = datafile.load(folder / FILE, SpokenWords)
        self._numerals = Numerals(self._words)
        self._codes = Codes(self._words, self._numerals)
        self._units = {unit: (one, several, Gender(gender)) for unit, (one, several, gender) in self._words.units.items()}

    def of(self, text: str) -> str:
        """The text as it is said: no digit, sign or emoji is left. Total: takes any string; '' where nothing can be said."""
        said = _audible(self._abbreviated(text))
        for pattern, say in self._rules:
            said = pattern.sub(say, said)
        return _punctuated(said)

    def _abbreviated(self, text: str) -> str:
        said = _TAG.sub(" ", _one_line(text))
        for short, long in self._words.abbreviations.items():
            said = said.replace(short, f"{long} ")
        return said

    @cached_property
    def _rules(self) -> tuple[Rule, ...]:
        """In their order: what is more particular comes first, so that a date is not taken for three numbers."""
        words, numerals, codes = self._words, self._numerals, self._codes
        money, fractions, times = _any_of(words.money), _any_of(words.fractions), words.symbols["\u00d7"]
        scaled = rf"(?P<sum>{NUMBER}) (?P<scale>{_any_of(words.scales)})\b(?: {words.numbers.of} {_any_of(words.coins)}\b)?"
        return (
            (re.compile(rf"(?<![\d/])({fractions})(?![\d/])(?= ?([^\W\d_]+))?"), self._fraction),
            (_COMPARED, lambda m: f"{words.symbols[m[0]]} "),
            (WEB, codes.web),
            (STARRED, codes.starred),
            (_DATE, self._date),
            (re.compile(rf"\b({_any_of(words.date_cues)}) (\d{{1,2}})/(\d{{1,2}})\b(?!/)", re.IGNORECASE), self._day_and_month),
            (
                re.compile(rf"\b(\d{{1,2}}) (?:{words.numbers.of} )?({_any_of(words.short_months)})\b\.?(?: (?=\d{{4}}\b))?"),
                self._short_month,
            ),
            (LAW, codes.law),
            (re.compile(rf"\b1 (?={words.numbers.of} {_any_of(words.months)}\b)"), lambda _: f"{words.numbers.first} "),
            (_NOON, lambda _: self._numerals.hour(12, 0, spoken_of_day=True)),
            (_HOURS, lambda _: f" {words.numbers.to} "),
            (_TIME, self._time),
            (re.compile(rf"\b1 (?={_any_of(words.day_parts.values())}\b)"), lambda _: f"{words.numbers.one_feminine} "),
            (re.compile(rf"(?<!\w)(?P<sign>{money}) ?{scaled}"), self._round_money),
            (re.compile(rf"(?<!\w)(?P<sign>{money}) ?(?P<sum>{NUMBER})"), self._money),
            (re.compile(rf"(?P<sum>{NUMBER}) ?(?P<sign>{money})(?!\w)"), self._money),
            (_PHONE, self._telephone),
            (re.compile(rf"(?<![\w.,])(?:{'|'.join(words.telephones.short)})(?![\w%]|[.,]\d)"), self._short_number),
            (_ORDINAL, self._ordinal),
            (_RANGE, lambda _: f" {words.numbers.to} "),
            (_MINUS, lambda _: f"{words.numbers.minus} "),
            (re.compile(rf"({NUMBER}) ?%"), lambda m: f"{numerals.number(m[1])} {words.numbers.percent}"),
            (re.compile(rf"({NUMBER}) ?({_any_of(self._units)})(?![\w/])"), self._quantity),
            (re.compile(rf"(?<=\w)/({_any_of(self._units)})(?!\w)"), lambda m: f" {words.numbers.per} {self._units[m[1]][0]}"),
            (re.compile(rf"\b({_any_of(words.roman_cues)}) ([IVXL]+)\b", re.IGNORECASE), lambda m: f"{m[1]} {codes.roman(m[2])}"),
            (_TIMES, lambda _: f" {times} "),
            (_WORD_WITH_DIGITS, lambda _: " "),
            (re.compile(rf"({NUMBER})(?= (?:[aouy] \d[\d.,]* )?([^\W\d_]+))?"), self._counted),
            (re.compile(rf"\b{_any_of(words.words)}\b", re.IGNORECASE), lambda m: words.words[m[0].lower()]),
            (_ACRONYM, self._acronym),
            (_SINGLE, lambda m: words.letters[m[0]]),
            (_ISOLATED, lambda m: words.symbols[m[0]]),
            (re.compile(_any_of(set(words.symbols) - set("*#<>"))), lambda m: f" {words.symbols[m[0]]} "),
        )

    def _fraction(self, match: Match) -> str:
        masculine, feminine = self._words.fractions[match[1]]
        return feminine if self._gender(match[2] or "") is Gender.FEMININE else masculine

    def _date(self, match: Match) -> str:
        day, month, year = (match[1], match[2], match[3]) if match[1] else (match[6], match[5], match[4])
        if not (1 <= int(day) <= 31 and 1 <= int(month) <= 12):  # noqa: PLR2004 - days and months
            return match[0]
        words, cardinal = self._words.numbers, self._numerals.cardinal
        said = words.first if int(day) == 1 else cardinal(str(int(day)))
        return f"{said} {words.of} {self._words.months[int(month) - 1]} {words.of} {cardinal(year.lstrip('0') or '0')}"

    def _day_and_month(self, match: Match) -> str:
        day, month = int(match[2]), int(match[3])
        if not (1 <= day <= 31 and 1 <= month <= 12):  # noqa: PLR2004 - days and months
            return match[0]
        words = self._words.numbers
        said = words.first if day == 1 else self._numerals.cardinal(str(day))
        return f"{match[1]} {said} {words.of} {self._words.months[month - 1]}"

    def _short_month(self, match: Match) -> str:
        """As in "28 nov 2026" in whole words; the day and the year are said by later rules."""
        of = self._words.numbers.of
        return f"{match[1]} {of} {self._words.short_months[match[2]]}" + (f" {of} " if match[0][-1] == " " else "")

    def _time(self, match: Match) -> str:
        hour, minute = int(match[1] or match[4]), int(match[2] or match[5] or 0)
        half = (match[3] or "").lower()
        if half and hour <= 12:  # noqa: PLR2004 - a clock of twelve hours
            hour = hour % 12 + (12 if half == "p" else 0)
        written = match[1] or match[4]
        sure = bool(half) or hour > 12 or written.startswith("0")  # noqa: PLR2004 - likewise
        said = self._numerals.hour(hour, minute, spoken_of_day=sure)
        return f"{said}." if half and match[0].endswith(".") and not match.string[match.end() :].strip() else said

    def _money(self, match: Match) -> str:
        one, several, hundredth, hundredths = self._words.money[match["sign"]]
        whole, _, rest = _split_sum(match["sum"])
        words = self._words.numbers
        said = self._numerals.number(whole, Gender.MASCULINE)
        joint = f" {words.of} " if said.endswith(("llón", "llones")) else " "
        said += joint + (one if said == "un" else several)
        if not rest.strip("0"):
            return said
        cents = self._numerals.cardinal(rest.ljust(2, "0").lstrip("0"), Gender.MASCULINE)
        cents += f" {hundredth if cents == 'un' else hundredths}"
        return f"{said} {words.with_} {cents}" if whole.strip("0") else cents

    def _round_money(self, match: Match) -> str:
        """As in "$ 2.5 millones": the sum is a number, and the coin comes after its scale."""
        said = f"{self._numerals.number(match['sum'], Gender.MASCULINE)} {match['scale']}"
        joint = f" {self._words.numbers.of} " if match["scale"].endswith(("llón", "llones")) else " "
        return said + joint + self._words.money[match["sign"]][1]

    def _telephone(self, match: Match) -> str:
        written, count = match[0], sum(c.isdigit() for c in match[0])
        first = next(c for c in written if c.isdigit())
        plain = re.fullmatch(NUMBER, written) is not None
        cued = self._cued(match)
        marked = written[0] in "+(0"
        grouped = not plain and not re.fullmatch(r"\d{4}\s*-\s*\d{4}", written)
        mobile = written.isdigit() and _MOBILE.get(count) == first
        if count not in _PHONE_DIGITS or not (marked or cued or mobile or grouped) or "/" in written:
            return written
        groups = [self._numerals.digits(group) for group in re.findall(r"\d+", written)]
        return (f"{self._words.numbers.plus} " if written[0] == "+" else "") + ", ".join(groups)

    def _short_number(self, match: Match) -> str:
        after = re.match(r" ([a-záéíóúñü]+)", match.string[match.end() :])
        counts = after is not None and (after[1] in self._units or self._gender(after[1]) is not Gender.NONE)
        return self._numerals.digits(match[0]) if self._cued(match) and not counts else match[0]

    def _cued(self, match: Match) -> bool:
        """Whether the sentence has said before that one is to call."""
        before = match.string[max(0, match.start() - _CUE_REACH_CHARS) : match.start()]
        sentence = _SENTENCE_END.split(before)[-1].lower()
        return any(word.startswith(tuple(self._words.telephones.cues)) for word in re.findall(r"\w+", sentence))

    def _ordinal(self, match: Match) -> str:
        ending = match[2] or match[4]
        return self._numerals.ordinal(match[1] or match[3], feminine=ending[-1] in "aª", shortened=ending == "er")

    def _quantity(self, match: Match) -> str:
        one, several, gender = self._units[match[2]]
        return f"{self._numerals.number(match[1], gender)} {one if match[1] == '1' else several}"

    def _counted(self, match: Match) -> str:
        return self._numerals.number(match[1], self._gender(match[2] or ""))

    def _gender(self, word: str) -> Gender:
        """The gender of a word that follows a number, as far as lists and its ending tell."""
        nouns = self._words.nouns
        stem = word.removesuffix("s")
        if not word.islower() or word in nouns.neither:
            return Gender.NONE
        if word in nouns.feminine or stem in nouns.feminine:
            return Gender.FEMININE
        if word in nouns.masculine or stem in nouns.masculine:
            return Gender.MASCULINE
        if len(word) > 3 and word.endswith("s"):  # noqa: PLR2004 - shorter ones are articles
            return Gender.FEMININE if word.endswith(("as", "iones", "dades")) else Gender.MASCULINE
        return Gender.NONE

    def _acronym(self, match: Match) -> str:
        known = self._words.acronyms.get(match[0])
        if known is not None:
            return known
        if ROMAN.fullmatch(match[0]) and not _shouted(match.string):
            return self._codes.roman(match[0])
        word = match[0].replace("&", "").lower()
        if _shouted(match.string) or len(word) > _SPELT_AT_MOST or _SAYABLE.fullmatch(word):
            return word
        return self._codes.spelt(word)


@lru_cache(maxsize=1)
def _shouted(text: str) -> bool:
    """Whether somebody wrote with the capitals on, so that they tell no acronym."""
    return len([word for word in re.findall(r"\w\w+", text) if word.isupper()]) >= _SHOUTED_WORDS


def _one_line(text: str) -> str:
    """The lines of a text as sentences of one, its blanks single."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    ended = [line if line[-1] in ".,;:?!" else f"{line}." for line in lines[:-1]]
    return " ".join(ended + lines[-1:])


def _any_of(written: Iterable[str]) -> str:
    """A pattern for any of these strings, the longest first."""
    return "(?:" + "|".join(re.escape(each) for each in sorted(written, key=lambda each: (-len(each), each))) + ")"


def _split_sum(written: str) -> tuple[str, str, str]:
    """A sum of money as its whole, its separator and its hundredths; 20.50 has some, 20.500 has none."""
    cut = re.fullmatch(r"(.+?)([.,])(\d{1,2})", written)
    return (cut[1], cut[2], cut[3]) if cut else (written, "", "")


def _audible(text: str) -> str:
    """A text in one Unicode form without emoji, marks and controls, its digits those of ASCII."""
    whole = unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode("utf-8"))
    kept = (c if c in "°ºª½¼¾" else unicodedata.normalize("NFKC", c) for c in whole)
    return "".join(map(_heard, "".join(kept)))


def _heard(c: str) -> str:
    category = unicodedata.category(c)
    if c.isspace():
        return " "
    if category == "Nd":
        return str(unicodedata.digit(c))
    if c in "°ºª½¼¾":
        return c
    return "" if category in _SILENT or category in {"Nl", "No"} else c


def _punctuated(text: str) -> str:
    """Only letters, blanks and the stops that a voice heeds; of several stops in a row the strongest."""
    bare = _QUIET.sub(" ", _BREAKS.sub(", ", text))

    def one(match: Match) -> str:
        stops = match[0]
        return next((stop for stop in "?!.;:" if stop in stops), ",") + " "

    said = _STOPS.sub(one, " ".join(bare.split())).lstrip(".,;:?! ").rstrip(",;: ")
    return said if any(c.isalpha() for c in said) else ""
