"""Making one of what turned out to be one: two lines of one payload, two persons who are the same."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, func, select, update

from bot.domain.line import SILENCE
from bot.storage.help_desk import pass_help_on
from bot.storage.invitations import pass_invitations_on
from bot.storage.meeting_notices import pass_notices_on
from bot.storage.ownership import ending
from bot.storage.polls import pass_ballots_on
from bot.storage.questions import pass_questions_on
from bot.storage.study import pass_study_on
from bot.storage.tables import (
    address,
    consent,
    identity,
    lesson_record,
    line,
    message,
    person,
    profile,
    quiz_answer,
    rsvp,
)
from bot.storage.tags import pass_tags_on
from bot.storage.transaction import Transaction

_LINE: Final = (
    select(line.c.id, line.c.person_id, line.c.shared, line.c.heard_at, person.c.created_at, person.c.adult)
    .join(identity, identity.c.line_id == line.c.id)
    .join(person, person.c.id == line.c.person_id)
    .where(identity.c.identity_hash == bindparam("i"))
)
_CONSENTED: Final = select(consent.c.id).where(consent.c.person_id == bindparam("p")).limit(1)
_NUMBERS: Final = select(func.coalesce(func.max(profile.c.number), 0) + 1).where(profile.c.line_id == bindparam("l"))
_PEOPLE_OF: Final = (
    select(profile.c.person_id, profile.c.name_sealed).where(profile.c.line_id == bindparam("l")).order_by(profile.c.number)
)
_records = select(lesson_record).order_by(lesson_record.c.touched)


def unite(tx: Transaction, name: str, alias: str, now: datetime) -> None:
    """Make two identities, which one payload carried, one line. Where neither is known nothing is done yet.

    A line silent for so long that its number may have a new owner stays apart until it was asked who it is.
    """
    one, other = (tx.run(_LINE, {"i": hashed}).first() for hashed in (name, alias))
    if one is None or other is None:
        known, new = (one or other), (alias if one else name)
        if known is not None:
            tx.run(identity.insert(), {"identity_hash": new, "line_id": known.id})
        return
    if one.id == other.id or any(row.heard_at is not None and now - row.heard_at >= SILENCE for row in (one, other)):
        return
    keep, gone = (other, one) if _better(tx, other, one) else (one, other)
    if one.shared or other.shared:
        _gather(tx, keep, gone)
    elif keep.person_id != gone.person_id:
        merge(tx, gone.person_id, keep.person_id)
    for table in (identity, address):
        tx.run(update(table).where(table.c.line_id == gone.id).values(line_id=keep.id))
    tx.run(delete(line).where(line.c.id == gone.id))


def next_number(tx: Transaction, line_id: str) -> int:
    """The number of one more who shares a line."""
    return int(tx.run(_NUMBERS, {"l": line_id}).scalar() or 1)


def merge(tx: Transaction, gone: str, keep: str) -> None:
    """Make one person of two: what either learnt and agreed to stays, no answer counts twice, and no line is lost."""
    pass_invitations_on(tx, gone, keep)
    pass_ballots_on(tx, gone, keep)
    _pass_rsvps_on(tx, gone, keep)
    pass_notices_on(tx, gone, keep)
    _pass_lessons_on(tx, gone, keep)
    pass_questions_on(tx, gone, keep)
    pass_tags_on(tx, gone, keep)
    _pass_answers_on(tx, gone, keep)
    pass_study_on(tx, gone, keep)
    ending(tx, gone)
    tx.run(update(message).where(message.c.person_id == gone).values(person_id=keep))
    tx.run(update(consent).where(consent.c.person_id == gone, consent.c.revoked_at.is_(None)).values(person_id=keep))
    pass_help_on(tx, gone, keep)
    tx.run(update(line).where(line.c.person_id == gone).values(person_id=keep))
    hers = select(profile.c.line_id).where(profile.c.person_id == keep)
    tx.run(delete(profile).where(profile.c.person_id == gone, profile.c.line_id.in_(hers)))
    tx.run(update(profile).where(profile.c.person_id == gone).values(person_id=keep))
    tx.run(delete(person).where(person.c.id == gone))


def _better(tx: Transaction, row: Row[Any], than: Row[Any]) -> bool:
    """Whether that line is to be kept: one that is shared before one that is not, one who agreed before one who did not."""
    rank = [(each.shared, bool(each.adult) and _agreed(tx, each.person_id), _age(each)) for each in (row, than)]
    return rank[0] > rank[1]


def _age(row: Row[Any]) -> float:
    return -float(row.created_at.timestamp())


def _agreed(tx: Transaction, person_id: str) -> bool:
    return tx.run(_CONSENTED, {"p": person_id}).first() is not None


def _gather(tx: Transaction, keep: Row[Any], gone: Row[Any]) -> None:
    """All who come by either line share the one that stays; whoever writes next is asked who she is."""
    known = {row.person_id for row in tx.run(_PEOPLE_OF, {"l": keep.id})}
    come = [(row.person_id, row.name_sealed) for row in tx.run(_PEOPLE_OF, {"l": gone.id})] or [(gone.person_id, None)]
    tx.run(delete(profile).where(profile.c.line_id == gone.id))
    for person_id, name_sealed in come:
        if person_id not in known:
            row = {"line_id": keep.id, "number": next_number(tx, keep.id), "person_id": person_id}
            tx.run(profile.insert(), row | {"name_sealed": name_sealed, "notice": ""})
    tx.run(update(line).where(line.c.id == keep.id).values(shared=True, asked=None, heard_at=None))


def _pass_rsvps_on(tx: Transaction, gone: str, keep: str) -> None:
    for meeting_id in set(tx.run(select(rsvp.c.meeting_id)).scalars()):
        old, new = (tx.lookup.of("rsvp", meeting_id, person_id) for person_id in (gone, keep))
        said = set(tx.run(select(rsvp.c.person_hash).where(rsvp.c.meeting_id == meeting_id)).scalars())
        hers = (rsvp.c.meeting_id == meeting_id) & (rsvp.c.person_hash == old)
        if old in said:
            tx.run(delete(rsvp).where(hers) if new in said else update(rsvp).where(hers).values(person_hash=new))


def _pass_lessons_on(tx: Transaction, gone: str, keep: str) -> None:
    """Where both had begun a lesson, she goes on where she who stays was; finished by either is finished."""
    kept = {(row.module_id, row.lesson_id): row for row in tx.run(_records.where(lesson_record.c.person_id == keep))}
    come = tx.run(_records.where(lesson_record.c.person_id == gone)).all()
    first = min((row.touched for row in kept.values()), default=1) - len(come)
    for at, row in enumerate(come):
        mine = lesson_record.c.person_id == keep
        if (row.module_id, row.lesson_id) in kept:
            same = (lesson_record.c.module_id == row.module_id) & (lesson_record.c.lesson_id == row.lesson_id)
            finished = func.coalesce(lesson_record.c.finished_at, row.finished_at)
            tx.run(update(lesson_record).where(mine, same).values(finished_at=finished))
        else:
            new = dict(row._mapping) | {"person_id": keep, "touched": first + at}  # noqa: SLF001 - public in SQLAlchemy
            tx.run(lesson_record.insert(), new)


def _pass_answers_on(tx: Transaction, gone: str, keep: str) -> None:
    """Of what both have answered the first and the last answer stay."""
    both = quiz_answer.c.person_id.in_((gone, keep))
    rows = tx.run(select(quiz_answer).where(both).order_by(quiz_answer.c.answered_at, quiz_answer.c.id)).all()
    if not any(row.person_id == gone for row in rows):
        return
    kept: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        kept.setdefault((row.module_id, row.quiz_id), []).append(row)
    tx.run(delete(quiz_answer).where(both))
    for answers in kept.values():
        for attempt, row in enumerate(dict.fromkeys((answers[0], answers[-1])), 1):
            new = dict(row._mapping) | {"person_id": keep, "attempt": attempt}  # noqa: SLF001 - public in SQLAlchemy
            tx.run(quiz_answer.insert(), new)
