"""Meetings that a facilitator announces, changes and calls off from her own phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.domain.audience import Reached
from bot.domain.facilitator import Draft, Facilitator
from bot.domain.field_desk import NO_VOICE, Shown, Snag, Work
from bot.domain.meeting import Meeting, MeetingDraft, OpenTo, Problem, Trouble, needs_second_person
from bot.domain.meeting_desk import MeetingDesk
from bot.domain.message import Reply
from bot.domain.person import Person
from bot.domain.ports import Clock, Library
from bot.domain.store import UnitOfWork
from bot.outreach.field_desk import starts_at, zone_of
from bot.outreach.meeting_cost import MeetingCost
from bot.outreach.meeting_messages import MeetingMessages
from bot.outreach.meetings import concerned

_FIELDS: Final = {"starts_at": "when", "committee_id": "committee", "landmark": "place"}
_TOLD: Final = frozenset(
    {Trouble.PAST, Trouble.TOO_FAR, Trouble.CLASH, Trouble.TOO_LONG, Trouble.NUMBER, Trouble.SAME, Trouble.OVER}
)


class MeetingWork:
    """New meetings, changes and cancellations."""

    def __init__(self, desk: MeetingDesk, library: Library, clock: Clock, cost: MeetingCost | None = None) -> None:
        """`cost` tells what it costs, where it is known."""
        self._cost = cost
        self._desk = desk
        self._messages = MeetingMessages(library)
        self._clock = clock

    def snag(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> Snag | None:  # noqa: PLR0911 - one a reason
        """What is wrong with what has been said so far; what is missing yet is not wrong."""
        if draft["work"] == Work.MEETING:
            return _first(self._desk.check(uow, self._facts(uow, who, draft)))
        if "meeting" not in draft:
            return None
        meeting = uow.meetings.get(draft["meeting"])
        if meeting is None or meeting.community_id != who.community_id or not meeting.lies_ahead(self._clock.now()):
            return Snag("", "over")
        if draft["work"] == Work.CANCEL:
            return None
        facts = _changed(draft, meeting)
        if facts == MeetingDraft.of(meeting):
            return Snag(draft.get("what", ""), "same") if "place" in draft or starts_at(draft, meeting.timezone) else None
        if draft["work"] == Work.CONFIRM and not self._asked(uow, who, draft):
            return Snag("", "taken_back")
        return _first(self._desk.check(uow, facts, meeting.id))

    def show(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> Shown:
        """As people get it, how many there are, and what it costs."""
        if draft["work"] == Work.MEETING:
            facts = self._facts(uow, who, draft)
            place = uow.communities.get(who.community_id)
            people = self._desk.quote(uow, facts).reached
            seen = self._desk.preview(facts, place.country if place else None)
            if facts.voice and seen.speech:
                seen = replace(seen, speech=replace(seen.speech, catalogue=False, key=facts.voice), voice_note=True)
            return self._counted(uow, seen, people)
        meeting = self._hers(uow, draft)
        if draft["work"] == Work.CANCEL:
            after = replace(meeting, cancelled=True)
        else:
            facts = _changed(draft, meeting)
            after = replace(
                meeting,
                starts_at=facts.starts_at or meeting.starts_at,
                place=facts.place,
                landmark=facts.landmark,
                version=meeting.version + 1,
                before=MeetingDraft.of(meeting),
            )
        somebody = Person("preview", self._clock.now())
        return self._counted(uow, self._messages.news(after, somebody), list(concerned(uow, meeting)))

    def _counted(self, uow: UnitOfWork, seen: Reply, people: Sequence[Reached]) -> Shown:
        return Shown((seen,), len(people), self._cost.pesos(uow, seen, people) if self._cost else None)

    def needs_second(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> bool:
        """A change of place within a day, unless it is the second person who confirms it."""
        del who
        if draft["work"] != Work.CHANGE:
            return False
        meeting = self._hers(uow, draft)
        return needs_second_person(meeting, _changed(draft, meeting), self._clock.now())

    def _asked(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> str:
        """Who has asked for just this to be confirmed; '' where nobody does any more."""
        found = uow.facilitators.asking(who.community_id, who.member_id, self._clock.now())
        if found is None:
            return ""
        same = all(found[1].get(name) == draft.get(name) for name in ("meeting", "what", "place"))
        return found[0] if same else ""

    def send(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> None:
        """Announce, change or cancel it."""
        if draft["work"] == Work.MEETING:
            self._desk.announce(uow, self._facts(uow, who, draft))
            return
        meeting = self._hers(uow, draft)
        if draft["work"] == Work.CANCEL:
            self._desk.cancel(uow, meeting.id)
        else:
            self._desk.change(uow, meeting.id, _changed(draft, meeting))
        if draft["work"] == Work.CONFIRM:
            uow.facilitators.keep(self._asked(uow, who, draft), {}, self._clock.now())

    def missing(self, uow: UnitOfWork, meeting_id: str) -> tuple[tuple[str, ...], int]:
        """First names of those to tell in person, and how many more."""
        found = self._desk.missing(uow, meeting_id)
        return found.first_names, found.unnamed

    def _hers(self, uow: UnitOfWork, draft: Draft) -> Meeting:
        meeting = uow.meetings.get(draft["meeting"])
        if meeting is None:
            raise ValueError("there is no such meeting: look for a snag first")
        return meeting

    def _facts(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> MeetingDraft:
        offers, voice = draft.get("offers", ""), draft.get("voice", NO_VOICE)
        facts = MeetingDraft(
            committee_id=draft.get("committee", ""),
            agenda=draft.get("agenda", ""),
            starts_at=starts_at(draft, zone_of(uow, who)),
            food=offers in {"food", "both"},
            childcare=offers in {"care", "both"},
            transport=offers == "ride",
            voice="" if voice == NO_VOICE else voice,
            open_to=OpenTo(draft.get("open_to", OpenTo.ALL)),
            contact=draft.get("contact", ""),
            quorum=int(draft["quorum"]) if draft.get("quorum", "").isdecimal() else None,
        )
        return _placed(facts, draft.get("place", "")).tidied()


def _changed(draft: Draft, meeting: Meeting) -> MeetingDraft:
    facts = MeetingDraft.of(meeting)
    if draft.get("what") == "place" and "place" in draft:
        # Her own voice tells the old place: it is not said again.
        return replace(_placed(facts, draft["place"]), voice="")
    moment = starts_at(draft, meeting.timezone)
    return replace(facts, starts_at=moment, voice="") if moment else facts


def _placed(facts: MeetingDraft, said: str) -> MeetingDraft:
    """Place and landmark, parted at the first comma."""
    place, _, landmark = said.partition(",")
    return replace(facts, place=" ".join(place.split()), landmark=" ".join(landmark.split()))


def _first(problems: tuple[Problem, ...]) -> Snag | None:
    for problem in problems:
        if problem.why in _TOLD:
            return Snag(_FIELDS.get(problem.field, problem.field), problem.why.value)
        if problem.why is not Trouble.MISSING:
            return Snag("", "refused")
    return None
