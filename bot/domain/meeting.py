"""Committee meetings: what is announced, who may come, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from bot.domain.community import CommitteeKind

MOST_AGENDA_WORDS: Final = 8
MOST_CHARS: Final = {"agenda": 60, "place": 40, "landmark": 40, "contact": 30}
"""With these an announcement fits in two segments of SMS."""
SPANISH: Final = "es"
LANGUAGES: Final = (SPANISH, "quz", "quy", "ay", "pbb")
"""Languages that a meeting may be held in, as `audio/languages.yml` names them: Spanish, two Quechuas, Aymara, Nasa Yuwe."""
FARTHEST: Final = timedelta(days=180)
SAME_HOUR: Final = timedelta(hours=1)
"""Two meetings of one committee nearer than this to each other are taken for a mistake."""
SECOND_PERSON: Final = timedelta(hours=24)
"""From so long before it begins on, its place is changed by two people only (design.md, section 5.10)."""
RSVPS_KEPT: Final = timedelta(hours=24)
"""How long after it began who comes is still in the database, and whom to tell in person is shown."""
MOST_PEOPLE: Final = 5000
"""Nobody counts more at one meeting."""
_MOST_DIGITS: Final = 4


class Rsvp(StrEnum):
    """What a person says about coming. Stored encrypted, never listed."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


class Need(StrEnum):
    """What somebody who comes needs. Kept with her RSVP, and only counted."""

    CARE = "care"
    RIDE = "ride"


class OpenTo(StrEnum):
    """Who is called: everybody of the community, its women, or the members of the committee (the tag of its id)."""

    ALL = "all"
    WOMEN = "women"
    MEMBERS = "members"


class Stage(StrEnum):
    """Where a meeting stands. A draft is a `MeetingDraft`: nothing of it is kept here."""

    ANNOUNCED = "announced"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    HELD = "held"
    MINUTED = "minuted"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one person has said about a meeting. `needs` None: she was not asked, or has not answered."""

    rsvp: Rsvp
    needs: frozenset[Need] | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """A line of the minutes: what was agreed, who does it (a role, never a name), and by when."""

    what: str
    who: str = ""
    by: date | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting of one committee. `starts_at` is UTC; `timezone` is the IANA name of the place where it is held.

    `before`: when and where it was before its last change. `place_told`: the committee lets the place be told by message;
    else the contact tells it. `voice` is the name of the facilitator's own recording, '' where a voice is synthesised;
    `minutes_voice` that of the minutes. While
    it is `held_back` by a focal point nothing about it is sent. `came` is how many were counted. `food` and the like are
    offered; `children` are welcome.
    """

    id: str
    committee_id: str
    committee_kind: CommitteeKind
    community_id: str
    agenda: str
    starts_at: datetime
    timezone: str
    place: str
    landmark: str = ""
    food: bool = False
    childcare: bool = False
    transport: bool = False
    contact: str = ""
    version: int = 1
    cancelled: bool = False
    open_to: OpenTo = OpenTo.ALL
    children: bool = True
    language: str = SPANISH
    place_told: bool = True
    voice: str = ""
    quorum: int | None = None
    announced_at: datetime | None = None
    held_back: bool = False
    came: int | None = None
    minutes: tuple[Agreement, ...] = ()
    minutes_voice: str = ""
    before: MeetingDraft | None = None

    def stage(self, now: datetime) -> Stage:
        """Where it stands."""
        if self.cancelled:
            return Stage.CANCELLED
        if self.minutes:
            return Stage.MINUTED
        if self.starts_at <= now:
            return Stage.HELD
        return Stage.CHANGED if self.version > 1 else Stage.ANNOUNCED

    def lies_ahead(self, now: datetime) -> bool:
        """Whether somebody may still come."""
        return not self.cancelled and self.starts_at > now


class Trouble(StrEnum):
    """What is wrong with a field of a draft."""

    MISSING = "missing"
    UNKNOWN = "unknown"
    TOO_LONG = "too_long"
    PAST = "past"
    TOO_FAR = "too_far"
    CLASH = "clash"
    NUMBER = "number"
    NOT_YOURS = "not_yours"
    OVER = "over"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that keeps a draft from being announced: the field of `MeetingDraft`, and why."""

    field: str
    why: Trouble


@dataclass(frozen=True, slots=True)
class MeetingDraft:
    """A meeting before it is announced, or the facts that one is to have after a change. Fields as in `Meeting`."""

    committee_id: str = ""
    agenda: str = ""
    starts_at: datetime | None = None
    place: str = ""
    landmark: str = ""
    food: bool = False
    childcare: bool = False
    transport: bool = False
    contact: str = ""
    open_to: OpenTo = OpenTo.ALL
    children: bool = True
    language: str = SPANISH
    place_told: bool = True
    voice: str = ""
    quorum: int | None = None

    @classmethod
    def of(cls, meeting: Meeting) -> MeetingDraft:
        """The facts of a meeting, to change some of them."""
        return cls(**{name: getattr(meeting, name) for name in cls.__slots__})

    def tidied(self) -> MeetingDraft:
        """Without what was typed too much: blanks at the ends and doubled, lines, a full stop at the end."""
        agenda, place, landmark, contact = (
            " ".join(said.split()).rstrip(" .") for said in (self.agenda, self.place, self.landmark, self.contact)
        )
        return replace(self, agenda=agenda, place=place, landmark=landmark, contact=contact)

    def problems(self, now: datetime) -> tuple[Problem, ...]:
        """What can be seen without asking the database, in the order of the fields. `bot.domain.meeting_desk` asks the rest."""
        found = [
            Problem(name, Trouble.MISSING) for name in ("committee_id", "agenda", "place") if not getattr(self, name).strip()
        ]
        for name, most in MOST_CHARS.items():
            if len(getattr(self, name)) > most or (name == "agenda" and len(self.agenda.split()) > MOST_AGENDA_WORDS):
                found.append(Problem(name, Trouble.TOO_LONG))
        if sum(char.isdigit() for char in self.contact) > _MOST_DIGITS:
            found.append(Problem("contact", Trouble.NUMBER))  # a first name and a role; a number would be forwarded
        if not self.place_told and not self.contact.strip():
            found.append(Problem("contact", Trouble.MISSING))  # who tells the place
        if self.language not in LANGUAGES:
            found.append(Problem("language", Trouble.UNKNOWN))
        if self.quorum is not None and not 0 < self.quorum <= MOST_PEOPLE:
            found.append(Problem("quorum", Trouble.TOO_LONG))
        if self.starts_at is None:
            found.append(Problem("starts_at", Trouble.MISSING))
        elif self.starts_at <= now:
            found.append(Problem("starts_at", Trouble.PAST))
        elif self.starts_at > now + FARTHEST:
            found.append(Problem("starts_at", Trouble.TOO_FAR))
        order = list(self.__slots__)
        return tuple(sorted(found, key=lambda problem: order.index(problem.field)))


def needs_second_person(meeting: Meeting, draft: MeetingDraft, now: datetime) -> bool:
    """Whether that change is of its place and comes so late that one person's word is not enough."""
    moved = (draft.place, draft.landmark) != (meeting.place, meeting.landmark)
    return moved and meeting.starts_at - now <= SECOND_PERSON


@dataclass(frozen=True, slots=True)
class Coming:
    """How many come to a meeting, and what they need. Only ever numbers."""

    yes: int = 0
    no: int = 0
    maybe: int = 0
    care: int = 0
    ride: int = 0


class Meetings(Protocol):
    """Meetings and RSVPs, the latter only ever as counts, or one's own."""

    def next_for(self, community_id: str, now: datetime) -> Meeting | None:
        """The next meeting of that community that is not cancelled."""
        ...

    def get(self, meeting_id: str) -> Meeting | None:
        """One meeting."""
        ...

    def put(self, meeting: Meeting) -> None:
        """Insert or replace."""
        ...

    def between(self, since: datetime, until: datetime, community_id: str | None = None) -> Sequence[Meeting]:
        """Those that begin from then until then, cancelled ones too, by their time; of one community where one is given."""
        ...

    def rsvp(self, meeting_id: str, person_id: str, rsvp: Rsvp, when: datetime) -> None:
        """Record or change whether she comes. What she needs is asked anew."""
        ...

    def need(self, meeting_id: str, person_id: str, needs: frozenset[Need]) -> None:
        """Record what she needs, if she has said that she comes."""
        ...

    def answer(self, meeting_id: str, person_id: str) -> Answer | None:
        """What she herself has said: for her own turn and for who is not to be reminded, never to be shown."""
        ...

    def coming(self, meeting_id: str) -> int:
        """How many said yes."""
        ...

    def counted(self, meeting_id: str) -> Coming:
        """All RSVPs as numbers; once they are deleted, what they were."""
        ...

    def went(self, meeting_id: str, *, went: bool) -> None:
        """Somebody says that she was there, or was not: counted, and not kept with anybody."""
        ...

    def went_count(self, meeting_id: str) -> int:
        """How many say that they were there."""
        ...

    def forget_answers(self, meeting_id: str) -> None:
        """Its day has changed: who said that she comes meant another."""
        ...

    def last_minuted(self, meeting: Meeting) -> Meeting | None:
        """The committee's last meeting before that one of which minutes were told."""
        ...

    def forget_rsvps(self, before: datetime) -> int:
        """Make numbers of the RSVPs of meetings that began before that moment; returns how many are gone."""
        ...
