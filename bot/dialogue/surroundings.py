"""What a turn may want to know beyond the person and her state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.dialogue.fieldwork import Fieldwork
from bot.dialogue.study import Study
from bot.dialogue.telephone import Telephone
from bot.domain.community import Community
from bot.domain.duty import Duty
from bot.domain.learning import Progress
from bot.domain.meeting import Answer, Meeting
from bot.domain.message import ChannelName
from bot.domain.person import Country, Person
from bot.domain.poll import Poll, PollRound


class Surroundings(Protocol):
    """What a turn may want to know beyond the person and her state; asked only when needed."""

    @property
    def channel(self) -> ChannelName:
        """Where she writes or calls."""
        ...

    @property
    def records_voice(self) -> bool:
        """Whether what she says can be recorded now: in a call, through a vendor."""
        ...

    @property
    def message_ref(self) -> str:
        """The vendor's id of what she sent."""
        ...

    @property
    def likely_country(self) -> Country | None:
        """What her number's prefix suggests."""
        ...

    @property
    def listening_number(self) -> str | None:
        """The number that she may ring to listen, '' where it is the one she writes to, None where there is none."""
        ...

    @property
    def telephone(self) -> Telephone:
        """The line that she writes or calls by."""
        ...

    @property
    def field(self) -> Fieldwork:
        """What a facilitator does from this phone."""
        ...

    @property
    def study(self) -> Study:
        """How she learns from day to day."""
        ...

    def of(self, person: Person) -> Surroundings:
        """The same for another person, where the turn goes on as hers."""
        ...

    def opted_out(self) -> bool:
        """Whether this address said BAJA."""
        ...

    def shut_by_carrier(self) -> bool:
        """Whether her carrier holds an opt-out of this address."""
        ...

    def reopens_sms(self) -> str | None:
        """Where her START goes, if her carrier keeps SMS shut: a number of ours, '' where none takes it. None: it is open."""
        ...

    def question_kept(self, question_id: str) -> bool:
        """Whether that question was recorded, and not dropped since."""
        ...

    def left_question(self) -> bool:
        """Whether a question left by voice is to be answered at her number."""
        ...

    def duty(self, community_id: str | None) -> Duty:
        """Who of the team answers the people of that community, now and next."""
        ...

    def progress(self) -> Progress:
        """What she has learnt before this turn."""
        ...

    def communities(self, country: Country | None) -> Sequence[Community]:
        """The places of a country, by name."""
        ...

    def open_rounds(self, community_id: str | None) -> Sequence[PollRound]:
        """The rounds open to her, if that is her community, answered or not, the oldest first."""
        ...

    def answered(self, round_id: str) -> bool:
        """Whether her answer to an open round counts so far."""
        ...

    def given(self, round_id: str) -> Sequence[str]:
        """Her answer to an open round so far, begun or whole: never to be said, nor kept in a state."""
        ...

    def running(self, tag: str) -> bool:
        """Whether the round of that tag is open, to her or to others."""
        ...

    def composed(self, poll_id: str) -> Poll | None:
        """A poll that staff wrote."""
        ...

    def next_meeting(self, community_id: str) -> Meeting | None:
        """The next meeting there that is for her."""
        ...

    def meeting(self, meeting_id: str) -> Meeting | None:
        """One meeting, where it is for her."""
        ...

    def coming(self, meeting_id: str) -> int:
        """How many said before this turn that they come."""
        ...

    def said(self, meeting_id: str) -> Answer | None:
        """What she has said of a meeting before this turn: never to be said, nor kept in a state."""
        ...

    def past_meetings(self, community_id: str) -> Sequence[Meeting]:
        """The meetings there that were held and are for her, the last one first, as far back as is told."""
        ...

    def committee_name(self, meeting: Meeting) -> str:
        """The committee that calls a meeting, by name."""
        ...
