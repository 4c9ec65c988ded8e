"""Asks vendors what became of rows of broadcasts that are in doubt, where a vendor can be asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from bot.domain.errors import ChannelError, SendError
from bot.domain.message import MessageState, OutboundMessage, Rendered
from bot.domain.ports import Channel, Clock, Notebook, Tracing
from bot.domain.store import Store, UnitOfWork

ASKED_AFTER: Final = timedelta(seconds=60)
"""By then whatever was on its way has reached the vendor, or never will: a call takes 15 seconds at most."""
EVERY: Final = timedelta(seconds=5)


class Reconciling:
    """Looks at what is in doubt, a few rows at a time. `calls` gives the vendor calls that say a message.

    What the vendor has is taken for sent; what it has not is queued again; of what cannot be asked nobody will ever know.
    """

    def __init__(
        self,
        store: Store,
        channel: Callable[[str], Channel],
        calls: Callable[[OutboundMessage], Sequence[Rendered]],
        clock: Clock,
        notebook: Notebook,
        after: timedelta = ASKED_AFTER,
        every: timedelta = EVERY,
    ) -> None:
        self._store = store
        self._channel = channel
        self._calls = calls
        self._clock = clock
        self._notebook = notebook
        self._after = after
        self._every = every
        self._next = clock.now()

    def sweep(self) -> int:
        """Ask about the oldest few; returns about how many something was learnt. Raises StorageError."""
        now = self._clock.now()
        if now < self._next:
            return 0
        doubtful = self._store.submit(lambda uow: uow.chunks.unknown(now - self._after)).result()
        self._next = now + (timedelta() if doubtful else self._every)
        return sum(self._asked(message) for message in doubtful)

    def _asked(self, message: OutboundMessage) -> bool:
        channel = self._channel(message.to.channel.value)
        if not isinstance(channel, Tracing):
            self._store.submit(lambda uow: uow.chunks.asked(message.id, self._clock.now())).result()
            return False
        try:
            calls = self._calls(message)
            found = channel.trace(calls[message.parts_sent], message.created_at)
        except SendError as error:
            self._notebook.event("not_reconciled", channel=message.to.channel.value, code=error.code)
            self._next = self._clock.now() + self._every
            return False
        except (ChannelError, IndexError):
            self._store.submit(lambda uow: uow.chunks.asked(message.id, self._clock.now())).result()
            return False
        self._store.submit(lambda uow: self._learnt(uow, message, found, len(calls))).result()
        self._notebook.event("reconciled", channel=message.to.channel.value, count=len(found))
        return True

    def _learnt(self, uow: UnitOfWork, message: OutboundMessage, found: Sequence[str], parts: int) -> None:
        now, sent = self._clock.now(), message.parts_sent + 1
        # One that another row knows as its own is not this one.
        hers = uow.chunks.unheard_of(found)
        if hers:
            uow.outbox.part_sent(message.id, hers[0], sent)
        if hers and sent == parts:
            uow.outbox.settle(message.id, MessageState.SENT, now)
        else:
            uow.chunks.never_left(message, now)
