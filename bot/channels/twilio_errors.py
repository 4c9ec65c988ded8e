"""What Twilio's error codes mean for a message: whether it will ever leave, and whose fault it is.

Source: https://www.twilio.com/docs/api/errors (channels.md, read November 2026). Codes of products that Batea does not use,
and codes that nobody knows yet, count as passing, so that no message is given up for want of a line here.
"""

# ruff: noqa: SIM905 - a table of numbers reads better than two hundred quoted ones

from __future__ import annotations

from typing import Final

from bot.domain.errors import (
    OptedOutError,
    OutsideWindowError,
    PassingSendError,
    PermanentSendError,
    SenderConfigurationError,
    SendError,
    UnreachableError,
)

OPTED_OUT: Final = frozenset({"21610"})
OUTSIDE_WINDOW: Final = frozenset({"63016"})

# It would fail tomorrow just the same: the number, the recipient's choice or what we wanted to say.
PERMANENT: Final = frozenset(
    """
    13223 13224 13225
    20023 20413
    21201 21202 21204 21211 21214 21216 21217 21220 21401 21421 21451
    21601 21602 21604 21605 21612 21614 21617 21618 21623 21652 21653
    30004 30005 30006 30007 30011 30014 30016 30019 30036
    63003 63005 63006 63013 63014 63021 63024 63026 63031 63032 63033 63034 63036
    """.split()
)

# Of those, what is about the number: nobody has it, or nothing can be written to it.
UNREACHABLE: Final = frozenset("13223 13224 21201 21211 21214 21217 21401 21421 21601 21614 30005 30006 63003 63024".split())

# Later, perhaps: queues, limits, outages, a telephone that is off.
PASSING: Final = frozenset(
    """
    20162 20409 20429 20500 20503
    21611 21619
    30001 30003 30008 30009 30017 30020 30021 30022 30023 30025 30026 30027 30410
    31000 31003 31005 31009 31201 31204 31206 31400 31480 31486
    32001 32008 32012 32013 32016
    63009 63010 63011 63012 63017 63018 63019 63023 63025 63029 63037 63038
    """.split()
)

# Our account, sender, template or address is set up wrongly: every message will fail until somebody mends it.
CONFIGURATION: Final = frozenset(
    """
    10001 10002 10003 10004
    11100 11200 11205 11206 11210 11215 11220 11235 11237
    12100 12200 12300 12400
    13227 13245 13246 13247 13248
    20001 20002 20003 20004 20005 20006 20008 20010 20011 20012 20101 20102 20103 20104 20105 20106 20107
    20151 20152 20153 20154 20155 20156 20157 20159 20160 20403 20404 20422 20423 20426
    21203 21205 21206 21207 21208 21209 21210 21212 21213 21215 21218 21219 21226 21234 21252 21262 21263
    21402 21403 21404 21405 21406 21407 21408 21420 21456 21470 21471 21472 21476 21478 21479
    21501 21502 21603 21606 21607 21608 21609 21613 21615 21616 21620 21621 21622 21624 21626 21627
    21631 21649 21650 21651 21654 21655 21656 21701 21702 21703 21704 21705 21709 21710 21712 21713 21714 21715
    21717 21719 21720 21900 21901 21902 21910
    30002 30010 30012 30013 30015 30018 30024 30028 30029 30030 30031 30032
    32017 32018
    63001 63002 63007 63008 63015 63020 63022 63027 63028 63030 63035 63039 63040 63041
    92001 92002 92003 92004 92005 92006 92007 92008
    """.split()
)

_KINDS: Final[tuple[tuple[frozenset[str], type[SendError]], ...]] = (
    (OPTED_OUT, OptedOutError),
    (OUTSIDE_WINDOW, OutsideWindowError),
    (UNREACHABLE, UnreachableError),
    (PERMANENT, PermanentSendError),
    (PASSING, PassingSendError),
    (CONFIGURATION, SenderConfigurationError),
)


def classify(code: str) -> type[SendError] | None:
    """The kind of failure, None for a code that stands in no table (treat it as passing, and log it)."""
    return next((kind for codes, kind in _KINDS if code in codes), None)
