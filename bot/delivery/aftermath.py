"""What a failure of one message of a broadcast leads to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.delivery.pace import Pace
from bot.delivery.policy import KEPT_FOR, judge
from bot.domain.broadcast import Means
from bot.domain.errors import AmbiguousSendError, OptedOutError, OutsideWindowError, SendError, UnreachableError
from bot.domain.message import MessageState, OutboundMessage
from bot.domain.store import UnitOfWork


class Aftermath:
    """Settles rows of broadcasts that did not leave. `means` says by what anybody may be reached instead.

    What meets the whole sender (an outage, a limit) is no attempt of the message's: the sender is left alone for a while. What
    is in doubt stays so until the vendor was asked: nobody hears a broadcast twice for it. Who cannot be reached there is
    reached otherwise, within a limit.
    """

    def __init__(self, pace: Pace, means: Callable[[], Means]) -> None:
        self._pace = pace
        self._means = means

    def failed(self, uow: UnitOfWork, message: OutboundMessage, error: SendError, now: datetime) -> MessageState | None:
        """Settle a row none of which has left; its new state, or None where it is settled as anything else would be."""
        if not message.broadcast_id or isinstance(error, OptedOutError | OutsideWindowError):
            return None
        sender = uow.chunks.sender_of(message.id)
        until = self._pace.trouble(sender, error, now)
        if until is not None:
            uow.workers.hold_back(self._pace.lane(sender).sender, until, now)
        if isinstance(error, AmbiguousSendError):
            uow.outbox.settle(message.id, MessageState.UNKNOWN, now, error_code=error.code)
            return MessageState.UNKNOWN
        if until is not None:
            uow.outbox.put_off(message.id, now, now, error_code=error.code, expires_at=now + KEPT_FOR)
            return MessageState.QUEUED
        verdict = judge(error, message.attempts, now)
        uow.outbox.settle(message.id, verdict.state, now, error_code=error.code, not_before=verdict.not_before)
        if verdict.state is MessageState.FAILED:
            uow.chunks.reach_otherwise(message.id, now, self._means(), nobody=isinstance(error, UnreachableError))
        return verdict.state

    def undelivered(self, uow: UnitOfWork, vendor_id: str, now: datetime, *, nobody: bool) -> None:
        """The vendor took a message and could not deliver it: if it is a broadcast's, she is reached otherwise."""
        for message_id in uow.chunks.undelivered(vendor_id):
            uow.chunks.reach_otherwise(message_id, now, self._means(), nobody=nobody)
