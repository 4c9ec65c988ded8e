"""The questions of a facilitator's dialogues, in words and with their choices."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.dialogue import steps
from bot.dialogue.scene import MAX_CHOICES, Scene
from bot.dialogue.skills import field_scripts
from bot.dialogue.skills.field_menu import DIGITS
from bot.dialogue.steps import Step
from bot.domain.conversation import Place, PlaceKind
from bot.domain.facilitator import Draft
from bot.domain.field_desk import Work
from bot.domain.meeting import Meeting
from bot.domain.message import ChannelName, Reply

CORRECT: Final = "correct"
OTHER: Final = "other"
"""The page of what else may be corrected."""
OFFERED: Final = ("committee", "which", "which_day", "half", "poll", "round", CORRECT)


def shown(scene: Scene, work: Work, step: Step, draft: Draft) -> Reply:  # noqa: PLR0911 - one return a step
    """The question of a step."""
    place = Place(PlaceKind.FACILITATOR, (work.value, step.id))
    if work is Work.RECORDING:
        return field_scripts.shown(scene, step, draft)
    match step.id:
        case "preview" if work is Work.HOLD:
            return scene.ask("facilitator.preview_deed", place)
        case "preview":
            shown = scene.around.field.show(draft)
            sentence = "facilitator.preview" if shown.pesos is None else "facilitator.preview_cost"
            return scene.ask(sentence, place, people=shown.people, pesos=shown.pesos or 0)
        case "pin":
            return _keyed(scene, step, scene.reply("facilitator.pin", ()))
        case "place" if scene.around.channel is ChannelName.CALL and options(scene, work, step, draft):
            return scene.offer("facilitator.place_known", options(scene, work, step, draft), prefix=place)
        case known if known in OFFERED:
            return scene.offer(f"facilitator.{known}", options(scene, work, step, draft), prefix=place)
    return _keyed(scene, step, scene.ask(f"facilitator.{step.id}", place))


def options(scene: Scene, work: Work, step: Step, draft: Draft) -> list[tuple[str, str]]:  # noqa: PLR0911 - one return a step
    """Choices that are only known now."""
    field = scene.around.field
    match step.id:
        case "committee":
            return [(body.id, body.name) for body in field.committees()[:MAX_CHOICES]]
        case "which":
            return [(one.id, scene.label("facilitator.a_meeting", **_told(one))) for one in field.meetings(work)[:MAX_CHOICES]]
        case "place":
            return [(str(number), place) for number, place in enumerate(field.places()[:MAX_CHOICES], 1)]
        case "poll" | "round":
            return list(field.offers(work))[:MAX_CHOICES]
        case "which_day":
            days = (("first", draft["day"]), ("other", draft["other_day"]))
            return [(option, scene.label("facilitator.a_day", day=date.fromisoformat(day))) for option, day in days]
        case "half":
            morning = draft["hour"] < draft["half"]
            return [
                ("first", scene.label("facilitator.morning" if morning else "facilitator.evening")),
                ("other", scene.label("facilitator.evening" if morning else "facilitator.morning")),
            ]
    return _correctable(scene, work, draft)


def _correctable(scene: Scene, work: Work, draft: Draft) -> list[tuple[str, str]]:
    """What she has said, and what she may add; on two pages where that is much."""
    said = [
        (one.id, scene.label(f"facilitator.name_{one.id}"))
        for one in steps.STEPS[work]
        if one.id in steps.OPTIONAL or (one.id in steps.CORRECTED and any(name in draft for name in one.fields))
    ]
    if len(said) <= MAX_CHOICES:
        return said
    if draft.get(steps.ASKING) == OTHER:
        return said[MAX_CHOICES - 1 :][:MAX_CHOICES]
    return [*said[: MAX_CHOICES - 1], (OTHER, scene.label("facilitator.name_other"))]


def _told(meeting: Meeting) -> dict[str, Any]:
    return {"agenda": meeting.agenda, "day": meeting.starts_at.astimezone(ZoneInfo(meeting.timezone)).date()}


def _keyed(scene: Scene, step: Step, reply: Reply) -> Reply:
    """With how many keys answer it, on a call."""
    digits = DIGITS.get(step.id, 1) if scene.around.channel is ChannelName.CALL else 1
    return replace(reply, keys=digits)
