"""The numbering plans of Colombia and Peru, as libphonenumber keeps them: what people write, and whom Batea ever calls.

Only who reads a number pays for the plans (7 MB, a tenth of a second): no turn needs them.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from bot.domain.home import CODES, country_of
from bot.domain.person import Country
from bot.domain.telephone_number import NumberProblem

# What Excel and people put between the digits of a number, or around it.
_BETWEEN: Final = re.compile(r"(?<=\d)\.0$|[\s().\-/'\u00a0]")
_EXPONENT: Final = re.compile(r"\d[.,]\d+E\+?\d+", re.IGNORECASE | re.ASCII)
_NUMBER: Final = re.compile(r"\+?\d{6,15}", re.ASCII)


class _Kind(Enum):
    MOBILE = 1
    FIXED = 2
    OTHER = 3


def read_number(typed: str, country: Country | None = None) -> tuple[str, Country] | NumberProblem:
    """A mobile number in E.164 with its country, or what is wrong; without a country code it is of `country`.

    A number that a spreadsheet wrote as 5,73E+11 has lost its digits. Letters are no digits here, whatever stands on the keys.
    """
    if not typed.strip() or _EXPONENT.fullmatch(typed.strip()):
        return NumberProblem.ROUNDED if typed.strip() else NumberProblem.MISSING
    bare = _BETWEEN.sub("", typed.strip())
    bare = f"+{bare[2:]}" if bare.startswith("00") else bare
    if not _NUMBER.fullmatch(bare):
        return NumberProblem.WRONG
    if bare.startswith("+"):
        found = [_parsed(bare)]
    else:
        # People leave out the + of a whole number; only then is it one without its country.
        found = [_parsed(f"+{bare}")] if country_of(f"+{bare}") else []
        if not any(kind for _, kind in found):
            found = [_parsed(bare, home) for home in ([country] if country else CODES)]
    return _judged(found, bare)


def callable_number(number: str) -> bool:
    """Whether that E.164 number may be called at all: a mobile or fixed one of ours, none that costs more or is short."""
    if country_of(number) is None or not _NUMBER.fullmatch(number):
        return False
    written, kind = _parsed(number)
    return written == number and kind in {_Kind.MOBILE, _Kind.FIXED}


def _judged(found: list[tuple[str, _Kind | None]], bare: str) -> tuple[str, Country] | NumberProblem:
    mobile = [written for written, kind in found if kind is _Kind.MOBILE]
    if len(mobile) == 1 and (home := country_of(mobile[0])):
        return mobile[0], home
    if any(kind is _Kind.FIXED and country_of(written) for written, kind in found):
        return NumberProblem.LANDLINE
    return NumberProblem.ELSEWHERE if bare.startswith("+") and country_of(bare) is None else NumberProblem.WRONG


def _parsed(number: str, home: Country | None = None) -> tuple[str, _Kind | None]:
    """A number in E.164 and what kind it is of; no kind where no such number can exist."""
    import phonenumbers as plans  # noqa: PLC0415 only who reads numbers pays for it

    try:
        read = plans.parse(number, home)
    except plans.NumberParseException:
        return "", None
    if not plans.is_valid_number(read):
        return "", None
    kinds = {plans.PhoneNumberType.MOBILE: _Kind.MOBILE, plans.PhoneNumberType.FIXED_LINE: _Kind.FIXED}
    written = plans.format_number(read, plans.PhoneNumberFormat.E164)
    return written, kinds.get(plans.number_type(read), _Kind.OTHER)
