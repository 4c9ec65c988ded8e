"""Poll rounds and answers, anonymous by construction.

While a round is open, the database holds who took part, and apart from that ballots which only the round's key, kept
elsewhere, can find and open. Closing pours the ballots out in random order as answers with new random ids, and rewrites the
list of who took part likewise, so that not even the order of rows tells anything; then the key is destroyed.
"""

from __future__ import annotations

import json
import random
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, select, update

from bot.domain.errors import StorageError
from bot.domain.poll import PollRound
from bot.storage.rounds import RoundKey
from bot.storage.tables import ballot, insert, participation, poll_answer, poll_round, upsert
from bot.storage.transaction import Transaction

_OPEN: Final = (
    select(poll_round.c.id, poll_round.c.poll_id, poll_round.c.opens_at, poll_round.c.closes_at, poll_round.c.territories)
    .where(poll_round.c.closes_at > bindparam("now"), poll_round.c.opens_at <= bindparam("now"), poll_round.c.closed_at.is_(None))
    .order_by(poll_round.c.opens_at, poll_round.c.id)
)
_ANSWERED: Final = select(participation.c.person_id).where(
    participation.c.round_id == bindparam("r"), participation.c.person_id == bindparam("p")
)
_KNOWN: Final = select(poll_round.c.id).where(poll_round.c.id == bindparam("r"))


class SqlPolls:
    """`bot.domain.store.Polls` on tables."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def open_rounds(self, now: datetime, territory: str | None) -> Sequence[PollRound]:
        """Rounds open now to that territory, the oldest first; None is nowhere, which only rounds for everybody reach."""
        rounds = [
            PollRound(row.id, row.poll_id, row.opens_at, row.closes_at, tuple(json.loads(row.territories)))
            for row in self._tx.run(_OPEN, {"now": now})
        ]
        return [r for r in rounds if not r.territories or territory in r.territories]

    def answered(self, round_id: str, person_id: str) -> bool:
        """Whether she took part in that round."""
        return self._tx.run(_ANSWERED, {"r": round_id, "p": person_id}).first() is not None

    def answer(self, round_id: str, person_id: str, option_ids: Sequence[str], when: datetime) -> None:
        """Record or change her one answer to an open round. Raises StorageError where it is not open, or its key is lost."""
        tx = self._tx
        row = tx.run(select(poll_round).where(poll_round.c.id == round_id).with_for_update(read=True)).first()
        if row is None or row.closed_at is not None or not row.opens_at <= when < row.closes_at:
            raise StorageError("an answer came for a poll round that is not open")
        key = self._key(round_id)
        link = key.link(person_id)
        locked = key.lock(link, option_ids, when.date())
        tx.run(_cast(tx.dialect), {"round_id": round_id, "link_hash": link, "locked": locked})
        tx.run(_take_part(tx.dialect), {"round_id": round_id, "person_id": person_id})

    def counts(self, round_id: str) -> Mapping[str, int]:
        """Answers by option id. Not for showing: results go through suppression."""
        opened = self._opened(round_id)
        if opened:
            return Counter(option for options, _ in opened for option in options)
        query = select(poll_answer.c.option_id, func.count()).where(poll_answer.c.round_id == round_id)
        return {row[0]: row[1] for row in self._tx.run(query.group_by(poll_answer.c.option_id))}

    def put_round(self, poll_round: PollRound) -> None:
        """Insert or replace a round; a new one gets its key. One that was closed stays closed."""
        if self._tx.run(_KNOWN, {"r": poll_round.id}).first() is None:
            self._tx.round_keys.make(poll_round.id)
        row = {
            "id": poll_round.id,
            "poll_id": poll_round.poll_id,
            "opens_at": poll_round.opens_at,
            "closes_at": poll_round.closes_at,
            "territories": json.dumps(poll_round.territories),
        }
        self._tx.run(_put_round(self._tx.dialect), row)

    def to_close(self, now: datetime) -> Sequence[str]:
        """Rounds whose time is over and whose ballots are not poured out yet."""
        return (
            self._tx.run(select(poll_round.c.id).where(poll_round.c.closes_at <= now, poll_round.c.closed_at.is_(None)))
            .scalars()
            .all()
        )

    def closed(self, round_ids: Sequence[str]) -> Sequence[str]:
        """Those of the rounds that were closed, or are not known at all: nothing needs their keys."""
        known = select(poll_round.c.id).where(poll_round.c.id.in_(round_ids), poll_round.c.closed_at.is_(None))
        still_open = set(self._tx.run(known).scalars())
        return [round_id for round_id in round_ids if round_id not in still_open]

    def close_round(self, round_id: str, now: datetime) -> None:
        """Turn ballots into answers that belong to nobody. The key is to be destroyed once this is on disk, not before."""
        tx = self._tx
        row = tx.run(select(poll_round.c.closed_at).where(poll_round.c.id == round_id).with_for_update()).first()
        if row is None or row.closed_at is not None:
            return
        shuffle = random.SystemRandom().shuffle
        opened = self._opened(round_id)
        if opened:
            shuffle(opened)
            answers = [(uuid.uuid4().hex, options, day) for options, day in opened]
            rows = [
                {"id": answer_id, "option_id": option, "round_id": round_id, "day": day}
                for answer_id, options, day in answers
                for option in options
            ]
            tx.run(poll_answer.insert(), rows)
            tx.run(delete(ballot).where(ballot.c.round_id == round_id))
        took_part = [{"round_id": round_id, "person_id": p} for p in tx.run(_who(round_id)).scalars()]
        if took_part:
            shuffle(took_part)
            tx.run(delete(participation).where(participation.c.round_id == round_id))
            tx.run(participation.insert(), took_part)
        tx.run(update(poll_round).where(poll_round.c.id == round_id).values(closed_at=now))

    def _opened(self, round_id: str) -> list[tuple[tuple[str, ...], date]]:
        rows = self._tx.run(select(ballot.c.link_hash, ballot.c.locked).where(ballot.c.round_id == round_id)).all()
        key = self._key(round_id) if rows else None
        return [key.unlock(row.link_hash, row.locked) for row in rows] if key else []

    def _key(self, round_id: str) -> RoundKey:
        key = self._tx.round_keys.get(round_id)
        if key is None:
            raise StorageError(f"the key of poll round {round_id} is missing: restore DATA_DIR/rounds")
        return key


def forget_ballots(tx: Transaction, person_id: str) -> None:
    """Delete the ballots of a person in the rounds that are still open; from closed ones nobody could tell hers."""
    for round_id in tx.run(select(participation.c.round_id).where(participation.c.person_id == person_id)).scalars().all():
        key = tx.round_keys.get(round_id)
        if key is not None:
            tx.run(delete(ballot).where(ballot.c.round_id == round_id, ballot.c.link_hash == key.link(person_id)))


def pass_ballots_on(tx: Transaction, gone: str, keep: str) -> None:
    """Two persons are one: hers who goes counts where she who stays gave none, and no round has two of her."""
    for round_id in tx.run(select(participation.c.round_id).where(participation.c.person_id == gone)).scalars().all():
        both = tx.run(_ANSWERED, {"r": round_id, "p": keep}).first() is not None
        key = tx.round_keys.get(round_id)
        if key is not None:
            old, new = key.link(gone), key.link(keep)
            hers = (ballot.c.round_id == round_id) & (ballot.c.link_hash == old)
            locked = tx.run(select(ballot.c.locked).where(hers)).scalar()
            tx.run(delete(ballot).where(hers))
            if locked is not None and not both:
                option_ids, day = key.unlock(old, locked)
                tx.run(_cast(tx.dialect), {"round_id": round_id, "link_hash": new, "locked": key.lock(new, option_ids, day)})
        if not both:
            tx.run(_take_part(tx.dialect), {"round_id": round_id, "person_id": keep})


def _who(round_id: str) -> Any:
    return select(participation.c.person_id).where(participation.c.round_id == round_id)


@cache
def _cast(dialect: str) -> Any:
    return upsert(dialect, ballot)


@cache
def _take_part(dialect: str) -> Any:
    return insert(dialect, participation).on_conflict_do_nothing()


@cache
def _put_round(dialect: str) -> Any:
    return upsert(dialect, poll_round, keep=frozenset({"closed_at"}))
