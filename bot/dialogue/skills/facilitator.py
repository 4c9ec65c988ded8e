"""A facilitator's work from her own phone: a few short steps, looked at, and sent by her PIN alone.

A place is `facilitator:<work>/<step>`; what she has said so far is a draft that is kept sealed, apart from the state. Whoever has
no such role is not told that there is one: for her the commands are chat.
"""

from __future__ import annotations

from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from bot.dialogue import numbers, steps
from bot.dialogue.answers import command, pick
from bot.dialogue.fieldwork import KeepDraft
from bot.dialogue.leaving import Leaving
from bot.dialogue.scene import Move, Scene, Skill
from bot.dialogue.skills import field_menu, field_recording
from bot.dialogue.skills.field_moves import Here, asked_again, dropped, result, standing, stopped, tried, went_back, went_on
from bot.dialogue.skills.field_questions import CORRECT, OTHER, options, shown
from bot.dialogue.spoken_time import read
from bot.dialogue.steps import ASKING, NOW, PIN, Step
from bot.dialogue.words import tokens
from bot.domain.conversation import MENU, Place, PlaceKind
from bot.domain.facilitator import ASKED, Draft, Facilitator
from bot.domain.field_desk import MESSAGE_STEP, MINUTES_STEP, SPEAK_STEP, TAKE_STEP, VOICE_STEP, Work
from bot.domain.message import ChannelName, Inbound, Reply

_COMMANDS: Final = {
    "new_meeting": Work.MEETING,
    "announcement": Work.ANNOUNCEMENT,
    "change_meeting": Work.CHANGE,
    "cancel_meeting": Work.CANCEL,
    "missing_list": Work.MISSING,
    "confirming": Work.CONFIRM,
    "new_poll": Work.POLL,
    "results": Work.RESULTS,
    "holding": Work.HOLD,
    "counting": Work.COUNT,
    "minuting": Work.MINUTES,
    "recording": Work.RECORDING,
}
_TEXT_FIELD: Final = {MESSAGE_STEP: "text", "words": "text", MINUTES_STEP: "agreed"}
_RECORDED: Final = frozenset({MESSAGE_STEP, VOICE_STEP, MINUTES_STEP, SPEAK_STEP, TAKE_STEP})
_NUMBERS: Final = frozenset({"count", "quorum"})
_NONE: Final = {Work.MISSING: "nobody_missing", Work.COUNT: "no_held_meeting", Work.MINUTES: "no_held_meeting"}
"""What is said where there is no meeting for that."""


def begun(scene: Scene, text: str) -> Move | None:
    """The start of one of her dialogues; None where that is no command, or she is nobody's facilitator."""
    said = tokens(text)
    work = next((work for key, work in _COMMANDS.items() if scene.words.says(said, key)), None)
    listed = work is None and scene.words.says(said, "field_work")
    who = scene.around.field.facilitator() if listed or (work and scene.around.field.does(work)) else None
    if who is None:
        return None
    if scene.around.channel is ChannelName.SMS:
        elsewhere = "recording_by_chat" if work is Work.RECORDING else "not_by_sms"
        return Move(scene.settled(), (scene.reply(f"facilitator.{elsewhere}", ()),), show=True)
    return started(scene, who, work) if work else scene.go(field_menu.WORKS)


def started(scene: Scene, who: Facilitator, work: Work) -> Move:
    """The first step of one of her dialogues."""
    if work is Work.RECORDING:
        return field_recording.begun(scene, who)
    return stopped(scene, who, "locked") if who.locked else _begun(scene, who, work)


def _begun(scene: Scene, who: Facilitator, work: Work) -> Move:
    """The first step, with what there is no choice about filled in."""
    field, draft = scene.around.field, {"work": work.value}
    if work is Work.MEETING:
        bodies = field.committees()
        draft |= {"committee": bodies[0].id} if len(bodies) == 1 else {}
    elif work is Work.CONFIRM:
        asked = field.asking()
        if asked is None:
            return scene.go(MENU, scene.reply("facilitator.nothing_to_confirm", ()))  # her own request stays
        draft = {name: value for name, value in asked.items() if name not in {ASKED, "seen"}} | draft
    elif work in {Work.POLL, Work.RESULTS}:
        if not field.offers(work):
            return scene.go(MENU, scene.reply(f"facilitator.no_{work.value}", ()))
    elif work is not Work.ANNOUNCEMENT:
        known = field.meetings(work)
        if not known:
            return stopped(scene, who, _NONE.get(work, "no_meeting"))
        draft |= {"meeting": known[0].id} if len(known) == 1 else {}
    return went_on(scene, who, draft)


def heard(scene: Scene, text: str, wanted: Leaving | None) -> Move | None:  # noqa: PLR0911 - one return a meaning
    """What she wrote: a command, or what this step asks for; None for what means the same everywhere."""
    if scene.place.kind is not PlaceKind.FACILITATOR or scene.state.confirming:
        return begun(scene, text)
    here = standing(scene)
    if here is None or wanted is Leaving.ERASE:
        return None if wanted else begun(scene, text)
    who, work, draft, step = here
    said = tokens(text)
    if scene.words.says(said, "cancelling"):
        return stopped(scene, who, dropped(draft))
    if wanted is Leaving.OPT_OUT or (command(text, scene.words) and not _is_figure(scene, step, text)):
        return None
    if scene.around.channel is ChannelName.SMS:
        return Move(scene.settled(), (scene.reply("facilitator.not_by_sms", ()),))
    if step.id == PIN:
        return tried(scene, who, work, draft, text)
    asked = shown(scene, work, step, draft)
    if pick(text, asked.choices, scene.words):
        return None
    if scene.words.says(said, "correcting"):
        return went_back(scene, who, work, draft, step)
    if (another := begun(scene, text)) is not None:
        return another
    return _taken(scene, here, text) or Move(scene.settled(), (scene.reply("facilitator.choose", asked.choices),))


def _taken(scene: Scene, here: Here, text: str) -> Move | None:
    """What is said freely: a time, a number, words; None where one of the choices is waited for."""
    who, _, draft, step = here
    if step.id in steps.TIMED or step.id == "by":
        return _time(scene, here, text)
    if step.id in _NUMBERS:
        number = numbers.read(text, scene.words)
        if number is None or number < 0:
            return asked_again(scene, here, "number_again")
        text = str(number)
    if not step.free:
        return None
    return went_on(scene, who, {**_answered(draft), _TEXT_FIELD.get(step.id, step.id): text})


def recorded(scene: Scene, inbound: Inbound) -> Move | None:
    """Her voice note, where it is what people will hear; None for any other."""
    here = standing(scene)
    if here is None or not (inbound.recording or inbound.spoiled):
        return None
    who, _, draft, step = here
    if step.id not in _RECORDED:
        return None
    kept = {name: value for name, value in draft.items() if name != steps.SPEAKING}
    if inbound.spoiled:
        why = scene.reply(f"facilitator.voice_{inbound.spoiled}", ())
        return Move(scene.settled(), (why,)) if step.id != SPEAK_STEP else went_on(scene, who, kept, why)
    return went_on(scene, who, {**kept, "voice": inbound.recording})


class Facilitating(Skill):
    """Her dialogues."""

    def show(self, scene: Scene) -> Reply | None:
        """The question of this step; None where there is none any more, or this is somebody else."""
        if field_menu.listed(scene):
            return field_menu.show(scene)
        here = standing(scene)
        if here is None:
            return None
        _, work, draft, step = here
        return shown(scene, work, step, draft)

    def take(self, scene: Scene, option: str) -> Move:  # noqa: PLR0911 - one return a step
        """One of the offered answers."""
        if field_menu.listed(scene):
            return self._chosen(scene, option)
        here = standing(scene)
        if here is None:
            return scene.go(MENU, scene.reply("input.lost_place"))
        who, work, draft, step = here
        if work is Work.RECORDING:
            return field_recording.taken(scene, here, option)
        match step.id, option:
            case "preview", "no":
                return stopped(scene, who, "stopped")
            case "preview", "correct" if not options(scene, work, Step(CORRECT, (), lambda _: True), draft):
                return went_back(scene, who, work, draft, step)
            case "preview", "correct":
                return Move(scene.settled(Place(PlaceKind.FACILITATOR, (work.value, CORRECT))), show=True)
            case "correct", "other":
                more = {**draft, ASKING: OTHER}
                return Move(scene.settled(), (shown(scene, work, step, more),), (KeepDraft(who.member_id, more, scene.now),))
            case "round", _:
                return result(scene, who, option)
        return went_on(scene, who, _filled(scene, here, option))

    def _chosen(self, scene: Scene, option: str) -> Move:
        """One of her works; or the list of more."""
        who, work = scene.around.field.facilitator(), field_menu.work_of(option)
        if who is None:
            return scene.go(MENU, scene.reply("input.lost_place"))
        return started(scene, who, work) if work else scene.go(field_menu.list_of(option))

    def press(self, scene: Scene, key: str, *, whole: bool) -> Move | None:
        """A PIN, a day, an hour or a number, on a call."""
        del whole
        here = standing(scene)
        if here is None or (len(key) == 1 and here[3].id not in _NUMBERS) or not key.isdecimal():
            return None
        who, work, draft, step = here
        if step.id == PIN:
            return tried(scene, who, work, draft, key)
        return _taken(scene, here, field_menu.as_said(step, key)) if step.id in field_menu.DIGITS else None

    def forward(self, scene: Scene) -> Move | None:
        """There is no skipping."""
        del scene
        return None

    def backward(self, scene: Scene) -> Move:
        """The step before, to say it anew; from the first one, out."""
        if field_menu.listed(scene):
            return scene.go(MENU if scene.place == field_menu.WORKS else field_menu.WORKS)
        here = standing(scene)
        return went_back(scene, *here) if here else scene.go(MENU)


def _filled(scene: Scene, here: Here, option: str) -> dict[str, str]:  # noqa: PLR0911 - one return a step
    """A draft with what was chosen."""
    _, work, draft, step = here
    match step.id, option:
        case "preview", _:
            return {**draft, "seen": "yes"}
        case "correct", _:
            return steps.without(work, draft, option)
        case (_, "record") if step.id in _RECORDED:
            return {**draft, steps.SPEAKING: "yes"}
        case "place", _:
            return {**_answered(draft), "place": dict(options(scene, work, step, draft))[option]}
        case (("agenda" | "words" | "agreed"), _):  # on a call, where nothing can be written
            return {**_answered(draft), step.fields[0]: scene.label(f"facilitator.{step.id}_{option}")}
        case "more", "yes":
            return steps.another_line(draft)
        case "leaves", "now":
            return {**draft, "day": NOW}
        case "leaves", _:
            return steps.tomorrow(draft, _today(scene))
        case (("which_day" | "half") as asked, _):
            field = "day" if asked == "which_day" else "hour"
            kept = {name: value for name, value in draft.items() if name != step.fields[0]}
            return {**kept, field: draft[step.fields[0]]} if option == "other" else kept
    return {**_answered(draft), step.fields[0] if step.id != VOICE_STEP else "voice": option}


def _answered(draft: Draft) -> dict[str, str]:
    """A draft of which nothing is asked beyond what it needs."""
    return {name: value for name, value in draft.items() if name != ASKING}


def _time(scene: Scene, here: Here, text: str) -> Move:
    """A day and an hour, as far as they were said."""
    who, _, draft, step = here
    now = scene.now.astimezone(ZoneInfo(scene.around.field.zone()))
    expects = "hour" if step.id in {"hour", "half"} else "day"
    said = read(text, scene.words.times, now, expects=expects)
    if said.problem:
        return asked_again(scene, here, f"time_{said.problem.value}")
    if step.id == "by" and said.day:
        return went_on(scene, who, {**draft, "by": said.day.isoformat()})
    new = steps.timed(draft, said)
    if new == dict(draft) or step.id == "by":
        return asked_again(scene, here, "day_again" if step.id == "by" else f"{expects}_again")
    return went_on(scene, who, new)


def _is_figure(scene: Scene, step: Step, text: str) -> bool:
    """Whether a bare number is the hour, the day or the PIN that is asked for, and no reserved key."""
    said = tokens(text)
    number = len(said) == 1 and scene.words.number(said[0]) is not None
    return number and (step.id in steps.TIMED or step.id in _NUMBERS or (step.id == PIN and len(said[0]) > 1))


def _today(scene: Scene) -> date:
    return scene.now.astimezone(ZoneInfo(scene.around.field.zone())).date()
