"""How a person is forgotten."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, delete, func, select, update

from bot.storage.calls import forget_calls
from bot.storage.ownership import ending
from bot.storage.polls import forget_ballots
from bot.storage.questions import forget_questions
from bot.storage.tables import address, line, meeting, message, person, profile, rsvp
from bot.storage.transaction import Transaction

_HEIRS: Final = (
    select(line.c.id, func.min(profile.c.number).label("number"))
    .join(profile, (profile.c.line_id == line.c.id) & (profile.c.person_id != line.c.person_id))
    .where(line.c.person_id == bindparam("p"))
    .group_by(line.c.id)
)
_INHERIT: Final = (
    update(line)
    .where(line.c.id == bindparam("l"))
    .values(
        person_id=select(profile.c.person_id)
        .where(profile.c.line_id == bindparam("l"), profile.c.number == bindparam("n"))
        .scalar_subquery(),
        asked=None,
        heard_at=None,
    )
)
_RSVP_MEETINGS: Final = select(meeting.c.id).where(meeting.c.id.in_(select(rsvp.c.meeting_id)))


def erase(tx: Transaction, person_id: str, *, questions: bool = True) -> None:
    """Delete a person with all that is hers alone; see `bot.storage.people.SqlPeople.erase`."""
    forget_ballots(tx, person_id)
    for meeting_id in tx.run(_RSVP_MEETINGS).scalars().all():
        hers = tx.lookup.of("rsvp", meeting_id, person_id)
        tx.run(delete(rsvp).where(rsvp.c.meeting_id == meeting_id, rsvp.c.person_hash == hers))
    ending(tx, person_id)
    tx.run(delete(message).where(message.c.person_id == person_id))
    _pass_lines_on(tx, person_id)
    if questions:
        forget_questions(tx, person_id)
    alone = address.c.line_id.in_(select(line.c.id).where(line.c.person_id == person_id))
    forget_calls(tx, select(address.c.address_hash).where(alone))
    tx.run(delete(address).where(alone, address.c.opted_out_at.is_(None), address.c.shut_by_carrier_at.is_(None)))
    tx.run(update(address).where(alone).values(line_id=None, value_sealed=None, last_inbound_at=None))
    tx.run(delete(person).where(person.c.id == person_id))


def _pass_lines_on(tx: Transaction, person_id: str) -> None:
    """Where she writes by a line that others share, it is theirs now: whoever comes next is asked who she is."""
    for row in tx.run(_HEIRS, {"p": person_id}).all():
        tx.run(_INHERIT, {"l": row.id, "n": row.number})
