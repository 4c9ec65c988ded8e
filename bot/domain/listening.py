"""What is made of a voice note."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that may be answered now: the id of a choice or a reserved key, and the ways in which it may be said."""

    id: str
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """What was understood of a voice note, with a confidence from 0 to 1.

    `option` is the id of the offer that was said, '' where none was; `rival` the id of the one that it resembles most. Where it
    is not `sure`, whatever follows from it is asked back. Of a text that is not `clear` only a danger counts, and beside an
    option that is sure not even that. `cut`: only the first minute was listened to.
    """

    text: str = field(repr=False)
    confidence: float
    option: str = field(default="", repr=False)
    rival: str = field(default="", repr=False)
    sure: bool = True
    clear: bool = True
    cut: bool = False


class Unheard(StrEnum):
    """Why nothing was understood of a voice note."""

    UNANSWERED = "voice"
    SILENCE = "voice_silence"
    UNREADABLE = "voice_unreadable"
    BUSY = "voice_busy"


@dataclass(frozen=True, slots=True)
class WaitingNote:
    """A voice note that has come and was not answered yet; `attempts` counts how often that was tried."""

    id: str
    attempts: int = 0
