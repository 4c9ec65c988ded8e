"""Where somebody is at home, as far as her address tells it: the country, its calling code and its time.

Only prefixes are read here, on each turn; whether a number can exist is asked of `bot.channels.numbering`.
Source: calling codes, ITU-T E.164; zones, IANA time zone database (neither country has changed its clocks since the 1990s).
"""

from __future__ import annotations

from typing import Final

from bot.domain.person import Country

CODES: Final = {Country.CO: "57", Country.PE: "51"}
ZONES: Final = {Country.CO: "America/Bogota", Country.PE: "America/Lima"}
BSUID: Final = "bsuid:"
"""What WhatsApp's business-scoped user ids begin with here; after it stands the country."""

_BY_PREFIX: Final = {
    **{f"+{code}": country for country, code in CODES.items()},
    **{f"{BSUID}{country}": country for country in Country},
}


def country_of(value: str) -> Country | None:
    """The country of an E.164 number or a business-scoped user id; None where Batea does not work, and for a chat."""
    return _BY_PREFIX.get(value[:3]) or _BY_PREFIX.get(value[: len(BSUID) + 2])
