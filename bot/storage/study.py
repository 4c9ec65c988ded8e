"""How somebody learns from day to day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from functools import cache
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, select, update

from bot.domain.conversation import Place
from bot.domain.message import ChannelName, MessageState
from bot.domain.repetition import Review, known, missed
from bot.domain.study import Every, Intention, Managed, Rhythm, Turn
from bot.storage.states import HAS_LEFT
from bot.storage.study_tables import practice, practice_count, review, rhythm
from bot.storage.tables import insert, meeting_notice, message, person, poll_invited, upsert
from bot.storage.transaction import Transaction

CHOSEN: Final = "chosen"

_WAITS: Final = frozenset({MessageState.QUEUED, MessageState.HELD, MessageState.SENDING})
_her_review = (
    (review.c.person_id == bindparam("p")) & (review.c.module_id == bindparam("m")) & (review.c.quiz_id == bindparam("q"))
)
_her_practice = (practice.c.person_id == bindparam("p")) & (practice.c.module_id == bindparam("m"))
_RHYTHM: Final = select(rhythm).where(rhythm.c.person_id == bindparam("p"))
_REVIEWS: Final = (
    select(review.c.module_id, review.c.quiz_id, review.c.box, review.c.due_at)
    .where(review.c.person_id == bindparam("p"))
    .order_by(review.c.due_at, review.c.module_id, review.c.quiz_id)
)
_REVIEW: Final = select(review.c.box, review.c.due_at).where(_her_review)
_MOVE: Final = update(review).where(_her_review).values(box=bindparam("b"), due_at=bindparam("d"))
_LEARNT: Final = delete(review).where(_her_review)
_PROMPT: Final = (
    select(person.c.prompt_place, message.c.state, message.c.changed_at)
    .select_from(person.outerjoin(message, message.c.id == person.c.prompt_id))
    .where(person.c.id == bindparam("p"))
)
_PROMPTED: Final = (
    update(person).where(person.c.id == bindparam("p")).values(prompt_place=bindparam("place"), prompt_id=bindparam("message"))
)


class SqlStudies:
    """`bot.domain.study.Studies` on tables."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def rhythm(self, person_id: str) -> Rhythm | None:
        """When her lessons come; None where she asked for none."""
        row = self._tx.run(_RHYTHM, {"p": person_id}).first()
        return _rhythm(row) if row else None

    def set_rhythm(self, person_id: str, rhythm: Rhythm, due_at: datetime) -> None:
        """Have lessons come, the first one then."""
        row = {
            "person_id": person_id,
            "every": rhythm.every.value,
            "minute": rhythm.at.hour * 60 + rhythm.at.minute,
            "weekday": rhythm.weekday,
            "channel": rhythm.channel.value,
            "due_at": due_at,
            "sent_at": None,
            "unheard": 0,
        }
        self._tx.run(_set_rhythm(self._tx.dialect), row)

    def stop_rhythm(self, person_id: str) -> None:
        """No lesson comes any more."""
        self._tx.run(delete(rhythm).where(rhythm.c.person_id == person_id))

    def turns(self, now: datetime, limit: int = 50) -> Sequence[Turn]:
        """Whose lesson is due, locked until the transaction ends."""
        query = select(rhythm).where(rhythm.c.due_at <= now).order_by(rhythm.c.due_at, rhythm.c.person_id).limit(limit)
        rows = self._tx.run(query.with_for_update(skip_locked=True)).all()
        return [Turn(row.person_id, _rhythm(row), row.due_at, row.sent_at, row.unheard) for row in rows]

    def turned(self, turn: Turn, due_at: datetime, sent_at: datetime | None, unheard: int) -> None:
        """When her next one is due, and when the last was sent."""
        hers = update(rhythm).where(rhythm.c.person_id == turn.person_id)
        self._tx.run(hers.values(due_at=due_at, sent_at=sent_at, unheard=unheard))

    def intend(self, intention: Intention) -> None:
        """Keep what she set out to do, and count it."""
        row = {
            "person_id": intention.person_id,
            "module_id": intention.module_id,
            "due_at": intention.due_at,
            "asked_at": None,
            "sealed": self._tx.vault.seal(f"{intention.option_id} {intention.ends.isoformat()}"),
        }
        self._tx.run(_intend(self._tx.dialect), row)
        self._count(intention.module_id, f"{CHOSEN}:{intention.option_id}")

    def intentions(self, now: datetime, limit: int = 50) -> Sequence[Intention]:
        """What is to be asked about now, locked until the transaction ends."""
        query = select(practice).where(practice.c.due_at <= now).order_by(practice.c.due_at, practice.c.person_id).limit(limit)
        found = []
        for row in self._tx.run(query.with_for_update(skip_locked=True)).all():
            option_id, _, ends = self._tx.vault.open(row.sealed).partition(" ")
            found.append(Intention(row.person_id, row.module_id, option_id, row.due_at, datetime.fromisoformat(ends)))
        return found

    def put_off(self, intention: Intention, until: datetime | None) -> None:
        """Ask then; None: never, and nothing of it stays."""
        changed = update(practice).where(_her_practice).values(due_at=until) if until else delete(practice).where(_her_practice)
        self._tx.run(changed, {"p": intention.person_id, "m": intention.module_id})

    def asked(self, intention: Intention, now: datetime) -> None:
        """She is being asked: what it was is forgotten."""
        changed = update(practice).where(_her_practice).values(due_at=None, asked_at=now, sealed=None)
        self._tx.run(changed, {"p": intention.person_id, "m": intention.module_id})

    def is_asked(self, person_id: str, module_id: str) -> bool:
        """Whether she was asked about a module and has not answered."""
        there = select(practice.c.module_id).where(_her_practice, practice.c.asked_at.is_not(None))
        return self._tx.run(there, {"p": person_id, "m": module_id}).first() is not None

    def managed(self, person_id: str, module_id: str, how: Managed) -> None:
        """Count what she says, once; nothing of it stays with her."""
        gone = delete(practice).where(_her_practice, practice.c.asked_at.is_not(None))
        if self._tx.run(gone, {"p": person_id, "m": module_id}).rowcount:
            self._count(module_id, how.value)

    def practised(self) -> Mapping[str, Mapping[str, int]]:
        """By module: how many set out to do what, and how many managed."""
        counted: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for row in self._tx.run(select(practice_count)).all():
            counted[row.module_id][row.what] = row.number
        return counted

    def reviews(self, person_id: str, now: datetime | None = None) -> Sequence[Review]:
        """Questions of hers that come back, the one that waits longest first; with `now`, those whose time has come."""
        rows = self._tx.run(_REVIEWS, {"p": person_id}).all()
        return [Review(row.module_id, row.quiz_id, row.box, row.due_at) for row in rows if now is None or row.due_at <= now]

    def answered(self, person_id: str, module_id: str, quiz_id: str, *, right: bool, now: datetime) -> None:
        """Have a missed question come back, and one that is known come later or no more."""
        key = {"p": person_id, "m": module_id, "q": quiz_id}
        if not right:
            box, due_at = missed(now)
            row = {"person_id": person_id, "module_id": module_id, "quiz_id": quiz_id, "box": box, "due_at": due_at}
            self._tx.run(_miss(self._tx.dialect), row)
            return
        found = self._tx.run(_REVIEW, key).first()
        if found is None:
            return
        moved = known(Review(module_id, quiz_id, found.box, found.due_at), now)
        if moved is None:
            self._tx.run(_LEARNT, key)
        elif moved != (found.box, found.due_at):
            self._tx.run(_MOVE, key | {"b": moved[0], "d": moved[1]})

    def drop_review(self, person_id: str, review: Review) -> None:
        """A question that is no longer there does not come back."""
        self._tx.run(_LEARNT, {"p": person_id, "m": review.module_id, "q": review.quiz_id})

    def prompted(self, person_id: str, place: Place, message_id: str) -> None:
        """A message that asks something at that place was queued to her."""
        self._tx.run(_PROMPTED, {"p": person_id, "place": str(place), "message": message_id})
        self._tx.prompted.pop(person_id, None)

    def waiting_for(self, person_id: str) -> Place | None:
        """Where she stands because that message has reached her unasked since she last wrote. Once.

        None where a meeting or a poll has asked her something since. Costs no query where nothing was sent to whom `meet` found.
        """
        if self._tx.prompted.get(person_id) is False:
            return None
        row = self._tx.run(_PROMPT, {"p": person_id}).first()
        if row is None or row.prompt_place is None or row.state in _WAITS:
            return None
        self._tx.run(_PROMPTED, {"p": person_id, "place": None, "message": None})
        left = row.state in {MessageState.SENT, MessageState.DELIVERED, MessageState.READ, MessageState.UNKNOWN}
        return Place.parse(row.prompt_place) if left and not self._asked_since(person_id, row.changed_at) else None

    def leave(self, person_id: str) -> None:
        """She said BAJA: nothing comes at any hour, and what she set out to do is forgotten."""
        for table in (rhythm, practice):
            self._tx.run(delete(table).where(table.c.person_id == person_id))

    def forget(self, before: datetime) -> int:
        """Forget that somebody was asked before then and has not answered, and what could not be asked for as long."""
        over = (practice.c.asked_at < before) | (practice.c.due_at < before)
        return self._tx.run(delete(practice).where(over)).rowcount

    def _asked_since(self, person_id: str, since: datetime) -> bool:
        for table in (meeting_notice, poll_invited):
            later = (
                select(message.c.id)
                .join(table, table.c.message_id == message.c.id)
                .where(table.c.person_id == person_id, message.c.state.in_(HAS_LEFT), message.c.changed_at > since)
            )
            if self._tx.run(later.limit(1)).first():
                return True
        return False

    def _count(self, module_id: str, what: str) -> None:
        self._tx.run(_add(self._tx.dialect), {"module_id": module_id, "what": what, "number": 1})


def pass_study_on(tx: Transaction, gone: str, keep: str) -> None:
    """Two persons are one: what she who stays has already, she keeps as it is."""
    for table, names in ((rhythm, ()), (practice, ("module_id",)), (review, ("module_id", "quiz_id"))):
        other = table.alias("other")
        same = [other.c[name] == table.c[name] for name in names]
        hers = select(other.c.person_id).where(other.c.person_id == keep, *same).exists()
        tx.run(update(table).where(table.c.person_id == gone, ~hers).values(person_id=keep))


def _rhythm(row: Any) -> Rhythm:
    at = time(*divmod(row.minute, 60))
    return Rhythm(Every(row.every), at, ChannelName(row.channel), row.weekday)


@cache
def _set_rhythm(dialect: str) -> Any:
    return upsert(dialect, rhythm)


@cache
def _intend(dialect: str) -> Any:
    return upsert(dialect, practice)


@cache
def _miss(dialect: str) -> Any:
    return upsert(dialect, review)


@cache
def _add(dialect: str) -> Any:
    adding = insert(dialect, practice_count)
    more = {"number": practice_count.c.number + func.coalesce(adding.excluded.number, 0)}
    return adding.on_conflict_do_update(index_elements=["module_id", "what"], set_=more)
