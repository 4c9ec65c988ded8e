"""A facilitator's work from her own phone: a few short steps, looked at, and sent by her PIN alone.

A place is `facilitator:<work>/<step>`; what she has said so far is a draft that is kept sealed, apart from the state. Whoever has
no such role is not told that there is one: for her the commands are chat.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from bot.dialogue import steps
from bot.dialogue.answers import command, pick
from bot.dialogue.fieldwork import KeepDraft
from bot.dialogue.leaving import Leaving
from bot.dialogue.scene import Move, Scene, Skill
from bot.dialogue.skills.field_questions import CORRECT, options, shown
from bot.dialogue.spoken_time import read
from bot.dialogue.steps import NOW, PIN, PREVIEW, Step, following
from bot.dialogue.words import tokens
from bot.domain.conversation import MENU, Place, PlaceKind
from bot.domain.facilitator import ASKED, PIN_DIGITS, Draft, Facilitator
from bot.domain.field_desk import MESSAGE_STEP, VOICE_STEP, Work
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
}
_TEXT_FIELD: Final = {MESSAGE_STEP: "text", "words": "text"}


def begun(scene: Scene, text: str) -> Move | None:
    """The start of one of her dialogues; None where that is no command, or she is nobody's facilitator."""
    said = tokens(text)
    work = next((work for key, work in _COMMANDS.items() if scene.words.says(said, key)), None)
    who = scene.around.field.facilitator() if work and scene.around.field.does(work) else None
    if work is None or who is None:
        return None
    if scene.around.channel is ChannelName.SMS:
        return Move(scene.settled(), (scene.reply("facilitator.not_by_sms", ()),), show=True)
    if who.locked:
        return _stopped(scene, who, "locked")
    return _begun(scene, who, work)


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
            return _stopped(scene, who, "nobody_missing" if work is Work.MISSING else "no_meeting")
        draft |= {"meeting": known[0].id} if len(known) == 1 else {}
    return _on(scene, who, draft)


def heard(scene: Scene, text: str, wanted: Leaving | None) -> Move | None:  # noqa: C901, PLR0911 - one return a meaning
    """What she wrote: a command, or what this step asks for; None for what means the same everywhere."""
    if scene.place.kind is not PlaceKind.FACILITATOR or scene.state.confirming:
        return begun(scene, text)
    here = _here(scene)
    if here is None or wanted is Leaving.ERASE:
        return None
    who, work, draft, step = here
    said = tokens(text)
    if scene.words.says(said, "cancelling"):
        return _stopped(scene, who, "stopped")
    if wanted is Leaving.OPT_OUT or (command(text, scene.words) and not _is_figure(scene, step, text)):
        return None
    if scene.around.channel is ChannelName.SMS:
        return Move(scene.settled(), (scene.reply("facilitator.not_by_sms", ()),))
    if step.id == PIN:
        return _tried(scene, who, work, draft, text)
    asked = shown(scene, work, step, draft)
    if pick(text, asked.choices, scene.words):
        return None
    if scene.words.says(said, "correcting"):
        return _back(scene, who, work, draft, step)
    if (another := begun(scene, text)) is not None:
        return another
    if step.id in steps.TIMED:
        return _time(scene, who, draft, step, text)
    if step.free:
        return _on(scene, who, {**draft, _TEXT_FIELD.get(step.id, step.id): text})
    return Move(scene.settled(), (scene.reply("facilitator.choose", asked.choices),))


def recorded(scene: Scene, inbound: Inbound) -> Move | None:
    """Her voice note, where it is what people will hear; None for any other."""
    here = _here(scene)
    if here is None or not (inbound.recording or inbound.spoiled):
        return None
    who, _, draft, step = here
    if step.id not in {MESSAGE_STEP, VOICE_STEP}:
        return None
    if inbound.spoiled:
        return Move(scene.settled(), (scene.reply(f"facilitator.voice_{inbound.spoiled}", ()),))
    return _on(scene, who, {**draft, "voice": inbound.recording})


class Facilitating(Skill):
    """Her dialogues."""

    def show(self, scene: Scene) -> Reply | None:
        """The question of this step; None where there is none any more, or this is somebody else."""
        here = _here(scene)
        if here is None:
            return None
        _, work, draft, step = here
        return shown(scene, work, step, draft)

    def take(self, scene: Scene, option: str) -> Move:  # noqa: C901, PLR0911 - one return a step
        """One of the offered answers."""
        here = _here(scene)
        if here is None:
            return scene.go(MENU, scene.reply("input.lost_place"))
        who, work, draft, step = here
        match step.id, option:
            case "preview", "no":
                return _stopped(scene, who, "stopped")
            case "preview", "correct" if not options(scene, work, Step(CORRECT, (), lambda _: True), draft):
                return _back(scene, who, work, draft, step)
            case "preview", "correct":
                place = Place(PlaceKind.FACILITATOR, (work.value, CORRECT))
                return Move(scene.settled(place), show=True)
            case "preview", _:
                return _on(scene, who, {**draft, "seen": "yes"})
            case "correct", _:
                return _on(scene, who, steps.without(work, draft, option))
            case "round", _:
                return _result(scene, who, option)
            case "leaves", "now":
                return _on(scene, who, {**draft, "day": NOW})
            case "leaves", _:
                return _on(scene, who, steps.tomorrow(draft, _today(scene)))
            case (("which_day" | "half") as asked, _):
                field = "day" if asked == "which_day" else "hour"
                kept = {name: value for name, value in draft.items() if name != step.fields[0]}
                return _on(scene, who, {**kept, field: draft[step.fields[0]]} if option == "other" else kept)
        return _on(scene, who, {**draft, step.fields[0] if step.id != VOICE_STEP else "voice": option})

    def press(self, scene: Scene, key: str, *, whole: bool) -> Move | None:
        """A PIN, on a call."""
        del whole
        here = _here(scene)
        if here is None or here[3].id != PIN or len(key) == 1:
            return None
        who, work, draft, _ = here
        return _tried(scene, who, work, draft, key)

    def forward(self, scene: Scene) -> Move | None:
        """There is no skipping."""
        del scene
        return None

    def backward(self, scene: Scene) -> Move:
        """The step before, to say it anew; from the first one, out."""
        here = _here(scene)
        return _back(scene, *here) if here else scene.go(MENU)


def _here(scene: Scene) -> tuple[Facilitator, Work, Draft, Step] | None:
    """Who works here, at what, what she has said, and the step; None where nothing fits any more."""
    if scene.place.kind is not PlaceKind.FACILITATOR or len(scene.place.parts) != 2:  # noqa: PLR2004 - work and step
        return None
    who = scene.around.field.facilitator()
    draft = scene.around.field.draft() if who else {}
    work, step_id = scene.place.parts
    if who is None or draft.get("work") != work:
        return None
    if step_id == CORRECT:
        return who, Work(work), draft, Step(CORRECT, (), lambda _: True)
    step = following(Work(work), draft)
    return (who, Work(work), draft, step) if step.id == step_id else None


def _on(scene: Scene, who: Facilitator, draft: Draft, *said: Reply) -> Move:
    """The next step of a draft; the one before once more, with the reason, where something is wrong with it."""
    field, work = scene.around.field, Work(draft["work"])
    snag = field.snag(draft)
    if snag:
        said = (*said, scene.reply(f"facilitator.snag_{snag.why}", ()))
        if steps.step_of(work, snag.field) is None:
            return _stopped(scene, who, "", *said)
        draft = steps.without(work, draft, snag.field)
    step = following(work, draft)
    place = Place(PlaceKind.FACILITATOR, (work.value, step.id))
    there = scene.moved(Move(scene.settled(place)))
    seen = tuple(_bare(reply) for reply in field.show(draft).replies) if step.id == PREVIEW else ()
    return Move(there.state, (*said, *seen, shown(there, work, step, draft)), (KeepDraft(who.member_id, draft, scene.now),))


def _time(scene: Scene, who: Facilitator, draft: Draft, step: Step, text: str) -> Move:
    """A day and an hour, as far as they were said."""
    now = scene.now.astimezone(ZoneInfo(scene.around.field.zone()))
    expects = "hour" if step.id in {"hour", "half"} else "day"
    said = read(text, scene.words.times, now, expects=expects)
    if said.problem:
        return Move(scene.settled(), (scene.reply(f"facilitator.time_{said.problem.value}", ()),))
    new = steps.timed(draft, said)
    if new == dict(draft):
        return Move(scene.settled(), (scene.reply(f"facilitator.{expects}_again", ()),))
    return _on(scene, who, new)


def _is_figure(scene: Scene, step: Step, text: str) -> bool:
    """Whether a bare number is the hour, the day or the PIN that is asked for, and no reserved key."""
    said = tokens(text)
    number = len(said) == 1 and scene.words.number(said[0]) is not None
    return number and (step.id in steps.TIMED or (step.id == PIN and len(said[0]) > 1))


def _back(scene: Scene, who: Facilitator, work: Work, draft: Draft, step: Step) -> Move:
    """The step before, anew."""
    if step.id == CORRECT:
        return _on(scene, who, draft)
    earlier = steps.before(work, draft, step.id)
    return _on(scene, who, steps.without(work, draft, earlier)) if earlier else _stopped(scene, who, "stopped")


def _stopped(scene: Scene, who: Facilitator, why: str, *said: Reply) -> Move:
    """Nothing is sent, and nothing kept."""
    told = (*said, scene.reply(f"facilitator.{why}", ())) if why else said
    return scene.go(MENU, *told, effects=(KeepDraft(who.member_id, {}, scene.now),))


def _tried(scene: Scene, who: Facilitator, work: Work, draft: Draft, text: str) -> Move:  # noqa: PLR0911 - one an outcome
    """Her PIN, or what may be one. It is compared and forgotten: nothing of it is in any effect, reply or state."""
    field = scene.around.field
    pin = "".join(char for char in text if char.isdecimal())
    if who.locked:
        return _stopped(scene, who, "locked")
    if len(pin) != PIN_DIGITS:
        return Move(scene.settled(), (scene.reply("facilitator.pin_digits", ()),))
    if not field.fits(pin):
        wrong = field.wrong_pin()
        if who.tries_left > 1:
            return Move(scene.settled(), (scene.reply("facilitator.pin_wrong", ()),), (wrong,))
        stopped = _stopped(scene, who, "locked")
        return Move(stopped.state, stopped.replies, (*stopped.effects, wrong), show=True)
    if work is Work.MISSING:
        return _named(scene, draft, who)
    snag = field.snag(draft)
    if snag:
        return _on(scene, who, draft)
    if field.needs_second(draft):
        return scene.go(MENU, scene.reply("facilitator.second_asked", ()), effects=(field.ask_second(draft),))
    waits = field.show(draft).waits
    said = scene.reply("facilitator.waits" if waits else f"facilitator.sent_{work.value}", ())
    return scene.go(MENU, said, effects=(field.send(draft),))


def _named(scene: Scene, draft: Draft, who: Facilitator) -> Move:
    """First names, once: the message is gone as soon as it has left."""
    names, more = scene.around.field.first_names(draft["meeting"])
    if not names and not more:
        return _stopped(scene, who, "nobody_missing")
    sentence = "facilitator.names" if names else "facilitator.names_none"
    said = scene.reply(sentence, (), names=", ".join(names), more=more)
    forget = KeepDraft(who.member_id, {}, scene.now)
    return Move(scene.settled(MENU), (said,), (forget,), ephemeral=True)


def _result(scene: Scene, who: Facilitator, round_id: str) -> Move:
    """What may be told of a round."""
    result = scene.around.field.result(round_id)
    return scene.go(MENU, *((result,) if result else ()), effects=(KeepDraft(who.member_id, {}, scene.now),))


def _today(scene: Scene) -> date:
    return scene.now.astimezone(ZoneInfo(scene.around.field.zone())).date()


def _bare(reply: Reply) -> Reply:
    """As people get it, without what they may answer: her own choices follow."""
    return replace(reply, choices=())
