"""Where a person stands in the conversation. Small, flat and readable: it is stored after every turn."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from functools import lru_cache
from typing import Any


class PlaceKind(StrEnum):
    """The rooms a conversation can be in."""

    ONBOARDING = "onboarding"
    MENU = "menu"
    LESSON = "lesson"
    QUIZ = "quiz"
    POLL = "poll"
    MEETING = "meeting"
    CLARIFY = "clarify"
    HUMAN = "human"
    PROFILE = "profile"
    OPTED_OUT = "opted_out"
    FACILITATOR = "facilitator"
    PRACTICE = "practice"
    RHYTHM = "rhythm"


@dataclass(frozen=True, slots=True)
class Place:
    """A point in the conversation, e.g. `lesson:m1/humo/s2`; its text form is public (design.md, section 4)."""

    kind: PlaceKind
    parts: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The public form."""
        return f"{self.kind.value}:{'/'.join(self.parts)}" if self.parts else self.kind.value

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read the public form; a place that no longer exists becomes the menu, so that nobody is stuck."""
        return _place(text)


@lru_cache(maxsize=4096)
def _place(text: str) -> Place:
    kind, _, rest = text.partition(":")
    try:
        return Place(PlaceKind(kind), tuple(rest.split("/")) if rest else ())
    except ValueError:
        return MENU


MENU = Place(PlaceKind.MENU)
OPTED_OUT = Place(PlaceKind.OPTED_OUT)
SMS_SHUT = "optout.sms_shut"
"""The notice that her carrier keeps SMS shut, and how she opens it."""


@dataclass(frozen=True, slots=True)
class State:
    """What must be remembered between two turns. Never holds an answer, a name or a person's words.

    `bookmark` is where to go back to after an excursion; `aside` the content id of an answer given meanwhile; `told` that of
    the answer that the last turn gave, wherever she stands; `candidates` the intents of a pending "did you mean"; `misses` how
    many turns in a row were not understood; `confirming` the irreversible thing that waits for a yes; `slower` whether she has
    just asked for it slower or simpler; `variant` counts rewordings, so that the same sentence never comes twice running;
    `notice` is the sentence that she is to be told when she is next heard on another channel than SMS; `spanish` whether she,
    who listens in another language, has been told that what comes now is in Spanish.
    """

    place: str = "onboarding:welcome"
    bookmark: str = ""
    aside: str = ""
    told: str = ""
    candidates: tuple[str, ...] = ()
    misses: int = 0
    confirming: str = ""
    variant: int = 0
    slower: bool = False
    notice: str = ""
    spanish: bool = False

    @property
    def at(self) -> Place:
        """The place, parsed."""
        return Place.parse(self.place)

    def to_json(self) -> dict[str, Any]:
        """A plain mapping for storage."""
        return {name: getattr(self, name) for name in _KEPT}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> State:
        """Read a stored mapping; keys that an older or newer Batea wrote are ignored."""
        kept = {key: value for key, value in data.items() if key in _KEPT}
        if "candidates" in kept:
            kept["candidates"] = tuple(kept["candidates"])
        return cls(**kept)


_KEPT = tuple(field.name for field in fields(State))
