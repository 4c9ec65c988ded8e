"""Holding a meeting back, counting who came and telling what was agreed, from a facilitator's own phone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.domain.facilitator import Draft, Facilitator
from bot.domain.field_desk import Shown, Snag, Work
from bot.domain.meeting import MOST_PEOPLE, Agreement, Meeting
from bot.domain.meeting_desk import MeetingDesk
from bot.domain.meeting_words import when
from bot.domain.ports import Clock, Library
from bot.domain.store import UnitOfWork
from bot.outreach.meeting_messages import MeetingMessages
from bot.outreach.meetings import MOST_MINUTE_CHARS, concerned

_NOBODY = "none"


class AfterwardsWork:
    """One worker for the three of them."""

    def __init__(self, desk: MeetingDesk, library: Library, clock: Clock) -> None:
        self._desk = desk
        self._library = library
        self._messages = MeetingMessages(library)
        self._clock = clock

    def snag(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> Snag | None:
        """What is wrong with what has been said so far."""
        if "meeting" not in draft:
            return None
        meeting, now = uow.meetings.get(draft["meeting"]), self._clock.now()
        if meeting is None or meeting.community_id != who.community_id or meeting.cancelled:
            return Snag("", "over")
        if draft["work"] == Work.HOLD:
            return None if meeting.lies_ahead(now) else Snag("", "over")
        if meeting.lies_ahead(now):
            return Snag("", "refused")
        return _wrong_words(draft)

    def show(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> Shown:
        """What is going to happen, and whom it concerns."""
        del who
        meeting = _hers(uow, draft)
        people = sum(1 for _ in concerned(uow, meeting))
        if draft["work"] == Work.MINUTES:
            told = replace(meeting, minutes=tuple(_lines(draft)), minutes_voice=draft.get("voice", ""))
            return Shown((self._messages.minutes(told),), people)
        sentence = "facilitator.let_go" if meeting.held_back else "facilitator.hold"
        return Shown((self._library.reply(sentence, None, agenda=meeting.agenda, when=when(meeting)),), people)

    def needs_second(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> bool:
        """It moves nobody to a place."""
        del uow, who, draft
        return False

    def send(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> None:
        """Do it."""
        del who
        meeting = _hers(uow, draft)
        if draft["work"] == Work.HOLD:
            self._desk.hold_back(uow, meeting.id, held=not meeting.held_back)
        elif draft["work"] == Work.COUNT:
            self._desk.attended(uow, meeting.id, int(draft["count"]))
        else:
            self._desk.minute(uow, meeting.id, _lines(draft), draft.get("voice", ""))


def _hers(uow: UnitOfWork, draft: Draft) -> Meeting:
    meeting = uow.meetings.get(draft["meeting"])
    if meeting is None:
        raise ValueError("there is no such meeting: look for a snag first")
    return meeting


def _wrong_words(draft: Draft) -> Snag | None:
    """A number that cannot be, or words that are too many or none."""
    if int(draft.get("count", "0")) > MOST_PEOPLE:
        return Snag("count", "too_many")
    for name, field in (("agreed", "what"), ("doer", "who")):
        if len(draft.get(name, "").strip(" .")) > MOST_MINUTE_CHARS[field]:
            return Snag(name, "too_long")
    return Snag("agreed", "missing") if "agreed" in draft and not draft["agreed"].strip(" .") else None


def _lines(draft: Draft) -> Sequence[Agreement]:
    """Those that were said before, and the one that was said last."""
    said = [*json.loads(draft.get("lines", "[]"))]
    if "agreed" in draft:
        said.append({name: draft.get(name, "") for name in ("agreed", "doer", "by")})
    return [Agreement(one["agreed"].strip(" ."), _given(one["doer"]).strip(" ."), _day(_given(one["by"]))) for one in said]


def _given(said: str) -> str:
    return "" if said == _NOBODY else said


def _day(written: str) -> date | None:
    return date.fromisoformat(written) if written else None
