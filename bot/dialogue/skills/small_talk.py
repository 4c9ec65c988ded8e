"""A bare yes, no or "I do not know" where it answers nothing that was asked: met kindly, and never a misunderstanding."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.dialogue.scene import Move, Scene
from bot.dialogue.skills import SKILLS, optout
from bot.dialogue.skills.lesson import END
from bot.domain.conversation import MENU, PlaceKind
from bot.domain.folding import plain

MEANINGS: Final = ("unsure", "no", "yes")
INTENTS: Final[Mapping[str, str]] = {"affirm": "yes", "deny": "no"}

_MAYBE: Final = "maybe"
_LAUGHTER: Final = re.compile(r"j+[aei]|a?(?:j+[aei]+){2,}j*|x+d+|lo+l")


def meet(scene: Scene, meaning: str) -> Move | None:  # noqa: PLR0911 - one return a kind of place
    """What it leads to at this place; None where the place itself must read it."""
    kind = scene.place.kind
    match meaning, kind:
        case "unsure", _ if scene.state.confirming:
            return optout.confirmed(scene, "no")
        case _ if scene.state.confirming:
            return None
        case (_, PlaceKind.MENU) if scene.place == MENU or meaning == "yes":
            return at_menu(scene, meaning)
        case ("no", PlaceKind.MENU):
            return at_menu(replace(scene, state=scene.settled(MENU)), meaning)
        case ("no", PlaceKind.LESSON):
            return scene.go(MENU, *(() if scene.place.parts[2:] == (END,) else (scene.reply("lesson.kept", ()),)))
        case ("no", PlaceKind.HUMAN):
            shown = SKILLS[kind].show(scene)
            return scene.stay(scene.reply("menu.goodbye", shown.choices if shown else ()), bookmark=scene.state.bookmark)
        case ("unsure", PlaceKind.MEETING):
            return SKILLS[kind].take(scene, _MAYBE)
        case ("unsure", _):
            return _otherwise(scene)
    return None


def at_menu(scene: Scene, meaning: str) -> Move:
    """A kind word, with the choices of the menu, or of the list that she is at."""
    here = scene.varied()
    reply_id = "menu.all_right" if meaning == "yes" else "menu.no_hurry"
    shown = SKILLS[PlaceKind.MENU].show(here)
    return here.stay(here.reply(reply_id, shown.choices if shown else (), variant=here.state.variant))


def laughed(text: str) -> bool:
    """Whether a message is laughter alone."""
    said = plain(text).split()
    return bool(said) and all(_LAUGHTER.fullmatch(word) for word in said)


def _otherwise(scene: Scene) -> Move | None:
    """The same question in simpler words."""
    here = scene.varied()
    shown = SKILLS[here.place.kind].show(replace(here, simpler=True))
    if shown is None or here.place.kind in {PlaceKind.CLARIFY, PlaceKind.HUMAN}:
        return None
    said = here.reply("clarify.dont_worry", (), variant=here.state.variant)
    return here.stay(said, shown, bookmark=here.state.bookmark)
