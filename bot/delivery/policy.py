"""What to do with a message that did not leave, by kind of failure. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.errors import AmbiguousSendError, OptedOutError, PassingSendError, SendError
from bot.domain.message import MessageState, OutboundMessage

MOST_ATTEMPTS: Final = 6
FIRST_WAIT_S: Final = 5.0
LONGEST_WAIT_S: Final = 900.0
FIRST_REFUSAL_S: Final = 30.0
KEPT_FOR: Final = timedelta(days=1)
"""How long an answer waits for our own account to be mended."""
EPHEMERAL_KEPT_FOR: Final = timedelta(hours=1)
"""The same for what is to leave no trace, and for codes."""


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
    unknown. What our own set-up keeps from leaving is put off instead, see `put_off`.
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


def put_off(message: OutboundMessage, now: datetime) -> tuple[datetime, datetime]:
    """When a message that our own set-up keeps from leaving is tried again, and when it is too late for it.

    Each pause is as long as the message is old, up to a quarter of an hour: what waits leaves soon after a token is mended.
    """
    age_s = (now - message.created_at).total_seconds()
    pause = timedelta(seconds=min(LONGEST_WAIT_S, max(FIRST_REFUSAL_S, age_s)))
    return now + pause, now + (EPHEMERAL_KEPT_FOR if message.ephemeral else KEPT_FOR)
