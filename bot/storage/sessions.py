"""Sessions of the staff side, and the attempts to begin one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, func, select, text, update

from bot.domain.staff import (
    IDLE,
    MOST_TRIES_OF_ACCOUNT,
    MOST_TRIES_OF_ADDRESS,
    TRIES_COUNT_FOR,
    Session,
    Stage,
)
from bot.storage.staff import member_of
from bot.storage.staff_tables import sign_in_try, staff_member, staff_session
from bot.storage.transaction import Transaction

# So that an ordinary request writes nothing.
SEEN_EVERY: Final = timedelta(minutes=1)

_LOCK: Final = text("SELECT pg_advisory_xact_lock(:key)")
_OPEN: Final = staff_session.insert()
_OF_TOKEN: Final = staff_session.c.token_hash == bindparam("t")
_FIND: Final = (
    select(staff_member, staff_session.c.stage, staff_session.c.csrf, staff_session.c.seen_at)
    .join(staff_session, staff_session.c.member_id == staff_member.c.id)
    .where(
        _OF_TOKEN,
        staff_session.c.ends_at > bindparam("now"),
        staff_session.c.seen_at > bindparam("awake"),
        staff_member.c.disabled_at.is_(None),
    )
)
_SEEN: Final = update(staff_session).where(_OF_TOKEN).values(seen_at=bindparam("now"))
_END: Final = delete(staff_session).where(_OF_TOKEN)
_TRY: Final = sign_in_try.insert()
_TRIES: Final = (
    select(func.count())
    .select_from(sign_in_try)
    .where(sign_in_try.c.key_hash == bindparam("k"), sign_in_try.c.tried_at > bindparam("since"))
)
_FORGIVE: Final = delete(sign_in_try).where(sign_in_try.c.key_hash == bindparam("k"))
_last = select(func.max(sign_in_try.c.id)).where(sign_in_try.c.key_hash == bindparam("k")).scalar_subquery()
_RIGHT: Final = delete(sign_in_try).where(sign_in_try.c.id == _last)


class SqlSessions:
    """`bot.domain.staff.Sessions` on tables."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def open(self, token: str, session: Session, now: datetime, ends_at: datetime) -> None:
        """Keep a session under a token that only the browser knows."""
        row = {
            "token_hash": self._token(token),
            "member_id": session.member.id,
            "stage": session.stage.value,
            "csrf": session.csrf,
            "created_at": now,
            "seen_at": now,
            "ends_at": ends_at,
        }
        self._tx.run(_OPEN, row)

    def find(self, token: str, now: datetime) -> Session | None:
        """The session of a token, which thereby stays awake; None where it has ended, or its account is disabled."""
        where = self._token(token)
        row = self._tx.run(_FIND, {"t": where, "now": now, "awake": now - IDLE}).first()
        if row is None:
            return None
        if now - row.seen_at >= SEEN_EVERY:
            self._tx.run(_SEEN, {"t": where, "now": now})
        return Session(member_of(self._tx, row), Stage(row.stage), row.csrf)

    def end(self, token: str) -> None:
        """Sign out; a session that there is not is no error."""
        self._tx.run(_END, {"t": self._token(token)})

    def try_once(self, account: str, address: str, now: datetime) -> bool:
        """Count an attempt to sign in before it is made; False where too many were made, of that account or from there.

        Attempts that are refused count no further: whoever goes on trying keeps nobody out for longer.
        """
        limits = {self._account(account): MOST_TRIES_OF_ACCOUNT, self._address(address): MOST_TRIES_OF_ADDRESS}
        for key in sorted(limits):
            if self._tx.dialect == "postgresql":
                self._tx.run(_LOCK, {"key": int.from_bytes(bytes.fromhex(key[:16]), signed=True)})
        since = now - TRIES_COUNT_FOR
        for key, most in limits.items():
            if int(self._tx.run(_TRIES, {"k": key, "since": since}).scalar() or 0) >= most:
                return False
        for key in limits:
            self._tx.run(_TRY, {"key_hash": key, "tried_at": now})
        return True

    def right(self, address: str) -> None:
        """The last attempt from there was right: it counts no more. Those before it do."""
        self._tx.run(_RIGHT, {"k": self._address(address)})

    def forgive(self, account: str) -> None:
        """The account's attempts before it was let in count no more."""
        self._tx.run(_FORGIVE, {"k": self._account(account)})

    def forget(self, now: datetime) -> int:
        """Delete sessions that have ended and attempts that count no more; returns how many sessions."""
        self._tx.run(delete(sign_in_try).where(sign_in_try.c.tried_at <= now - TRIES_COUNT_FOR))
        over = (staff_session.c.ends_at <= now) | (staff_session.c.seen_at <= now - IDLE)
        return self._tx.run(delete(staff_session).where(over)).rowcount

    def _token(self, token: str) -> str:
        return self._tx.lookup.of("staff-session", token)

    def _account(self, account: str) -> str:
        return self._tx.lookup.of("sign-in-account", account.strip().casefold())

    def _address(self, address: str) -> str:
        return self._tx.lookup.of("sign-in-address", address)
