"""Meetings, and whether people come: as a number, never as a list."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, false, select

from bot.domain.community import CommitteeKind
from bot.domain.meeting import Agreement, Answer, Coming, Meeting, MeetingDraft, Need, OpenTo, Rsvp
from bot.storage.meeting_notices import SqlNotices
from bot.storage.tables import meeting as meeting_table
from bot.storage.tables import meeting_count, upsert
from bot.storage.tables import rsvp as rsvp_table
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
_HERS: Final = select(rsvp_table.c.sealed).where(
    rsvp_table.c.meeting_id == bindparam("m"), rsvp_table.c.person_hash == bindparam("h")
)
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
    "held_back",
)
# Where people will be is nobody else's business. `_MORE` came later: older rows do not have it.
_SEALED: Final = ("agenda", "place", "landmark", "contact")
_MORE: Final = ("open_to", "children", "language", "place_told", "voice", "quorum", "came", "minutes_voice")
_EARLIER: Final = ("place", "landmark", "place_told")
_LOOKS_BACK: Final = 6
"""Among how many meetings before one its committee's last minutes are looked for."""


class SqlMeetings:
    """`bot.domain.meeting.Meetings` on tables; `notices` is who is told what."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction
        self.notices = SqlNotices(transaction)

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
        row["sealed"] = self._tx.vault.seal(json.dumps(_sealed(meeting)))
        self._tx.run(upsert(self._tx.dialect, meeting_table), row)

    def between(self, since: datetime, until: datetime, community_id: str | None = None) -> Sequence[Meeting]:
        """Those that begin from then until then, cancelled ones too, by their time; of one community where one is given."""
        wanted = [meeting_table.c.starts_at >= since, meeting_table.c.starts_at < until]
        if community_id is not None:
            wanted.append(meeting_table.c.community_id == community_id)
        found = select(meeting_table).where(*wanted).order_by(meeting_table.c.starts_at, meeting_table.c.id)
        return [self._meeting(row) for row in self._tx.run(found).all()]

    def forget_answers(self, meeting_id: str) -> None:
        """Its day has changed: who said that she comes meant another."""
        self._tx.run(delete(rsvp_table).where(rsvp_table.c.meeting_id == meeting_id))

    def last_minuted(self, meeting: Meeting) -> Meeting | None:
        """The committee's last meeting before that one of which minutes were told."""
        before = (
            select(meeting_table)
            .where(meeting_table.c.committee_id == meeting.committee_id, meeting_table.c.starts_at < meeting.starts_at)
            .order_by(meeting_table.c.starts_at.desc())
            .limit(_LOOKS_BACK)
        )
        return next((found for row in self._tx.run(before).all() if (found := self._meeting(row)).minutes), None)

    def rsvp(self, meeting_id: str, person_id: str, rsvp: Rsvp, when: datetime) -> None:  # noqa: ARG002 - the time would tell who
        """Record or change whether she comes. What she needs is asked anew."""
        self._answered(meeting_id, person_id, Answer(rsvp))

    def need(self, meeting_id: str, person_id: str, needs: frozenset[Need]) -> None:
        """Record what she needs, if she has said that she comes."""
        said = self.answer(meeting_id, person_id)
        if said and said.rsvp is Rsvp.YES:
            self._answered(meeting_id, person_id, Answer(said.rsvp, needs))

    def answer(self, meeting_id: str, person_id: str) -> Answer | None:
        """What she herself has said: for her own turn and for who is not to be reminded, never to be shown."""
        hashed = self._tx.lookup.of("rsvp", meeting_id, person_id)
        token = self._tx.run(_HERS, {"m": meeting_id, "h": hashed}).scalar()
        return None if token is None else self._opened(token)

    def coming(self, meeting_id: str) -> int:
        """How many said yes."""
        return self.counted(meeting_id).yes

    def counted(self, meeting_id: str) -> Coming:
        """All RSVPs as numbers; once they are deleted, what they were."""
        found = dict.fromkeys(Coming.__slots__, 0)
        kept = select(meeting_count.c.what, meeting_count.c.number).where(meeting_count.c.meeting_id == meeting_id)
        found |= {row.what: row.number for row in self._tx.run(kept) if row.what in found}
        for what, number in self._live(meeting_id).items():
            found[what] += number
        return Coming(**found)

    def went(self, meeting_id: str, *, went: bool) -> None:
        """Somebody says that she was there, or was not: counted, and not kept with anybody."""
        self.notices.add_counts(meeting_id, {"went" if went else "stayed": 1})

    def went_count(self, meeting_id: str) -> int:
        """How many say that they were there."""
        kept = select(meeting_count.c.number).where(meeting_count.c.meeting_id == meeting_id, meeting_count.c.what == "went")
        return int(self._tx.run(kept).scalar() or 0)

    def forget_rsvps(self, before: datetime) -> int:
        """Make numbers of the RSVPs of meetings that began before that moment; returns how many are gone."""
        over = (
            select(meeting_table.c.id)
            .where(meeting_table.c.starts_at < before)
            .where(select(rsvp_table.c.meeting_id).where(rsvp_table.c.meeting_id == meeting_table.c.id).exists())
        )
        gone = 0
        for meeting_id in self._tx.run(over).scalars().all():
            self.notices.add_counts(meeting_id, self._live(meeting_id))
            gone += self._tx.run(delete(rsvp_table).where(rsvp_table.c.meeting_id == meeting_id)).rowcount
        return gone

    def _live(self, meeting_id: str) -> dict[str, int]:
        found = dict.fromkeys(Coming.__slots__, 0)
        for token in self._tx.run(_RSVPS, {"m": meeting_id}).scalars():
            said = self._opened(token)
            for what in (said.rsvp.value, *(need.value for need in said.needs or ())):
                found[what] += 1
        return found

    def _answered(self, meeting_id: str, person_id: str, said: Answer) -> None:
        needs = None if said.needs is None else sorted(said.needs)
        row = {
            "meeting_id": meeting_id,
            "person_hash": self._tx.lookup.of("rsvp", meeting_id, person_id),
            "sealed": self._tx.vault.seal(said.rsvp.value if needs is None else json.dumps([said.rsvp.value, *needs])),
        }
        self._tx.run(_rsvp(self._tx.dialect), row)

    def _opened(self, token: str) -> Answer:
        said = self._tx.vault.open(token)
        if not said.startswith("["):
            return Answer(Rsvp(said))
        rsvp, *needs = json.loads(said)
        return Answer(Rsvp(rsvp), frozenset(map(Need, needs)))

    def _meeting(self, row: Row[Any]) -> Meeting:
        facts = {name: getattr(row, name) for name in _PLAIN}
        kept = json.loads(self._tx.vault.open(row.sealed))
        if "open_to" in kept:
            kept["open_to"] = OpenTo(kept["open_to"])
            announced = kept.pop("announced_at")
            kept["announced_at"] = datetime.fromisoformat(announced) if announced else None
            before = kept.pop("before")
            kept["before"] = _before(before) if before else None
            kept["minutes"] = tuple(
                Agreement(what, who, date.fromisoformat(by) if by else None) for what, who, by in kept["minutes"]
            )
        return Meeting(committee_kind=CommitteeKind(row.committee_kind), **facts, **kept)


def _sealed(meeting: Meeting) -> dict[str, Any]:
    kept = {name: getattr(meeting, name) for name in (*_SEALED, *_MORE)}
    announced = meeting.announced_at.isoformat() if meeting.announced_at else None
    minutes = [[line.what, line.who, line.by.isoformat() if line.by else None] for line in meeting.minutes]
    before = meeting.before
    earlier: dict[str, Any] | None = None
    if before and before.starts_at:
        earlier = {name: getattr(before, name) for name in _EARLIER} | {"starts_at": before.starts_at.isoformat()}
    return kept | {"announced_at": announced, "minutes": minutes, "before": earlier}


def _before(kept: dict[str, Any]) -> MeetingDraft:
    starts_at = datetime.fromisoformat(kept.pop("starts_at"))
    return MeetingDraft(starts_at=starts_at, **kept)


@cache
def _rsvp(dialect: str) -> Any:
    return upsert(dialect, rsvp_table)
