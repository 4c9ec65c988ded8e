"""Who is asked in a round, when next, and what has reached her."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, select, update

from bot.domain.message import MessageState
from bot.domain.poll import Invitation, PollRound
from bot.storage.states import HAS_LEFT
from bot.storage.tables import insert, message, poll_invited, poll_round
from bot.storage.transaction import Transaction

_one = (poll_invited.c.round_id == bindparam("r")) & (poll_invited.c.person_id == bindparam("p"))
_WAITING: Final = (
    select(
        *(poll_round.c.id, poll_round.c.poll_id, poll_round.c.opens_at, poll_round.c.closes_at, poll_round.c.territories),
        *(poll_round.c.audience, poll_round.c.number, poll_round.c.population, poll_round.c.panel),
        *(message.c.state, poll_invited.c.receipts),
    )
    .select_from(poll_invited)
    .join(message, message.c.id == poll_invited.c.message_id)
    .join(poll_round, poll_round.c.id == poll_invited.c.round_id)
    .where(
        poll_invited.c.person_id == bindparam("p"),
        poll_invited.c.message_id.is_not(None),
        message.c.state.in_(HAS_LEFT),
    )
    .order_by(message.c.changed_at.desc())
)
_READ: Final = update(poll_invited).where(_one).values(message_id=None, reached=bindparam("reached"))
_TOLD_LAST: Final = (
    select(func.max(poll_invited.c.told_at))
    .join(poll_round, poll_round.c.id == poll_invited.c.round_id)
    .where(poll_invited.c.person_id == bindparam("p"), poll_round.c.closed_at.is_(None))
)


class Invitations:
    """The part of `bot.domain.ballots.Polls` that is about being asked."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def invite(self, round_id: str, person_ids: Sequence[str], due_at: datetime) -> None:
        """Count people as invited, and have them asked from then on; those who are already, stay as they are."""
        rows = [{"round_id": round_id, "person_id": p, "due_at": due_at, **_FRESH} for p in person_ids]
        if not rows:
            return
        counted = select(func.count()).where(poll_invited.c.round_id == round_id)
        before = self._tx.run(counted).scalar() or 0
        self._tx.run(insert(self._tx.dialect, poll_invited).on_conflict_do_nothing(), rows)
        added = (self._tx.run(counted).scalar() or 0) - before
        of_round = update(poll_round).where(poll_round.c.id == round_id)
        self._tx.run(of_round.values(invited=poll_round.c.invited + added))

    def due(self, now: datetime, limit: int = 200) -> Sequence[Invitation]:
        """Who is to be asked or reminded now, in open rounds, locked until the transaction ends."""
        query = (
            select(poll_round, poll_invited.c.person_id, poll_invited.c.sent)
            .join(poll_round, poll_round.c.id == poll_invited.c.round_id)
            .where(poll_invited.c.due_at <= now, poll_round.c.closed_at.is_(None), poll_round.c.closes_at > now)
            .order_by(poll_round.c.opens_at, poll_round.c.id, poll_invited.c.person_id)
            .limit(limit)
            .with_for_update(of=poll_invited, skip_locked=True)
        )
        return [Invitation(_asked(row), row.person_id, row.sent) for row in self._tx.run(query)]

    def told(
        self, round_id: str, person_id: str, message_id: str, next_at: datetime | None, *, told_at: datetime, receipts: bool
    ) -> None:
        """A message about the round was queued for her, to leave at `told_at`; when the next one is due, None: never.

        `receipts`: its channel says when it arrives.
        """
        before = select(message.c.state).where(message.c.id == poll_invited.c.message_id).scalar_subquery()
        arrived = before.in_((MessageState.DELIVERED, MessageState.READ))
        here = (poll_invited.c.round_id == round_id) & (poll_invited.c.person_id == person_id)
        self._tx.run(update(poll_invited).where(here, arrived).values(reached=True))
        changed = {"message_id": message_id, "due_at": next_at, "told_at": told_at, "receipts": receipts}
        self._tx.run(update(poll_invited).where(here).values(**changed, sent=poll_invited.c.sent + 1))

    def put_off(self, round_id: str, person_id: str, next_at: datetime | None) -> None:
        """Nothing goes to her now, but then; None: never."""
        here = (poll_invited.c.round_id == round_id) & (poll_invited.c.person_id == person_id)
        self._tx.run(update(poll_invited).where(here).values(due_at=next_at))

    def told_last(self, person_id: str) -> datetime | None:
        """When a message about any open round was last due to leave for her."""
        found: datetime | None = self._tx.run(_TOLD_LAST, {"p": person_id}).scalar()
        return found

    def forget_asked(self, before: datetime) -> None:
        """Forget who was asked in rounds that closed before that and has not written since."""
        over = select(poll_round.c.id).where(poll_round.c.closed_at < before)
        self._tx.run(delete(poll_invited).where(poll_invited.c.round_id.in_(over)))

    def waiting_for(self, person_id: str) -> PollRound | None:
        """The round whose question has reached her unasked since she last wrote: what she says now may answer that. Once.

        Costs no query where `meet` has just seen that she was asked nothing.
        """
        if not self._tx.invited.pop(person_id, True):
            return None
        rows = self._tx.run(_WAITING, {"p": person_id}).all()
        for row in rows:
            reached = row.state != MessageState.UNKNOWN and (row.state != MessageState.SENT or not row.receipts)
            self._tx.run(_READ, {"r": row.id, "p": person_id, "reached": reached})
        return _asked(rows[0]) if rows else None


def pass_invitations_on(tx: Transaction, gone: str, keep: str) -> None:
    """Two persons are one: she is asked once in each round."""
    hers = select(poll_invited.c.round_id).where(poll_invited.c.person_id == keep)
    moving = (poll_invited.c.person_id == gone) & poll_invited.c.round_id.not_in(hers)
    tx.run(update(poll_invited).where(moving).values(person_id=keep))


_FRESH: Final[dict[str, Any]] = {
    "told_at": None,
    "sent": 0,
    "message_id": None,
    "receipts": False,
    "reached": False,
    "late": False,
}


def _asked(row: Any) -> PollRound:
    territories = tuple(json.loads(row.territories))
    rest = (row.audience, row.number, row.population, row.panel)
    return PollRound(row.id, row.poll_id, row.opens_at, row.closes_at, territories, *rest)
