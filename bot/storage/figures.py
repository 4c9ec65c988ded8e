"""Counts for the staff pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select

from bot.domain.figures import ModuleCounts, QuizCounts
from bot.domain.meeting import Meeting
from bot.domain.person import Country
from bot.domain.register import Standing
from bot.storage.meetings import SqlMeetings
from bot.storage.person_tables import consent, person
from bot.storage.register import STANDINGS
from bot.storage.states import LOST
from bot.storage.tables import help_request, lesson_record, message, quiz_answer, unread_message
from bot.storage.tables import meeting as meeting_table
from bot.storage.transaction import Transaction

_newest = select(func.max(consent.c.id).label("id")).group_by(consent.c.person_id).subquery()
_last = quiz_answer.alias("last")
_same = ("person_id", "module_id", "quiz_id")
_FIRST, _LAST = 1, 2


class SqlFigures:
    """`bot.domain.figures.Figures` on tables."""

    def __init__(self, transaction: Transaction, meetings: SqlMeetings) -> None:
        self._tx = transaction
        self._meetings = meetings

    def enrolled(self, community_id: str | None = None) -> int:
        """How many people have agreed and not left."""
        agreed = (
            select(func.count())
            .select_from(consent.join(_newest, _newest.c.id == consent.c.id).join(person, person.c.id == consent.c.person_id))
            .where(STANDINGS[Standing.AGREED])
        )
        return self._count(_of(agreed, community_id))

    def waiting(self, community_id: str | None = None) -> int:
        """How many people wait for a person."""
        waiting = select(func.count()).select_from(help_request.join(person, person.c.id == help_request.c.person_id))
        return self._count(_of(waiting, community_id))

    def failed(self, since: datetime, community_id: str | None = None) -> int:
        """Messages since then that did not arrive, or of which nobody knows."""
        lost = select(func.count()).select_from(message).where(message.c.state.in_(LOST), message.c.created_at >= since)
        if community_id is not None:
            lost = lost.join(person, person.c.id == message.c.person_id).where(person.c.community_id == community_id)
        return self._count(lost)

    def unread(self) -> int:
        """Messages that were not understood and that nobody has dealt with."""
        return self._count(select(func.count()).select_from(unread_message))

    def meetings(self, now: datetime, community_id: str | None = None, limit: int = 5) -> Sequence[Meeting]:
        """The next meetings that are not cancelled, the soonest first."""
        wanted: list[ColumnElement[bool]] = [meeting_table.c.starts_at > now, meeting_table.c.cancelled.is_(False)]
        if community_id is not None:
            wanted.append(meeting_table.c.community_id == community_id)
        found = select(meeting_table.c.id).where(*wanted).order_by(meeting_table.c.starts_at, meeting_table.c.id).limit(limit)
        ids = self._tx.run(found).scalars().all()
        return [meeting for meeting_id in ids if (meeting := self._meetings.get(meeting_id))]

    def modules(self, community_id: str | None = None) -> Sequence[ModuleCounts]:
        """Who learnt what, as counts."""
        each = (
            select(
                lesson_record.c.module_id, lesson_record.c.person_id, func.count(lesson_record.c.finished_at).label("finished")
            )
            .group_by(lesson_record.c.person_id, lesson_record.c.module_id)  # in the order of the key: nothing is sorted
            .subquery()
        )
        counted = (
            select(person.c.country, each.c.module_id, each.c.finished, func.count().label("people"))
            .join(person, person.c.id == each.c.person_id)
            .group_by(person.c.country, each.c.module_id, each.c.finished)
        )
        found: defaultdict[tuple[str | None, str], dict[int, int]] = defaultdict(dict)
        for row in self._tx.run(_of(counted, community_id)):
            found[row.country, row.module_id][row.finished] = row.people
        return [
            ModuleCounts(Country(country) if country else None, module_id, by_lessons)
            for (country, module_id), by_lessons in found.items()
        ]

    def quizzes(self, community_id: str | None = None) -> Sequence[QuizCounts]:
        """Answers to quiz items, each person's first and last to each."""
        answers = quiz_answer.outerjoin(
            _last, and_(_last.c.attempt == _LAST, *(_last.c[name] == quiz_answer.c[name] for name in _same))
        )
        if community_id is not None:
            answers = answers.join(person, person.c.id == quiz_answer.c.person_id)
        repeated, wrong = _last.c.id.is_not(None), quiz_answer.c.right.is_(False)
        counted = (
            select(
                *(quiz_answer.c.module_id, quiz_answer.c.quiz_id, func.count().label("people")),
                *(_how_many(wrong, "missed"), _how_many(repeated, "again"), _how_many(wrong & repeated, "missed_before")),
                _how_many(_last.c.right.is_(False), "missed_again"),
            )
            .select_from(answers)
            .where(quiz_answer.c.attempt == _FIRST)
            .group_by(quiz_answer.c.module_id, quiz_answer.c.quiz_id)
        )
        rows = self._tx.run(_of(counted, community_id))
        return [
            QuizCounts(
                *(row.module_id, row.quiz_id, row.people, int(row.missed)),
                *(int(row.again), int(row.missed_before), int(row.missed_again)),
            )
            for row in rows
        ]

    def _count(self, counting: Select[Any]) -> int:
        return int(self._tx.run(counting).scalar() or 0)


def _of(counting: Select[Any], community_id: str | None) -> Select[Any]:
    return counting if community_id is None else counting.where(person.c.community_id == community_id)


def _how_many(which: ColumnElement[bool], name: str) -> ColumnElement[Any]:
    return func.sum(case((which, 1), else_=0)).label(name)
