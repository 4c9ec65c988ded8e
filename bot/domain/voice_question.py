"""Questions that a caller leaves by voice for the team: each with a consent of its own, and a day on which it is deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from bot.domain.message import Address

MOST_S: Final = 60
SHORTEST_S: Final = 1
KEPT: Final = timedelta(days=30)
OPEN_FOR: Final = timedelta(hours=1)
"""How long after her consent a recording may still come; no call lasts that long."""

ANNOUNCING: Final = "0"
"""Instead of a question's id: what is recorded is a facilitator's announcement, which is kept as her turn says."""
FETCHED_WITHIN: Final = timedelta(minutes=2)
"""How long a vendor keeps such a recording before it is deleted there: meanwhile it is fetched."""
SPEAK: Final = "speak"
"""The part of a place, before the question's id, at which a call records."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What a vendor says that it has recorded: by what name it keeps it, and how many seconds."""

    sid: str = field(repr=False)
    seconds: int


@dataclass(frozen=True, slots=True)
class Asker:
    """What is kept of who asks, each only as far as she agreed: where to call her back, who she is, where she lives."""

    callback: Address | None = None
    person_id: str | None = None
    community_id: str | None = None


@dataclass(frozen=True, slots=True)
class VoiceQuestion:
    """A question as the team sees it. `community` is its name, '' where none is known; `here` whether its sound has come.

    `reachable`: she is to be answered at her number; `person_id` is None where she was not known, or did not say who she is.
    """

    id: str
    asked_on: date
    deletes_on: date
    seconds: int
    community: str = ""
    here: bool = False
    answered_on: date | None = None
    community_id: str | None = None
    person_id: str | None = None
    reachable: bool = False


@dataclass(frozen=True, slots=True)
class VendorRecording:
    """A recording that the vendor still keeps. `question_id`: whose sound is still to be fetched, None where it need not be."""

    id: str
    sid: str = field(repr=False)
    attempts: int
    since: datetime
    question_id: str | None = None


class VoiceQuestions(Protocol):
    """Questions asked by voice, and what the vendor still keeps of them."""

    def open(self, question_id: str, consent_version: str, asker: Asker, now: datetime) -> None:
        """She agreed to be recorded, in those words: keep that, and wait for the recording."""
        ...

    def recorded(self, question_id: str, recording: Recording, now: datetime) -> bool:
        """Take a recording, once; gives whether the question has one. What is kept of nobody is only deleted at the vendor's."""
        ...

    def drop(self, question_id: str) -> None:
        """Delete a question, recorded or not; one that is gone already is no error."""
        ...

    def due(self, now: datetime, limit: int = 5) -> Sequence[VendorRecording]:
        """Recordings to be fetched, or deleted at the vendor's, each counted as tried and not due again for minutes."""
        ...

    def keep(self, question_id: str, sound: bytes, seconds: int) -> None:
        """Keep the sound, sealed; of a question that was deleted meanwhile nothing."""
        ...

    def put_off(self, recording_id: str, until: datetime) -> None:
        """Try a recording again from that moment on."""
        ...

    def gone(self, recording_id: str) -> None:
        """The vendor has deleted a recording."""
        ...

    def at_vendor(self) -> int:
        """How many recordings the vendor still keeps."""
        ...

    def has_sound(self, question_id: str) -> bool:
        """Whether that question is kept and was recorded."""
        ...

    def left_from(self, address: Address) -> bool:
        """Whether a question is kept that is to be answered at that number."""
        ...

    def all(self) -> Sequence[VoiceQuestion]:
        """Every question that was recorded, the oldest first."""
        ...

    def get(self, question_id: str) -> VoiceQuestion | None:
        """One of them."""
        ...

    def callback(self, question_id: str) -> Address | None:
        """The number at which it is to be answered; None where she left none, or it is somebody else's now."""
        ...

    def sound(self, question_id: str) -> bytes | None:
        """Its sound as OGG/Opus, None where there is none."""
        ...

    def answered(self, question_id: str, day: date) -> bool:
        """Note that it was answered; gives whether there is such a question."""
        ...

    def forget(self, now: datetime) -> int:
        """Delete what has reached its day, and consents that no recording followed; returns how many."""
        ...
