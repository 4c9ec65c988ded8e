"""Who is told what about meetings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, select, update

from bot.domain.meeting_notice import AHEAD_OF_IT, Kind, Notice, announcement_of
from bot.domain.message import MessageState
from bot.storage.states import HAS_LEFT
from bot.storage.tables import insert, meeting, meeting_count, meeting_notice, message, poll_invited, profile, upsert
from bot.storage.transaction import Transaction

_ARRIVED: Final = (MessageState.DELIVERED, MessageState.READ)
_one = (
    (meeting_notice.c.meeting_id == bindparam("m"))
    & (meeting_notice.c.person_id == bindparam("p"))
    & (meeting_notice.c.kind == bindparam("k"))
)
_WAITING: Final = (
    select(
        *(meeting_notice.c.meeting_id, meeting_notice.c.kind, meeting_notice.c.tries, meeting_notice.c.receipts),
        *(message.c.state, message.c.changed_at, meeting.c.starts_at),
    )
    .select_from(meeting_notice)
    .join(message, message.c.id == meeting_notice.c.message_id)
    .join(meeting, meeting.c.id == meeting_notice.c.meeting_id)
    .where(
        meeting_notice.c.person_id == bindparam("p"),
        meeting_notice.c.message_id.is_not(None),
        message.c.state.in_(HAS_LEFT),
    )
    .order_by(message.c.changed_at.desc())
)
_POLLED: Final = (
    select(func.max(message.c.changed_at, type_=message.c.changed_at.type))
    .select_from(poll_invited)
    .join(message, message.c.id == poll_invited.c.message_id)
    .where(poll_invited.c.person_id == bindparam("p"), message.c.state.in_(HAS_LEFT))
)
_READ: Final = update(meeting_notice).where(_one).values(message_id=None, reached=bindparam("reached"))
_ANSWERED: Final = (
    update(meeting_notice)
    .where(_one, meeting_notice.c.answered_at.is_(None))
    .values(answered_at=bindparam("now"), due_at=None, reached=True)
)
TALLIES: Final = ("told", "reached", "heard", "confirmed", "unconfirmed")


class SqlNotices:
    """`bot.domain.meeting_notice.Notices` on a table."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def plan(self, meeting_id: str, kind: Kind, person_ids: Iterable[str], due_at: datetime) -> None:
        """Have them told from then on; of news, and of what has not left, anew."""
        fresh = {"due_at": due_at, "told_at": None, "answered_at": None, "tries": 0, "message_id": None}
        rows = [
            {"meeting_id": meeting_id, "person_id": person_id, "kind": kind, "receipts": False, "reached": False, **fresh}
            for person_id in person_ids
        ]
        if not rows:
            return
        if kind is Kind.NEWS:
            self._tx.run(upsert(self._tx.dialect, meeting_notice), rows)
            return
        self._tx.run(insert(self._tx.dialect, meeting_notice).on_conflict_do_nothing(), rows)
        self.replan(meeting_id, {kind: due_at})

    def join(self, meeting_id: str, person_id: str, due: Mapping[Kind, datetime | None], told_at: datetime | None) -> None:
        """Somebody more is concerned; `told_at`: she has just heard of it, because she asked."""
        hers = {"meeting_id": meeting_id, "person_id": person_id, "answered_at": None, "tries": 0, "message_id": None}
        rows = [
            {**hers, "kind": kind, "due_at": moment, "told_at": None, "receipts": False, "reached": False}
            for kind, moment in due.items()
            if moment is not None
        ]
        if told_at is not None:
            rows.append({**hers, "kind": Kind.ANNOUNCED, "due_at": None, "told_at": told_at, "receipts": False, "reached": True})
        if rows:
            self._tx.run(insert(self._tx.dialect, meeting_notice).on_conflict_do_nothing(), rows)

    def replan(self, meeting_id: str, due: Mapping[Kind, datetime | None]) -> None:
        """Move what has not left yet to these moments; None: it is not to leave."""
        for kind, moment in due.items():
            here = (meeting_notice.c.meeting_id == meeting_id) & (meeting_notice.c.kind == kind)
            waits = meeting_notice.c.told_at.is_(None)
            self._tx.run(update(meeting_notice).where(here, waits).values(due_at=moment))

    def withdraw(self, meeting_id: str, now: datetime) -> int:
        """Take back what has not left yet; to whoever it was to go it is due anew."""
        waits = message.c.state.in_((MessageState.QUEUED, MessageState.HELD)) & (message.c.parts_sent == 0)
        hers = (meeting_notice.c.meeting_id == meeting_id) & meeting_notice.c.kind.in_(AHEAD_OF_IT)
        told = select(meeting_notice.c.message_id).where(hers, meeting_notice.c.message_id.is_not(None))
        counted = message.c.announcement.in_([announcement_of(meeting_id, kind) for kind in AHEAD_OF_IT])
        unsent = list(self._tx.run(select(message.c.id).where(waits, message.c.id.in_(told))).scalars())
        anew = {"due_at": now, "told_at": None, "tries": 0, "message_id": None}
        for message_id in unsent:
            self._tx.run(update(meeting_notice).where(hers, meeting_notice.c.message_id == message_id).values(**anew))
        gone: dict[str, Any] = dict.fromkeys(("due_at", "claimed_at", "address_hash", "sealed"))
        gone |= {"state": MessageState.CANCELLED, "changed_at": now, "error_code": "replaced"}
        return self._tx.run(update(message).where(waits, counted | message.c.id.in_(unsent)).values(**gone)).rowcount

    def due(self, now: datetime, limit: int = 50) -> Sequence[Notice]:
        """What is to leave now, of meetings that are not held back, locked until the transaction ends."""
        query = (
            select(meeting_notice)
            .join(meeting, meeting.c.id == meeting_notice.c.meeting_id)
            .where(meeting_notice.c.due_at <= now, meeting.c.held_back.is_(False))
            .order_by(meeting_notice.c.due_at, meeting_notice.c.meeting_id, meeting_notice.c.person_id)
            .limit(limit)
            .with_for_update(of=meeting_notice, skip_locked=True)
        )
        return [Notice(row.meeting_id, row.person_id, Kind(row.kind), row.tries) for row in self._tx.run(query)]

    def put_off(self, notice: Notice, until: datetime | None) -> None:
        """Nothing leaves now, but then; None: never."""
        self._tx.run(update(meeting_notice).where(_one).values(due_at=until), _key(notice))

    def told(self, notice: Notice, message_id: str, now: datetime, *, again_at: datetime | None, receipts: bool) -> None:
        """A message was queued. When it is to be repeated, None: never. `receipts`: its channel says when it arrives."""
        before = select(message.c.state).where(message.c.id == meeting_notice.c.message_id).scalar_subquery()
        self._tx.run(update(meeting_notice).where(_one, before.in_(_ARRIVED)).values(reached=True), _key(notice))
        changed = {"message_id": message_id, "due_at": again_at, "told_at": now, "receipts": receipts}
        self._tx.run(update(meeting_notice).where(_one).values(**changed, tries=meeting_notice.c.tries + 1), _key(notice))

    def answered(self, meeting_id: str, person_id: str, kind: Kind, now: datetime) -> bool:
        """She has reacted: nothing of that kind is repeated. False where she had before, or was never told."""
        values = {"m": meeting_id, "p": person_id, "k": kind, "now": now}
        return bool(self._tx.run(_ANSWERED, values).rowcount)

    def waiting_for(self, person_id: str, now: datetime) -> Notice | None:
        """What asks her something, and has reached her unasked since she last wrote: what she says now may answer it. Once.

        The newest; None where a poll has asked since, or where it is too late for that. Costs no query where `meet` has just
        seen that she was told nothing.
        """
        if not self._tx.noticed.pop(person_id, True):
            return None
        rows = self._tx.run(_WAITING, {"p": person_id}).all()
        for row in rows:
            reached = row.state != MessageState.UNKNOWN and (row.state != MessageState.SENT or not row.receipts)
            self._tx.run(_READ, {"m": row.meeting_id, "p": person_id, "k": row.kind, "reached": reached})
        open_ = [row for row in rows if (row.kind == Kind.CAME) == (row.starts_at <= now) and row.kind != Kind.MINUTES]
        polled = self._tx.run(_POLLED, {"p": person_id}).scalar() if open_ else None
        if not open_ or (polled is not None and polled > open_[0].changed_at):
            return None
        return Notice(open_[0].meeting_id, person_id, Kind(open_[0].kind), open_[0].tries)

    def people(self, meeting_id: str, *kinds: Kind) -> Sequence[str]:
        """Who was told of it, or is to be; of these kinds where any are given."""
        query = select(meeting_notice.c.person_id).where(meeting_notice.c.meeting_id == meeting_id).distinct()
        if kinds:
            query = query.where(meeting_notice.c.kind.in_(kinds))
        return list(self._tx.run(query.order_by(meeting_notice.c.person_id)).scalars())

    def told_people(self, meeting_id: str) -> Sequence[str]:
        """To whom something about it has left."""
        told = meeting_notice.c.told_at.is_not(None) & (meeting_notice.c.meeting_id == meeting_id)
        return list(self._tx.run(select(meeting_notice.c.person_id).where(told).distinct().order_by("person_id")).scalars())

    def unconfirmed(self, meeting_id: str) -> Sequence[tuple[str, str]]:
        """Who was told of news and has not reacted: each person with her nickname, '' where none is known."""
        of_news = _news(meeting_id) & meeting_notice.c.answered_at.is_(None)
        people = list(self._tx.run(select(meeting_notice.c.person_id).where(of_news).order_by("person_id")).scalars())
        named = select(profile.c.person_id, profile.c.name_sealed).where(
            profile.c.person_id.in_(select(meeting_notice.c.person_id).where(of_news)), profile.c.name_sealed.is_not(None)
        )
        names = {row.person_id: self._tx.vault.open(row.name_sealed) for row in self._tx.run(named)}
        return [(person_id, names.get(person_id, "")) for person_id in people]

    def tallied(self, meeting_id: str) -> Mapping[str, int]:
        """How many were `told`, `reached`, `heard`; of its news `confirmed` and `unconfirmed`. Never who."""
        kept = select(meeting_count.c.what, meeting_count.c.number).where(
            meeting_count.c.meeting_id == meeting_id, meeting_count.c.what.in_(TALLIES)
        )
        found = dict.fromkeys(TALLIES, 0) | {row.what: row.number for row in self._tx.run(kept)}
        for what, number in self._live(meeting_id).items():
            found[what] += number
        return found

    def forget_notices(self, news_before: datetime, before: datetime) -> int:
        """Make numbers of the news of meetings that began before the first moment, and of all of those before the other."""
        gone = 0
        for moment, kinds in ((news_before, (Kind.NEWS,)), (before, tuple(Kind))):
            over = (
                select(meeting_notice.c.meeting_id)
                .join(meeting, meeting.c.id == meeting_notice.c.meeting_id)
                .where(meeting.c.starts_at < moment, meeting_notice.c.kind.in_(kinds))
                .distinct()
            )
            for meeting_id in self._tx.run(over).scalars().all():
                wanted = ("confirmed", "unconfirmed") if kinds == (Kind.NEWS,) else TALLIES
                live = self._live(meeting_id)
                self.add_counts(meeting_id, {what: live[what] for what in wanted})
                hers = (meeting_notice.c.meeting_id == meeting_id) & meeting_notice.c.kind.in_(kinds)
                gone += self._tx.run(delete(meeting_notice).where(hers)).rowcount
        return gone

    def add_counts(self, meeting_id: str, counts: Mapping[str, int]) -> None:
        """Add to what stays of a meeting as numbers."""
        for what, number in counts.items():
            adding = insert(self._tx.dialect, meeting_count)
            more = {"number": meeting_count.c.number + adding.excluded.number}
            adding = adding.on_conflict_do_update(index_elements=["meeting_id", "what"], set_=more)
            self._tx.run(adding, {"meeting_id": meeting_id, "what": what, "number": number})

    def _live(self, meeting_id: str) -> Mapping[str, int]:
        """The numbers that the rows which are still there give."""
        arrived = message.c.state.in_(_ARRIVED) | ((message.c.state == MessageState.SENT) & meeting_notice.c.receipts.is_(False))
        answered = meeting_notice.c.answered_at.is_not(None)
        there = select(meeting_notice.c.person_id, meeting_notice.c.kind, answered.label("answered")).add_columns(
            (meeting_notice.c.reached | func.coalesce(arrived, False)).label("reached"),
            (message.c.state == MessageState.READ).label("read"),
        )
        there = there.outerjoin(message, message.c.id == meeting_notice.c.message_id).where(
            meeting_notice.c.meeting_id == meeting_id, meeting_notice.c.told_at.is_not(None)
        )
        rows = self._tx.run(there).all()
        of_meeting = [row for row in rows if row.kind not in {Kind.CAME, Kind.MINUTES}]
        news = [row for row in rows if row.kind == Kind.NEWS]
        return {
            "told": len({row.person_id for row in of_meeting}),
            "reached": len({row.person_id for row in of_meeting if row.reached or row.answered}),
            "heard": len({row.person_id for row in of_meeting if row.answered or row.read}),
            "confirmed": sum(row.answered for row in news),
            "unconfirmed": sum(not row.answered for row in news),
        }


def pass_notices_on(tx: Transaction, gone: str, keep: str) -> None:
    """Two persons are one: she is told once of each thing."""
    other = meeting_notice.alias("other")
    same = (
        select(other.c.kind)
        .where(
            other.c.person_id == keep,
            other.c.meeting_id == meeting_notice.c.meeting_id,
            other.c.kind == meeting_notice.c.kind,
        )
        .exists()
    )
    tx.run(update(meeting_notice).where(meeting_notice.c.person_id == gone, ~same).values(person_id=keep))


def _key(notice: Notice) -> dict[str, str]:
    return {"m": notice.meeting_id, "p": notice.person_id, "k": notice.kind}


def _news(meeting_id: str) -> Any:
    return (
        (meeting_notice.c.meeting_id == meeting_id) & (meeting_notice.c.kind == Kind.NEWS) & meeting_notice.c.told_at.is_not(None)
    )
