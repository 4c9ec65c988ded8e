"""Persons, their addresses, states and progress."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Exists, Row, Table, bindparam, exists, func, select, text, update

from bot.domain.conversation import State
from bot.domain.line import Line, Question
from bot.domain.message import Address, ChannelName
from bot.domain.person import Consent, Country, Mode, Person
from bot.storage.about import about_her, sealed_about
from bot.storage.erasing import erase
from bot.storage.learnt import Learnt
from bot.storage.meeting_tables import meeting_notice
from bot.storage.opt_outs import OptOuts
from bot.storage.poll_tables import poll_invited
from bot.storage.tables import address as address_table
from bot.storage.tables import consent, help_request, identity, insert, line, person, upsert
from bot.storage.transaction import Transaction
from bot.storage.uniting import unite

_LOCK: Final = text("SELECT pg_advisory_xact_lock(:key)")
_hers = consent.alias("hers")
_latest_consent = select(func.max(_hers.c.id)).where(_hers.c.person_id == person.c.id).correlate(person).scalar_subquery()
_agreed = (
    consent.c.text_version,
    consent.c.given_at,
    consent.c.channel,
    consent.c.message_ref_sealed,
    consent.c.purpose,
    consent.c.revoked_at,
)
_also = identity.alias("also")


def _sent(table: Table) -> Exists:
    """Whether a message of that kind was written to her: most people have none, and a turn then need not look for them."""
    return exists().where(table.c.person_id == person.c.id, table.c.message_id.is_not(None)).correlate(person)


_meet_columns = (
    *(person, *_agreed),
    line.c.id.label("line_id"),
    line.c.shared,
    line.c.asked,
    line.c.heard_at,
    address_table.c.line_id.label("address_line_id"),
    address_table.c.opted_out_at,
    address_table.c.shut_by_carrier_at,
    _sent(meeting_notice).label("noticed"),
    _sent(poll_invited).label("invited"),
)
_met = (
    identity.join(line, line.c.id == identity.c.line_id)
    .join(person, person.c.id == line.c.person_id)
    .outerjoin(consent, consent.c.id == _latest_consent)
    .outerjoin(address_table, address_table.c.address_hash == bindparam("a"))
)
# The row of the person is locked, since another line of hers may be having a turn; SQLite has one turn at a time anyway.
_MEET: Final = (
    select(*_meet_columns).select_from(_met).where(identity.c.identity_hash == bindparam("i")).with_for_update(of=person)
)
_MEET_ALIASED: Final = (
    select(*_meet_columns, _also.c.line_id.label("alias_line_id"))
    .select_from(_met.outerjoin(_also, _also.c.identity_hash == bindparam("also")))
    .where(identity.c.identity_hash == bindparam("i"))
    .with_for_update(of=person)
)
_GET: Final = (
    select(person, *_agreed)
    .select_from(person.outerjoin(consent, consent.c.id == _latest_consent))
    .where(person.c.id == bindparam("p"))
    .with_for_update(of=person)
)
_AGREED: Final = select(person, *_agreed).select_from(person.join(consent, consent.c.id == _latest_consent))
_SHUT_ELSEWHERE: Final = select(func.max(address_table.c.opted_out_at)).where(
    address_table.c.line_id == bindparam("l"), address_table.c.channel == bindparam("c")
)
_HEARD: Final = (
    update(address_table).where(address_table.c.address_hash == bindparam("a")).values(last_inbound_at=bindparam("now"))
)
_LAST_INBOUND: Final = select(address_table.c.last_inbound_at).where(address_table.c.address_hash == bindparam("a"))
_SAVE: Final = update(person).where(person.c.id == bindparam("p"))


class SqlPeople(Learnt, OptOuts):
    """`bot.domain.store.People` on tables."""

    def __init__(self, transaction: Transaction) -> None:
        super().__init__(transaction)

    def meet(self, address: Address, now: datetime, aliases: Sequence[Address] = ()) -> tuple[Person, State]:
        """The person behind an address, made on first contact; holds a lock on her until the transaction ends.

        `aliases` came in the same delivery: they become the same line. On SQLite every transaction has the whole database to
        itself.
        """
        tx = self._tx
        names = [tx.lookup.identity(one) for one in (address, *aliases)]
        where = tx.lookup.address(address)
        if tx.dialect == "postgresql":
            for name in sorted(names):
                # A statement of its own: what follows must see what the one before us committed.
                tx.run(_LOCK, {"key": int.from_bytes(bytes.fromhex(name[:16]), signed=True)})
        row = self._find(names, where)
        if aliases and (row is None or row.alias_line_id != row.line_id):
            for name in names[1:]:
                unite(tx, names[0], name, now)
            row = self._find(names, where)
        if row is None:
            return self._welcome(address, names, now)
        shut = row.opted_out_at
        if row.address_line_id != row.line_id:
            shut = self._attach(address, row.line_id, shut)
        if address.channel is ChannelName.WHATSAPP:
            tx.run(_HEARD, {"a": where, "now": now})
        tx.opted_out[where] = shut
        tx.shut_by_carrier[where] = row.shut_by_carrier_at
        tx.lines[where] = Line(row.line_id, row.shared, Question(row.asked) if row.asked else None, row.heard_at)
        tx.noticed[row.id], tx.invited[row.id] = row.noticed, row.invited
        return self._person(row), self._state(row)

    def line(self, address: Address) -> Line:
        """The line of an address that was met in this transaction."""
        return self._tx.lines[self._tx.lookup.address(address)]

    def get(self, person_id: str) -> tuple[Person, State] | None:
        """One person, locked until the transaction ends; None where she was erased."""
        row = self._tx.run(_GET, {"p": person_id}).first()
        return (self._person(row), self._state(row)) if row else None

    def agreed(self) -> Iterator[Person]:
        """Everybody who agreed, is of age and has not left."""
        found = (self._person(row) for row in self._tx.run(_AGREED))
        return (one for one in found if one.enrolled)

    def save(self, person: Person, state: State) -> None:
        """Write profile and state. Consent is not written here: its proof has a table of its own."""
        self._tx.run(_SAVE, {"p": person.id, **self._profile(person, state)})

    def record_consent(self, person_id: str, consent: Consent) -> None:
        """Append the proof. Revoking is one more record, with `revoked_at`: the latest is the one that counts."""
        self._tx.run(
            _RECORD_CONSENT,
            {
                "person_id": person_id,
                "text_version": consent.text_version,
                "given_at": consent.given_at,
                "channel": consent.channel,
                "message_ref_sealed": self._tx.vault.seal(consent.message_ref),
                "purpose": consent.purpose,
                "revoked_at": consent.revoked_at,
            },
        )

    def last_inbound(self, address: Address) -> datetime | None:
        """When something last came from a WhatsApp address, which opens its window of 24 hours."""
        where = self._tx.lookup.address(address)
        return self._tx.run(_LAST_INBOUND, {"a": where}).scalar()

    def ask_for_help(self, person_id: str, when: datetime) -> None:
        """Put her in the queue of people who want a person; asking twice keeps the first place."""
        self._tx.run(_ask_for_help(self._tx.dialect), {"person_id": person_id, "asked_at": when})

    def erase(self, person_id: str, *, questions: bool = True) -> None:
        """Delete everything about her: addresses, state, progress, answers that can still be linked, RSVPs, messages.

        Two things outlive her, neither with her name: an opt-out, as the bare hash of its address, since whoever said BAJA
        must not be written to because she also said BORRAR; and an ephemeral goodbye, which carries its own address. A line
        that others share stays theirs, and the next who comes by it is asked who she is. Without `questions`, what she left by
        voice under its own consent stays.
        """
        erase(self._tx, person_id, questions=questions)

    def create(self, newcomer: Person, state: State) -> None:
        """Make a person that no line leads to yet."""
        self._tx.run(_CREATE, {"id": newcomer.id, "created_at": newcomer.created_at, **self._profile(newcomer, state)})

    def _find(self, names: Sequence[str], where: str) -> Any:
        if len(names) == 1:
            return self._tx.run(_MEET, {"i": names[0], "a": where}).first()
        return self._tx.run(_MEET_ALIASED, {"i": names[0], "a": where, "also": names[1]}).first()

    def _welcome(self, address: Address, names: Sequence[str], now: datetime) -> tuple[Person, State]:
        newcomer, state = Person(id=uuid.uuid4().hex, created_at=now), State()
        tx = self._tx
        where = tx.lookup.address(address)
        self.create(newcomer, state)
        tx.run(_OPEN_LINE, {"id": newcomer.id, "person_id": newcomer.id, "shared": False, "asked": None, "heard_at": now})
        for name in names:
            tx.run(_NAME, {"identity_hash": name, "line_id": newcomer.id})
        self._attach(address, newcomer.id, None)
        if address.channel is ChannelName.WHATSAPP:
            tx.run(_HEARD, {"a": where, "now": now})
        tx.lines[where] = Line(newcomer.id, heard_at=now)
        return newcomer, state

    def _attach(self, address: Address, line_id: str, shut: datetime | None) -> datetime | None:
        """Make an address one of the line's; an opt-out that was there stays. Gives since when the address is closed."""
        row = {
            "address_hash": self._tx.lookup.address(address),
            "line_id": line_id,
            "channel": address.channel.value,
            "simulated": address.simulated,
            "value_sealed": self._tx.vault.seal(address.value),
        }
        self._tx.run(_attach(self._tx.dialect), row)
        if shut is None and address.channel is ChannelName.WHATSAPP:
            shut = self._tx.run(_SHUT_ELSEWHERE, {"l": line_id, "c": address.channel.value}).scalar()
            if shut is not None:
                self.set_opted_out(address, shut)
        return shut

    def _profile(self, person: Person, state: State) -> dict[str, Any]:
        return {
            "country": person.country and person.country.value,
            "mode": person.mode and person.mode.value,
            "adult": person.adult,
            "community_id": person.community_id,
            "language": person.language,
            "slow": person.slow,
            "last_seen_at": person.last_seen_at,
            "state_sealed": self._tx.vault.seal(json.dumps(state.to_json(), separators=(",", ":"))),
            "about_sealed": sealed_about(self._tx.vault, person),
        }

    def _state(self, row: Row[Any]) -> State:
        return State.from_json(json.loads(self._tx.vault.open(row.state_sealed)))

    def _person(self, row: Row[Any]) -> Person:
        self._tx.prompted[row.id] = row.prompt_id is not None
        agreed = None
        if row.text_version is not None:
            agreed = Consent(
                text_version=row.text_version,
                given_at=row.given_at,
                channel=row.channel,
                message_ref=self._tx.vault.open(row.message_ref_sealed),
                purpose=row.purpose,
                revoked_at=row.revoked_at,
            )
        return Person(
            id=row.id,
            created_at=row.created_at,
            country=Country(row.country) if row.country else None,
            mode=Mode(row.mode) if row.mode else None,
            adult=row.adult,
            community_id=row.community_id,
            language=row.language,
            slow=row.slow,
            consent=agreed,
            last_seen_at=row.last_seen_at,
            **about_her(self._tx.vault, row.about_sealed),
        )


_CREATE: Final = person.insert()
_NAME: Final = identity.insert()
_OPEN_LINE: Final = line.insert()
_RECORD_CONSENT: Final = consent.insert().inline()


@cache
def _attach(dialect: str) -> Any:
    return upsert(dialect, address_table, keep=frozenset({"opted_out_at", "last_inbound_at", "shut_by_carrier_at"}))


@cache
def _ask_for_help(dialect: str) -> Any:
    return insert(dialect, help_request).on_conflict_do_nothing()
