"""A facilitator's phones and her PIN: staff enrol them, she proves herself by it, and nobody can read it.

Everything that hashes takes some 50 ms. In a turn that happens in its transaction: a PIN is asked for a few times a day, three
wrong ones end it, and only an enrolled phone is asked at all.
"""

from __future__ import annotations

import itertools
import secrets
from datetime import datetime
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.domain.audit import OPERATOR, AuditEntry
from bot.domain.errors import UsageError
from bot.domain.facilitator import MOST_PHONES, PIN_DIGITS
from bot.domain.message import Address
from bot.domain.ports import Clock
from bot.domain.staff import Role, StaffMember
from bot.domain.store import Store, UnitOfWork

_FEWEST_DIFFERENT: Final = 3


class Pins:
    """Enrols phones and sets PINs. `hasher`: Argon2id with the parameters of argon2-cffi, the second of RFC 9106."""

    def __init__(self, store: Store, clock: Clock, hasher: PasswordHasher | None = None) -> None:
        self._store = store
        self._clock = clock
        self._hasher = hasher or PasswordHasher()

    def fits(self, hashed: str | None, pin: str) -> bool:
        """Whether this is the PIN of that hash."""
        if hashed is None or not _is_pin(pin):
            return False
        try:
            return self._hasher.verify(hashed, pin)
        except (VerificationError, InvalidHashError):
            return False

    def enrol(self, email: str, address: Address, *, by: str = OPERATOR, pin: str = "") -> str:
        """Give her role to a phone; gives her PIN where she had none, this once, else ''. Raises UsageError.

        `pin` is the one that she then has; without it one is made.
        """
        now, pin = self._clock.now(), pin or _new_pin()
        hashed = self._hasher.hash(pin)

        def work(uow: UnitOfWork) -> str:
            member = _facilitator(uow, email)
            if not uow.facilitators.enrol(member.id, address, now):
                raise UsageError(f"that phone is somebody else's, or she has {MOST_PHONES} already")
            uow.audit.write(AuditEntry(now, by, "phone.add", "staff", member.id))
            return "" if uow.facilitators.pin(member.id) else self._set(uow, member.id, pin, hashed, by, now)

        return self._store.submit(work).result()

    def withdraw(self, email: str, *, by: str = OPERATOR) -> int:
        """Take the role from all her phones, as when one was stolen; gives from how many. Raises UsageError."""
        now = self._clock.now()

        def work(uow: UnitOfWork) -> int:
            member = _facilitator(uow, email)
            uow.audit.write(AuditEntry(now, by, "phone.remove", "staff", member.id))
            uow.facilitators.keep(member.id, {}, now)
            return uow.facilitators.withdraw(member.id)

        return self._store.submit(work).result()

    def renew(self, email: str, *, by: str = OPERATOR) -> str:
        """A new PIN for somebody who forgot hers or is locked; gives it, this once. Raises UsageError."""
        now, pin = self._clock.now(), _new_pin()
        hashed = self._hasher.hash(pin)
        return self._store.submit(lambda uow: self._set(uow, _facilitator(uow, email).id, pin, hashed, by, now)).result()

    def choose(self, email: str, pin: str, *, by: str = OPERATOR) -> None:
        """The PIN that she has chosen herself. Raises UsageError for one that is easily guessed."""
        if not _is_pin(pin) or _easy(pin):
            raise UsageError(f"choose {PIN_DIGITS} digits that are no row and of which at least {_FEWEST_DIFFERENT} differ")
        now, hashed = self._clock.now(), self._hasher.hash(pin)
        self._store.submit(lambda uow: self._set(uow, _facilitator(uow, email).id, pin, hashed, by, now)).result()

    def _set(self, uow: UnitOfWork, member_id: str, pin: str, hashed: str, by: str, now: datetime) -> str:
        uow.facilitators.set_pin(member_id, hashed, now)
        uow.audit.write(AuditEntry(now, by, "pin.set", "staff", member_id))
        return pin


def _facilitator(uow: UnitOfWork, email: str) -> StaffMember:
    known = uow.staff.by_email(email.strip())
    if known is None or known.member.disabled_at or known.member.role is not Role.FACILITATOR:
        raise UsageError("there is no facilitator of that e-mail address: batea staff list shows them")
    return known.member


def _new_pin() -> str:
    while True:
        pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"
        if not _easy(pin):
            return pin


def _is_pin(pin: str) -> bool:
    return len(pin) == PIN_DIGITS and pin.isascii() and pin.isdecimal()


def _easy(pin: str) -> bool:
    """Whether somebody would try it first: 111111, 123456, 121212."""
    steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(pin)}
    return len(set(pin)) < _FEWEST_DIFFERENT or len(steps) == 1
