"""Persons, their addresses and states, and how one is forgotten."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, func, select, text, update

from bot.domain.conversation import State
from bot.domain.learning import LessonRecord, Progress
from bot.domain.message import Address, ChannelName
from bot.domain.person import Consent, Country, Mode, Person
from bot.storage.calls import forget_calls
from bot.storage.polls import forget_ballots
from bot.storage.tables import address as address_table
from bot.storage.tables import (
    consent,
    help_request,
    identity,
    insert,
    lesson_record,
    meeting,
    message,
    person,
    quiz_answer,
    rsvp,
    upsert,
)
from bot.storage.transaction import Transaction

_LOCK: Final = text("SELECT pg_advisory_xact_lock(:key)")
_hers = consent.alias("hers")
_latest_consent = select(func.max(_hers.c.id)).where(_hers.c.person_id == person.c.id).correlate(person).scalar_subquery()
_MEET: Final = (
    select(
        person,
        consent.c.text_version,
        consent.c.given_at,
        consent.c.channel,
        consent.c.message_ref_sealed,
        consent.c.purpose,
        consent.c.revoked_at,
        address_table.c.person_id.label("address_person_id"),
        address_table.c.opted_out_at,
    )
    .select_from(
        identity.join(person, person.c.id == identity.c.person_id)
        .outerjoin(consent, consent.c.id == _latest_consent)
        .outerjoin(address_table, address_table.c.address_hash == bindparam("a"))
    )
    .where(identity.c.identity_hash == bindparam("i"))
)
_HEARD: Final = (
    update(address_table).where(address_table.c.address_hash == bindparam("a")).values(last_inbound_at=bindparam("now"))
)
_SAVE: Final = update(person).where(person.c.id == bindparam("p"))
_OPTED_OUT: Final = select(address_table.c.opted_out_at).where(address_table.c.address_hash == bindparam("a"))
_PROGRESS: Final = (
    select(lesson_record.c.module_id, lesson_record.c.lesson_id, lesson_record.c.step_id, lesson_record.c.finished_at)
    .where(lesson_record.c.person_id == bindparam("p"))
    .order_by(lesson_record.c.touched)
)


class SqlPeople:
    """`bot.domain.store.People` on tables."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def meet(self, address: Address, now: datetime) -> tuple[Person, State]:
        """The person behind an address, made on first contact; holds a lock on her until the transaction ends.

        On SQLite every transaction has the whole database to itself.
        """
        tx = self._tx
        name, where = tx.lookup.identity(address), tx.lookup.address(address)
        if tx.dialect == "postgresql":
            # A statement of its own: what follows must see what the one before us committed.
            tx.run(_LOCK, {"key": int.from_bytes(bytes.fromhex(name[:16]), signed=True)})
        row = tx.run(_MEET, {"i": name, "a": where}).first()
        if row is None:
            return self._welcome(address, now)
        if row.address_person_id != row.id:
            self._attach(address, row.id)
        if address.channel is ChannelName.WHATSAPP:
            tx.run(_HEARD, {"a": where, "now": now})
        tx.opted_out[where] = row.opted_out_at
        return self._person(row), State.from_json(json.loads(tx.vault.open(row.state_sealed)))

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

    def opted_out(self, address: Address) -> bool:
        """Whether this address said BAJA. Costs no query right after `meet`."""
        return self.opted_out_at(address) is not None

    def opted_out_at(self, address: Address) -> datetime | None:
        """When this address said BAJA; None where it did not, or came back since."""
        where = self._tx.lookup.address(address)
        if where not in self._tx.opted_out:
            self._tx.opted_out[where] = self._tx.run(_OPTED_OUT, {"a": where}).scalar()
        return self._tx.opted_out[where]

    def set_opted_out(self, address: Address, when: datetime | None) -> None:
        """Record or lift an opt-out of one address, known or not; lifting is None."""
        where = self._tx.lookup.address(address)
        row = {
            "address_hash": where,
            "channel": address.channel.value,
            "simulated": address.simulated,
            "opted_out_at": when,
        }
        self._tx.run(_opt_out(self._tx.dialect), row)
        self._tx.opted_out[where] = when

    def last_inbound(self, address: Address) -> datetime | None:
        """When something last came from a WhatsApp address, which opens its window of 24 hours."""
        where = self._tx.lookup.address(address)
        return self._tx.run(select(address_table.c.last_inbound_at).where(address_table.c.address_hash == where)).scalar()

    def progress(self, person_id: str) -> Progress:
        """What she has learnt."""
        return Progress(
            tuple(
                LessonRecord(row.module_id, row.lesson_id, row.step_id, row.finished_at)
                for row in self._tx.run(_PROGRESS, {"p": person_id})
            )
        )

    def record_lesson(self, person_id: str, record: LessonRecord) -> None:
        """Insert or update how far she came in one lesson; a finish is never taken back."""
        self._tx.run(
            _record_lesson(self._tx.dialect),
            {
                "person_id": person_id,
                "module_id": record.module_id,
                "lesson_id": record.lesson_id,
                "step_id": record.step_id,
                "finished_at": record.finished_at,
                "p": person_id,
            },
        )

    def record_quiz(self, person_id: str, module_id: str, quiz_id: str, option_id: str, right: bool, when: datetime) -> None:
        """Append one quiz answer."""
        self._tx.run(
            _RECORD_QUIZ,
            {
                "person_id": person_id,
                "module_id": module_id,
                "quiz_id": quiz_id,
                "option_id": option_id,
                "right": right,
                "answered_at": when,
            },
        )

    def ask_for_help(self, person_id: str, when: datetime) -> None:
        """Put her in the queue of people who want a person; asking twice keeps the first place."""
        self._tx.run(_ask_for_help(self._tx.dialect), {"person_id": person_id, "asked_at": when})

    def erase(self, person_id: str) -> None:
        """Delete everything about her: addresses, state, progress, answers that can still be linked, RSVPs, messages.

        Two things outlive her, neither with her name: an opt-out, as the bare hash of its address, since whoever said BAJA
        must not be written to because she also said BORRAR; and an ephemeral goodbye, which carries its own address.
        """
        tx = self._tx
        forget_ballots(tx, person_id)
        for meeting_id in tx.run(select(meeting.c.id).where(meeting.c.id.in_(select(rsvp.c.meeting_id)))).scalars().all():
            tx.run(
                delete(rsvp).where(
                    rsvp.c.meeting_id == meeting_id, rsvp.c.person_hash == tx.lookup.of("rsvp", meeting_id, person_id)
                )
            )
        tx.run(delete(message).where(message.c.person_id == person_id))
        hers = address_table.c.person_id == person_id
        forget_calls(tx, select(address_table.c.address_hash).where(hers))
        tx.run(delete(address_table).where(hers, address_table.c.opted_out_at.is_(None)))
        tx.run(update(address_table).where(hers).values(person_id=None, value_sealed=None, last_inbound_at=None))
        tx.run(delete(person).where(person.c.id == person_id))
        tx.erased.add(person_id)

    def _welcome(self, address: Address, now: datetime) -> tuple[Person, State]:
        newcomer, state = Person(id=uuid.uuid4().hex, created_at=now), State()
        tx = self._tx
        tx.run(_CREATE, {"id": newcomer.id, "created_at": now, **self._profile(newcomer, state)})
        tx.run(_NAME, {"identity_hash": tx.lookup.identity(address), "person_id": newcomer.id})
        self._attach(address, newcomer.id)
        if address.channel is ChannelName.WHATSAPP:
            tx.run(_HEARD, {"a": tx.lookup.address(address), "now": now})
        return newcomer, state

    def _attach(self, address: Address, person_id: str) -> None:
        """Make an address hers; an opt-out that was there stays."""
        row = {
            "address_hash": self._tx.lookup.address(address),
            "person_id": person_id,
            "channel": address.channel.value,
            "simulated": address.simulated,
            "value_sealed": self._tx.vault.seal(address.value),
        }
        self._tx.run(_attach(self._tx.dialect), row)

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
        }

    def _person(self, row: Row[Any]) -> Person:
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
        )


_CREATE: Final = person.insert()
_NAME: Final = identity.insert()
_RECORD_CONSENT: Final = consent.insert().inline()
_RECORD_QUIZ: Final = quiz_answer.insert().inline()


@cache
def _attach(dialect: str) -> Any:
    return upsert(dialect, address_table, keep=frozenset({"opted_out_at", "last_inbound_at"}))


@cache
def _opt_out(dialect: str) -> Any:
    statement = insert(dialect, address_table)
    return statement.on_conflict_do_update(
        index_elements=["address_hash"], set_={"opted_out_at": statement.excluded.opted_out_at}
    )


@cache
def _ask_for_help(dialect: str) -> Any:
    return insert(dialect, help_request).on_conflict_do_nothing()


@cache
def _record_lesson(dialect: str) -> Any:
    newest = select(func.coalesce(func.max(lesson_record.c.touched), 0) + 1).where(lesson_record.c.person_id == bindparam("p"))
    statement = insert(dialect, lesson_record).values(
        person_id=bindparam("person_id"),
        module_id=bindparam("module_id"),
        lesson_id=bindparam("lesson_id"),
        step_id=bindparam("step_id"),
        finished_at=bindparam("finished_at"),
        touched=newest.scalar_subquery(),
    )
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["person_id", "module_id", "lesson_id"],
        set_={
            "step_id": new.step_id,
            "finished_at": func.coalesce(lesson_record.c.finished_at, new.finished_at),
            "touched": new.touched,
        },
    )
