"""Lines, those who share one, and how a person comes by another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, select, update

from bot.domain.conversation import State
from bot.domain.line import Claim, CodeKind, Joined, Line, Profile, Question
from bot.domain.message import Address, MessageState
from bot.domain.person import Person
from bot.storage.codes import Codes
from bot.storage.people import SqlPeople
from bot.storage.person_tables import lost_line
from bot.storage.questions import forget_callbacks
from bot.storage.tables import address as address_table
from bot.storage.tables import identity, line, message, person, profile
from bot.storage.transaction import Transaction
from bot.storage.uniting import merge, next_number

GONE: Final = "profile:gone"
"""Where somebody stands whose account has gone to another number."""
JOINED: Final = "profile.joined"

_OF_LINE: Final = line.c.id == bindparam("l")
_PROFILES: Final = select(profile).where(profile.c.line_id == bindparam("l")).order_by(profile.c.number)
_LINE: Final = select(line).where(_OF_LINE)
_BY_IDENTITY: Final = (
    select(line).join(identity, identity.c.line_id == line.c.id).where(identity.c.identity_hash == bindparam("i"))
)
_HEARD: Final = update(line).where(_OF_LINE).values(heard_at=bindparam("now"))
_ASK: Final = update(line).where(_OF_LINE).values(asked=bindparam("question"), heard_at=bindparam("now"))
_CHOOSE: Final = update(line).where(_OF_LINE).values(person_id=bindparam("p"), asked=None, heard_at=bindparam("now"))
_SHARED: Final = update(line).where(_OF_LINE).values(shared=bindparam("shared"))
_LOST: Final = (
    select(lost_line.c.person_id, lost_line.c.name_sealed)
    .join(person, person.c.id == lost_line.c.person_id)
    .where(lost_line.c.identity_hash == bindparam("i"))
    .order_by(person.c.unreachable_at, person.c.created_at)
)
_STILL_REACHED: Final = select(line.c.id).where(line.c.person_id == bindparam("p"))
_STILL_SHARING: Final = select(profile.c.line_id).where(profile.c.person_id == bindparam("p"))


class SqlLines(Codes):
    """`bot.domain.line.Lines` on tables."""

    def __init__(self, transaction: Transaction, people: SqlPeople) -> None:
        super().__init__(transaction)
        self._people = people

    def profiles(self, line_id: str) -> Sequence[Profile]:
        """Those who share a line, by number; none where it is one person's."""
        opened = self._tx.vault.open
        return [
            Profile(row.number, row.person_id, None if row.name_sealed is None else opened(row.name_sealed), row.notice)
            for row in self._tx.run(_PROFILES, {"l": line_id})
        ]

    def find(self, address: Address) -> Line | None:
        """The line of an address; None where nobody ever came by it. Writes nothing."""
        row = self._tx.run(_BY_IDENTITY, {"i": self._tx.lookup.identity(address)}).first()
        return Line(row.id, row.shared, Question(row.asked) if row.asked else None, row.heard_at) if row is not None else None

    def writes(self, line_id: str) -> str:
        """The id of whose line it is; of who was chosen last where several share it."""
        return str(self._tx.run(_LINE, {"l": line_id}).one().person_id)

    def doubtful(self, address: Address, now: datetime) -> bool:
        """Whether the line of an address is shared, silent for long, or being asked who it is. Writes nothing."""
        known = self.find(address)
        return known is not None and bool(known.shared or known.asked or known.silent(now))

    def share(self, line_id: str, name: str) -> None:
        """From now on several share the line; its person is the first of them."""
        row = self._tx.run(_LINE, {"l": line_id}).first()
        if row is not None and not row.shared:
            self._tx.run(_SHARED, {"l": line_id, "shared": True})
            self._enter(line_id, row.person_id, name)

    def add(self, line_id: str, newcomer: Person) -> None:
        """One more, whose person is made here."""
        self._people.create(newcomer, State())
        self._enter(line_id, newcomer.id, None)

    def name(self, line_id: str, person_id: str, name: str) -> None:
        """The nickname she is chosen by on that line; '' for none."""
        hers = (profile.c.line_id == line_id) & (profile.c.person_id == person_id)
        self._tx.run(update(profile).where(hers).values(name_sealed=self._tx.vault.seal(name)))

    def choose(self, line_id: str, person_id: str, now: datetime) -> None:
        """She is the one who writes from now on. What was waiting to be told her there has been."""
        self._tx.run(_CHOOSE, {"l": line_id, "p": person_id, "now": now})
        hers = (profile.c.line_id == line_id) & (profile.c.person_id == person_id)
        self._tx.run(update(profile).where(hers, profile.c.notice != "").values(notice=""))

    def ask(self, line_id: str, question: Question, now: datetime) -> None:
        """That question is waiting for its answer since now."""
        self._tx.run(_ASK, {"l": line_id, "question": question.value, "now": now})

    def heard(self, line_id: str, now: datetime) -> None:
        """Something came from there."""
        self._tx.run(_HEARD, {"l": line_id, "now": now})

    def hand_over(self, line_id: str, newcomer: Person, now: datetime) -> None:
        """The line belongs to somebody else: those before lose it, with what was still to be sent to it.

        Whom no other line leads to is kept for some weeks, in case it was a slip, and then forgotten.
        """
        tx = self._tx
        row = tx.run(_LINE, {"l": line_id}).first()
        names = {each.person_id: each.name for each in self.profiles(line_id)}
        before = set(names) | ({row.person_id} if row else set())
        tx.run(delete(profile).where(profile.c.line_id == line_id))
        self._people.create(newcomer, State())
        tx.run(_SHARED, {"l": line_id, "shared": False})
        tx.run(_CHOOSE, {"l": line_id, "p": newcomer.id, "now": now})
        here = select(address_table.c.address_hash).where(address_table.c.line_id == line_id)
        waiting = message.c.state.in_((MessageState.QUEUED, MessageState.HELD))
        tx.run(delete(message).where(waiting, message.c.address_hash.in_(here)))
        forget_callbacks(tx, line_id)
        for person_id in before:
            self._leave(person_id, line_id, names.get(person_id), now)

    def claim(self, code: str, now: datetime) -> Claim | None:
        """What a code stands for; None where it is not valid."""
        row = self._row(code, now)
        where = self._tx.run(_LINE, {"l": row.line_id}).first() if row is not None else None
        return self._claim(row, Line(where.id, where.shared)) if row is not None and where is not None else None

    def redeem(self, code: str, address: Address, placeholder: Person, now: datetime) -> Joined | None:
        """Bring whoever comes by that address together with the code's person; None where it is no longer valid.

        Where she leaves the line that the code was given to, the placeholder takes her place there.
        """
        tx = self._tx
        row, claim = self._row(code, now), self.claim(code, now)
        here = tx.lines[tx.lookup.address(address)]
        if row is None or claim is None or claim.line.id == here.id:
            return None
        self._void(row)
        came = tx.run(_LINE, {"l": here.id}).first()
        if came is not None and came.person_id != claim.person_id:
            merge(tx, came.person_id, claim.person_id)
        self.choose(here.id, claim.person_id, now)
        if claim.kind is CodeKind.MOVE:
            self._replace(claim.person_id, claim.line, placeholder, now)
            owner = placeholder.id
        else:
            owner = claim.person_id
            if claim.line.shared:
                hers = (profile.c.line_id == claim.line.id) & (profile.c.person_id == owner)
                tx.run(update(profile).where(hers).values(notice=JOINED))
        return Joined(None if claim.line.shared else claim.address, owner)

    def restore(self, person_id: str, lost: Line, found: Line, placeholder: Person, now: datetime) -> None:
        """Bring somebody from a line that she lost to another one, without a code.

        There the two become one person, or, where several share it, she is one more of them. What was still to be sent to her
        on the lost line is not; the placeholder takes her place there.
        """
        tx = self._tx
        # Whoever has her old phone may have asked for a code.
        self.void_codes(person_id)
        self._bring(person_id, found, now)
        self._replace(person_id, lost, placeholder, now)
        there = select(address_table.c.address_hash).where(address_table.c.line_id == lost.id)
        waiting = message.c.state.in_((MessageState.QUEUED, MessageState.HELD)) & (message.c.person_id == person_id)
        tx.run(delete(message).where(waiting, message.c.address_hash.in_(there)))

    def lost(self, address: Address) -> Sequence[Profile]:
        """Those who came by that address until somebody new said that it is hers, and whom no line leads to since; numbered."""
        rows = self._tx.run(_LOST, {"i": self._tx.lookup.identity(address)}).all()
        opened = self._tx.vault.open
        return [
            Profile(number, row.person_id, None if row.name_sealed is None else opened(row.name_sealed))
            for number, row in enumerate(rows, start=1)
        ]

    def recover(self, person_id: str, found: Line, now: datetime) -> None:
        """Bring somebody whom no line leads to any more to one. What has become of the lost one is not touched."""
        self.void_codes(person_id)
        self._bring(person_id, found, now)
        self._tx.run(delete(lost_line).where(lost_line.c.person_id == person_id))
        self._tx.run(update(person).where(person.c.id == person_id).values(unreachable_at=None))

    def forget_unreachable(self, before: datetime) -> int:
        """Erase those whom no line has led to since before that moment; returns how many."""
        late = self._tx.run(select(person.c.id).where(person.c.unreachable_at < before)).scalars().all()
        for person_id in late:
            self._people.erase(person_id)
        return len(late)

    def _bring(self, person_id: str, found: Line, now: datetime) -> None:
        """She becomes one with whoever comes by that line, or one more of those who share it."""
        came = self.writes(found.id)
        if found.shared:
            if person_id not in {each.person_id for each in self.profiles(found.id)}:
                self._enter(found.id, person_id, None)
            return
        if came != person_id:
            merge(self._tx, came, person_id)
        self.choose(found.id, person_id, now)

    def _enter(self, line_id: str, person_id: str, name: str | None) -> None:
        row = {"line_id": line_id, "number": next_number(self._tx, line_id), "person_id": person_id, "notice": ""}
        self._tx.run(profile.insert(), row | {"name_sealed": None if name is None else self._tx.vault.seal(name)})

    def _replace(self, person_id: str, left: Line, placeholder: Person, now: datetime) -> None:
        """Put somebody in her place who knows nothing of hers and is told that she left."""
        tx = self._tx
        self._people.create(placeholder, State(place=GONE))
        forget_callbacks(tx, left.id, person_id)
        hers = (profile.c.line_id == left.id) & (profile.c.person_id == person_id)
        tx.run(update(profile).where(hers).values(person_id=placeholder.id))
        heard_at = None if left.shared else now
        writes = (line.c.id == left.id) & (line.c.person_id == person_id)
        tx.run(update(line).where(writes).values(person_id=placeholder.id, heard_at=heard_at, asked=None))

    def _leave(self, person_id: str, line_id: str, name: str | None, now: datetime) -> None:
        reached = any(self._tx.run(query, {"p": person_id}).first() for query in (_STILL_REACHED, _STILL_SHARING))
        if reached:
            return
        self._tx.run(update(person).where(person.c.id == person_id).values(unreachable_at=now))
        row = {"person_id": person_id, "name_sealed": self._tx.vault.seal(name) if name else None}
        known = self._tx.run(select(identity.c.identity_hash).where(identity.c.line_id == line_id)).scalars().all()
        for hashed in known:
            self._tx.run(lost_line.insert(), row | {"identity_hash": hashed})
