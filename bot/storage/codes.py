"""Codes by which a person comes to another line: short, so that they can be pressed on any phone, and therefore guarded.

A code lies here as a keyed hash, and is looked for by that hash: how long the looking takes says nothing about the digits. It
is valid once, for ten minutes; three wrong ones close a line for an hour, a hundred from everywhere close it to all.
"""

from __future__ import annotations

import hmac
import json
import secrets
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, func, or_, select

from bot.domain.line import CODE_DIGITS, CODE_LASTS, MISSES_COUNT_FOR, MOST_MISSES, MOST_MISSES_OF_ALL, Claim, CodeKind
from bot.domain.message import Address, ChannelName
from bot.storage.tables import identity, join_code, join_miss
from bot.storage.transaction import Transaction

_VALID: Final = select(join_code).where(join_code.c.code_hash == bindparam("h"), join_code.c.expires_at > bindparam("now"))
_MISSES: Final = select(func.count()).select_from(join_miss).where(join_miss.c.missed_at > bindparam("since"))
_HERS: Final = _MISSES.where(join_miss.c.identity_hash == bindparam("i"))
_LINE: Final = select(identity.c.line_id).where(identity.c.identity_hash == bindparam("i"))


class Codes:
    """The part of `bot.domain.line.Lines` that is about codes."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def new_code(self, now: datetime) -> str:
        """Six digits that are no valid code yet."""
        while True:
            # The first digit is no 0, which some would leave out.
            code = str(secrets.randbelow(9 * 10 ** (CODE_DIGITS - 1)) + 10 ** (CODE_DIGITS - 1))
            if self._row(code, now) is None:
                return code

    def issue(self, code: str, kind: CodeKind, person_id: str, address: Address, now: datetime) -> None:
        """Make it her one valid code, once, for some minutes. Her code before it is void."""
        tx = self._tx
        tx.run(delete(join_code).where(or_(join_code.c.person_id == person_id, join_code.c.expires_at <= now)))
        where = json.dumps([address.channel.value, address.value, address.simulated])
        row = {
            "code_hash": self._hash(code),
            "person_id": person_id,
            "line_id": tx.run(_LINE, {"i": tx.lookup.identity(address)}).scalar(),
            "kind": kind.value,
            "expires_at": now + CODE_LASTS,
            "sealed": tx.vault.seal(where),
        }
        tx.run(join_code.insert(), row)

    def void_codes(self, person_id: str) -> None:
        """No code of hers is valid any more."""
        self._tx.run(delete(join_code).where(join_code.c.person_id == person_id))

    def tries_left(self, address: Address, now: datetime) -> int:
        """How many wrong codes that line may still give; 0 too where too many come from everywhere."""
        since = now - MISSES_COUNT_FOR
        if (self._tx.run(_MISSES, {"since": since}).scalar() or 0) >= MOST_MISSES_OF_ALL:
            return 0
        missed = self._tx.run(_HERS, {"since": since, "i": self._tx.lookup.identity(address)}).scalar() or 0
        return max(0, MOST_MISSES - missed)

    def missed(self, address: Address, now: datetime) -> None:
        """Count a wrong code."""
        self._tx.run(join_miss.insert(), {"identity_hash": self._tx.lookup.identity(address), "missed_at": now})

    def forget_codes(self, now: datetime) -> None:
        """Delete what is no longer valid and no longer counts."""
        self._tx.run(delete(join_code).where(join_code.c.expires_at <= now))
        self._tx.run(delete(join_miss).where(join_miss.c.missed_at <= now - MISSES_COUNT_FOR))

    def _row(self, code: str, now: datetime) -> Row[Any] | None:
        wanted = self._hash(code)
        row = self._tx.run(_VALID, {"h": wanted, "now": now}).first()
        return row if row is not None and hmac.compare_digest(row.code_hash, wanted) else None

    def _hash(self, code: str) -> str:
        return self._tx.lookup.of("join-code", code)

    def _address(self, sealed: str) -> Address:
        channel, value, simulated = json.loads(self._tx.vault.open(sealed))
        return Address(ChannelName(channel), value, simulated)

    def _void(self, row: Row[Any]) -> None:
        self._tx.run(delete(join_code).where(join_code.c.code_hash == row.code_hash))

    def _claim(self, row: Row[Any], line: Any) -> Claim:
        return Claim(CodeKind(row.kind), row.person_id, line, self._address(row.sealed))
