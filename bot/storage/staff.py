"""Accounts of the staff side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, select, update

from bot.domain.staff import Credentials, Role, StaffMember
from bot.storage.staff_tables import staff_member, staff_session
from bot.storage.tables import insert
from bot.storage.transaction import Transaction

_BY_ID: Final = staff_member.c.id == bindparam("m")
_ALL: Final = select(staff_member).order_by(staff_member.c.created_at, staff_member.c.id)
_GET: Final = select(staff_member).where(_BY_ID).with_for_update()
_BY_EMAIL: Final = select(staff_member).where(staff_member.c.email_hash == bindparam("e"))
_USE_CODE: Final = update(staff_member).where(_BY_ID, staff_member.c.last_code < bindparam("n")).values(last_code=bindparam("n"))
_END_SESSIONS: Final = delete(staff_session).where(staff_session.c.member_id == bindparam("m"))


class SqlStaff:
    """`bot.domain.staff.Staff` on tables."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(self, credentials: Credentials) -> bool:
        """Make an account; False where there is one of that e-mail address."""
        member = credentials.member
        row = {
            "id": member.id,
            "email_hash": self._email(member.email),
            "email_sealed": self._tx.vault.seal(member.email),
            "role": member.role.value,
            "community_id": member.community_id,
            "language": member.language,
            "created_at": member.created_at,
            "disabled_at": None,
            **self._secrets(credentials),
        }
        statement = insert(self._tx.dialect, staff_member).on_conflict_do_nothing(index_elements=["email_hash"])
        return self._tx.run(statement.returning(staff_member.c.id), row).first() is not None

    def all(self) -> Sequence[StaffMember]:
        """Every account, the oldest first."""
        return [self._member(row) for row in self._tx.run(_ALL)]

    def get(self, member_id: str) -> Credentials | None:
        """One account, locked until the transaction ends."""
        return self._credentials(self._tx.run(_GET, {"m": member_id}).first())

    def by_email(self, email: str) -> Credentials | None:
        """The account of an e-mail address."""
        return self._credentials(self._tx.run(_BY_EMAIL, {"e": self._email(email)}).first())

    def renew(self, credentials: Credentials) -> None:
        """Replace password and secret, lift what disabled the account, end its sessions."""
        values = {**self._secrets(credentials), "disabled_at": None}
        self._change(credentials.member.id, values)
        self._tx.run(_END_SESSIONS, {"m": credentials.member.id})

    def set_password(self, member_id: str, password_hash: str) -> None:
        """Her own password from now on. Ends her sessions."""
        self._change(member_id, {"password_hash": password_hash, "temporary_until": None})
        self._tx.run(_END_SESSIONS, {"m": member_id})

    def use_code(self, member_id: str, number: int) -> bool:
        """Take the code of a time step; False where that one or a later one was taken already."""
        return self._tx.run(_USE_CODE, {"m": member_id, "n": number}).rowcount == 1

    def set_language(self, member_id: str, language: str) -> None:
        """The language of her pages."""
        self._change(member_id, {"language": language})

    def disable(self, member_id: str, now: datetime) -> None:
        """She cannot sign in any more. Ends her sessions."""
        self._change(member_id, {"disabled_at": now})
        self._tx.run(_END_SESSIONS, {"m": member_id})

    def _change(self, member_id: str, values: dict[str, Any]) -> None:
        self._tx.run(update(staff_member).where(staff_member.c.id == member_id).values(**values))

    def _secrets(self, credentials: Credentials) -> dict[str, Any]:
        return {
            "password_hash": credentials.password_hash,
            "temporary_until": credentials.temporary_until,
            "totp_sealed": self._tx.vault.seal(credentials.totp_secret),
            "last_code": credentials.last_code,
        }

    def _email(self, email: str) -> str:
        return self._tx.lookup.of("staff-email", email.strip().casefold())

    def _member(self, row: Row[Any]) -> StaffMember:
        return member_of(self._tx, row)

    def _credentials(self, row: Row[Any] | None) -> Credentials | None:
        if row is None:
            return None
        secret = self._tx.vault.open(row.totp_sealed)
        return Credentials(self._member(row), row.password_hash, secret, row.temporary_until, row.last_code)


def member_of(tx: Transaction, row: Row[Any]) -> StaffMember:
    """The account that a row of `staff_member` is."""
    return StaffMember(
        id=row.id,
        email=tx.vault.open(row.email_sealed),
        role=Role(row.role),
        community_id=row.community_id,
        language=row.language,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
    )
