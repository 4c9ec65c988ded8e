"""A facilitator's works as a list, for whoever presses keys or does not remember the words; and what keys say at a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.dialogue.scene import Scene
from bot.dialogue.steps import Step
from bot.domain.conversation import Place, PlaceKind
from bot.domain.facilitator import PIN_DIGITS
from bot.domain.field_desk import Work
from bot.domain.message import Reply

_LISTS: Final = "works"
WORKS: Final = Place(PlaceKind.FACILITATOR, (_LISTS, "main"))
WORKS_KEY: Final = "0"
"""The key at the menu that leads there, on a call."""
DIGITS: Final[Mapping[str, int]] = {"pin": PIN_DIGITS, "when": 4, "hour": 4, "count": 4, "quorum": 4}
"""How many keys answer a step on a call: day and month, hour and minutes; or fewer and #."""

_KNOWN: Final = "known"
_ASKED: Final = "asked"
_ITEMS: Final[Mapping[str, tuple[str, ...]]] = {
    "main": (Work.ANNOUNCEMENT, Work.MEETING, _KNOWN, _ASKED, Work.MISSING),
    _KNOWN: (Work.CHANGE, Work.CANCEL, Work.HOLD, Work.COUNT, Work.MINUTES),
    _ASKED: (Work.POLL, Work.RESULTS, Work.CONFIRM, Work.RECORDING),
}


def listed(scene: Scene) -> bool:
    """Whether she stands at a list of works."""
    return scene.place.kind is PlaceKind.FACILITATOR and scene.place.parts[:1] == (_LISTS,)


def list_of(name: str) -> Place:
    """One of the lists."""
    return Place(PlaceKind.FACILITATOR, (_LISTS, name if name in _ITEMS else "main"))


def work_of(option: str) -> Work | None:
    """The work that an option begins; None where it is a list."""
    return Work(option) if option in set(Work) else None


def show(scene: Scene) -> Reply | None:
    """A list; None for whoever has no such role, and where there is none of that name."""
    items = _ITEMS.get(scene.place.parts[1]) if len(scene.place.parts) > 1 else None
    if items is None or scene.around.field.facilitator() is None:
        return None
    done = [item for item in items if work_of(item) is None or scene.around.field.does(Work(item))]
    return scene.offer("facilitator.works", [(str(item), scene.label(f"facilitator.work_{item}")) for item in done])


def as_said(step: Step, keys: str) -> str:
    """Keys as they would be written: day and month, or hour and minutes."""
    if step.id == "when":
        return f"{keys[:2]}/{keys[2:]}"
    if step.id == "hour":
        return f"{keys[:-2]}:{keys[-2:]}" if len(keys) > 2 else f"{keys}:00"  # noqa: PLR2004 - hours alone
    return keys
