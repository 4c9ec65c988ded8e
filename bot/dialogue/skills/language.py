"""The language in which she hears Batea: Spanish, or one that somebody has recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.dialogue.scene import Move, Scene, numbered
from bot.dialogue.skills import question
from bot.dialogue.words import tokens
from bot.domain.conversation import MENU, Place, PlaceKind
from bot.domain.message import Reply

PLACE: Final = Place(PlaceKind.MENU, ("language",))
SPANISH: Final = "es"
_MOST: Final = 4  # beside Spanish
_AROUND: Final = ("courtesies", "fillers", "about_language")
# The narrower name before the wider one: she who says which Quechua hears that one or none.
_NAMED: Final = {
    "in_quechua_cusco": ("quz",),
    "in_quechua_ayacucho": ("quy",),
    "in_quechua": ("quz", "quy"),
    "in_aymara": ("ay",),
    "in_nasa": ("pbb",),
    "in_spanish": (SPANISH,),
}


def ask(scene: Scene) -> Move:
    """Offer the languages; where nothing is recorded in any, say so, and who may help."""
    if not scene.library.languages():
        return _missing(scene, "menu.language")
    return scene.go(PLACE, bookmark=str(scene.home()))


def wished(scene: Scene, text: str) -> Move | None:
    """The name of a language, and no more than that: she hears it, chooses which of its kinds, or is told that there is none."""
    said = tokens(text)
    codes = next((codes for key, codes in _NAMED.items() if scene.words.says(said, key, around=_AROUND)), None)
    if codes is None:
        return None
    if codes == (SPANISH,):
        return ask(scene) if scene.person.language == SPANISH else _chosen(scene, SPANISH, scene.home())
    there = [code for code in codes if code in scene.library.languages()]
    if len(there) == 1:
        return _chosen(scene, there[0], scene.home())
    if there:
        return ask(scene)
    return _missing(scene, "menu.language_missing" if scene.library.languages() else "menu.language")


def show(scene: Scene) -> Reply | None:
    """The languages; None once there is no choice any more."""
    others = list(scene.library.languages().items())[:_MOST]
    if not others:
        return None
    spanish = scene.reply("menu.language_spanish", ()).text
    return scene.reply("menu.languages", numbered(str(PLACE), [(SPANISH, spanish), *_named(others)]))


def take(scene: Scene, option: str) -> Move:
    """From now on in that language, and back to where she was."""
    back = Place.parse(scene.state.bookmark) if scene.state.bookmark else MENU
    if option != SPANISH and option not in scene.library.languages():
        return scene.go(back)
    return _chosen(scene, option, back)


def _missing(scene: Scene, reply_id: str) -> Move:
    """An honest word, and who may help; a newcomer is asked on, in Spanish."""
    if scene.person.enrolled:
        return question.excursion(scene, reply_id)
    return Move(scene.settled(), (scene.reply(reply_id, ()),), person=scene.person, show=True)


def _chosen(scene: Scene, code: str, back: Place) -> Move:
    return scene.go(back, scene.reply("menu.language_chosen", ()), person=replace(scene.person, language=code))


def _named(languages: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(code, f"{name[:1].upper()}{name[1:]}") for code, name in languages]
