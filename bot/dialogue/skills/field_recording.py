"""A facilitator records a lesson from her phone: language, module, lesson and sentence by number; then a voice note.

No PIN is asked: it moves nobody, and nobody hears it before the team has.
"""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue.scene import Move, Scene
from bot.dialogue.skills.field_moves import Here, dropped, stopped, went_on
from bot.dialogue.skills.field_scripts import MORE, PAGE
from bot.dialogue.steps import RECORDED_BEFORE, RECORDED_OF
from bot.domain.conversation import MENU
from bot.domain.facilitator import Draft, Facilitator
from bot.domain.field_desk import Work
from bot.domain.message import ChannelName


def begun(scene: Scene, who: Facilitator) -> Move:
    """The first step; her consent is asked once."""
    if scene.around.channel is ChannelName.CALL:
        return scene.go(MENU, scene.reply("facilitator.recording_by_chat", ()))
    agreed = {"lends": "yes"} if scene.around.field.lends_voice() else {}
    return went_on(scene, who, {"work": Work.RECORDING.value, **agreed})


def taken(scene: Scene, here: Here, option: str) -> Move:  # noqa: PLR0911 - one return a step
    """One of the offered answers."""
    who, _, draft, step = here
    turned = {name: value for name, value in draft.items() if name != PAGE}
    match step.id, option:
        case "lends", "no":
            return stopped(scene, who, "stopped")
        case (_, chosen) if chosen == MORE and step.id in RECORDED_OF:
            return went_on(scene, who, {**draft, PAGE: str(int(draft.get(PAGE, "0")) + 1)})
        case "keeping", "keep":
            return _kept(scene, who, draft)
        case "keeping", "again":
            return went_on(scene, who, {name: value for name, value in draft.items() if name != "voice"})
        case "keeping", _:
            return stopped(scene, who, dropped(draft))
    filled = {**turned, step.id: option}
    if step.id in RECORDED_OF[:-1]:
        following = RECORDED_OF[RECORDED_OF.index(step.id) + 1]
        if not scene.around.field.to_record(filled, following):
            return stopped(scene, who, "all_recorded")
    return went_on(scene, who, filled)


def _kept(scene: Scene, who: Facilitator, draft: Draft) -> Move:
    """It waits for the team; the next of the same lesson follows, where there is one."""
    field = scene.around.field
    sent, said = field.send(draft), scene.reply("facilitator.sent_recording", ())
    done = f"{draft.get(RECORDED_BEFORE, '')} {draft['script']}".strip()
    onward = {name: value for name, value in draft.items() if name not in {"script", "voice", PAGE}} | {RECORDED_BEFORE: done}
    if not field.to_record(onward, "script"):
        return scene.go(MENU, said, scene.reply("facilitator.all_recorded", ()), effects=(sent,))
    move = went_on(scene, who, onward, said)
    return replace(move, effects=(sent, *move.effects))
