"""Who may come in on the staff side: passwords, one-time codes, and the steps of a sign-in.

Everything here blocks, most of it for the time that Argon2 takes: call it from a thread.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import unicodedata
import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Final

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.domain.audit import OPERATOR, AuditEntry
from bot.domain.errors import AccessError, UsageError
from bot.domain.ports import Clock
from bot.domain.staff import (
    LONGEST_PASSWORD,
    SESSION_LASTS,
    SHORTEST_PASSWORD,
    SIGN_IN_LASTS,
    TEMPORARY_LASTS,
    Credentials,
    Refusal,
    Role,
    Session,
    StaffMember,
    Stage,
)
from bot.domain.store import Store, UnitOfWork

ISSUER: Final = "Batea"
# No letter or digit that is taken for another one when it is copied from a slip of paper: 16 of them are 79 bits.
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS: Final = 4
_GROUP_LETTERS: Final = 4
_FEWEST_DIFFERENT: Final = 5
_STEP_S: Final = 30
# A code of the step before or after is taken too: RFC 6238, section 5.2.
_DRIFT_STEPS: Final = 1
# Each verification takes 64 MiB for a while (RFC 9106, the second recommended option).
_AT_ONCE: Final = 2


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a new member is given once: her temporary password, and what her telephone's application is fed with."""

    member: StaffMember
    password: str = field(repr=False)
    uri: str = field(repr=False)
    until: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A session that was begun: the token for the browser, and how far the sign-in has come."""

    token: str = field(repr=False)
    stage: Stage


class Access:
    """Lets members of the staff in."""

    def __init__(self, store: Store, clock: Clock, hasher: PasswordHasher | None = None) -> None:
        self._store = store
        self._clock = clock
        self._hasher = hasher or PasswordHasher()
        self._few = threading.BoundedSemaphore(_AT_ONCE)

    def enrol(self, email: str, role: Role, community_id: str | None, language: str = "es", *, by: str = OPERATOR) -> Enrolment:
        """Make an account; `by` is who does. Raises UsageError where there is one, or where role and community do not fit."""
        email = _email(email)
        now = self._clock.now()
        if (role is Role.FACILITATOR) != (community_id is not None):
            raise UsageError("a facilitator needs --community ID, and nobody else has one")
        member = StaffMember(uuid.uuid4().hex, email, role, community_id, language, now)
        enrolment, credentials = self._made(member)

        def work(uow: UnitOfWork) -> None:
            if community_id is not None and uow.communities.get(community_id) is None:
                known = ", ".join(sorted(place.id for place in uow.communities.all()))
                raise UsageError(f"there is no community {community_id!r}: use one of {known or '(there are none yet)'}")
            if not uow.staff.add(credentials):
                raise UsageError("there is an account of that address already: batea staff renew gives it a new password")
            uow.audit.write(AuditEntry(now, by, "staff.add", "staff", member.id, role.value))

        self._store.submit(work).result()
        return enrolment

    def renew(self, email: str, *, by: str = OPERATOR) -> Enrolment:
        """A new temporary password and new codes for somebody who lost hers. Raises UsageError where there is no account."""
        email = _email(email)

        def find(uow: UnitOfWork) -> Credentials | None:
            return uow.staff.by_email(email)

        known = self._store.submit(find).result()
        if known is None:
            raise UsageError("there is no account of that address: batea staff list shows them")
        enrolment, credentials = self._made(replace(known.member, disabled_at=None))

        def work(uow: UnitOfWork) -> None:
            uow.staff.renew(credentials)
            uow.sessions.forgive(email)
            uow.audit.write(AuditEntry(self._clock.now(), by, "staff.renew", "staff", known.member.id))

        self._store.submit(work).result()
        return enrolment

    def disable(self, email: str, *, by: str = OPERATOR) -> None:
        """Let somebody in no more, from this moment on. Raises UsageError where there is no account."""
        now = self._clock.now()

        def work(uow: UnitOfWork) -> None:
            known = uow.staff.by_email(email)
            if known is None:
                raise UsageError("there is no account of that address: batea staff list shows them")
            uow.staff.disable(known.member.id, now)
            uow.audit.write(AuditEntry(now, by, "staff.disable", "staff", known.member.id))

        self._store.submit(work).result()

    def member(self, email: str) -> StaffMember | None:
        """Whose address that is; None where nobody's, or of an account that was disabled. Raises UsageError for no address."""
        wanted = _email(email)
        known = self._store.submit(lambda uow: uow.staff.by_email(wanted)).result()
        return known.member if known and known.member.disabled_at is None else None

    def sign_in(self, email: str, password: str, address: str) -> Entry:
        """The first step: what she knows. `address` is where the browser is. Raises AccessError."""
        now = self._clock.now()
        nobody = self._nobody

        def look(uow: UnitOfWork) -> tuple[bool, Credentials | None]:
            return uow.sessions.try_once(email, address, now), uow.staff.by_email(email)

        let, known = self._store.submit(look).result()
        if not let:
            raise AccessError(Refusal.THROTTLED)
        # The same work for an account that there is not, so that the time does not tell.
        right = self._fits(known.password_hash if known else nobody, password)
        if known is None or known.member.disabled_at or not right:
            raise AccessError(Refusal.WRONG)
        if known.temporary_until and known.temporary_until <= now:
            raise AccessError(Refusal.EXPIRED)
        return self._begin(known.member, Stage.CODE, now, address)

    def confirm(self, token: str, code: str, address: str) -> Entry:
        """The second step: what she has. Gives a new token. Raises AccessError, EXPIRED where the first step is too long ago."""
        now = self._clock.now()

        def work(uow: UnitOfWork) -> tuple[Refusal | None, Credentials | None]:
            session = uow.sessions.find(token, now)
            known = uow.staff.get(session.member.id) if session and session.stage is Stage.CODE else None
            if known is None:
                return Refusal.EXPIRED, None
            if not uow.sessions.try_once(known.member.email, address, now):
                return Refusal.THROTTLED, None
            number = _step(known.totp_secret, code, now)
            if number is None or not uow.staff.use_code(known.member.id, number):
                return Refusal.WRONG, None
            uow.sessions.end(token)
            uow.sessions.right(address)
            uow.sessions.forgive(known.member.email)
            return None, known

        why, known = self._store.submit(work).result()
        if why or known is None:
            raise AccessError(why or Refusal.EXPIRED)
        return self._begin(known.member, Stage.PASSWORD if known.temporary_until else Stage.OPEN, now)

    def proves(self, member: StaffMember, code: str, address: str) -> bool:
        """Whether that is her code of this moment, asked once more before what moves people. Each is taken once; tries count."""
        now = self._clock.now()

        def work(uow: UnitOfWork) -> bool:
            known = uow.staff.get(member.id)
            if known is None or not uow.sessions.try_once(member.email, address, now):
                return False
            number = _step(known.totp_secret, code, now)
            if number is None or not uow.staff.use_code(member.id, number):
                return False
            uow.sessions.right(address)
            uow.sessions.forgive(member.email)
            return True

        return self._store.submit(work).result()

    def choose_password(self, token: str, password: str) -> Entry:
        """Her own password, at the first sign-in or later. Ends her other sessions, gives a new token. Raises AccessError."""
        now = self._clock.now()

        def look(uow: UnitOfWork) -> Credentials | None:
            session = uow.sessions.find(token, now)
            return uow.staff.get(session.member.id) if session and session.stage is not Stage.CODE else None

        known = self._store.submit(look).result()
        if known is None:
            raise AccessError(Refusal.EXPIRED)
        plain = _plain(password)
        if not SHORTEST_PASSWORD <= len(plain) <= LONGEST_PASSWORD or len(set(plain)) < _FEWEST_DIFFERENT:
            raise AccessError(Refusal.WEAK)
        if known.member.email.partition("@")[0].casefold() in plain.casefold():
            raise AccessError(Refusal.WEAK)
        if self._fits(known.password_hash, password):
            raise AccessError(Refusal.SAME)
        hashed = self._hash(password)

        def work(uow: UnitOfWork) -> None:
            uow.staff.set_password(known.member.id, hashed)
            uow.audit.write(AuditEntry(now, known.member.id, "staff.password", "staff", known.member.id))

        self._store.submit(work).result()
        return self._begin(known.member, Stage.OPEN, now)

    def _begin(self, member: StaffMember, stage: Stage, now: datetime, address: str = "") -> Entry:
        token = secrets.token_urlsafe(32)
        session = Session(member, stage, secrets.token_urlsafe(32))
        lasts = SESSION_LASTS if stage is Stage.OPEN else SIGN_IN_LASTS

        def work(uow: UnitOfWork) -> None:
            uow.sessions.open(token, session, now, now + lasts)
            if address:
                uow.sessions.right(address)
            if stage is Stage.OPEN:
                uow.audit.write(AuditEntry(now, member.id, "staff.sign_in", "staff", member.id))

        self._store.submit(work).result()
        return Entry(token, stage)

    def _made(self, member: StaffMember) -> tuple[Enrolment, Credentials]:
        groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP_LETTERS)) for _ in range(_GROUPS))
        password, secret = "-".join(groups), pyotp.random_base32()
        until = self._clock.now() + TEMPORARY_LASTS
        uri = pyotp.TOTP(secret, interval=_STEP_S).provisioning_uri(name=member.email, issuer_name=ISSUER)
        return Enrolment(member, password, uri, until), Credentials(member, self._hash(password), secret, until)

    @cached_property
    def _nobody(self) -> str:
        return self._hash(secrets.token_urlsafe())

    def _hash(self, password: str) -> str:
        with self._few:
            return self._hasher.hash(_plain(password))

    def _fits(self, hashed: str, password: str) -> bool:
        plain = _plain(password)
        if len(plain) > LONGEST_PASSWORD:
            return False
        try:
            with self._few:
                return self._hasher.verify(hashed, plain)
        except (VerificationError, InvalidHashError):
            return False


def _plain(password: str) -> str:
    """The same password however a keyboard composes its accents (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def is_email(text: str) -> bool:
    """Whether it may be an e-mail address."""
    name, _, host = text.partition("@")
    return bool(name) and "." in host and all(letter.isprintable() and not letter.isspace() for letter in text)


def _email(email: str) -> str:
    email = email.strip()
    if not is_email(email):
        raise UsageError(f"{email!r} is no e-mail address")
    return email


def _step(secret: str, code: str, now: datetime) -> int | None:
    """The number of the time step that a code is of; None where it is of none."""
    digits = "".join(code.split())
    totp = pyotp.TOTP(secret, interval=_STEP_S)
    here = totp.timecode(now)
    fitting = None
    for number in range(here - _DRIFT_STEPS, here + _DRIFT_STEPS + 1):
        if hmac.compare_digest(totp.generate_otp(number).encode(), digits.encode()):
            fitting = number
    return fitting
