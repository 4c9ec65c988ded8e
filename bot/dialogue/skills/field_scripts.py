"""The questions of a recording by phone, in words and with their choices; what is to be said, and what she has said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.dialogue.scene import MAX_CHOICES, Scene
from bot.dialogue.steps import RECORDED_OF, Step
from bot.dialogue.tongue import SPANISH
from bot.domain.conversation import Place, PlaceKind
from bot.domain.facilitator import Draft
from bot.domain.field_desk import TAKE_STEP, Work
from bot.domain.message import ChannelName, Reply, Speech

PAGE: Final = "page"
"""The field of a draft that counts how often she asked for more to choose from."""
MORE: Final = "more"


def shown(scene: Scene, step: Step, draft: Draft) -> Reply:
    """The question of a step; at the last ones what is to be said, and what she has said."""
    place = Place(PlaceKind.FACILITATOR, (Work.RECORDING.value, step.id))
    if step.id in RECORDED_OF:
        return scene.offer(f"facilitator.{step.id}", options(scene, step, draft), prefix=place)
    script = scene.around.field.script(draft) if "script" in draft else None
    if step.id == TAKE_STEP and scene.around.channel is ChannelName.CALL:
        return scene.reply("facilitator.recording_by_chat", ())
    if step.id == TAKE_STEP and script:
        spanish = draft["tongue"] == SPANISH
        return scene.reply("facilitator.take" if spanish else "facilitator.take_other", (), script=script.text)
    reply = scene.ask(f"facilitator.{step.id}", place)
    if step.id == "keeping" and script:
        return replace(reply, speech=Speech(script.text, catalogue=False, key=draft["voice"]))
    return reply


def options(scene: Scene, step: Step, draft: Draft) -> list[tuple[str, str]]:
    """One page of what may be chosen."""
    found: Sequence[tuple[str, str]] = scene.around.field.to_record(draft, step.id)
    if len(found) <= MAX_CHOICES:
        return list(found)
    size = MAX_CHOICES - 1
    pages = -(-len(found) // size)
    first = int(draft.get(PAGE, "0")) % pages * size
    return [*found[first : first + size], (MORE, scene.label("facilitator.script_more"))]
