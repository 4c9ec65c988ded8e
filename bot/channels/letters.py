"""What people write, made fit to be kept."""

from __future__ import annotations

import re
from typing import Final

# SMS and WhatsApp through Twilio end at 1,600 characters, Telegram at 4,096; beyond that reading is cost without sense.
MOST_CHARS: Final = 5_000
# NUL cannot be stored in PostgreSQL, half a surrogate pair cannot be written as UTF-8.
_UNFIT: Final = re.compile("[\x00\ud800-\udfff]")


def legible(text: str) -> str:
    """A text without NUL and broken characters, cut at 5,000 characters. Total."""
    return _UNFIT.sub("", text[:MOST_CHARS]).strip()
