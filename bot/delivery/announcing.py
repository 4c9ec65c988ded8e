"""Where every feature puts what it says unasked: it is planned within hours and the week, or written down as not sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.delivery.call_times import CallHours
from bot.delivery.hours import home_of
from bot.domain.message import MessageState, OutboundMessage
from bot.domain.person import Person
from bot.domain.ports import Notebook
from bot.domain.store import UnitOfWork
from bot.domain.unasked import MOST_A_WEEK, WEEK, Kept, free_from


class Announcements:
    """`bot.domain.unasked.Announcing`. What is planned here is looked at once more before it leaves, by `Gate`."""

    def __init__(self, notebook: Notebook, hours: CallHours | None = None, most: int = MOST_A_WEEK) -> None:
        self._notebook = notebook
        self._hours = hours or CallHours()
        self._most = most

    def leaves(self, uow: UnitOfWork, message: OutboundMessage, person: Person, now: datetime) -> datetime | None:
        """The first moment, from now or `not_before` on, that hours and her week allow; None where there is none."""
        message = replace(message, country=message.country or person.country)
        earliest = self._opens(message, max(now, message.not_before or now))
        if not message.counted:
            return earliest
        taken = uow.unasked.taken(person.id, earliest - WEEK, message.announcement)
        free = free_from(taken, earliest, self._most)
        return self._opens(message, free) if free else None

    def put(self, uow: UnitOfWork, message: OutboundMessage, person: Person, now: datetime) -> OutboundMessage:
        """Queue it for when it may leave; gives it as it was written.

        Outside hours it waits for the next opening. Where her week is full it is `cancelled`, unless it is `patient` and waits
        until there is room; where it would be beyond its time by then it is `expired`. Both stand in the ledger with the reason.
        """
        message = replace(message, country=message.country or person.country)
        wanted = self._opens(message, max(now, message.not_before or now))
        leaves = self.leaves(uow, message, person, now)
        if leaves is None or (leaves > wanted and not message.patient):
            return self._refused(uow, message, person, MessageState.CANCELLED, Kept.WEEK_FULL)
        if message.expires_at is not None and leaves >= message.expires_at:
            why = Kept.WEEK_FULL if leaves > wanted else Kept.OUT_OF_HOURS
            return self._refused(uow, message, person, MessageState.EXPIRED, why)
        planned = replace(message, not_before=leaves)
        uow.outbox.add([planned], person.id)
        return planned

    def _opens(self, message: OutboundMessage, when: datetime) -> datetime:
        if message.rings and message.timed:
            return self._hours.next_allowed(when, message.to.value, message.purpose)
        return self._hours.lets_out(replace(message, country=home_of(message)), when)

    def _refused(
        self, uow: UnitOfWork, message: OutboundMessage, person: Person, state: MessageState, why: Kept
    ) -> OutboundMessage:
        refused = replace(message, state=state)
        uow.unasked.refuse(refused, person.id, state, why)
        self._notebook.event(f"message_{state.value}", channel=message.to.channel.value, reason=why.value)
        return refused
