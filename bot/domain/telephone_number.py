"""Numbers of Colombia and Peru as people write them, made E.164; which of them take messages.

Source: Colombia's numbering plan since 2021 (mobile 3xx, fixed 60x, ten digits), Peru's (mobile 9xx, nine digits; fixed with
area code, eight digits, in the country with a 0 before it), as libphonenumber has them (read November 2026).
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from bot.domain.person import Country

CODES: Final = {Country.CO: "57", Country.PE: "51"}
_MOBILE: Final = {Country.CO: r"3\d{9}", Country.PE: r"9\d{8}"}
_FIXED: Final = {Country.CO: r"60[1-8]\d{7}", Country.PE: r"0?(?:1\d{7}|[4-8]\d{7})"}
# What Excel and people put between the digits of a number, or around it.
_BETWEEN: Final = re.compile(r"(?<=\d)\.0$|[\s().\-/'\u00a0]")
_EXPONENT: Final = re.compile(r"\d[.,]\d+E\+?\d+", re.IGNORECASE | re.ASCII)


class NumberProblem(StrEnum):
    """Why a number is of no use."""

    MISSING = "no_number"
    WRONG = "wrong_number"
    ROUNDED = "rounded_number"
    ELSEWHERE = "other_country"
    LANDLINE = "landline"


def read_number(typed: str, country: Country | None = None) -> tuple[str, Country] | NumberProblem:
    """A mobile number in E.164 with its country, or what is wrong; without a country code it is of `country`.

    A number that a spreadsheet wrote as 5,73E+11 has lost its digits.
    """
    if not typed.strip() or _EXPONENT.fullmatch(typed.strip()):
        return NumberProblem.ROUNDED if typed.strip() else NumberProblem.MISSING
    bare = _BETWEEN.sub("", typed.strip())
    bare = f"+{bare[2:]}" if bare.startswith("00") else bare
    if not re.fullmatch(r"\+?\d{6,15}", bare, re.ASCII):
        return NumberProblem.WRONG
    for home, code in CODES.items():
        national = bare.removeprefix("+").removeprefix(code)
        written = bare.startswith((f"+{code}", code)) and len(national) < len(bare)
        if written and (found := _kind(national, home)):
            return (f"+{code}{national}", home) if found == "mobile" else NumberProblem.LANDLINE
    if bare.startswith("+"):
        return NumberProblem.WRONG if bare[1:3] in CODES.values() else NumberProblem.ELSEWHERE
    return _national(bare, country)


def _national(bare: str, country: Country | None) -> tuple[str, Country] | NumberProblem:
    homes = [country] if country else [home for home in CODES if _kind(bare, home)]
    kinds = {home: _kind(bare, home) for home in homes}
    if len(homes) == 1 and kinds[homes[0]] == "mobile":
        return f"+{CODES[homes[0]]}{bare}", homes[0]
    return NumberProblem.LANDLINE if "fixed" in kinds.values() else NumberProblem.WRONG


def _kind(national: str, home: Country) -> str:
    if re.fullmatch(_MOBILE[home], national, re.ASCII):
        return "mobile"
    return "fixed" if re.fullmatch(_FIXED[home], national, re.ASCII) else ""
