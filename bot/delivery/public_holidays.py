"""Public holidays of Colombia and Peru, computed by the package `holidays`: most of Colombia's move to a Monday."""

from __future__ import annotations

from datetime import date
from functools import cache

from bot.domain.person import Country


@cache
def public_holidays(country: Country, year: int) -> frozenset[date]:
    """The public holidays of one year."""
    # Only promotional messages ask, so only they pay for it.
    from holidays import country_holidays  # noqa: PLC0415

    return frozenset(country_holidays(country.value, years=year))
