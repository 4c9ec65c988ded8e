"""Two questions in one message: the first is answered, the second offered."""

from __future__ import annotations

from bot.dialogue.scene import Move, Scene
from bot.dialogue.skills import question
from bot.dialogue.skills.clarify import CLARIFY, SECOND
from bot.dialogue.words import tokens
from bot.domain.conversation import PlaceKind
from bot.domain.ports import Understander

_SHORTEST_PART = 2
_LONGEST = 40
_SURE = 0.7  # half a sentence says little: what is taken for a question of its own must be plain
_ANSWERED = frozenset(question.INFORMATIONAL)
_OFFERED = _ANSWERED | {"ask_next_meeting", "ask_poll", "start_module"}


def parts(text: str, scene: Scene) -> tuple[str, str] | None:
    """A message cut in two where words like "and also" join it or a question ends; None where it is one."""
    raw = text.split()
    if len(raw) > _LONGEST:
        return None
    joints = scene.words.phrases["joints"]
    cuts = [
        (at, at + length)
        for at in range(_SHORTEST_PART, len(raw) - _SHORTEST_PART)
        for length in (2, 1)
        if tokens(" ".join(raw[at : at + length])) in joints
    ]
    ends = [(at, at) for at in range(_SHORTEST_PART, len(raw) - _SHORTEST_PART + 1) if raw[at - 1].endswith(("?", ".", ";"))]
    for start, end in (*ends, *cuts):
        if len(raw) - end >= _SHORTEST_PART:
            return " ".join(raw[:start]), " ".join(raw[end:])
    return None


def answer(scene: Scene, text: str, understander: Understander) -> Move | None:
    """Answer the first and ask whether the second is wanted too; None unless both are understood beyond doubt.

    Raises UnderstandingError where the engine does not answer.
    """
    cut = parts(text, scene) if scene.place.kind in {PlaceKind.MENU, PlaceKind.LESSON} else None
    if cut is None:
        return None
    first, second = (understander.parse(part) for part in cut)
    unclear = any(found.unsure or found.danger or found.unsafe or found.confidence < _SURE for found in (first, second))
    if unclear or first.intent not in _ANSWERED or second.intent not in _OFFERED - {first.intent}:
        return None
    said = scene.reply(f"answers.{first.intent}", ())
    state = scene.settled(CLARIFY, bookmark=str(scene.place), candidates=(second.intent,), aside=SECOND)
    return Move(state, (said,), show=True)
