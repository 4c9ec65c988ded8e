"""One person, as much of her as Batea may know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Country(StrEnum):
    """Where Batea works: the facts, laws and telephone numbers of a person depend on it."""

    CO = "CO"
    PE = "PE"


class Mode(StrEnum):
    """How a person prefers to be told things."""

    LISTEN = "listen"
    READ = "read"


class Sex(StrEnum):
    """What a person says she is; asked once, for counts alone."""

    WOMAN = "mujer"
    MAN = "hombre"
    OTHER = "otro"
    UNSAID = "no_digo"


class Role(StrEnum):
    """What a person says she works as; asked once, for counts alone."""

    PANNER = "barequera"
    SCAVENGER = "chatarrera"
    SORTER = "pallaquera"
    MINER = "minero"
    AUTHORITY = "autoridad"
    OTHER = "otra"
    UNSAID = "no_digo"


@dataclass(frozen=True, slots=True)
class Consent:
    """Proof that a person agreed: which text, when, on which channel, in answer to which message, for what.

    Source: Ley 1581 de 2012 (Colombia) asks for prior, express, informed consent with proof kept; Ley 29733 (Peru)
    likewise (channels.md, read November 2026).
    """

    text_version: str
    given_at: datetime
    channel: str
    message_ref: str
    purpose: str
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes or calls. Before consent only what the next question needs is filled in.

    `sex` and `role` are None until she was asked; `panel` is whether she agreed to have her answers to polls compared from
    round to round. Without `pictures` she gets none: they cost data.
    """

    id: str
    created_at: datetime
    country: Country | None = None
    mode: Mode | None = None
    adult: bool | None = None
    community_id: str | None = None
    language: str = "es"
    slow: bool = False
    consent: Consent | None = None
    last_seen_at: datetime | None = None
    sex: Sex | None = None
    role: Role | None = None
    panel: bool | None = None
    pictures: bool = True

    @property
    def enrolled(self) -> bool:
        """Whether she agreed, is of age and has not left."""
        return bool(self.consent and self.consent.revoked_at is None and self.adult)
