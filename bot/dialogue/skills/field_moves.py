"""Where a facilitator's dialogue goes from a step: on, back, to its end, and by her PIN out to the people."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import steps
from bot.dialogue.fieldwork import KeepDraft
from bot.dialogue.scene import Move, Scene
from bot.dialogue.skills.field_questions import CORRECT, shown
from bot.dialogue.steps import PIN, PREVIEW, RECORDED_BEFORE, Step, following
from bot.domain.conversation import MENU, Place, PlaceKind
from bot.domain.facilitator import PIN_DIGITS, Draft, Facilitator
from bot.domain.field_desk import SPEAK_STEP, Work
from bot.domain.message import ChannelName, Reply

Here = tuple[Facilitator, Work, Draft, Step]
"""Who works, at what, what she has said, and the step."""


def standing(scene: Scene) -> Here | None:
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


def went_on(scene: Scene, who: Facilitator, draft: Draft, *said: Reply) -> Move:
    """The next step of a draft; the one before once more, with the reason, where something is wrong with it."""
    field, work = scene.around.field, Work(draft["work"])
    snag = field.snag(draft)
    if snag:
        said = (*said, scene.reply(f"facilitator.snag_{snag.why}", ()))
        if steps.step_of(work, snag.field) is None:
            return stopped(scene, who, "", *said)
        draft = steps.without(work, draft, snag.field)
    step = following(work, draft)
    place = Place(PlaceKind.FACILITATOR, (work.value, step.id))
    there = scene.moved(Move(scene.settled(place)))
    seen = tuple(_bare(reply) for reply in field.show(draft).replies) if step.id == PREVIEW else ()
    return Move(there.state, (*said, *seen, shown(there, work, step, draft)), (KeepDraft(who.member_id, draft, scene.now),))


def asked_again(scene: Scene, here: Here, why: str) -> Move:
    """Why that will not do; on a call with the question, for what is asked last is what the keys answer."""
    _, work, draft, step = here
    said = scene.reply(f"facilitator.{why}", ())
    anew = (shown(scene, work, step, draft),) if scene.around.channel is ChannelName.CALL else ()
    return Move(scene.settled(), (said, *anew))


def went_back(scene: Scene, who: Facilitator, work: Work, draft: Draft, step: Step) -> Move:
    """The step before, anew."""
    if step.id in {CORRECT, SPEAK_STEP}:
        return went_on(scene, who, {name: value for name, value in draft.items() if name not in {steps.ASKING, steps.SPEAKING}})
    earlier = steps.before(work, draft, step.id)
    return went_on(scene, who, steps.without(work, draft, earlier)) if earlier else stopped(scene, who, dropped(draft))


def dropped(draft: Draft) -> str:
    """What is said where she leaves off: what she has recorded before is not lost by that."""
    return "stopped_recording" if RECORDED_BEFORE in draft else "stopped"


def stopped(scene: Scene, who: Facilitator, why: str, *said: Reply) -> Move:
    """Nothing is sent, and nothing kept."""
    told = (*said, scene.reply(f"facilitator.{why}", ())) if why else said
    return scene.go(MENU, *told, effects=(KeepDraft(who.member_id, {}, scene.now),))


def tried(scene: Scene, who: Facilitator, work: Work, draft: Draft, text: str) -> Move:  # noqa: PLR0911 - one an outcome
    """Her PIN, or what may be one. It is compared and forgotten: nothing of it is in any effect, reply or state."""
    field = scene.around.field
    pin = "".join(char for char in text if char.isdecimal())
    if who.locked:
        return stopped(scene, who, "locked")
    here = who, work, draft, Step(PIN, (), lambda _: True)
    if len(pin) != PIN_DIGITS:
        return asked_again(scene, here, "pin_digits")
    if not field.fits(pin):
        wrong = field.wrong_pin()
        if who.tries_left > 1:
            return replace(asked_again(scene, here, "pin_wrong"), effects=(wrong,))
        over = stopped(scene, who, "locked")
        return replace(over, effects=(*over.effects, wrong))
    if work is Work.MISSING:
        return _named(scene, draft, who)
    snag = field.snag(draft)
    if snag:
        return went_on(scene, who, draft)
    if field.needs_second(draft):
        return scene.go(MENU, scene.reply("facilitator.second_asked", ()), effects=(field.ask_second(draft),))
    waits = work is Work.ANNOUNCEMENT and field.show(draft).waits
    said = scene.reply("facilitator.waits" if waits else f"facilitator.sent_{work.value}", ())
    return scene.go(MENU, said, effects=(field.send(draft),))


def _named(scene: Scene, draft: Draft, who: Facilitator) -> Move:
    """First names, once: the message is gone as soon as it has left."""
    names, more = scene.around.field.first_names(draft["meeting"])
    if not names and not more:
        return stopped(scene, who, "nobody_missing")
    sentence = "facilitator.names" if names else "facilitator.names_none"
    said = scene.reply(sentence, (), names=", ".join(names), more=more)
    forget = KeepDraft(who.member_id, {}, scene.now)
    return Move(scene.settled(MENU), (said,), (forget,), ephemeral=True)


def result(scene: Scene, who: Facilitator, round_id: str) -> Move:
    """What may be told of a round."""
    told = scene.around.field.result(round_id)
    return scene.go(MENU, *((told,) if told else ()), effects=(KeepDraft(who.member_id, {}, scene.now),))


def _bare(reply: Reply) -> Reply:
    """As people get it, without what they may answer: her own choices follow."""
    return replace(reply, choices=())
