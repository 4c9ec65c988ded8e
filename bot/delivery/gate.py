"""The last step before sending. What nobody asked for leaves within its hours and its time, and not too often.

Replies pass without a look at the database.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.delivery.hours import Hours
from bot.domain.message import Address, MessageState, OutboundMessage
from bot.domain.ports import Notebook
from bot.domain.store import UnitOfWork
from bot.domain.unasked import MOST_A_WEEK, Admission, Kept

# Another process lets something out to the same person, which takes hundredths of a second.
SOON: Final = timedelta(seconds=1)
PATIENCE: Final = timedelta(hours=6)
"""After how long what is patient looks again whether her week has room."""


class Gate:
    """Keeps back rows that were claimed. What has begun to leave goes on: half a message is worse than one too many.

    `most` is how many announcements a person gets in seven days, whatever they are about.
    """

    def __init__(self, notebook: Notebook, hours: Hours | None = None, most: int = MOST_A_WEEK) -> None:
        self._notebook = notebook
        self._hours = hours or Hours()
        self._most = most

    def lets_through(self, uow: UnitOfWork, messages: Sequence[OutboundMessage], now: datetime) -> list[OutboundMessage]:
        """Those claimed rows that may leave now; the others are put aside until they may, or for good."""
        unasked = [message.to for message in messages if message.unasked and not message.parts_sent]
        stopped = uow.pauses.stopped(unasked) if unasked else ()
        timely = [message for message in messages if message.parts_sent or not self._keeps(uow, message, now, stopped)]
        counted = [message for message in timely if message.counted and not message.parts_sent]
        admitted = uow.unasked.admit([message.id for message in counted], now, self._most) if counted else {}
        kept = {one.id for one in counted if not self._admits(uow, one, now, admitted[one.id])}
        return [message for message in timely if message.id not in kept]

    def _keeps(self, uow: UnitOfWork, message: OutboundMessage, now: datetime, stopped: Collection[Address]) -> bool:
        """Put a claimed row aside where it may not leave now, or never; whether that was done."""
        if message.expires_at is not None and now >= message.expires_at:
            self._refuse(uow, message, MessageState.EXPIRED, "", now)
        elif message.unasked and message.to in stopped:
            uow.outbox.pause(message.id, now)
            self._notebook.event("message_paused", channel=message.to.channel.value)
        # Whoever dials looks at the hours of calls.
        elif message.timed and not message.rings and (opens := self._hours.lets_out(message, now)) > now:
            self._wait(uow, message, opens, now, Kept.OUT_OF_HOURS)
        else:
            return False
        return True

    def _admits(self, uow: UnitOfWork, message: OutboundMessage, now: datetime, admission: Admission) -> bool:
        """False where her week is full, and then the row waits if it is patient, else is given up."""
        if admission is Admission.BUSY:
            uow.outbox.wait(message.id, now + SOON, now)
        elif admission is Admission.FULL and message.patient and self._most:
            self._wait(uow, message, self._hours.lets_out(message, now + PATIENCE), now, Kept.WEEK_FULL)
        elif admission is Admission.FULL:
            self._refuse(uow, message, MessageState.CANCELLED, Kept.WEEK_FULL, now)
        return admission is Admission.LET

    def _wait(self, uow: UnitOfWork, message: OutboundMessage, until: datetime, now: datetime, why: Kept) -> None:
        if message.expires_at is not None and until >= message.expires_at:
            self._refuse(uow, message, MessageState.EXPIRED, why, now)
        else:
            uow.outbox.wait(message.id, until, now)

    def _refuse(self, uow: UnitOfWork, message: OutboundMessage, state: MessageState, why: str, now: datetime) -> None:
        uow.outbox.settle(message.id, state, now, error_code=why)
        self._notebook.event(f"message_{state.value}", channel=message.to.channel.value, reason=why)
