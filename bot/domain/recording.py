"""Human voices: who lent hers and under what, what she has recorded, and what is wrong with a recording that is no good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Protocol

TERMS: Final = "voice-1"
"""The words that a speaker agrees to today, as `studio.terms` of the staff pages and the printed sheets say them."""
PHONE_TERMS: Final = "voice-phone-1"
"""Those of `facilitator.lends`, which a facilitator agrees to on her phone. New words get a new version."""
LICENCES: Final = ("CC-BY-4.0", "CC-BY-NC-4.0", "batea-only")
TAKE: Final = "take:"
"""The key of a speech that is a recording nobody has kept yet begins so; the name of its sound follows."""


class TakeFault(StrEnum):
    """What is wrong with a recording. Each has a sentence that says what to do about it."""

    BROKEN = "broken"
    SILENT = "silent"
    SHORT = "short"
    LONG = "long"
    QUIET = "quiet"
    CLIPPED = "clipped"
    NOISY = "noisy"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Take:
    """A recording that is good enough, made ready: the name of its sound on the shelf, its seconds and bytes."""

    sound: str
    duration_s: float
    size_bytes: int

    @property
    def key(self) -> str:
        """The key of a speech that plays it."""
        return f"{TAKE}{self.sound}"


class Origin(StrEnum):
    """How a recording came."""

    STUDIO = "studio"
    PHONE = "phone"
    PACK = "pack"


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who lent her voice. `code` is all that leaves this house; `alias` is sealed, and empty where a pack brought her.

    `consent` names where her consent stands, `terms` the words she agreed to. Withdrawn: nothing of hers is heard any more.
    """

    id: str
    code: str
    alias: str = field(repr=False)
    agreed_on: date
    consent: str
    licence: str
    paid: bool
    terms: str = TERMS
    member_id: str | None = None
    withdrawn_on: date | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording of exactly one text in one language. Until somebody of the team has `kept` it, nobody hears it.

    `text_sha256` is the fingerprint of the Spanish text, `sound` that of the file; `checked_by` is the second person who found
    the translation right, sealed.
    """

    id: str
    language: str
    key: str
    text_sha256: str
    take: Take
    speaker_id: str
    origin: Origin
    recorded_at: datetime
    member_id: str
    kept_at: datetime | None = None
    checked_by: str = field(default="", repr=False)


class VoiceArchive(Protocol):
    """Speakers and recordings."""

    def add_speaker(self, speaker: Speaker) -> None:
        """Write her consent down."""
        ...

    def speakers(self) -> Sequence[Speaker]:
        """All, those who withdrew too, the newest first."""
        ...

    def speaker(self, speaker_id: str) -> Speaker | None:
        """One of them."""
        ...

    def speaker_by_code(self, code: str) -> Speaker | None:
        """The one whom packs name so."""
        ...

    def speaker_of(self, member_id: str) -> Speaker | None:
        """The voice of a member of the staff, as long as she has not withdrawn."""
        ...

    def withdraw(self, speaker_id: str, on: date) -> int:
        """She takes her voice back: every recording of hers is forgotten. Gives how many."""
        ...

    def put(self, recorded: Recorded) -> None:
        """Write it down, in the place of another of the same text, language and standing."""
        ...

    def get(self, recorded_id: str) -> Recorded | None:
        """One recording."""
        ...

    def keep(self, recorded_id: str, now: datetime, checked_by: str) -> None:
        """From now on this is what people hear, in the place of the one before."""
        ...

    def drop(self, recorded_id: str) -> None:
        """Forget one."""
        ...

    def waiting(self) -> int:
        """How many nobody of the team has listened to yet."""
        ...

    def all(self, language: str | None = None) -> Sequence[Recorded]:
        """All of one language, or of all; the oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class Packed:
    """A recording as it travels: what is said, who says it by code, under what, and the fingerprint of its sound."""

    language: str
    key: str
    text: str
    text_sha256: str
    take: Take
    speaker: str
    consent: str
    agreed_on: date
    terms: str
    licence: str
    paid: bool
    checked: bool
