"""Two questions in one message: the first is answered, the second offered."""

from __future__ import annotations

from bot.dialogue.scene import Move, Scene
from bot.dialogue.skills import question
from bot.dialogue.skills.clarify import CLARIFY, SECOND
from bot.dialogue.words import tokens
from bot.domain.conversation import PlaceKind
from bot.domain.errors import UnderstandingError
from bot.domain.ports import Understander

_SHORTEST_PART = 2
_LONGEST = 40
_BOTH = 2
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


def plain(scene: Scene, text: str, understander: Understander) -> tuple[str, ...]:
    """The intents of both parts of a message, each beyond doubt; nothing where it is one, or the engine does not answer."""
    cut = parts(text, scene)
    if cut is None:
        return ()
    try:
        found = [understander.parse(part) for part in cut]
    except UnderstandingError:
        return ()
    if any(one.danger or one.unsafe for one in found):
        return ()
    return tuple(one.intent for one in found if not one.unsure and one.confidence >= _SURE)


def answer(scene: Scene, text: str, understander: Understander) -> Move | None:
    """Answer the first and ask whether the second is wanted too; None unless both are understood beyond doubt."""
    if scene.place.kind not in {PlaceKind.MENU, PlaceKind.LESSON}:
        return None
    both = plain(scene, text, understander)
    if len(both) < _BOTH or both[0] not in _ANSWERED or both[1] not in _OFFERED - {both[0]}:
        return None
    said = scene.reply(f"answers.{both[0]}", ())
    state = scene.settled(CLARIFY, bookmark=str(scene.place), candidates=(both[1],), aside=SECOND)
    return Move(state, (said,), show=True)
