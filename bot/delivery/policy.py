"""What to do with a message that did not leave, by kind of failure. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.errors import AmbiguousSendError, OptedOutError, PassingSendError, SendError
from bot.domain.message import MessageState

MOST_ATTEMPTS: Final = 6
FIRST_WAIT_S: Final = 5.0
LONGEST_WAIT_S: Final = 900.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The new state of a row; `not_before` says when a row that is queued again may leave."""

    state: MessageState
    not_before: datetime | None = None
    opts_out: bool = False


def judge(error: SendError, attempts: int, now: datetime) -> Verdict:
    """Decide after the `attempts`-th attempt (from 1).

    A passing failure is tried again, each time twice as late. A reply that may or may not have left is sent once more:
    hearing an answer twice is better than not at all (channels.md, "Sending is not idempotent"); after that it stays
    unknown.
    """
    if isinstance(error, OptedOutError):
        return Verdict(MessageState.FAILED, opts_out=True)
    if isinstance(error, AmbiguousSendError):
        return (
            Verdict(MessageState.QUEUED, now + timedelta(seconds=FIRST_WAIT_S))
            if attempts <= 1
            else Verdict(MessageState.UNKNOWN)
        )
    if isinstance(error, PassingSendError) and attempts < MOST_ATTEMPTS:
        wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** (attempts - 1))
        return Verdict(MessageState.QUEUED, now + timedelta(seconds=max(wait_s, error.retry_after_s or 0.0)))
    return Verdict(MessageState.FAILED)
