"""`batea serve` with one thing replaced: SMS go to a stub in the process instead of to Twilio.

The stub takes each rendered call and names a message, as Twilio would. Everything else is what serves real people: the
webhook, the turn, the ledger, claiming and settling. Twilio's own client is left out because it says how fast an HTTP client
is, not Batea; a sender's rate is 1 to 100 messages a second, so that in life many numbers and processes would share that work.
"""

from __future__ import annotations

import itertools
import time
from typing import Final

from bot.channels.registry import CHANNELS
from bot.channels.sms import SmsChannel
from bot.domain.message import Rendered

_NUMBERS: Final = itertools.count(time.time_ns())


class StubbedSms(SmsChannel):
    """SMS whose messages end here."""

    def send(self, rendered: Rendered) -> str:  # noqa: ARG002 - it goes nowhere
        """A message's id."""
        return f"SM{next(_NUMBERS):032x}"


if __name__ == "__main__":
    from bot.cli.app import main

    CHANNELS["sms"] = "bench.server.StubbedSms"
    main()
