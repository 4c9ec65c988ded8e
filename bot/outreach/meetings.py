"""Meetings as they are announced, changed, called off and looked back on. Sending is `bot.outreach.meeting_telling`."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.domain.audience import Reached
from bot.domain.community import Committee
from bot.domain.errors import MeetingError
from bot.domain.gsm7 import fold
from bot.domain.home import ZONES
from bot.domain.meeting import (
    MOST_PEOPLE,
    RSVPS_KEPT,
    SAME_HOUR,
    Agreement,
    Meeting,
    MeetingDraft,
    OpenTo,
    Problem,
    Trouble,
)
from bot.domain.meeting_desk import Funnel, MeetingQuote, Missing
from bot.domain.meeting_notice import REMINDERS, Kind, later
from bot.domain.message import Address, OutboundMessage, Purpose, Reply
from bot.domain.person import Country, Sex
from bot.domain.ports import Clock, Library
from bot.domain.store import UnitOfWork
from bot.domain.unasked import Announcing
from bot.outreach.meeting_messages import MeetingMessages

MOST_MINUTES: Final = 3
MOST_MINUTE_CHARS: Final = {"what": 60, "who": 30}
_ONE_SEGMENT, _EACH_SEGMENT = 160, 153


class MeetingOffice:
    """`bot.domain.meeting_desk.MeetingDesk`. `may_call` says whether there are calls to that number."""

    def __init__(
        self,
        library: Library,
        clock: Clock,
        announcing: Announcing,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
        may_call: Callable[[Address], bool] = lambda _: False,
    ) -> None:
        self._messages = MeetingMessages(library)
        self._clock = clock
        self._announcing = announcing
        self._new_id = new_id
        self._may_call = may_call

    def check(self, uow: UnitOfWork, draft: MeetingDraft, meeting_id: str = "") -> tuple[Problem, ...]:
        """What keeps a draft (of a change, with the meeting's id) from being announced; nothing where it may be."""
        now = self._clock.now()
        draft = draft.tidied()
        found = list(draft.problems(now))
        body = _committee(uow, draft.committee_id)
        if draft.committee_id and body is None:
            found.append(Problem("committee_id", Trouble.UNKNOWN))
        before = uow.meetings.get(meeting_id) if meeting_id else None
        if meeting_id and (before is None or not before.lies_ahead(now)):
            found.append(Problem("starts_at", Trouble.OVER))
        if before and before.committee_id != draft.committee_id:
            found.append(Problem("committee_id", Trouble.NOT_YOURS))
        if before and draft == MeetingDraft.of(before):
            found.append(Problem("starts_at", Trouble.SAME))
        if body and draft.starts_at and not any(problem.field == "starts_at" for problem in found):
            near = uow.meetings.between(draft.starts_at - SAME_HOUR, draft.starts_at + SAME_HOUR, body.community_id)
            others = [one for one in near if one.committee_id == body.id and not one.cancelled and one.id != meeting_id]
            if any(abs(one.starts_at - draft.starts_at) < SAME_HOUR for one in others):
                found.append(Problem("starts_at", Trouble.CLASH))
        return tuple(found)

    def preview(self, draft: MeetingDraft, country: Country | None = None) -> Reply:
        """The announcement as people get it, with its choices. The draft must have no problems of its own."""
        return self._messages.preview(draft.tidied(), country)

    def quote(self, uow: UnitOfWork, draft: MeetingDraft) -> MeetingQuote:
        """Whom it would reach. Raises MeetingError."""
        draft, now = self._checked(uow, draft), self._clock.now()
        meeting = self._made(uow, draft, "quote", now)
        people = list(concerned(uow, meeting))
        by_channel = Counter(one.told_at(self._may_call).channel.value for one in people)
        leaving = [self._leaves(uow, one, meeting, now) for one in people[:1]]
        shown = self.preview(draft)
        lines = [shown.sms or shown.text, *(f"{choice.key} {choice.label}" for choice in shown.choices)]
        letters = len(fold("\n".join(lines)))
        segments = 1 if letters <= _ONE_SEGMENT else -(-letters // _EACH_SEGMENT)
        return MeetingQuote(len(people), dict(by_channel), next((one for one in leaving if one), now), segments, people)

    def announce(self, uow: UnitOfWork, draft: MeetingDraft) -> Meeting:
        """Make it, and tell everybody concerned. Raises MeetingError."""
        draft, now = self._checked(uow, draft), self._clock.now()
        meeting = self._made(uow, draft, self._new_id(), now)
        uow.meetings.put(meeting)
        self._plan(uow, meeting, [one.person.id for one in concerned(uow, meeting)], now)
        return meeting

    def change(self, uow: UnitOfWork, meeting_id: str, draft: MeetingDraft) -> Meeting:
        """Give it those facts, and tell everybody at once. Raises MeetingError, also where nothing is changed (`same`)."""
        now = self._clock.now()
        draft = self._checked(uow, draft, meeting_id)
        before = _known(uow, meeting_id)
        if draft.voice == before.voice:
            draft = replace(draft, voice="")  # a recording tells what held before
        again = replace(before, version=before.version + 1, before=MeetingDraft.of(before))
        meeting = _with(again, draft)
        uow.meetings.put(meeting)
        uow.meeting_notices.withdraw(meeting_id, now)
        if meeting.starts_at != before.starts_at:
            uow.meetings.forget_answers(meeting_id)
        told, notices = self._told(uow, before), uow.meeting_notices
        notices.plan(meeting_id, Kind.NEWS, told, now)
        fresh = {one.person.id for one in concerned(uow, meeting)} - set(told)
        self._plan(uow, meeting, sorted(fresh), now)
        notices.replan(meeting_id, later(meeting, now))
        return meeting

    def cancel(self, uow: UnitOfWork, meeting_id: str) -> Meeting:
        """Call it off, and tell everybody at once. Raises MeetingError where it is over or cancelled already (`over`)."""
        now = self._clock.now()
        before = _known(uow, meeting_id)
        if not before.lies_ahead(now):
            raise MeetingError(Problem("starts_at", Trouble.OVER))
        meeting = replace(before, cancelled=True, version=before.version + 1)
        uow.meetings.put(meeting)
        notices = uow.meeting_notices
        notices.withdraw(meeting_id, now)
        notices.plan(meeting_id, Kind.NEWS, self._told(uow, before), now)
        notices.replan(meeting_id, dict.fromkeys((Kind.ANNOUNCED, *REMINDERS, Kind.CAME)))
        return meeting

    def missing(self, uow: UnitOfWork, meeting_id: str) -> Missing:
        """Whom to tell in person of its last change; nothing from 24 hours after its beginning on."""
        meeting = uow.meetings.get(meeting_id)
        if meeting is None or self._clock.now() >= meeting.starts_at + RSVPS_KEPT:
            return Missing()
        names = [name for _, name in uow.meeting_notices.unconfirmed(meeting_id)]
        return Missing(tuple(sorted(name.split()[0] for name in names if name.split())), sum(not name.split() for name in names))

    def counts(self, uow: UnitOfWork, meeting_id: str) -> Funnel:
        """How it stands, in numbers. Raises MeetingError where there is no such meeting."""
        meeting, tallied = _known(uow, meeting_id), uow.meeting_notices.tallied(meeting_id)
        coming = uow.meetings.counted(meeting_id)
        return Funnel(came=meeting.came, said_they_came=uow.meetings.went_count(meeting_id), coming=coming, **tallied)

    def attended(self, uow: UnitOfWork, meeting_id: str, count: int) -> Meeting:
        """How many came, as counted by who was there. Raises MeetingError before it began."""
        meeting = self._held(uow, meeting_id)
        if not 0 <= count <= MOST_PEOPLE:
            raise MeetingError(Problem("came", Trouble.TOO_LONG))
        return _kept(uow, replace(meeting, came=count))

    def minute(self, uow: UnitOfWork, meeting_id: str, minutes: Sequence[Agreement], voice: str = "") -> Meeting:
        """What was agreed, one to three lines: told to everybody concerned once, and again at the next meeting."""
        meeting = self._held(uow, meeting_id)
        lines = [replace(line, what=line.what.strip(" ."), who=line.who.strip(" .")) for line in minutes]
        if not lines or not all(line.what for line in lines):
            raise MeetingError(Problem("minutes", Trouble.MISSING))
        too_long = any(len(getattr(line, name)) > most for line in lines for name, most in MOST_MINUTE_CHARS.items())
        if len(lines) > MOST_MINUTES or too_long:
            raise MeetingError(Problem("minutes", Trouble.TOO_LONG))
        people = [one.person.id for one in concerned(uow, meeting)]
        uow.meeting_notices.plan(meeting_id, Kind.MINUTES, people, self._clock.now())
        return _kept(uow, replace(meeting, minutes=tuple(lines), minutes_voice=voice))

    def hold_back(self, uow: UnitOfWork, meeting_id: str, *, held: bool) -> Meeting:
        """Keep back, or let go again, everything about it that has not left yet. Raises MeetingError."""
        if held:
            uow.meeting_notices.withdraw(meeting_id, self._clock.now())
        return _kept(uow, replace(_known(uow, meeting_id), held_back=held))

    def _checked(self, uow: UnitOfWork, draft: MeetingDraft, meeting_id: str = "") -> MeetingDraft:
        problems = self.check(uow, draft, meeting_id)
        if problems:
            raise MeetingError(*problems)
        return draft.tidied()

    def _made(self, uow: UnitOfWork, draft: MeetingDraft, meeting_id: str, now: datetime) -> Meeting:
        body = _committee(uow, draft.committee_id)
        place = uow.communities.get(body.community_id) if body else None
        if body is None or place is None or draft.starts_at is None:
            raise MeetingError(Problem("committee_id", Trouble.UNKNOWN))
        zone = ZONES[place.country]
        bare = Meeting(meeting_id, body.id, body.kind, place.id, "", draft.starts_at, zone, "", announced_at=now)
        return _with(bare, draft)

    def _told(self, uow: UnitOfWork, meeting: Meeting) -> Sequence[str]:
        """Who knows of it; everybody concerned where nobody was told by message."""
        notices = uow.meeting_notices
        if notices.people(meeting.id):
            return notices.told_people(meeting.id)
        return [one.person.id for one in concerned(uow, meeting)]

    def _plan(self, uow: UnitOfWork, meeting: Meeting, people: Sequence[str], now: datetime) -> None:
        uow.meeting_notices.plan(meeting.id, Kind.ANNOUNCED, people, now)
        for kind, moment in later(meeting, now).items():
            if moment is not None:
                uow.meeting_notices.plan(meeting.id, kind, people, moment)

    def _leaves(self, uow: UnitOfWork, one: Reached, meeting: Meeting, now: datetime) -> datetime | None:
        to = one.told_at(self._may_call)
        reply = self._messages.announcement(meeting, one.person, to.channel)[0]
        message = OutboundMessage("quote", to, reply, now, purpose=Purpose.SERVICE, expires_at=meeting.starts_at)
        return self._announcing.leaves(uow, message, one.person, now)

    def _held(self, uow: UnitOfWork, meeting_id: str) -> Meeting:
        meeting = _known(uow, meeting_id)
        if meeting.cancelled or meeting.starts_at > self._clock.now():
            raise MeetingError(Problem("starts_at", Trouble.OVER if meeting.cancelled else Trouble.TOO_FAR))
        return meeting


def concerned(uow: UnitOfWork, meeting: Meeting) -> Iterator[Reached]:
    """Who is called to a meeting and can be reached."""
    for one in uow.reach.enrolled():
        if one.person.community_id == meeting.community_id and meant(uow, meeting, one):
            yield one


def meant(uow: UnitOfWork, meeting: Meeting, one: Reached) -> bool:
    """Whether a meeting is for her."""
    if one.person.community_id != meeting.community_id:
        return False
    if meeting.open_to is OpenTo.WOMEN:
        return one.person.sex is Sex.WOMAN
    return meeting.open_to is OpenTo.ALL or meeting.committee_id in uow.tags.of(one.person.id)


def _with(meeting: Meeting, draft: MeetingDraft) -> Meeting:
    """A meeting with the facts of a draft."""
    return replace(
        meeting,
        agenda=draft.agenda,
        starts_at=draft.starts_at or meeting.starts_at,
        place=draft.place,
        landmark=draft.landmark,
        food=draft.food,
        childcare=draft.childcare,
        transport=draft.transport,
        contact=draft.contact,
        open_to=draft.open_to,
        children=draft.children,
        language=draft.language,
        place_told=draft.place_told,
        voice=draft.voice,
        quorum=draft.quorum,
    )


def _known(uow: UnitOfWork, meeting_id: str) -> Meeting:
    meeting = uow.meetings.get(meeting_id)
    if meeting is None:
        raise MeetingError(Problem("id", Trouble.UNKNOWN))
    return meeting


def _kept(uow: UnitOfWork, meeting: Meeting) -> Meeting:
    uow.meetings.put(meeting)
    return meeting


def _committee(uow: UnitOfWork, committee_id: str) -> Committee | None:
    bodies = (body for place in uow.communities.all() for body in uow.communities.committees(place.id))
    return next((body for body in bodies if body.id == committee_id), None)
