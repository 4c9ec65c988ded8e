"""Those who work with Batea: who they are and what they may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

IDLE: Final = timedelta(minutes=30)
SESSION_LASTS: Final = timedelta(hours=12)
SIGN_IN_LASTS: Final = timedelta(minutes=10)
TEMPORARY_LASTS: Final = timedelta(days=7)
SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 200
TRIES_COUNT_FOR: Final = timedelta(minutes=15)
MOST_TRIES_OF_ACCOUNT: Final = 10
MOST_TRIES_OF_ADDRESS: Final = 30


class Role(StrEnum):
    """What a member of staff may do.

    `admin`: all, and accounts; `staff`: all but accounts; `facilitator`: her own community only, its people who wait, its
    meetings and its face-to-face answers; `pme`: published results only, of a PM&E committee.
    """

    ADMIN = "admin"
    STAFF = "staff"
    FACILITATOR = "facilitator"
    PME = "pme"


@dataclass(frozen=True, slots=True)
class StaffMember:
    """An account. `community_id` is set for a facilitator and bounds what she sees."""

    id: str
    email: str
    role: Role
    community_id: str | None = None
    language: str = "es"
    created_at: datetime | None = None
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a member proves herself by: an Argon2 hash and the secret of her one-time codes (base32).

    `temporary_until`: the password was made for her, works until then, and is to be replaced; None: it is her own.
    `last_code` is the number of the time step whose code was last taken: no code is taken twice.
    """

    member: StaffMember
    password_hash: str = field(repr=False)
    totp_secret: str = field(repr=False)
    temporary_until: datetime | None = None
    last_code: int = 0


class Stage(StrEnum):
    """How far a sign-in has come: the code is missing, a password of her own is, or nothing."""

    CODE = "code"
    PASSWORD = "password"  # noqa: S105 - a stage, not a secret
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that a member has signed in with. `csrf` stands in every form of it."""

    member: StaffMember
    stage: Stage
    csrf: str = field(repr=False)


class Refusal(StrEnum):
    """Why somebody was not let in."""

    WRONG = "wrong"
    THROTTLED = "throttled"
    EXPIRED = "expired"
    WEAK = "weak"
    SAME = "same"


class Staff(Protocol):
    """Accounts. E-mail addresses are compared without regard to case."""

    def add(self, credentials: Credentials) -> bool:
        """Make an account; False where there is one of that e-mail address."""
        ...

    def all(self) -> Sequence[StaffMember]:
        """Every account, the oldest first."""
        ...

    def get(self, member_id: str) -> Credentials | None:
        """One account, locked until the transaction ends."""
        ...

    def by_email(self, email: str) -> Credentials | None:
        """The account of an e-mail address."""
        ...

    def renew(self, credentials: Credentials) -> None:
        """Replace password and secret, lift what disabled the account, end its sessions."""
        ...

    def set_password(self, member_id: str, password_hash: str) -> None:
        """Her own password from now on. Ends her sessions."""
        ...

    def use_code(self, member_id: str, number: int) -> bool:
        """Take the code of a time step; False where that one or a later one was taken already."""
        ...

    def set_language(self, member_id: str, language: str) -> None:
        """The language of her pages."""
        ...

    def disable(self, member_id: str, now: datetime) -> None:
        """She cannot sign in any more. Ends her sessions."""
        ...


class Sessions(Protocol):
    """Who is signed in, and how often somebody has tried. Tokens and addresses are only kept as keyed hashes."""

    def open(self, token: str, session: Session, now: datetime, ends_at: datetime) -> None:
        """Keep a session under a token that only the browser knows."""
        ...

    def find(self, token: str, now: datetime) -> Session | None:
        """The session of a token, which thereby stays awake; None where it has ended, or its account is disabled."""
        ...

    def end(self, token: str) -> None:
        """Sign out; a session that there is not is no error."""
        ...

    def try_once(self, account: str, address: str, now: datetime) -> bool:
        """Count an attempt to sign in before it is made; False where too many were made, of that account or from there."""
        ...

    def right(self, address: str) -> None:
        """The last attempt from there was right: it counts no more. Those before it do."""
        ...

    def forgive(self, account: str) -> None:
        """The account's attempts before it was let in count no more."""
        ...

    def forget(self, now: datetime) -> int:
        """Delete sessions that have ended and attempts that count no more; returns how many sessions."""
        ...
