"""How a round ends: ballots become counts and plain answers; and what is then known of it."""

from __future__ import annotations

import json
import random
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, and_, delete, func, or_, select, update

from bot.domain.conversation import MENU, Place, PlaceKind, State
from bot.domain.errors import StorageError
from bot.domain.learning import Wording
from bot.domain.message import MessageState
from bot.domain.poll import InPerson, Poll, PollOption, RoundRecord
from bot.domain.results import By, RoundTally, Tally
from bot.storage import panels
from bot.storage.person_tables import person
from bot.storage.rounds import NONCE_LETTERS, Ballot, RoundKey
from bot.storage.tables import ballot, message, participation, poll_answer, poll_invited, poll_round, poll_tally
from bot.storage.tables import in_person as in_person_table
from bot.storage.transaction import Transaction

UNSAID: Final = "no_digo"
"""The group of those of whom an attribute is not known."""
IN_PERSON: Final = "presencial"
"""The channel of answers that a facilitator took."""

_ALL: Final = ""
_PEOPLE: Final = ""  # as an option: how many people there are in a group
# Days on which fewer answered are made one with the next: the ledger tells who wrote on a day.
_FEWEST_A_DAY: Final = 10
_FEW: Final = 200  # ballots that are looked up one by one, rather than all read

Counted = dict[tuple[str, str, str], int]


def key_of(tx: Transaction, round_id: str) -> RoundKey:
    """The key of an open round. Raises StorageError where it is lost."""
    key = tx.round_keys.get(round_id)
    if key is None:
        raise StorageError(f"the key of poll round {round_id} is missing: restore DATA_DIR/rounds")
    return key


def opened(tx: Transaction, round_id: str) -> list[Ballot]:
    """Every ballot of a round, empty ones too; none once it is closed."""
    rows = tx.run(select(ballot.c.link_hash, ballot.c.locked).where(ballot.c.round_id == round_id)).all()
    key = key_of(tx, round_id) if rows else None
    return [key.unlock(row.link_hash, row.locked) for row in rows] if key else []


def close(tx: Transaction, round_id: str, now: datetime) -> None:
    """Leave counts and plain answers; forget who was asked and who took part. Closing twice is closing once."""
    row = tx.run(select(poll_round).where(poll_round.c.id == round_id).with_for_update()).first()
    if row is None or row.closed_at is not None:
        return
    if row.panel:
        panels.close(tx, row)
    answers = [cast for cast in opened(tx, round_id) if cast.counts]
    random.SystemRandom().shuffle(answers)
    lists = in_person(tx, round_id)
    invited, delivered = _invited(tx, round_id), _delivered(tx, round_id)
    if answers:
        tx.run(poll_answer.insert(), list(_plain(round_id, answers)))
    counted = _counted(answers, lists)
    rows = [{"round_id": round_id, "by": by, "group": g, "option": o, "n": n} for (by, g, o), n in counted.items()]
    if rows:
        tx.run(poll_tally.insert(), sorted(rows, key=lambda row: (row["by"], row["group"], row["option"])))
    if row.poll and json.loads(row.poll).get("when"):
        _led_away(tx, row)
    for table in (ballot, participation, in_person_table):
        tx.run(delete(table).where(table.c.round_id == round_id))
    # Who has not written since she was asked may still answer: she is told that it is too late.
    done = and_(poll_invited.c.round_id == round_id, poll_invited.c.message_id.is_(None))
    tx.run(delete(poll_invited).where(done))
    tx.run(update(poll_invited).where(poll_invited.c.round_id == round_id).values(due_at=None))
    ended = {"closed_at": now, "invited": max(invited, len(answers)), "delivered": max(delivered, len(answers))}
    tx.run(update(poll_round).where(poll_round.c.id == round_id).values(**ended))


def _led_away(tx: Transaction, row: Row[Any]) -> None:
    """Whoever still stands at a question that only some were asked goes to the menu: her place tells what she said before."""
    there = select(person.c.id, person.c.state_sealed).join(participation, participation.c.person_id == person.c.id)
    for one in tx.run(there.where(participation.c.round_id == row.id)).all():
        state = State.from_json(json.loads(tx.vault.open(one.state_sealed)))
        place = str(MENU) if _about(state.place, row.poll_id) else state.place
        bookmark = "" if _about(state.bookmark, row.poll_id) else state.bookmark
        moved = replace(state, place=place, bookmark=bookmark)
        if moved != state:
            sealed = tx.vault.seal(json.dumps(moved.to_json(), separators=(",", ":")))
            tx.run(update(person).where(person.c.id == one.id).values(state_sealed=sealed))


def _about(place: str, poll_id: str) -> bool:
    at = Place.parse(place)
    return at.kind is PlaceKind.POLL and at.parts[:1] == (poll_id,)


def reach(tx: Transaction, row: Row[Any]) -> tuple[int, int]:
    """How many were invited to a round, and how many have answered, those in person aside."""
    if row.closed_at is None:
        answered = _answered(tx, row.id)
        return max(_invited(tx, row.id), answered), answered
    counted = _counts(tx, row.id)
    met = counted.get((By.CHANNEL.value, IN_PERSON, _PEOPLE), 0)
    return row.invited, counted.get((_ALL, _ALL, _PEOPLE), 0) - met


def _answered(tx: Transaction, round_id: str) -> int:
    """How many have answered so far. Of the ballots that were counted before only the beginnings are read."""
    of_round = ballot.c.round_id == round_id
    begins = func.substr(ballot.c.locked, 1, NONCE_LETTERS)
    rows = tx.run(select(ballot.c.link_hash, begins).where(of_round)).all()
    if not rows:
        return 0
    key = key_of(tx, round_id)
    known = {link: key.known(link, nonce) for link, nonce in rows}
    fresh = [link for link, counts in known.items() if counts is None]
    wanted = select(ballot.c.link_hash, ballot.c.locked).where(of_round)
    if len(fresh) <= _FEW:
        wanted = wanted.where(ballot.c.link_hash.in_(fresh))
    for link, locked in tx.run(wanted) if fresh else ():
        known[link] = key.counts(link, locked)
    return sum(map(bool, known.values()))


def in_person(tx: Transaction, round_id: str) -> Sequence[InPerson]:
    """The lists of an open round that facilitators took."""
    rows = tx.run(select(in_person_table).where(in_person_table.c.round_id == round_id).order_by(in_person_table.c.id)).all()
    key = key_of(tx, round_id) if rows else None
    return sorted((_list(row, key) for row in rows if key), key=lambda one: one.id)


def _list(row: Row[Any], key: RoundKey) -> InPerson:
    if row.counts.startswith("{"):  # from before lists were locked
        return InPerson(row.id, row.people, json.loads(row.counts), row.territory)
    return key.unlock_list(row.id, row.counts)


def tally(tx: Transaction, record: RoundRecord) -> RoundTally:
    """All that is kept of a round; of an open one only how many were asked and have answered."""
    asked, counted = record.round, _counts(tx, record.round.id)
    met = sum(one.people for one in in_person(tx, asked.id)) if record.closed_at is None else 0
    met += counted.get((By.CHANNEL.value, IN_PERSON, _PEOPLE), 0)
    poll = record.poll or _bare(asked.poll_id, {option for by, _, option in counted if by == _ALL and option})
    groups = {by: {g: _tally(poll, counted, by.value, g) for g in sorted(_groups(counted, by))} for by in By}
    delivered = select(poll_round.c.delivered).where(poll_round.c.id == asked.id)
    return RoundTally(
        poll=poll,
        round_id=asked.id,
        number=asked.number,
        opens_at=asked.opens_at,
        closes_at=min(asked.closes_at, record.closed_at or asked.closes_at),
        closed=record.closed_at is not None,
        invited=record.invited,
        delivered=tx.run(delivered).scalar() or 0 if record.closed_at else _delivered(tx, asked.id),
        all=_tally(poll, counted, _ALL, _ALL) if record.closed_at else Tally(record.answered + met),
        groups={by: found for by, found in groups.items() if found},
        population=asked.population,
        face_to_face=met,
        by_channel={name: one.people for name, one in groups[By.CHANNEL].items() if name != IN_PERSON},
    )


def _plain(round_id: str, answers: Sequence[Ballot]) -> Iterator[dict[str, Any]]:
    days = _coarse(Counter(cast.day for cast in answers))
    for cast in answers:
        answer_id = uuid.uuid4().hex
        for option in cast.options:
            yield {"id": answer_id, "option_id": option, "round_id": round_id, "day": days[cast.day]}


def _coarse(answered: Mapping[date, int]) -> dict[date, date]:
    """For each day the last of the days that are told as one with it, so that enough have answered on each."""
    together: list[list[date]] = [[]]
    for day in sorted(answered):
        if sum(answered[each] for each in together[-1]) >= _FEWEST_A_DAY:
            together.append([])
        together[-1].append(day)
    if len(together) > 1 and sum(answered[each] for each in together[-1]) < _FEWEST_A_DAY:
        together[-2:] = [together[-2] + together[-1]]
    return {day: days[-1] for days in together for day in days}


def _counted(answers: Iterable[Ballot], lists: Iterable[InPerson]) -> Counted:
    """People and answers by (attribute, group, option), one attribute at a time."""
    counted: Counter[tuple[str, str, str]] = Counter()
    for cast in answers:
        for by, group in ((_ALL, _ALL), *((by.value, cast.about.get(by.value) or UNSAID) for by in By)):
            counted.update((by, group, option) for option in (_PEOPLE, *cast.options))
    for met in lists:
        known = {By.CHANNEL: IN_PERSON, By.TERRITORY: met.territory or UNSAID}
        for by, group in ((_ALL, _ALL), *((by.value, known.get(by, UNSAID)) for by in By)):
            for option, n in ((_PEOPLE, met.people), *met.counts.items()):
                counted[by, group, option] += n
    return dict(counted)


def _counts(tx: Transaction, round_id: str) -> Counted:
    rows = tx.run(select(poll_tally).where(poll_tally.c.round_id == round_id))
    return {(row.by, row.group, row.option): row.n for row in rows}


def _groups(counted: Counted, wanted: By) -> set[str]:
    return {group for by, group, _ in counted if by == wanted.value}


def _tally(poll: Poll, counted: Counted, by: str, group: str) -> Tally:
    found = {option: n for (b, g, option), n in counted.items() if (b, g) == (by, group) and option != _PEOPLE}
    known = {option.id for option in poll.options}
    given = {option: n for option, n in found.items() if poll.bounds and option not in known and option.isdecimal()}
    numbers = tuple(sorted(int(option) for option, n in given.items() for _ in range(n)))
    counts = {option: n for option, n in found.items() if option not in given}
    return Tally(counted.get((by, group, _PEOPLE), 0), counts, numbers)


def _bare(poll_id: str, options: set[str]) -> Poll:
    """A poll of a round from before polls were kept with their rounds: its ids, no words."""
    none = Wording("")
    return Poll(poll_id, poll_id.partition("_")[0], none, none, tuple(PollOption(o, o) for o in sorted(options)))


def _invited(tx: Transaction, round_id: str) -> int:
    at_opening = tx.run(select(poll_round.c.invited).where(poll_round.c.id == round_id)).scalar() or 0
    late = select(func.count()).where(poll_invited.c.round_id == round_id, poll_invited.c.late.is_(True))
    return at_opening + int(tx.run(late).scalar() or 0)


def _delivered(tx: Transaction, round_id: str) -> int:
    """To how many a message about the round has come, where its channel tells; else to whom it has gone."""
    arrived = message.c.state.in_((MessageState.DELIVERED, MessageState.READ))
    gone = and_(poll_invited.c.receipts.is_(False), message.c.state == MessageState.SENT)
    query = (
        select(func.count())
        .select_from(poll_invited.outerjoin(message, message.c.id == poll_invited.c.message_id))
        .where(poll_invited.c.round_id == round_id, or_(poll_invited.c.reached.is_(True), arrived, gone))
    )
    return int(tx.run(query).scalar() or 0)
