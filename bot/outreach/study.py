"""What comes by itself to whoever learns: a lesson at the hour that she chose, and, a week after a module, how it went."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from bot.domain.audience import Reached
from bot.domain.home import ZONES
from bot.domain.message import Address, ChannelName, MessageState, OutboundMessage, Purpose
from bot.domain.pause import EVERYWHERE
from bot.domain.person import Country, Person
from bot.domain.ports import Clock, Library
from bot.domain.store import Store, UnitOfWork
from bot.domain.study import Intention, Turn
from bot.domain.unasked import Announcing
from bot.outreach.lesson_messages import LessonMessages, Sitting

MOST_UNHEARD: Final = 3
"""After so many lessons of which nothing was heard no more of them come: they cost, and nobody may be listening."""
LATE: Final = timedelta(hours=2)
"""What could not leave for so long after its hour waits for the next one."""
BUSY: Final = timedelta(minutes=5)
"""Who has just written is not interrupted."""
_WAIT: Final = timedelta(minutes=10)
_ANSWERED_WITHIN: Final = timedelta(days=5)
_PAUSED_FOR: Final = timedelta(days=1)
_RIGHT_AWAY: Final = timedelta(seconds=30)
_PAID: Final = frozenset({ChannelName.SMS, ChannelName.CALL})


class Studying:
    """Works off what is due.

    `may_call` says whether there are calls to a number; `affordable` whether the month has money left for what is paid by the
    message or the minute.
    """

    def __init__(
        self,
        store: Store,
        library: Library,
        clock: Clock,
        announcing: Announcing,
        may_call: Callable[[Address], bool] = lambda _: False,
        affordable: Callable[[UnitOfWork, datetime], bool] = lambda *_: True,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
    ) -> None:
        self._store = store
        self._messages = LessonMessages(library)
        self._library = library
        self._clock = clock
        self._announcing = announcing
        self._may_call = may_call
        self._affordable = affordable
        self._new_id = new_id

    def sweep(self) -> int:
        """Queue what is due; returns for how many people."""
        now = self._clock.now()

        def work(uow: UnitOfWork) -> int:
            intentions, turns = uow.study.intentions(now), uow.study.turns(now)
            for intention in intentions:
                self._ask(uow, intention, now)
            for turn in turns:
                self._teach(uow, turn, now)
            return len(intentions) + len(turns)

        return self._store.submit(work).result()

    def _ask(self, uow: UnitOfWork, intention: Intention, now: datetime) -> None:
        """How it went: once, within the week's few and the hours of what nobody asked for."""
        reached = uow.reach.one(intention.person_id)
        asked = self._messages.later(reached.person, intention.module_id, intention.option_id) if reached else None
        ends = intention.ends
        if reached is None or asked is None or asked.place is None or now >= ends:
            uow.study.put_off(intention, None)
            return
        to = reached.told_at(self._may_call)
        if _paused(uow, reached):
            uow.study.put_off(intention, now + _PAUSED_FOR)
            return
        message = OutboundMessage(
            self._new_id(),
            to,
            asked.replies[0],
            now,
            purpose=Purpose.SERVICE,
            expires_at=min(ends, now + _ANSWERED_WITHIN),
            announcement=f"practice:{intention.module_id}",
        )
        leaves = self._announcing.leaves(uow, message, reached.person, now)
        if leaves is None or leaves > now + _RIGHT_AWAY:
            # Until then it is asked nothing, and what she chose stays sealed.
            uow.study.put_off(intention, leaves if leaves and leaves < ends else None)
            return
        planned = self._announcing.put(uow, message, reached.person, now)
        uow.study.asked(intention, now)
        if planned.state is MessageState.QUEUED:
            uow.study.prompted(intention.person_id, asked.place, planned.id)

    def _teach(self, uow: UnitOfWork, turn: Turn, now: datetime) -> None:
        reached = uow.reach.one(turn.person_id)
        to = self._way(uow, turn) if reached else None
        if reached is None or to is None:
            uow.study.stop_rhythm(turn.person_id)
            return
        person = reached.person
        following = turn.rhythm.following(now, ZONES[person.country or Country.CO])
        if now - turn.due_at > LATE or _paused(uow, reached) or not self._affords(uow, to, now):
            uow.study.turned(turn, following, turn.sent_at, turn.unheard)
            return
        if person.last_seen_at and now - person.last_seen_at < BUSY:
            uow.study.turned(turn, now + _WAIT, turn.sent_at, turn.unheard)
            return
        heard = turn.sent_at is None or (person.last_seen_at is not None and person.last_seen_at >= turn.sent_at)
        unheard = 0 if heard else turn.unheard + 1
        last = unheard >= MOST_UNHEARD - 1 and not heard
        sitting = self._sitting(uow, turn, person, to.channel, now, last=last)
        if sitting is None:
            uow.study.turned(turn, following, turn.sent_at, turn.unheard)
            return
        self._put(uow, sitting, reached, to, following, now)
        if last or sitting.place is None:
            uow.study.stop_rhythm(turn.person_id)
        else:
            uow.study.turned(turn, following, now, unheard)

    def _sitting(
        self, uow: UnitOfWork, turn: Turn, person: Person, channel: ChannelName, now: datetime, *, last: bool
    ) -> Sitting | None:
        """What comes now: a question that comes back, else the next lesson; None where a question comes another day."""
        for review in uow.study.reviews(person.id, now):
            sitting = self._messages.review(person, review, channel)
            if sitting and not last:
                return sitting
            if sitting is None:
                uow.study.drop_review(person.id, review)
        first = turn.sent_at is None
        progress = uow.people.progress(person.id)
        lesson = self._messages.lesson(person, progress, channel, first=first, last=last)
        if lesson or uow.study.reviews(person.id):
            return lesson
        return self._messages.all_done(person, channel)

    def _put(self, uow: UnitOfWork, sitting: Sitting, reached: Reached, to: Address, ends: datetime, now: datetime) -> None:
        """Queue it. What she does not ask for by then is no longer of use: the next one comes."""
        planned = None
        for reply in sitting.replies:
            message = OutboundMessage(self._new_id(), to, reply, now, purpose=Purpose.CHOSEN, expires_at=ends)
            planned = self._announcing.put(uow, message, reached.person, now)
        if planned and planned.state is MessageState.QUEUED and sitting.place:
            uow.study.prompted(reached.person.id, sitting.place, planned.id)

    def _way(self, uow: UnitOfWork, turn: Turn) -> Address | None:
        """Where she asked for it; None where she has left there. Who has only a telephone is called."""
        ways = uow.reach.ways(turn.person_id)
        wanted = turn.rhythm.channel
        there = next((way for way in ways if way.channel is wanted), None)
        if there is None or wanted is not ChannelName.CALL:
            return there
        return there if there.simulated or self._may_call(there) else None

    def _affords(self, uow: UnitOfWork, to: Address, now: datetime) -> bool:
        return to.channel not in _PAID or to.simulated or self._affordable(uow, now)


def _paused(uow: UnitOfWork, reached: Reached) -> bool:
    """Whether nothing goes to where she lives unasked; looked at again as the last step before it leaves."""
    here = {EVERYWHERE, reached.community.territory if reached.community else EVERYWHERE}
    return any(pause.territory in here for pause in uow.pauses.all())
