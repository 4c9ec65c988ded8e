"""What is due about meetings is sent: announcements, reminders, changes until they are confirmed, and what came of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.audience import Reached
from bot.domain.meeting import Meeting, Rsvp
from bot.domain.meeting_notice import DAYS_BEFORE, REMINDERS, Kind, Notice, announcement_of
from bot.domain.message import Address, ChannelName, MessageState, OutboundMessage, Purpose, Reply
from bot.domain.ports import Clock, Library
from bot.domain.store import Store, UnitOfWork
from bot.domain.unasked import Announcing
from bot.outreach.meeting_messages import MeetingMessages
from bot.outreach.meetings import meant

MOST_TRIES: Final = 3
"""How often somebody is told of a change before she is one of those to be told in person."""
REPEATED_AFTER: Final = timedelta(hours=1)
SOONEST: Final = timedelta(minutes=10)
ASKED_FOR: Final = timedelta(days=4)
MINUTES_WAIT: Final = timedelta(days=14)
WINDOW: Final = timedelta(hours=24)
"""How long after she wrote WhatsApp takes free text. Source: WhatsApp's 24 h window (channels.md, read November 2026)."""
LATEST: Final = timedelta(hours=14)
"""A reminder waits for a night, not for room in her week: the next one says the same."""
_AT_ONCE: Final = 50
_RIGHT_AWAY: Final = timedelta(seconds=30)
_MORNING_ENDS: Final = timedelta(minutes=15)
_RECEIPTS: Final = frozenset({ChannelName.SMS, ChannelName.WHATSAPP})


@dataclass(frozen=True, slots=True)
class _Telling:
    """One thing that one person is to be told: in which replies, for what, until when it is of use."""

    replies: tuple[Reply, ...]
    purpose: Purpose
    ends: datetime


class MeetingTelling:
    """Works off who is to be told what. `may_call` says whether there are calls to that number."""

    def __init__(
        self,
        store: Store,
        library: Library,
        clock: Clock,
        announcing: Announcing,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
        may_call: Callable[[Address], bool] = lambda _: False,
    ) -> None:
        self._store = store
        self._messages = MeetingMessages(library)
        self._clock = clock
        self._announcing = announcing
        self._new_id = new_id
        self._may_call = may_call

    def sweep(self) -> int:
        """Queue what is due; returns for how many people."""
        now = self._clock.now()

        def work(uow: UnitOfWork) -> int:
            due = uow.meeting_notices.due(now, _AT_ONCE)
            for notice in due:
                self._deal_with(uow, notice, now)
            return len(due)

        return self._store.submit(work).result()

    def _deal_with(self, uow: UnitOfWork, notice: Notice, now: datetime) -> None:
        meeting, reached = uow.meetings.get(notice.meeting_id), uow.reach.one(notice.person_id)
        ways = self._ways(uow, notice, reached) if reached else ()
        to = ways[min(notice.tries, len(ways) - 1)] if ways else None
        telling = self._telling(uow, notice, meeting, reached, to, now) if meeting and reached and to else None
        if telling is None or reached is None or to is None:
            uow.meeting_notices.put_off(notice, None)
            return
        replies = telling.replies
        if notice.kind is Kind.NEWS and meeting and _closed(uow, to, now):
            replies = tuple(self._messages.approved(meeting, reply) for reply in replies)
        messages = [self._message(reply, to, telling, notice, now) for reply in replies]
        leaves = self._announcing.leaves(uow, messages[-1], reached.person, now)
        if notice.kind in REMINDERS and leaves is not None and leaves - now > LATEST:
            uow.meeting_notices.put_off(notice, None)  # so late it would only take the place of the next one
            return
        if leaves is not None and now + _RIGHT_AWAY < leaves < telling.ends:
            # Until then it may be changed, called off or held back.
            uow.meeting_notices.put_off(notice, leaves)
            return
        planned = [self._announcing.put(uow, message, reached.person, now) for message in messages]
        if planned[-1].state is not MessageState.QUEUED:
            uow.meeting_notices.put_off(notice, None)
            return
        again = self._again(notice, telling, len(ways), now) if notice.kind is Kind.NEWS else None
        receipts = to.channel in _RECEIPTS and not to.simulated
        uow.meeting_notices.told(notice, planned[-1].id, now, again_at=again, receipts=receipts)

    def _telling(
        self, uow: UnitOfWork, notice: Notice, meeting: Meeting, reached: Reached, to: Address, now: datetime
    ) -> _Telling | None:
        """What is to be said; None where it is not for her, or not any more."""
        person = reached.person
        if notice.kind is Kind.NEWS:
            return _Telling((self._messages.news(meeting, person),), Purpose.URGENT, meeting.starts_at)
        if meeting.cancelled or not meant(uow, meeting, reached):
            return None
        if notice.kind is Kind.MINUTES:
            return _Telling((self._messages.minutes(meeting, person),), Purpose.SERVICE, now + MINUTES_WAIT)
        answer = uow.meetings.answer(meeting.id, person.id)
        if answer is not None and answer.rsvp is Rsvp.NO:
            return None
        if notice.kind is Kind.CAME:
            replies: tuple[Reply, ...] = (self._messages.came(meeting, person),)
            ends = meeting.starts_at + ASKED_FOR
        elif notice.kind in REMINDERS:
            replies = (self._messages.reminder(meeting, person, now, uow.meetings.last_minuted(meeting)),)
            # Who said that she comes, or may, wished to be reminded: that is none of the few that she gets without asking.
            return _Telling(replies, Purpose.CHOSEN if answer else Purpose.SERVICE, _ends(notice.kind, meeting))
        else:
            replies, ends = self._messages.announcement(meeting, person, to.channel), meeting.starts_at
        return _Telling(replies, Purpose.SERVICE, ends)

    def _ways(self, uow: UnitOfWork, notice: Notice, reached: Reached) -> Sequence[Address]:
        """Where she is told, in order: what is repeated goes another way, and last by telephone."""
        first = reached.told_at(self._may_call)
        if notice.kind is not Kind.NEWS:
            return [first]
        others = uow.reach.ways(notice.person_id)
        calls = [replace(one, channel=ChannelName.CALL) for one in others if one.channel is not ChannelName.TELEGRAM]
        rung = [one for one in calls if one.value.startswith("+") and (one.simulated or self._may_call(one))]
        ways = list(dict.fromkeys([first, *(one for one in others if one.channel != first.channel), *rung]))
        return [*ways[: MOST_TRIES - 1], ways[-1]] if len(ways) > MOST_TRIES else ways

    def _again(self, notice: Notice, telling: _Telling, ways: int, now: datetime) -> datetime | None:
        """When it is repeated if she has not confirmed: sooner where the meeting is near; where there is one way, once."""
        if notice.tries + 1 >= max(ways, 2):
            return None
        again = now + max(SOONEST, min(REPEATED_AFTER, (telling.ends - now) / 4))
        return again if again < telling.ends else None

    def _message(self, reply: Reply, to: Address, telling: _Telling, notice: Notice, now: datetime) -> OutboundMessage:
        return OutboundMessage(
            self._new_id(),
            to,
            reply,
            now,
            purpose=telling.purpose,
            expires_at=telling.ends,
            announcement=announcement_of(notice.meeting_id, notice.kind),
        )


def _closed(uow: UnitOfWork, to: Address, now: datetime) -> bool:
    """Whether WhatsApp takes nothing but approved texts for her now."""
    if to.channel is not ChannelName.WHATSAPP or to.simulated:
        return False
    wrote = uow.people.last_inbound(to)
    return wrote is None or now - wrote >= WINDOW


def _ends(kind: Kind, meeting: Meeting) -> datetime:
    """Until when a reminder says what the next one does not say anyway."""
    before = {Kind.WEEK: DAYS_BEFORE, Kind.DAYS: DAYS_BEFORE / 2}
    return meeting.starts_at - before.get(kind, _MORNING_ENDS)
