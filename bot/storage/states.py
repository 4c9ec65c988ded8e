"""Sets of states as a statement's own words: a list of values would be compiled anew each time, and find no partial index."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import literal_column

from bot.domain.message import MessageState


def _written_out(*states: MessageState) -> tuple[Any, ...]:
    return tuple(literal_column(f"'{state.value}'") for state in states)


HAS_LEFT: Final = _written_out(MessageState.SENT, MessageState.DELIVERED, MessageState.READ, MessageState.UNKNOWN)
"""The states of what has, or may have, reached somebody."""
NEVER_LEFT: Final = _written_out(MessageState.FAILED, MessageState.CANCELLED, MessageState.EXPIRED)
"""The states of what has reached nobody, and will not."""
LOST: Final = _written_out(MessageState.FAILED, MessageState.UNKNOWN)
"""The states of what did not arrive, or of which nobody knows."""
UNDER_WAY: Final = _written_out(MessageState.QUEUED, MessageState.SENDING)
"""The states of what may not be forgotten yet."""
