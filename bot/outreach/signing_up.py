"""Signing somebody up who is present: she is written to or called, and answers herself. Until then only her number waits."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.call import CallKind, PhoneCall
from bot.domain.enrolment import PENDING_LASTS, Expected
from bot.domain.message import Address, ChannelName, OutboundMessage
from bot.domain.ports import Library
from bot.domain.store import UnitOfWork

# She is there, with the telephone in her hand.
RINGS_FOR: Final = timedelta(minutes=30)
_CONSENT: Final = "onboarding:consent"


class Begun(StrEnum):
    """What became of it."""

    WRITTEN = "written"
    CALLED = "called"
    KNOWN = "known"
    STARTED = "started"
    LEFT = "left"
    NO_CALL = "no_call"


class SigningUp:
    """Begins it. `may_call` says whether a number may be called at all."""

    def __init__(
        self, library: Library, may_call: Callable[[Address], bool], new_id: Callable[[], str] = lambda: uuid.uuid4().hex
    ) -> None:
        self._library = library
        self._may_call = may_call
        self._new_id = new_id

    def begin(self, uow: UnitOfWork, expected: Expected, member_id: str, now: datetime) -> tuple[Begun, tuple[str, ...]]:
        """Ask her for her permission; gives what became of it, and the messages to send."""
        to = expected.address
        channels = (ChannelName.SMS, ChannelName.WHATSAPP, ChannelName.CALL)
        if any(uow.people.opted_out(replace(to, channel=channel)) for channel in channels):
            return Begun.LEFT, ()
        line = uow.lines.find(to)
        met = uow.people.get(uow.lines.writes(line.id)) if line else None
        if met is not None:
            return (Begun.KNOWN if met[0].enrolled else Begun.STARTED), ()
        if to.channel is ChannelName.CALL and (to.simulated or not self._may_call(to)):
            return Begun.NO_CALL, ()
        uow.enrolments.expect(expected, member_id, now)
        if to.channel is ChannelName.CALL:
            # She asks for it, as whoever rings does.
            uow.calls.add(PhoneCall(self._new_id(), to, CallKind.BACK, now, now + RINGS_FOR), now)
            return Begun.CALLED, ()
        welcome = self._library.reply("onboarding.welcome", expected.country)
        asked = self._library.reply("onboarding.consent", expected.country)
        choices = tuple(replace(choice, id=f"{_CONSENT}:{choice.id}") for choice in asked.choices)
        replies = (welcome, replace(asked, choices=choices))
        messages = [OutboundMessage(self._new_id(), to, reply, now, expires_at=now + PENDING_LASTS) for reply in replies]
        uow.outbox.add(messages, None)
        return Begun.WRITTEN, tuple(each.id for each in messages)
