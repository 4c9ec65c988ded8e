"""Gives the published results of a round back to the people who were asked, once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.audience import Reached, parse
from bot.domain.learning import Wording
from bot.domain.message import Address, OutboundMessage, Purpose, Reply
from bot.domain.person import Country, Mode
from bot.domain.poll import RoundRecord
from bot.domain.ports import Library
from bot.domain.store import UnitOfWork
from bot.domain.told import ToldRound
from bot.domain.unasked import Announcing
from bot.outreach.rounds import APART

REPLY_ID: Final = "poll.told"
WAITS_AT_MOST: Final = timedelta(days=7)
"""Beyond this nobody is told any more: it would be taken for something new."""


class GivingBack:
    """Queues what is told.

    `announcing` takes what is said unasked; `may_call` says whether a number is called at all.
    """

    def __init__(
        self,
        library: Library,
        announcing: Announcing,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
        may_call: Callable[[Address], bool] = lambda _: False,
    ) -> None:
        self._may_call = may_call
        self._library = library
        self._announcing = announcing
        self._new_id = new_id

    def reply(self, wording: Wording, country: Country | None = None, *, slow: bool = False) -> Reply:
        """What is sent, to read and to hear. A voice of our own says it: nothing of it goes to an online engine."""
        said = self._library.say(REPLY_ID, wording, country, slow=slow)
        return replace(said, speech=replace(said.speech, catalogue=False)) if said.speech else said

    def asked(self, uow: UnitOfWork, record: RoundRecord) -> Iterator[Reached]:
        """Who was asked, as far as she can be reached now: who it was stands nowhere once a round is closed."""
        audience, poll, where = parse(record.round.audience), record.poll, record.round.territories
        for one in uow.reach.enrolled():
            country = one.person.country
            meant = audience.includes(one.person, one.community) and (
                poll is None or country is None or country in poll.countries
            )
            if meant and (not where or (one.community is not None and one.community.territory in where)):
                yield one

    def send(self, uow: UnitOfWork, record: RoundRecord, wording: Wording, now: datetime) -> ToldRound | None:
        """Queue it for everybody who was asked. None, and nothing is queued, where that was done before."""
        people = list(self.asked(uow, record))
        told = ToldRound(record.round.id, now, len(people))
        if not uow.told.once(told):
            return None
        for one in people:
            last = uow.polls.told_last(one.person.id)
            # Not sooner than the next question would come.
            message = self._message(one, wording, now, max(now, last + APART) if last else now)
            self._announcing.put(uow, replace(message, announcement=f"told:{record.round.id}", patient=True), one.person, now)
        return told

    def _message(self, one: Reached, wording: Wording, now: datetime, earliest: datetime) -> OutboundMessage:
        reply = self.reply(wording, one.person.country, slow=one.person.slow)
        reply = replace(reply, voice_note=one.person.mode is not Mode.READ)
        return OutboundMessage(
            self._new_id(),
            one.told_at(self._may_call),
            reply,
            now,
            not_before=earliest,
            purpose=Purpose.SERVICE,
            expires_at=now + WAITS_AT_MOST,
        )
