"""Facilitators who work from their own phone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, func, select, update

from bot.domain.facilitator import ASKED, DRAFT_LASTS, MOST_PHONES, MOST_WRONG, Asked, Draft, Facilitator
from bot.domain.message import Address, ChannelName
from bot.domain.staff import Role
from bot.storage.facilitator_tables import facilitator_draft, facilitator_phone, facilitator_pin
from bot.storage.staff_tables import staff_member
from bot.storage.tables import insert, upsert
from bot.storage.transaction import Transaction

_OF: Final = facilitator_pin.c.member_id == bindparam("m")
_AT: Final = (
    select(staff_member.c.id, staff_member.c.community_id, facilitator_pin.c.locked_at, facilitator_pin.c.wrong)
    .join(facilitator_phone, facilitator_phone.c.member_id == staff_member.c.id)
    .join(facilitator_pin, facilitator_pin.c.member_id == staff_member.c.id)
    .where(
        facilitator_phone.c.identity_hash == bindparam("i"),
        staff_member.c.disabled_at.is_(None),
        staff_member.c.role == Role.FACILITATOR.value,
        staff_member.c.community_id.is_not(None),
    )
)
_PIN: Final = select(facilitator_pin.c.sealed).where(_OF)
_WRONG: Final = update(facilitator_pin).where(_OF).values(wrong=facilitator_pin.c.wrong + 1).returning(facilitator_pin.c.wrong)
_DRAFT: Final = select(facilitator_draft.c.sealed).where(
    facilitator_draft.c.member_id == bindparam("m"), facilitator_draft.c.kept_at > bindparam("after")
)

_STANDING: Final = select(facilitator_pin.c.wrong, facilitator_pin.c.locked_at).where(_OF)
_KEPT: Final = (
    select(facilitator_draft.c.member_id, staff_member.c.community_id, facilitator_draft.c.sealed)
    .join(staff_member, staff_member.c.id == facilitator_draft.c.member_id)
    .where(facilitator_draft.c.kept_at > bindparam("after"), staff_member.c.disabled_at.is_(None))
    .order_by(facilitator_draft.c.kept_at)
)
_OTHERS: Final = (
    select(facilitator_draft.c.member_id, facilitator_draft.c.sealed)
    .join(staff_member, staff_member.c.id == facilitator_draft.c.member_id)
    .where(
        facilitator_draft.c.member_id != bindparam("m"),
        facilitator_draft.c.kept_at > bindparam("after"),
        staff_member.c.community_id == bindparam("c"),
        staff_member.c.disabled_at.is_(None),
    )
    .order_by(facilitator_draft.c.kept_at)
)


class SqlFacilitators:
    """`bot.domain.facilitator.Facilitators` on tables."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def enrol(self, member_id: str, address: Address, now: datetime) -> bool:
        """She works from there from now on; False where somebody else does, or she has too many already."""
        hashed = self._tx.lookup.identity(address)
        owner = self._tx.run(select(facilitator_phone.c.member_id).where(facilitator_phone.c.identity_hash == hashed)).scalar()
        if owner is not None:
            return bool(owner == member_id)
        count = select(func.count()).select_from(facilitator_phone).where(facilitator_phone.c.member_id == member_id)
        if self._tx.run(count).scalar_one() >= MOST_PHONES:
            return False
        known = {"channel": address.channel.value, "value": address.value, "simulated": address.simulated}
        row = {"identity_hash": hashed, "member_id": member_id, "added_at": now}
        statement = insert(self._tx.dialect, facilitator_phone).on_conflict_do_nothing()
        added = statement.returning(facilitator_phone.c.identity_hash)
        return self._tx.run(added, {**row, "sealed": self._tx.vault.seal(json.dumps(known))}).first() is not None

    def withdraw(self, member_id: str, address: Address | None = None) -> int:
        """She does no more, there or anywhere (None); gives how many phones that were."""
        gone = delete(facilitator_phone).where(facilitator_phone.c.member_id == member_id)
        if address is not None:
            gone = gone.where(facilitator_phone.c.identity_hash == self._tx.lookup.identity(address))
        return self._tx.run(gone).rowcount

    def phones(self, member_id: str) -> Sequence[Address]:
        """Where she works from."""
        hers = select(facilitator_phone.c.sealed).where(facilitator_phone.c.member_id == member_id)
        rows = self._tx.run(hers.order_by(facilitator_phone.c.added_at))
        opened = [json.loads(self._tx.vault.open(row.sealed)) for row in rows]
        return [Address(ChannelName(one["channel"]), one["value"], one["simulated"]) for one in opened]

    def at(self, address: Address) -> Facilitator | None:
        """Who works from there: one with the role, whose account is not disabled and who has a PIN."""
        row = self._tx.run(_AT, {"i": self._tx.lookup.identity(address)}).first()
        if row is None:
            return None
        return Facilitator(row.id, row.community_id, 0 if row.locked_at else MOST_WRONG - row.wrong)

    def tries_left(self, member_id: str) -> int | None:
        """How many wrong PINs she may still give, 0 where she is locked; None: she has no PIN."""
        row = self._tx.run(_STANDING, {"m": member_id}).first()
        return None if row is None else 0 if row.locked_at else MOST_WRONG - row.wrong

    def set_pin(self, member_id: str, hashed: str, now: datetime) -> None:
        """Her PIN from now on; it is not locked."""
        row = {"member_id": member_id, "sealed": self._tx.vault.seal(hashed), "wrong": 0, "set_at": now, "locked_at": None}
        self._tx.run(upsert(self._tx.dialect, facilitator_pin), row)

    def pin(self, member_id: str) -> str | None:
        """The hash of her PIN; None where there is none."""
        sealed = self._tx.run(_PIN, {"m": member_id}).scalar()
        return None if sealed is None else self._tx.vault.open(sealed)

    def wrong(self, member_id: str, now: datetime) -> bool:
        """Count a wrong PIN; True where it is locked by that."""
        if (self._tx.run(_WRONG, {"m": member_id}).scalar() or 0) != MOST_WRONG:
            return False
        self._tx.run(update(facilitator_pin).where(facilitator_pin.c.member_id == member_id).values(locked_at=now))
        return True

    def right(self, member_id: str) -> None:
        """Wrong ones before count no more."""
        unlocked = update(facilitator_pin).where(facilitator_pin.c.member_id == member_id, facilitator_pin.c.locked_at.is_(None))
        self._tx.run(unlocked.values(wrong=0))

    def draft(self, member_id: str, now: datetime) -> Draft:
        """What she is preparing; empty where that is nothing, or too old."""
        sealed = self._tx.run(_DRAFT, {"m": member_id, "after": now - DRAFT_LASTS}).scalar()
        return {} if sealed is None else json.loads(self._tx.vault.open(sealed))

    def keep(self, member_id: str, draft: Draft, now: datetime) -> None:
        """Keep what she is preparing; an empty one is forgotten."""
        if not draft:
            self._tx.run(delete(facilitator_draft).where(facilitator_draft.c.member_id == member_id))
            return
        row = {"member_id": member_id, "sealed": self._tx.vault.seal(json.dumps(dict(draft))), "kept_at": now}
        self._tx.run(upsert(self._tx.dialect, facilitator_draft), row)

    def asking(self, community_id: str, member_id: str, now: datetime) -> tuple[str, Draft] | None:
        """What another facilitator there has asked a second person to confirm."""
        for row in self._tx.run(_OTHERS, {"m": member_id, "c": community_id, "after": now - DRAFT_LASTS}):
            draft = json.loads(self._tx.vault.open(row.sealed))
            if ASKED in draft:
                return row.member_id, draft
        return None

    def waiting(self, now: datetime) -> Sequence[Asked]:
        """What waits for a second person, the oldest first."""
        rows = self._tx.run(_KEPT, {"after": now - DRAFT_LASTS}).all()
        drafts = [(row, json.loads(self._tx.vault.open(row.sealed))) for row in rows]
        return [Asked(row.member_id, row.community_id, draft) for row, draft in drafts if ASKED in draft]

    def forget_drafts(self, before: datetime) -> int:
        """Delete those kept before that moment; gives how many."""
        return self._tx.run(delete(facilitator_draft).where(facilitator_draft.c.kept_at < before)).rowcount
