"""Leaving and coming back, being erased, and the yes that both may need."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.dialogue.effects import Erase, OptIn, OptOut
from bot.dialogue.scene import Move, Scene, Skill
from bot.domain.conversation import MENU, OPTED_OUT, Place, State
from bot.domain.message import Reply

ERASE: Final = "erase"
LEAVE: Final = "opt_out"

_QUESTIONS: Final = {ERASE: "optout.confirm_erase", LEAVE: "optout.confirm_leave"}


def leave(scene: Scene, *, silent: bool = False) -> Move:
    """Close the address; the place is kept for a return."""
    state = scene.settled(OPTED_OUT, bookmark=str(scene.home()))
    replies = () if silent else (scene.ask("optout.done", OPTED_OUT),)
    return Move(state, replies, (OptOut(scene.now),))


def come_back(scene: Scene, *, silent: bool = False) -> Move:
    """Open the address again and go on where she left."""
    if silent:
        return Move(scene.settled(scene.home()), (), (OptIn(),))
    return scene.go(scene.home(), scene.reply("optout.back"), effects=(OptIn(),))


def confirm(scene: Scene, what: str) -> Move:
    """Ask once before it is done."""
    variant = scene.state.variant + 1
    state = scene.settled(bookmark=scene.state.bookmark, confirming=what, variant=variant)
    return Move(state, (question(replace(scene, state=state)),))


def question(scene: Scene) -> Reply:
    """The question that waits for a yes."""
    what = scene.state.confirming
    return scene.ask(_QUESTIONS.get(what, _QUESTIONS[LEAVE]), what, variant=scene.state.variant)


def confirmed(scene: Scene, option: str) -> Move:
    """Do it, or leave everything as it is."""
    if option != "yes":
        return Move(scene.settled(bookmark=scene.state.bookmark), (scene.reply("optout.nothing_changed"),), show=True)
    if scene.state.confirming == ERASE:
        return Move(State(), (scene.reply("optout.erased"),), (Erase(),), ephemeral=True)
    return leave(scene)


class OptedOut(Skill):
    """Nothing is said here but the way back in."""

    def show(self, scene: Scene) -> Reply | None:
        """The way back in."""
        return scene.ask("optout.way_back", OPTED_OUT, variant=scene.state.variant)

    def take(self, scene: Scene, option: str) -> Move:
        """Come back."""
        del option
        return come_back(scene)

    def backward(self, scene: Scene) -> Move:
        """Stay out."""
        return Move(scene.state, show=True)


def shut(scene: Scene) -> Scene:
    """The scene of somebody whose address is closed, wherever her state was left by another address."""
    if scene.place == OPTED_OUT:
        return scene
    return replace(scene, state=scene.settled(OPTED_OUT, bookmark=str(scene.home())))


def reopened(scene: Scene) -> Scene:
    """The scene of somebody who closed another address: here she goes on where she was."""
    if scene.place != OPTED_OUT:
        return scene
    home = Place.parse(scene.state.bookmark) if scene.state.bookmark else MENU
    return replace(scene, state=scene.settled(home))
