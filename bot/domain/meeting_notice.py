"""Who is told what about a meeting, and when: the lines that the sweep works off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from bot.domain.meeting import Meeting

WEEK_BEFORE: Final = timedelta(days=7)
DAYS_BEFORE: Final = timedelta(days=2)
REMIND_AT: Final = time(9)
"""At which hour, there, people are reminded on the days before."""
MORNING: Final = time(7)
AHEAD: Final = timedelta(minutes=90)
"""Who is told less than this before it begins could not come any more."""
EVENING: Final = time(18)
APART: Final = timedelta(hours=24)
"""Nobody is reminded of what was announced so shortly before."""
ASKED_AFTER: Final = timedelta(hours=5)
"""When, after it began, people are asked whether they were there."""
NEWS_PART: Final = "news"
CAME_PART: Final = "came"
THEN_PART: Final = "then"
"""What follows a meeting's id in a place: its last change, whether she was there, what is asked after she has said something."""


class Kind(StrEnum):
    """What a notice is about. `NEWS` is the last change, or that it is called off: it asks to be confirmed."""

    ANNOUNCED = "announced"
    WEEK = "week"
    DAYS = "days"
    MORNING = "morning"
    NEWS = "news"
    CAME = "came"
    MINUTES = "minutes"


AHEAD_OF_IT: Final = (Kind.ANNOUNCED, Kind.WEEK, Kind.DAYS, Kind.MORNING, Kind.NEWS)
"""What tells of a meeting that is to come."""
PARTS_OF: Final = {Kind.NEWS: NEWS_PART, Kind.CAME: CAME_PART}
REMINDERS: Final = (Kind.WEEK, Kind.DAYS, Kind.MORNING)


def announcement_of(meeting_id: str, kind: Kind) -> str:
    """What all rows of the ledger that tell one thing about a meeting are counted as."""
    return f"meeting:{meeting_id}:{kind}"


@dataclass(frozen=True, slots=True)
class Notice:
    """One person is to be told one thing. `tries`: how often she was told of it already."""

    meeting_id: str
    person_id: str
    kind: Kind
    tries: int = 0


class Notices(Protocol):
    """Who is told what about meetings. What somebody answered is not among it, only that she did."""

    def plan(self, meeting_id: str, kind: Kind, person_ids: Iterable[str], due_at: datetime) -> None:
        """Have them told from then on; of news, and of what has not left, anew."""
        ...

    def replan(self, meeting_id: str, due: Mapping[Kind, datetime | None]) -> None:
        """Move what has not left yet to these moments; None: it is not to leave."""
        ...

    def join(self, meeting_id: str, person_id: str, due: Mapping[Kind, datetime | None], told_at: datetime | None) -> None:
        """Somebody more is concerned, and is told from now on what is due; nothing changes for whoever was before.

        `told_at`: she has just heard of it, because she asked; None: she has not.
        """
        ...

    def withdraw(self, meeting_id: str, now: datetime) -> int:
        """Take back what has not left yet, also what waits until somebody writes or is called; gives how many messages.

        To whoever it was to go it is due anew, as if she had not been told.
        """
        ...

    def due(self, now: datetime, limit: int = 50) -> Sequence[Notice]:
        """What is to leave now, of meetings that are not held back, locked until the transaction ends."""
        ...

    def put_off(self, notice: Notice, until: datetime | None) -> None:
        """Nothing leaves now, but then; None: never."""
        ...

    def told(self, notice: Notice, message_id: str, now: datetime, *, again_at: datetime | None, receipts: bool) -> None:
        """A message was queued. When it is to be repeated, None: never. `receipts`: its channel says when it arrives."""
        ...

    def answered(self, meeting_id: str, person_id: str, kind: Kind, now: datetime) -> bool:
        """She has reacted: nothing of that kind is repeated. False where she had before, or was never told."""
        ...

    def waiting_for(self, person_id: str, now: datetime) -> Notice | None:
        """What asks her something, and has reached her unasked since she last wrote: what she says now may answer it. Once.

        The newest; None where a poll has asked since, or where it is too late for that.
        """
        ...

    def people(self, meeting_id: str, *kinds: Kind) -> Sequence[str]:
        """Who was told of it, or is to be; of these kinds where any are given."""
        ...

    def told_people(self, meeting_id: str) -> Sequence[str]:
        """To whom something about it has left."""
        ...

    def unconfirmed(self, meeting_id: str) -> Sequence[tuple[str, str]]:
        """Who was told of news and has not reacted: each person with her nickname, '' where none is known."""
        ...

    def tallied(self, meeting_id: str) -> Mapping[str, int]:
        """How many were `told`, `reached`, `heard`; of its news `confirmed` and `unconfirmed`. Never who."""
        ...


def later(meeting: Meeting, now: datetime) -> dict[Kind, datetime | None]:
    """What is due about a meeting after it is announced: the reminders, and the question whether she was there."""
    return {**reminders(meeting, now), Kind.CAME: meeting.starts_at + ASKED_AFTER}


def reminders(meeting: Meeting, now: datetime) -> dict[Kind, datetime | None]:
    """When people are reminded, in UTC; None where that moment has passed, or comes too soon after now.

    The morning's comes the evening before where the meeting begins too early for it.
    """
    zone = ZoneInfo(meeting.timezone)
    local = meeting.starts_at.astimezone(zone)
    morning = datetime.combine(local.date(), MORNING, zone)
    if local - morning < AHEAD:
        morning = datetime.combine(local.date() - timedelta(days=1), EVENING, zone)
    planned = {
        Kind.WEEK: datetime.combine(local.date() - WEEK_BEFORE, REMIND_AT, zone),
        Kind.DAYS: datetime.combine(local.date() - DAYS_BEFORE, REMIND_AT, zone),
        Kind.MORNING: morning,
    }
    soon = {kind: now + (APART if kind is not Kind.MORNING else AHEAD) for kind in planned}
    return {kind: when.astimezone(now.tzinfo) if when > soon[kind] else None for kind, when in planned.items()}
