"""A question left by voice, in a call: its own consent, then the recording, then whether it is sent. Nothing of it is understood.

The places are those of waiting for a person with more parts: `question`, then `speak`, `silent` or `recorded` with the id of the
question and whether her number is kept.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from typing import Final

from bot.dialogue.question_effects import DropQuestion, OpenQuestion
from bot.dialogue.scene import Move, Scene
from bot.domain.conversation import Place, PlaceKind
from bot.domain.message import Reply
from bot.domain.voice_question import SPEAK

CONSENT: Final = Place(PlaceKind.HUMAN, ("question",))

_NUMBER: Final = "number"
_ALONE: Final = "alone"
_SILENT: Final = "silent"
_RECORDED: Final = "recorded"
_LONGEST_PARTS: Final = 3


def show(scene: Scene) -> Reply | None:
    """The question of this step; where nothing can be recorded, that."""
    parts = scene.place.parts
    if not scene.around.records_voice and parts[0] != _RECORDED:
        return scene.ask("voice_question.not_here", CONSENT)
    match parts:
        case ("question",):
            return scene.ask("voice_question.consent")
        case ("speak", _, _):
            return scene.reply("voice_question.speak")
        case ("silent", _, _):
            return scene.ask("voice_question.silent")
        case ("recorded", _, _):
            return scene.ask("voice_question.recorded")
    return None


def take(scene: Scene, option: str) -> Move:
    """The answer to this step."""
    parts = scene.place.parts
    if parts == CONSENT.parts and option in {_NUMBER, _ALONE} and scene.around.records_voice:
        return _agreed(scene, option)
    if len(parts) != _LONGEST_PARTS:
        return scene.go(scene.home())
    step, question_id, how = parts
    dropped = DropQuestion(question_id)
    match step, option:
        case (("silent" | "recorded"), "again"):
            return _agreed(scene, how, dropped) if scene.around.records_voice else scene.go(CONSENT, bookmark=str(scene.home()))
        case "recorded", "send":
            return scene.go(scene.home(), scene.reply("voice_question.sent", ()))
        case "recorded", "drop":
            return scene.go(scene.home(), scene.reply("voice_question.dropped", ()), effects=(dropped,))
    return scene.go(scene.home(), effects=(dropped,) if step == _SILENT else ())


def recorded(scene: Scene, *, kept: bool) -> Move | None:
    """She has finished speaking; None where she was not."""
    parts = scene.place.parts
    if scene.place.kind is not PlaceKind.HUMAN or parts[:1] != (SPEAK,) or len(parts) != _LONGEST_PARTS:
        return None
    following = Place(PlaceKind.HUMAN, (_RECORDED if kept else _SILENT, *parts[1:]))
    return scene.go(following, bookmark=str(scene.home()))


def resumed(scene: Scene) -> Scene:
    """The scene of a new call: what was recorded as the last one ended waits for her word, anything else of it is over."""
    parts = scene.place.parts
    if scene.place.kind is not PlaceKind.HUMAN or not parts:
        return scene
    if len(parts) == _LONGEST_PARTS and parts[0] in {SPEAK, _RECORDED} and scene.around.question_kept(parts[1]):
        there = Place(PlaceKind.HUMAN, (_RECORDED, *parts[1:]))
        return replace(scene, state=scene.settled(there, bookmark=str(scene.home())))
    return replace(scene, state=scene.settled(scene.home()))


def _agreed(scene: Scene, how: str, *before: DropQuestion) -> Move:
    """Record now. The words that she agreed to are those that this call has said."""
    question_id = uuid.uuid4().hex
    shown = scene.reply("voice_question.consent").text
    version = f"voice_question.consent@{hashlib.sha256(shown.encode()).hexdigest()[:16]}"
    person = scene.person
    opened = OpenQuestion(question_id, version, how == _NUMBER, person.enrolled, person.community_id, scene.now)
    place = Place(PlaceKind.HUMAN, (SPEAK, question_id, how))
    return scene.go(place, effects=(*before, opened), bookmark=str(scene.home()))
