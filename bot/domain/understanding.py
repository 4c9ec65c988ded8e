"""What an engine makes of a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol


class Danger(StrEnum):
    """Somebody may be hurt now."""

    POISONING = "poisoning"
    ACCIDENT = "accident"
    VIOLENCE = "violence"
    THREAT = "threat"
    SELFHARM = "selfharm"


class Unsafe(StrEnum):
    """A request that Batea declines, kindly, with a safer step."""

    EXPLOSIVES = "explosives"
    MERCURY = "mercury"
    CYANIDE = "cyanide"
    EVASION = "evasion"
    LAUNDERING = "laundering"
    PRIVACY = "privacy"
    ARMED_ACTOR = "armed_actor"
    MEDICAL = "medical"
    TUNNEL = "tunnel"


@dataclass(frozen=True, slots=True)
class Alarm:
    """What the danger rules see, before anything else is read."""

    danger: Danger | None = None
    unsafe: Unsafe | None = None

    def __bool__(self) -> bool:
        """Whether anything was seen."""
        return self.danger is not None or self.unsafe is not None


@dataclass(frozen=True, slots=True)
class Guess:
    """One intent and how sure the engine is, 0 to 1. Engines' confidences are not comparable."""

    intent: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Understood:
    """The verdict on one sentence.

    `intent` is `out_of_scope` when rejected, `ask_emergency` when danger is set, `unsafe_request` when unsafe is set.
    `unsure` holds the two or three intents to ask back about; it is empty when the engine is sure enough.
    """

    text: str
    intent: str
    confidence: float
    engine: str
    ranking: tuple[Guess, ...] = ()
    danger: Danger | None = None
    unsafe: Unsafe | None = None
    unsure: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Miss:
    """A message that was not understood, with what the engine took it for and how sure it was; only its day (UTC) is known."""

    id: str
    text: str = field(repr=False)
    guess: str
    confidence: float
    day: date


class Misses(Protocol):
    """Messages that were not understood, for the staff to learn from. Nothing tells whose they were."""

    def keep(self, text: str, guess: str, confidence: float, day: date) -> None:
        """Keep the beginning of a message, encrypted, without numbers and addresses; of too many the oldest are dropped."""
        ...

    def all(self) -> Sequence[Miss]:
        """Every message, opened, the oldest day first."""
        ...

    def delete(self, miss_id: str) -> None:
        """Forget one that was dealt with."""
        ...

    def forget(self, before: date) -> int:
        """Delete those kept before that day (UTC); returns how many."""
        ...
