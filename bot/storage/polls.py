"""Poll rounds and answers, anonymous by construction.

While a round is open, the database holds who takes part, and apart from that ballots which only the round's key, kept
elsewhere, can find and open. Closing (`bot.storage.closing`) leaves counts and plain answers with new random ids, and forgets
who took part; then the key is destroyed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Row, bindparam, delete, func, select

from bot.domain.errors import StorageError
from bot.domain.poll import InPerson, PanelConsent, Poll, PollRound, RoundRecord
from bot.domain.results import By, RoundTally
from bot.storage import closing, panels
from bot.storage.invitations import Invitations
from bot.storage.rounds import Ballot, RoundKey
from bot.storage.tables import ballot, insert, participation, poll_answer, poll_change, poll_invited, poll_round, upsert
from bot.storage.tables import in_person as in_person_table

POLL: Final = TypeAdapter(Poll)
_ROUND: Final = (
    *(poll_round.c.id, poll_round.c.poll_id, poll_round.c.opens_at, poll_round.c.closes_at, poll_round.c.territories),
    *(poll_round.c.audience, poll_round.c.number, poll_round.c.population, poll_round.c.panel),
)
_OPEN: Final = (
    select(*_ROUND)
    .where(poll_round.c.closes_at > bindparam("now"), poll_round.c.opens_at <= bindparam("now"), poll_round.c.closed_at.is_(None))
    .order_by(poll_round.c.opens_at, poll_round.c.id)
)
_TAKES_PART: Final = select(participation.c.person_id).where(
    participation.c.round_id == bindparam("r"), participation.c.person_id == bindparam("p")
)
_HERS: Final = select(ballot.c.locked).where(ballot.c.round_id == bindparam("r"), ballot.c.link_hash == bindparam("l"))
_STANDING: Final = (
    select(poll_round.c.opens_at, poll_round.c.closes_at, poll_round.c.closed_at)
    .where(poll_round.c.id == bindparam("r"))
    .with_for_update(read=True)
)
_this = poll_round.alias("this")
_MEANWHILE: Final = (
    select(poll_round.c.id)
    .join(_this, (_this.c.id == bindparam("r")) & (_this.c.poll_id != poll_round.c.poll_id))
    .where(
        poll_round.c.closed_at.is_not(None),
        poll_round.c.opens_at < func.coalesce(_this.c.closed_at, _this.c.closes_at),
        _this.c.opens_at < poll_round.c.closed_at,
    )
    .order_by(poll_round.c.id)
)
_KNOWN: Final = select(poll_round.c.id).where(poll_round.c.id == bindparam("r"))


class SqlPolls(Invitations):
    """`bot.domain.ballots.Polls` on tables."""

    def running(self, now: datetime) -> Sequence[PollRound]:
        """Every round that is open now, the oldest first."""
        return [_round(row) for row in self._tx.run(_OPEN, {"now": now})]

    def open_rounds(self, now: datetime, territory: str | None) -> Sequence[PollRound]:
        """Rounds open now to that territory, the oldest first; None is nowhere, which only rounds for everybody reach."""
        return [r for r in self.running(now) if not r.territories or territory in r.territories]

    def answered(self, round_id: str, person_id: str) -> bool:
        """Whether her answer to a round counts so far; False once it is closed."""
        found = self._found(round_id, person_id)
        return found is not None and found.counts

    def given(self, round_id: str, person_id: str) -> tuple[str, ...]:
        """Her answer to an open round so far, begun or whole."""
        found = self._found(round_id, person_id)
        return found.options if found else ()

    def answer(
        self,
        round_id: str,
        person_id: str,
        option_ids: Sequence[str],
        when: datetime,
        about: Mapping[By, str] | None = None,
        *,
        begun: bool = False,
        panel: bool = False,
    ) -> None:
        """Record or change her one answer to an open round. Raises StorageError where it is not open, or its key is lost."""
        cast = Ballot(tuple(option_ids), when.date(), {by.value: value for by, value in (about or {}).items()}, begun, panel)
        self._cast(round_id, person_id, cast, when)
        if cast.counts:
            self._tx.run(_answered(self._tx.dialect), _invited(round_id, person_id))

    def pass_over(self, round_id: str, person_id: str, when: datetime, *, keep: bool = True) -> None:
        """Leave an empty ballot, unless hers is there and stays; and what an answer would leave where invitations are."""
        if not keep or self._found(round_id, person_id) is None:
            self._cast(round_id, person_id, Ballot((), when.date()), when)
        self._tx.run(_answered(self._tx.dialect), _invited(round_id, person_id))

    def describe(self, person_id: str, about: Mapping[By, str], *, panel: bool | None = None) -> None:
        """Add to her ballots in the rounds that are open what she said of herself since."""
        tx = self._tx
        for round_id in _rounds_of(tx, person_id):
            found, key = self._found(round_id, person_id), tx.round_keys.get(round_id)
            if found and key:
                known = {**found.about, **{by.value: value for by, value in about.items()}}
                agreed = found.panel if panel is None else panel
                link = key.link(person_id)
                changed = key.lock(link, replace(found, about=known, panel=agreed))
                tx.run(_put_ballot(tx.dialect), {"round_id": round_id, "link_hash": link, "locked": changed})

    def counts(self, round_id: str) -> Mapping[str, int]:
        """Answers by option id. Not for showing: results go through suppression."""
        opened = closing.opened(self._tx, round_id)
        if opened:
            return Counter(option for cast in opened if cast.counts for option in cast.options)
        query = select(poll_answer.c.option_id, func.count()).where(poll_answer.c.round_id == round_id)
        return {row[0]: row[1] for row in self._tx.run(query.group_by(poll_answer.c.option_id))}

    def put_round(self, poll_round: PollRound, poll: Poll | None = None) -> None:
        """Insert or replace a round; a new one gets its key. One that was closed stays closed."""
        if self._tx.run(_KNOWN, {"r": poll_round.id}).first() is None:
            self._tx.round_keys.make(poll_round.id)
            if poll_round.panel:
                self._tx.round_keys.make(panels.key_name(poll_round.poll_id))
        row = {
            "id": poll_round.id,
            "poll_id": poll_round.poll_id,
            "opens_at": poll_round.opens_at,
            "closes_at": poll_round.closes_at,
            "territories": json.dumps(poll_round.territories),
            "audience": poll_round.audience,
            "number": poll_round.number,
            "population": poll_round.population,
            "panel": poll_round.panel,
            "poll": POLL.dump_json(poll).decode() if poll else None,
            "invited": 0,
            "delivered": 0,
        }
        self._tx.run(_put_round(self._tx.dialect), row)

    def rounds(self, poll_id: str | None = None) -> Sequence[RoundRecord]:
        """Every round, of one poll where given, the oldest first."""
        query = select(poll_round).order_by(poll_round.c.opens_at, poll_round.c.id)
        rows = self._tx.run(query if poll_id is None else query.where(poll_round.c.poll_id == poll_id)).all()
        return [self._record(row) for row in rows]

    def get(self, round_id: str) -> RoundRecord | None:
        """One round."""
        row = self._tx.run(select(poll_round).where(poll_round.c.id == round_id)).first()
        return self._record(row) if row else None

    def meanwhile(self, round_id: str) -> Sequence[str]:
        """The closed rounds of other polls that were open at some time while this one was."""
        return self._tx.run(_MEANWHILE, {"r": round_id}).scalars().all()

    def to_close(self, now: datetime) -> Sequence[str]:
        """Rounds whose time is over and whose ballots are not counted yet."""
        over = select(poll_round.c.id).where(poll_round.c.closes_at <= now, poll_round.c.closed_at.is_(None))
        return self._tx.run(over).scalars().all()

    def closed(self, names: Sequence[str], now: datetime) -> Sequence[str]:
        """Those of the keys that nothing needs: their rounds were closed, or are not known at all; or their year is over."""
        known = select(poll_round.c.id).where(poll_round.c.id.in_(names), poll_round.c.closed_at.is_(None))
        still_open = set(self._tx.run(known).scalars())
        panelled = [name for name in names if panels.is_key(name)]
        kept = {name for name in panelled if not panels.over(self._tx, name, now)}
        return [name for name in names if name not in still_open | kept]

    def close_round(self, round_id: str, now: datetime) -> None:
        """Turn ballots into counts that belong to nobody. The key is to be destroyed once this is on disk, not before."""
        closing.close(self._tx, round_id, now)

    def tally(self, round_id: str) -> RoundTally:
        """All that is kept of a round; of an open one no answers, only how many. Raises StorageError where there is none."""
        record = self.get(round_id)
        if record is None:
            raise StorageError(f"there is no poll round {round_id}: see `batea poll list`")
        return closing.tally(self._tx, record)

    def change(self, round_a: str, round_b: str) -> Mapping[tuple[str, str], int]:
        """How many of those who agreed to be compared answered one thing in the one round and another in the later one."""
        table = poll_change.c
        query = select(table.before, table.after, table.n).where(table.round_a == round_a, table.round_b == round_b)
        return {(row.before, row.after): row.n for row in self._tx.run(query)}

    def put_in_person(self, round_id: str, in_person: InPerson) -> None:
        """Add or replace what a facilitator counted; nobody at all removes it. Raises StorageError where it is closed."""
        tx = self._tx
        standing = tx.run(_STANDING, {"r": round_id}).first()
        if standing is None or standing.closed_at is not None:
            raise StorageError("counts came for a poll round that is not open")
        key, columns = closing.key_of(tx, round_id), in_person_table.c
        same = columns.id.in_((key.name(in_person.id), in_person.id))  # by its own name: from before lists were locked
        tx.run(delete(in_person_table).where(columns.round_id == round_id, same))
        if in_person.people:
            row = {"round_id": round_id, "id": key.name(in_person.id), "counts": key.lock_list(in_person)}
            tx.run(in_person_table.insert(), {**row, "people": 0, "territory": ""})

    def in_person(self, round_id: str) -> Sequence[InPerson]:
        """The lists of an open round that facilitators took."""
        return closing.in_person(self._tx, round_id)

    def consent_to_panel(self, person_id: str, consent: PanelConsent) -> None:
        """Keep the proof, a yes or a no; after a no nothing of hers is left to compare."""
        panels.consent(self._tx, person_id, consent)

    def _record(self, row: Row[Any]) -> RoundRecord:
        poll = POLL.validate_json(row.poll) if row.poll else None
        invited, answered = closing.reach(self._tx, row)
        return RoundRecord(_round(row), poll, row.closed_at, invited, answered)

    def _found(self, round_id: str, person_id: str) -> Ballot | None:
        """Her ballot, where the round is open. A lost key is an error only where she is known to take part."""
        if self._tx.run(_TAKES_PART, {"r": round_id, "p": person_id}).first() is None:
            return None
        key = closing.key_of(self._tx, round_id)
        link = key.link(person_id)
        locked = self._tx.run(_HERS, {"r": round_id, "l": link}).scalar()
        return key.unlock(link, locked) if locked else None

    def _cast(self, round_id: str, person_id: str, cast: Ballot, when: datetime) -> None:
        tx = self._tx
        row = tx.run(_STANDING, {"r": round_id}).first()
        if row is None or row.closed_at is not None or not row.opens_at <= when < row.closes_at:
            raise StorageError("an answer came for a poll round that is not open")
        key = closing.key_of(tx, round_id)
        link = key.link(person_id)
        tx.run(_put_ballot(tx.dialect), {"round_id": round_id, "link_hash": link, "locked": key.lock(link, cast)})
        tx.run(_take_part(tx.dialect), {"round_id": round_id, "person_id": person_id})


def forget_ballots(tx: Any, person_id: str) -> None:
    """Delete the ballots of a person in the rounds that are still open, and her panel answers; else nobody could tell hers."""
    for round_id in _rounds_of(tx, person_id):
        key = tx.round_keys.get(round_id)
        if key is not None:
            tx.run(delete(ballot).where(ballot.c.round_id == round_id, ballot.c.link_hash == key.link(person_id)))
    panels.forget(tx, person_id)


def pass_ballots_on(tx: Any, gone: str, keep: str) -> None:
    """Two persons are one: hers who goes counts where she who stays gave none, and no round has two of her."""
    for round_id in _rounds_of(tx, gone):
        both = tx.run(_TAKES_PART, {"r": round_id, "p": keep}).first() is not None
        key = tx.round_keys.get(round_id)
        if key is not None:
            _pass_on(tx, round_id, key, (gone, keep), both=both)
        if not both:
            tx.run(_take_part(tx.dialect), {"round_id": round_id, "person_id": keep})
            tx.run(_answered(tx.dialect), _invited(round_id, keep))
    panels.pass_on(tx, gone, keep)


def _pass_on(tx: Any, round_id: str, key: RoundKey, people: tuple[str, str], *, both: bool) -> None:
    old, new = (key.link(person_id) for person_id in people)
    hers = (ballot.c.round_id == round_id) & (ballot.c.link_hash == old)
    locked = tx.run(select(ballot.c.locked).where(hers)).scalar()
    kept = tx.run(_HERS, {"r": round_id, "l": new}).scalar() if both else None
    tx.run(delete(ballot).where(hers))
    better = kept is None or not key.unlock(new, kept).counts
    if locked is not None and better:
        moved = key.lock(new, key.unlock(old, locked))
        tx.run(_put_ballot(tx.dialect), {"round_id": round_id, "link_hash": new, "locked": moved})


def _rounds_of(tx: Any, person_id: str) -> Sequence[str]:
    found: Sequence[str] = tx.run(select(participation.c.round_id).where(participation.c.person_id == person_id)).scalars().all()
    return found


def _round(row: Row[Any]) -> PollRound:
    return PollRound(
        row.id,
        row.poll_id,
        row.opens_at,
        row.closes_at,
        tuple(json.loads(row.territories)),
        row.audience,
        row.number,
        row.population,
        row.panel,
    )


def _invited(round_id: str, person_id: str) -> dict[str, Any]:
    none = {"due_at": None, "told_at": None, "message_id": None, "receipts": False}
    return {"round_id": round_id, "person_id": person_id, "sent": 0, **none, "reached": True, "late": True}


@cache
def _answered(dialect: str) -> Any:
    """Whoever answers needs no reminder; who came after opening counts as invited from then on."""
    statement = insert(dialect, poll_invited)
    return statement.on_conflict_do_update(
        index_elements=["round_id", "person_id"], set_={"due_at": None, "message_id": None, "reached": True}
    )


@cache
def _put_ballot(dialect: str) -> Any:
    return upsert(dialect, ballot)


@cache
def _take_part(dialect: str) -> Any:
    return insert(dialect, participation).on_conflict_do_nothing()


@cache
def _put_round(dialect: str) -> Any:
    return upsert(dialect, poll_round, keep=frozenset({"closed_at", "invited", "delivered"}))
