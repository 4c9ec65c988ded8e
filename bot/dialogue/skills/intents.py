"""Where each intent leads. Those that a reserved key stands for lead where the key does (`COMMANDS`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from bot.dialogue.answers import Command
from bot.dialogue.scene import Move, Scene
from bot.dialogue.skills import course, danger, language, optout, profiles, question
from bot.dialogue.skills.meeting import RSVP, says_here
from bot.dialogue.skills.onboarding import Onboarding, step
from bot.dialogue.words import tokens
from bot.domain.conversation import MENU, Place, PlaceKind
from bot.domain.meeting import Rsvp
from bot.domain.message import ChannelName, Reply
from bot.domain.person import Mode
from bot.domain.understanding import Understood

_SURE: Final = 0.8

Handler = Callable[[Scene], Move]

COMMANDS: Final[Mapping[str, Command]] = {
    "menu": Command.MENU,
    "next": Command.NEXT,
    "go_back": Command.BACK,
    "repeat": Command.REPEAT,
    "slower_or_simpler": Command.SIMPLER,
    "talk_to_human": Command.PERSON,
}

NOT_UNDERSTOOD: Final = frozenset({"out_of_scope", "affirm", "deny"})
"""Nothing to act on by themselves, but for a yes or a no in a lesson: they are asked back like all that was not understood."""


def greet(scene: Scene) -> Move:
    """Greet back and show where she is."""
    variant = scene.state.variant + 1
    place = MENU if scene.place.kind is PlaceKind.MENU else scene.place
    state = scene.settled(place, bookmark=scene.state.bookmark, variant=variant)
    return Move(state, (scene.reply("menu.hello", (), variant=variant),), show=True)


def listen(scene: Scene) -> Move:
    """From now on by voice, beginning with what was said last. By SMS no sound can come: she may call without cost."""
    if scene.place == step("mode"):
        return Onboarding().take(scene, "listen")
    person = replace(scene.person, mode=Mode.LISTEN)
    number = scene.around.listening_number if scene.around.channel is ChannelName.SMS else None
    said = () if number is None else (_by_call(scene, number),)
    if scene.state.aside:
        again = question.show(scene, scene.state.aside)
        return Move(scene.settled(aside=scene.state.aside), (*said, again), person=person)
    return Move(scene.settled(), said, person=person, show=True)


def read(scene: Scene, text: str) -> Move | None:
    """From now on in letters, where she says no more than that; None for anything else."""
    if scene.around.channel is ChannelName.CALL or scene.place == step("mode"):
        return None
    if not scene.words.says(tokens(text), "reading_wish", around=("courtesies", "fillers", "yes")):
        return None
    person = replace(scene.person, mode=Mode.READ)
    said = scene.reply("menu.in_letters", ())
    return Move(scene.settled(bookmark=scene.state.bookmark), (said,), person=person, show=True)


def _by_call(scene: Scene, number: str) -> Reply:
    return scene.reply("menu.listen_by_call_to", (), number=number) if number else scene.reply("menu.listen_by_call", ())


def _say(reply_id: str, scene: Scene) -> Move:
    return question.excursion(scene, reply_id)


def _go(place: Place, scene: Scene) -> Move:
    """Go there; out of a lesson or its question, with a bookmark for the way back."""
    if place.kind is PlaceKind.MENU:
        return scene.go(place)
    learning = scene.place.kind in {PlaceKind.LESSON, PlaceKind.QUIZ}
    return scene.go(place, bookmark=str(scene.place if learning else scene.onward()))


def _comes(rsvp: Rsvp, scene: Scene) -> Move:
    """To the meeting where she stands, else to the next one."""
    return says_here(scene, rsvp) or _go(Place(PlaceKind.MEETING, (RSVP, rsvp.value)), scene)


def _confirm(what: str, scene: Scene) -> Move:
    return optout.confirm(scene, what)


def _answer(intent: str, scene: Scene) -> Move:
    return question.answer(scene, intent)


def _help(scene: Scene) -> Move:
    return scene.go(MENU, scene.reply("menu.help", ()))


COMING: Final = frozenset(f"rsvp_{rsvp.value}" for rsvp in Rsvp)
"""Whether she comes: a question that sounds like it ("va a ir mi marido?") is never kept as her answer."""


def rash(understood: Understood) -> bool:
    """Whether an answer about coming is too uncertain to be kept where no meeting was spoken of."""
    if understood.intent == "rsvp_maybe":
        return True
    return understood.intent in {"rsvp_yes", "rsvp_no"} and understood.confidence < _SURE


INTENTS: Final[Mapping[str, Handler]] = {
    "greet": greet,
    "opt_in": greet,
    "goodbye": question.goodbye,
    "thanks": partial(_say, "menu.thanks"),
    "help": _help,
    "listen_audio": listen,
    "change_language": language.ask,
    "switch_profile": profiles.switch,
    "opt_out": partial(_confirm, optout.LEAVE),
    "delete_my_data": partial(_confirm, optout.ERASE),
    "unsafe_request": partial(danger.unsafe, kind=None),
    "start_module": partial(_go, course.LEARN),
    "ask_poll": partial(_go, Place(PlaceKind.POLL)),
    "ask_next_meeting": partial(_go, Place(PlaceKind.MEETING)),
    **{f"rsvp_{rsvp.value}": partial(_comes, rsvp) for rsvp in Rsvp},
    **{intent: partial(_answer, intent) for intent in question.INFORMATIONAL},
}
