"""Numbers that wait for their owner's answer, and files of people that somebody looks at."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, func, select

from bot.domain.enrolment import FILE_LASTS, PENDING_LASTS, Expected, UploadedFile
from bot.domain.message import Address, ChannelName
from bot.domain.person import Country, Mode
from bot.storage.help_tables import pending_enrolment, uploaded_file
from bot.storage.tables import upsert
from bot.storage.transaction import Transaction

_EXPECTED: Final = select(pending_enrolment.c.sealed, pending_enrolment.c.community_id).where(
    pending_enrolment.c.identity_hash == bindparam("i"), pending_enrolment.c.expires_at > bindparam("now")
)


class SqlEnrolments:
    """`bot.domain.enrolment.Enrolments` on tables."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def expect(self, expected: Expected, member_id: str, now: datetime) -> None:
        """Keep a number, sealed, until she answers or the time is up."""
        at = expected.address
        known = {"value": at.value, "channel": at.channel, "simulated": at.simulated}
        known |= {"country": expected.country, "mode": expected.mode}
        row = {
            "identity_hash": self._tx.lookup.identity(at),
            "community_id": expected.community_id,
            "member_id": member_id,
            "expires_at": now + PENDING_LASTS,
            "sealed": self._tx.vault.seal(json.dumps(known)),
        }
        self._tx.run(upsert(self._tx.dialect, pending_enrolment), row)

    def expected(self, address: Address, now: datetime) -> Expected | None:
        """What was filled in for whoever comes by that address."""
        row = self._tx.run(_EXPECTED, {"i": self._tx.lookup.identity(address), "now": now}).first()
        if row is None:
            return None
        known = json.loads(self._tx.vault.open(row.sealed))
        at = Address(ChannelName(known["channel"]), known["value"], known["simulated"])
        return Expected(at, Country(known["country"]), row.community_id, Mode(known["mode"]))

    def answered(self, address: Address) -> None:
        """She has answered: the pending number is dropped."""
        hers = pending_enrolment.c.identity_hash == self._tx.lookup.identity(address)
        self._tx.run(delete(pending_enrolment).where(hers))

    def pending(self, community_id: str | None, now: datetime) -> int:
        """How many numbers wait for an answer."""
        waiting = select(func.count()).select_from(pending_enrolment).where(pending_enrolment.c.expires_at > now)
        if community_id is not None:
            waiting = waiting.where(pending_enrolment.c.community_id == community_id)
        return int(self._tx.run(waiting).scalar() or 0)

    def put_file(self, file: UploadedFile, now: datetime) -> None:
        """Keep a file, sealed; it replaces the one that the same member uploaded before."""
        self._tx.run(delete(uploaded_file).where(uploaded_file.c.member_id == file.member_id))
        sealed = self._tx.vault.seal(base64.b64encode(file.content).decode())
        row = {"id": file.id, "member_id": file.member_id, "expires_at": now + FILE_LASTS, "sealed": sealed}
        self._tx.run(uploaded_file.insert(), row)

    def file(self, file_id: str, member_id: str, now: datetime) -> UploadedFile | None:
        """A file of that member's."""
        hers = (uploaded_file.c.id == file_id, uploaded_file.c.member_id == member_id, uploaded_file.c.expires_at > now)
        sealed = self._tx.run(select(uploaded_file.c.sealed).where(*hers)).scalar()
        return UploadedFile(file_id, member_id, base64.b64decode(self._tx.vault.open(sealed))) if sealed else None

    def drop_file(self, file_id: str) -> None:
        """Delete a file."""
        self._tx.run(delete(uploaded_file).where(uploaded_file.c.id == file_id))

    def forget(self, now: datetime) -> int:
        """Drop what has waited too long; returns how many numbers."""
        self._tx.run(delete(uploaded_file).where(uploaded_file.c.expires_at <= now))
        return self._tx.run(delete(pending_enrolment).where(pending_enrolment.c.expires_at <= now)).rowcount
