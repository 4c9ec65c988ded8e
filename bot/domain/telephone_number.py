"""What may be wrong with a number as people write it. Who reads them is `bot.channels.numbering`."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from bot.domain.person import Country


class NumberProblem(StrEnum):
    """Why a number is of no use."""

    MISSING = "no_number"
    WRONG = "wrong_number"
    ROUNDED = "rounded_number"
    ELSEWHERE = "other_country"
    LANDLINE = "landline"


NumberReader = Callable[[str, Country | None], tuple[str, Country] | NumberProblem]
"""Makes of what somebody wrote a mobile number in E.164 with its country; without a country code it is of the one given."""
