"""What a turn may ask of the database, read when it does."""
# ruff: noqa: D102 - `Surroundings` explains each method.

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.dialogue.study import Study, StudyOfTurn
from bot.dialogue.telephone import LineOfTurn, Telephone
from bot.domain.audience import parse
from bot.domain.community import Community
from bot.domain.duty import Duty, duty_of
from bot.domain.home import country_of
from bot.domain.learning import Progress
from bot.domain.meeting import FARTHEST, Answer, Meeting, OpenTo
from bot.domain.message import ChannelName, Inbound
from bot.domain.person import Country, Person, Sex
from bot.domain.poll import Poll, PollRound
from bot.domain.store import UnitOfWork

# What was agreed longer ago is not told any more.
MINUTES_TOLD: Final = timedelta(days=120)


class Around:
    """`bot.dialogue.surroundings.Surroundings` in one transaction; what may be asked twice is read once."""

    def __init__(
        self,
        unit: UnitOfWork,
        person: Person,
        inbound: Inbound,
        now: datetime,
        ours: tuple[str | None, Callable[[Country | None], str]],
        telephone: LineOfTurn,
    ) -> None:
        """`ours`: the number that she may ring to listen, and which one takes SMS from a country."""
        self.telephone: Telephone = telephone
        self._line, self.field = telephone, telephone.work
        self.study: Study = StudyOfTurn(unit, person.id, now)
        self._inbound = inbound
        self._unit = unit
        self._person = person
        self._now = now
        self._sender = inbound.sender
        self._progress: Progress | None = None
        self._opted_out: bool | None = None
        self._rounds: dict[str | None, Sequence[PollRound]] = {}
        self._meetings: dict[str, Meeting | None] = {}
        self.message_ref = inbound.vendor_id
        self._ours = ours
        self.listening_number = ours[0]

    @property
    def channel(self) -> ChannelName:
        return self._sender.channel

    @property
    def records_voice(self) -> bool:
        return self._sender.channel is ChannelName.CALL and not self._sender.simulated

    @property
    def likely_country(self) -> Country | None:
        return country_of(self._sender.value)

    def of(self, person: Person) -> Around:
        return Around(self._unit, person, self._inbound, self._now, self._ours, self._line)

    def opted_out(self) -> bool:
        if self._opted_out is None:
            self._opted_out = self._unit.people.opted_out(self._sender)
        return self._opted_out

    def shut_by_carrier(self) -> bool:
        return self._unit.people.shut_by_carrier(self._sender)

    def reopens_sms(self) -> str | None:
        return self._ours[1](self._person.country) if self._unit.people.sms_shut(self._person.id) else None

    def question_kept(self, question_id: str) -> bool:
        return self._unit.questions.has_sound(question_id)

    def left_question(self) -> bool:
        return self._unit.questions.left_from(self._sender)

    def duty(self, community_id: str | None) -> Duty:
        place = self._unit.communities.get(community_id) if community_id else None
        return duty_of(self._unit, place, self._now)

    def progress(self) -> Progress:
        if self._progress is None:
            self._progress = self._unit.people.progress(self._person.id)
        return self._progress

    def communities(self, country: Country | None) -> Sequence[Community]:
        return self._unit.communities.all(country)

    def open_rounds(self, community_id: str | None) -> Sequence[PollRound]:
        if community_id not in self._rounds:
            place = self._unit.communities.get(community_id) if community_id else None
            found = self._unit.polls.open_rounds(self._now, place.territory if place else None)
            person = replace(self._person, community_id=community_id)
            self._rounds[community_id] = [each for each in found if parse(each.audience).includes(person, place)]
        return self._rounds[community_id]

    def answered(self, round_id: str) -> bool:
        return self._unit.polls.answered(round_id, self._person.id)

    def given(self, round_id: str) -> Sequence[str]:
        return self._unit.polls.given(round_id, self._person.id)

    def running(self, tag: str) -> bool:
        return any(each.tag == tag for each in self._unit.polls.running(self._now))

    def composed(self, poll_id: str) -> Poll | None:
        return self._unit.composed.get(poll_id)

    def next_meeting(self, community_id: str) -> Meeting | None:
        ahead = self._unit.meetings.between(self._now, self._now + FARTHEST, community_id)
        return next((one for one in ahead if one.lies_ahead(self._now) and self._for_her(one)), None)

    def meeting(self, meeting_id: str) -> Meeting | None:
        if meeting_id not in self._meetings:
            found = self._unit.meetings.get(meeting_id)
            self._meetings[meeting_id] = found if found and self._for_her(found) else None
        return self._meetings[meeting_id]

    def said(self, meeting_id: str) -> Answer | None:
        return self._unit.meetings.answer(meeting_id, self._person.id)

    def past_meetings(self, community_id: str) -> Sequence[Meeting]:
        past = self._unit.meetings.between(self._now - MINUTES_TOLD, self._now, community_id)
        return [one for one in reversed(past) if not one.cancelled and self._for_her(one)]

    def committee_name(self, meeting: Meeting) -> str:
        bodies = self._unit.communities.committees(meeting.community_id)
        return next((body.name for body in bodies if body.id == meeting.committee_id), "")

    def _for_her(self, meeting: Meeting) -> bool:
        if meeting.open_to is OpenTo.WOMEN:
            return self._person.sex in {None, Sex.WOMAN, Sex.UNSAID}
        return meeting.open_to is OpenTo.ALL or meeting.committee_id in self._unit.tags.of(self._person.id)

    def coming(self, meeting_id: str) -> int:
        return self._unit.meetings.coming(meeting_id)
