"""Answers of the team to people who wait for a person, and alerts to whoever is on duty: nothing waits in silence."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.duty import Duty, duty_of
from bot.domain.help_desk import ANOTHER_AFTER, EVERY, Case
from bot.domain.message import Address, ChannelName, OutboundMessage, Purpose, Reply, Speech
from bot.domain.person import Country, Mode, Person
from bot.domain.ports import Clock, Library
from bot.domain.staff import Role
from bot.domain.store import Store, UnitOfWork
from bot.domain.unasked import Announcing

LONGEST_ANSWER: Final = 600
# Who was just alerted sees on the page whoever came since.
APART: Final = timedelta(minutes=15)
# An alert that could not leave for a day helps nobody any more.
ALERT_LIVES: Final = timedelta(hours=12)
_BACKING: Final = frozenset({Role.ADMIN, Role.STAFF})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a member of the team says: a text, or a voice note by the key under which it is kept."""

    text: str = ""
    voice: str = ""


class Answering:
    """Queues answers, alerts those on duty, and tells people who have waited for long.

    `announcing` takes what is said unasked; `may_call` says whether a number may be called.
    """

    def __init__(
        self,
        store: Store,
        library: Library,
        clock: Clock,
        announcing: Announcing,
        may_call: Callable[[Address], bool],
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
    ) -> None:
        self._store = store
        self._library = library
        self._clock = clock
        self._announcing = announcing
        self._may_call = may_call
        self._new_id = new_id
        self._alerted_at: dict[str, datetime] = {}

    def channel(self, to: Address, answer: Answer) -> Address | None:
        """Where an answer goes: a voice by call where the channel carries none; None where it cannot go at all."""
        if not answer.voice or to.channel is not ChannelName.SMS or to.simulated:
            return to
        call = Address(ChannelName.CALL, to.value)
        return call if self._may_call(call) else None

    def reply(self, person: Person | None, answer: Answer) -> Reply:
        """What she gets."""
        country = person.country if person else None
        if answer.voice:
            spoken = self._library.reply("team.spoken", country)
            text = spoken.speech.text if spoken.speech else ""
            return replace(spoken, speech=Speech(text, catalogue=False, key=answer.voice))
        written = self._library.reply("team.answer", country, answer=answer.text)
        return replace(written, voice_note=person is None or person.mode is not Mode.READ)

    def send(self, uow: UnitOfWork, person: Person | None, to: Address, answer: Answer, now: datetime) -> str | None:
        """Queue an answer; gives the message's id, None where it cannot go there."""
        where = self.channel(to, answer)
        if where is None:
            return None
        country = person.country if person else None
        message = OutboundMessage(self._new_id(), where, self.reply(person, answer), now, country=country)
        uow.outbox.add([message], person.id if person else None)
        return message.id

    def sweep(self) -> int:
        """Alert and tell whom it is time for; gives how many cases were looked at."""
        now = self._clock.now()

        def work(uow: UnitOfWork) -> int:
            alerting, telling = uow.help_desk.to_alert(now), uow.help_desk.to_tell(now)
            for case in alerting:
                self._alert(uow, case, now)
            for person_id in telling:
                self._tell(uow, person_id, now)
            return len(alerting) + len(telling)

        return self._store.submit(work).result()

    def _alert(self, uow: UnitOfWork, case: Case, now: datetime) -> None:
        duty = self._duty(uow, case, now)
        another_at = case.since + ANOTHER_AFTER
        if now >= another_at:
            backing = tuple(each.id for each in uow.staff.all() if each.role in _BACKING)
            self._ring(uow, (case.claimed_by, *(duty.now or duty.following), *backing), "team.alert_again", now)
            uow.help_desk.alerted(case.person_id, case.alerts + 1, now + EVERY)
            return
        present = (case.claimed_by,) if case.claimed_by else duty.now
        if present:
            self._ring(uow, present, "team.alert", now)
            uow.help_desk.alerted(case.person_id, case.alerts + 1, another_at)
        else:
            # Whoever comes next is told when she comes, and the staff if that is too late.
            uow.help_desk.alerted(case.person_id, case.alerts, min(duty.next_at or another_at, another_at))

    def _duty(self, uow: UnitOfWork, case: Case, now: datetime) -> Duty:
        place = uow.communities.get(case.community_id) if case.community_id else None
        return duty_of(uow, place, now)

    def _ring(self, uow: UnitOfWork, members: Sequence[str], sentence: str, now: datetime) -> None:
        for member_id in dict.fromkeys(filter(None, members)):
            to = uow.roster.contact(member_id)
            last = self._alerted_at.get(member_id)
            if to is None or uow.people.opted_out(to) or (last is not None and now - last < APART):
                continue
            self._alerted_at[member_id] = now
            reply = self._library.reply(sentence, Country.CO)
            message = OutboundMessage(
                self._new_id(), to, replace(reply, voice_note=False), now, ephemeral=True, expires_at=now + ALERT_LIVES
            )
            uow.outbox.add([message], None)

    def _tell(self, uow: UnitOfWork, person_id: str, now: datetime) -> None:
        uow.help_desk.told(person_id)
        met, to = uow.people.get(person_id), uow.help_desk.address(person_id)
        if met is None or to is None or not met[0].enrolled:
            return
        person = met[0]
        reply = replace(self._library.reply("team.late", person.country), voice_note=person.mode is not Mode.READ)
        message = OutboundMessage(
            self._new_id(),
            to,
            reply,
            now,
            purpose=Purpose.CHOSEN,
            expires_at=now + EVERY,
        )
        self._announcing.put(uow, message, person, now)
