"""Poll rounds: opened to an audience, asked with at most two reminders, and closed when their time is up."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.asking import keys, offered
from bot.domain.audience import Audience, Reached, parse, resolve
from bot.domain.errors import UsageError
from bot.domain.message import Address, ChannelName, MessageState, OutboundMessage, Purpose
from bot.domain.poll import Invitation, Poll, PollRound, RoundRecord
from bot.domain.ports import Clock, Library
from bot.domain.results import RoundTally
from bot.domain.store import Store, UnitOfWork
from bot.domain.unasked import Announcing

DAYS: Final = 10
MOST_DAYS: Final = 60
REMINDERS: Final = 2
# Between two messages about polls; how many of all kinds there are in a week is counted in `bot.domain.unasked`.
APART: Final = timedelta(hours=60)
# Nobody is reminded of what ends within hours.
LAST_CALL: Final = timedelta(hours=6)
_A_DAY: Final = timedelta(days=1)
_AT_ONCE: Final = 50

# These channels tell when a message has arrived; of a simulated phone nobody tells.
_RECEIPTS: Final = frozenset({ChannelName.SMS, ChannelName.WHATSAPP})


@dataclass(frozen=True, slots=True)
class Asking:
    """How a round is to be asked: `days` until it closes; `population` where staff know how many people there are."""

    days: int = DAYS
    population: int | None = None
    panel: bool = False


class PollRounds:
    """Opens, asks, reminds and closes.

    `announcing` takes what is said unasked; `destroy_key` is called for a round
    once its counts are on disk; `may_call` says whether there are calls to that number.
    """

    def __init__(
        self,
        store: Store,
        library: Library,
        clock: Clock,
        announcing: Announcing,
        destroy_key: Callable[[str], None],
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
        may_call: Callable[[Address], bool] = lambda _: False,
    ) -> None:
        self._may_call = may_call
        self._store = store
        self._library = library
        self._clock = clock
        self._announcing = announcing
        self._destroy_key = destroy_key
        self._new_id = new_id

    def quote(self, uow: UnitOfWork, poll_id: str, expression: str) -> int:
        """How many people would be asked. Raises UsageError where there is no such poll or nobody of that name."""
        poll, audience = self._poll(uow, poll_id), _read(uow, expression)
        return sum(_asks(poll, audience, one) for one in uow.reach.enrolled())

    def open(
        self,
        poll_id: str,
        expression: str,
        asking: Asking | None = None,
        also: Callable[[UnitOfWork, str], None] = lambda _uow, _round_id: None,
    ) -> RoundRecord:
        """Open a round now: number 0, the baseline, or a follow-up of the same version. Raises UsageError.

        `also` is done with its id in the same transaction.
        """
        asking, now = asking or Asking(), self._clock.now()
        if not 1 <= asking.days <= MOST_DAYS:
            raise UsageError(f"a round lasts 1 to {MOST_DAYS} days")

        def work(uow: UnitOfWork) -> RoundRecord:
            opened = self.open_within(uow, poll_id, expression, asking, now)
            also(uow, opened.round.id)
            return opened

        return self._store.submit(work).result()

    def open_within(self, uow: UnitOfWork, poll_id: str, expression: str, asking: Asking, now: datetime) -> RoundRecord:
        """The same in a transaction that there is. Raises UsageError."""
        poll = self._poll(uow, poll_id)
        if asking.panel and poll.sensitive:
            raise UsageError(f"{poll_id} is sensitive: nobody's answers to it may be compared from round to round")
        audience = _read(uow, expression)
        people = [one for one in uow.reach.enrolled() if _asks(poll, audience, one)]
        if asking.population is not None and asking.population < max(1, len(people)):
            raise UsageError(f"a population of {asking.population} is less than the {len(people)} people asked")
        self._alone(uow, poll, people, now)
        number = len(uow.polls.rounds(poll_id))
        closes_at = now + timedelta(days=asking.days)
        rest = (str(audience), number, asking.population, asking.panel)
        opened = PollRound(f"{poll_id}-{number}", poll_id, now, closes_at, (), *rest)
        uow.polls.put_round(opened, poll)
        uow.polls.invite(opened.id, [one.person.id for one in people], now)
        return RoundRecord(opened, poll, None, len(people), 0)

    def close(self, round_id: str, also: Callable[[UnitOfWork, str], None] = lambda _uow, _round_id: None) -> RoundTally:
        """Close a round before its time, or once more. Raises UsageError where there is none. `also` is done with its id."""
        now = self._clock.now()

        def work(uow: UnitOfWork) -> RoundTally:
            if uow.polls.get(round_id) is None:
                raise UsageError(f"there is no round {round_id!r}: see `batea poll list`")
            uow.polls.close_round(round_id, now)
            also(uow, round_id)
            return uow.polls.tally(round_id)

        tally = self._store.submit(work).result()
        self._destroy_key(round_id)
        return tally

    def sweep(self) -> int:
        """Close what is over, and queue invitations and reminders that are due; returns for how many people."""
        now = self._clock.now()

        def over(uow: UnitOfWork) -> Sequence[str]:
            closing = uow.polls.to_close(now)
            for round_id in closing:
                uow.polls.close_round(round_id, now)
            return closing

        for round_id in self._store.submit(over).result():
            self._destroy_key(round_id)
        return self._store.submit(lambda uow: self._ask(uow, now)).result()

    def _ask(self, uow: UnitOfWork, now: datetime) -> int:
        due = uow.polls.due(now, _AT_ONCE)
        polls: dict[str, Poll | None] = {}
        running = {one.poll_id: one for one in uow.polls.running(now)} if due else {}
        for invitation in due:
            poll_id = invitation.round.poll_id
            if poll_id not in polls:
                polls[poll_id] = self._library.poll(poll_id) or uow.composed.get(poll_id)
            poll, reached = polls[poll_id], uow.reach.one(invitation.person_id)
            follows = poll is not None and poll.when is not None and poll.when.poll_id in running
            if poll is None or reached is None or follows or not _asks(poll, parse(invitation.round.audience), reached):
                uow.polls.put_off(invitation.round.id, invitation.person_id, None)
            else:
                self._tell(uow, poll, invitation, reached, now)
        return len(due)

    def _tell(self, uow: UnitOfWork, poll: Poll, invitation: Invitation, reached: Reached, now: datetime) -> None:
        asked, person_id = invitation.round, invitation.person_id
        last = uow.polls.told_last(person_id)
        if last is not None and now - last < APART:
            uow.polls.put_off(asked.id, person_id, last + APART)
            return
        message, too_late = self._message(poll, invitation, reached, now), asked.closes_at - LAST_CALL
        leaves = self._announcing.leaves(uow, message, reached.person, now)
        if leaves is not None and now + _A_DAY < leaves < too_late:
            # Her week is full. Until there is room she may have answered by herself.
            uow.polls.put_off(asked.id, person_id, leaves)
            return
        if leaves is None or leaves > too_late:
            message = replace(message, expires_at=too_late)
        planned = self._announcing.put(uow, message, reached.person, now)
        if planned.state is not MessageState.QUEUED or leaves is None:
            uow.polls.put_off(asked.id, person_id, None)
            return
        following = leaves + max(APART, (asked.closes_at - asked.opens_at) / (REMINDERS + 1))
        again = invitation.sent < REMINDERS and following < asked.closes_at - LAST_CALL
        receipts = message.to.channel in _RECEIPTS and not message.to.simulated
        uow.polls.told(asked.id, person_id, message.id, following if again else None, told_at=leaves, receipts=receipts)

    def _message(self, poll: Poll, invitation: Invitation, reached: Reached, now: datetime) -> OutboundMessage:
        """The question itself, so that one key answers it."""
        sentence = "poll.reminder" if invitation.sent else "poll.invitation"
        choices = offered(poll, invitation.round)
        country = reached.person.country
        reply = self._library.reply(sentence, country, slow=reached.person.slow, choices=choices, question=poll.wording.text)
        reply = replace(reply, keys=keys(poll))
        return OutboundMessage(
            self._new_id(),
            reached.told_at(self._may_call),
            reply,
            now,
            purpose=Purpose.SERVICE,
            expires_at=invitation.round.closes_at,
            patient=True,
        )

    def _poll(self, uow: UnitOfWork, poll_id: str) -> Poll:
        poll = self._library.poll(poll_id) or uow.composed.get(poll_id)
        if poll is None or not poll.enabled:
            raise UsageError(f"there is no poll {poll_id!r} that may be asked: see `batea poll list`")
        return poll

    def _alone(self, uow: UnitOfWork, poll: Poll, people: Sequence[Reached], now: datetime) -> None:
        """Nobody may be asked one question in two rounds at once. Raises UsageError."""
        for record in uow.polls.rounds():
            other = record.round
            same = (record.poll.question_id if record.poll else other.poll_id.partition("_")[0]) == poll.question_id
            if record.closed_at or not same or other.closes_at <= now:
                continue
            audience = parse(other.audience or "all")
            if any(audience.includes(one.person, one.community) for one in people):
                raise UsageError(f"{other.id} asks the same of some of them: close it first (`batea poll close {other.id}`)")


def _read(uow: UnitOfWork, expression: str) -> Audience:
    communities = uow.communities.all()
    committees = [body for place in communities for body in uow.communities.committees(place.id)]
    return resolve(expression, communities, committees)


def _asks(poll: Poll, audience: Audience, one: Reached) -> bool:
    known = one.person.country
    return audience.includes(one.person, one.community) and (known is None or known in poll.countries)
