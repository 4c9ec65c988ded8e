"""The language in which she hears Batea: Spanish, or one that somebody has recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.dialogue.scene import Move, Scene, numbered
from bot.dialogue.skills import question
from bot.domain.conversation import MENU, Place, PlaceKind
from bot.domain.message import Reply

PLACE: Final = Place(PlaceKind.MENU, ("language",))
SPANISH: Final = "es"
_MOST: Final = 4  # beside Spanish


def ask(scene: Scene) -> Move:
    """Offer the languages; where nothing is recorded in any, say so, and who may help."""
    if not scene.library.languages():
        return question.excursion(scene, "menu.language")
    return scene.go(PLACE, bookmark=str(scene.home()))


def show(scene: Scene) -> Reply | None:
    """The languages; None once there is no choice any more."""
    others = list(scene.library.languages().items())[:_MOST]
    if not others:
        return None
    spanish = scene.reply("menu.language_spanish", ()).text
    listed = [(SPANISH, spanish), *((code, name.capitalize()) for code, name in others)]
    return scene.reply("menu.languages", numbered(str(PLACE), listed))


def take(scene: Scene, option: str) -> Move:
    """From now on in that language, and back to where she was."""
    back = Place.parse(scene.state.bookmark) if scene.state.bookmark else MENU
    if option != SPANISH and option not in scene.library.languages():
        return scene.go(back)
    return scene.go(back, scene.reply("menu.language_chosen", ()), person=replace(scene.person, language=option))
