"""Meetings, and whether people come: as a number, never as a list."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, false, select

from bot.domain.community import CommitteeKind
from bot.domain.meeting import Meeting, Rsvp
from bot.storage.tables import meeting as meeting_table
from bot.storage.tables import rsvp as rsvp_table
from bot.storage.tables import upsert
from bot.storage.transaction import Transaction

_NEXT: Final = (
    select(meeting_table)
    .where(
        meeting_table.c.community_id == bindparam("c"),
        meeting_table.c.starts_at > bindparam("now"),
        meeting_table.c.cancelled == false(),
    )
    .order_by(meeting_table.c.starts_at, meeting_table.c.id)
    .limit(1)
)
_BY_ID: Final = select(meeting_table).where(meeting_table.c.id == bindparam("m"))
_RSVPS: Final = select(rsvp_table.c.sealed).where(rsvp_table.c.meeting_id == bindparam("m"))
_PLAIN: Final = (
    "id",
    "committee_id",
    "community_id",
    "starts_at",
    "timezone",
    "food",
    "childcare",
    "transport",
    "version",
    "cancelled",
)
_SEALED: Final = ("agenda", "place", "landmark", "contact")  # where people will be is nobody else's business


class SqlMeetings:
    """`bot.domain.store.Meetings` on tables."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def next_for(self, community_id: str, now: datetime) -> Meeting | None:
        """The next meeting of that community that is not cancelled."""
        row = self._tx.run(_NEXT, {"c": community_id, "now": now}).first()
        return None if row is None else self._meeting(row)

    def get(self, meeting_id: str) -> Meeting | None:
        """One meeting."""
        row = self._tx.run(_BY_ID, {"m": meeting_id}).first()
        return None if row is None else self._meeting(row)

    def put(self, meeting: Meeting) -> None:
        """Insert or replace."""
        row = {name: getattr(meeting, name) for name in _PLAIN}
        row["committee_kind"] = meeting.committee_kind.value
        row["sealed"] = self._tx.vault.seal(json.dumps({name: getattr(meeting, name) for name in _SEALED}))
        self._tx.run(upsert(self._tx.dialect, meeting_table), row)

    def rsvp(self, meeting_id: str, person_id: str, rsvp: Rsvp, when: datetime) -> None:  # noqa: ARG002 - the time would tell who
        """Record or change whether she comes."""
        who = self._tx.lookup.of("rsvp", meeting_id, person_id)
        row = {"meeting_id": meeting_id, "person_hash": who, "sealed": self._tx.vault.seal(rsvp.value)}
        self._tx.run(_rsvp(self._tx.dialect), row)

    def coming(self, meeting_id: str) -> int:
        """How many said yes."""
        tokens = self._tx.run(_RSVPS, {"m": meeting_id}).scalars()
        return sum(self._tx.vault.open(token) == Rsvp.YES for token in tokens)

    def forget_rsvps(self, before: datetime) -> int:
        """Delete the RSVPs of meetings that began before that moment; returns how many."""
        over = select(meeting_table.c.id).where(meeting_table.c.starts_at < before)
        return self._tx.run(delete(rsvp_table).where(rsvp_table.c.meeting_id.in_(over))).rowcount

    def _meeting(self, row: Row[Any]) -> Meeting:
        facts = {name: getattr(row, name) for name in _PLAIN}
        return Meeting(committee_kind=CommitteeKind(row.committee_kind), **facts, **json.loads(self._tx.vault.open(row.sealed)))


@cache
def _rsvp(dialect: str) -> Any:
    return upsert(dialect, rsvp_table)
