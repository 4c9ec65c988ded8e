"""Leaving and coming back, being erased, and the yes that both may need."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.dialogue.effects import Erase, OptIn, OptOut, ShutByCarrier
from bot.dialogue.scene import Move, Scene, Skill
from bot.dialogue.words import tokens
from bot.domain.conversation import MENU, OPTED_OUT, SMS_SHUT, Place, PlaceKind, State
from bot.domain.line import NOBODY
from bot.domain.message import ChannelName, Reply

ERASE: Final = "erase"
LEAVE: Final = "opt_out"

_FEW_WORDS: Final = 12

_QUESTIONS: Final = {ERASE: "optout.confirm_erase", LEAVE: "optout.confirm_leave"}


def leave(scene: Scene, *, silent: bool = False) -> Move:
    """Close the address; the place is kept for a return."""
    state = scene.settled(OPTED_OUT, bookmark=str(scene.home()))
    replies = () if silent else (scene.ask("optout.done", OPTED_OUT),)
    return Move(state, replies, (OptOut(scene.now),))


def come_back(scene: Scene, *, silent: bool = False, carrier: bool = False) -> Move:
    """Open the address again and go on where she left; with `carrier` she opened it there too."""
    if silent:
        return Move(scene.settled(scene.home()), (), (OptIn(carrier),))
    return scene.go(scene.home(), scene.reply("optout.back"), effects=(OptIn(carrier),))


def blocked(scene: Scene) -> Move:
    """The vendor says that she wants nothing more: of SMS her carrier, which tells her what opens it again only in English."""
    gone = leave(scene, silent=True)
    if scene.around.channel is not ChannelName.SMS:
        return gone
    return replace(gone, state=replace(gone.state, notice=SMS_SHUT), effects=(*gone.effects, ShutByCarrier(scene.now)))


def unblocked(scene: Scene) -> Move:
    """The vendor says that she wants messages again."""
    return come_back(scene, silent=True, carrier=scene.around.channel is ChannelName.SMS)


def told_elsewhere(scene: Scene, move: Move) -> Move:
    """With what she is to be told now that she is heard on another channel, once, before whatever is being asked."""
    here = scene.moved(move)
    silent = not move.replies or move.ephemeral or here.place == OPTED_OUT or here.person.id == NOBODY
    if not move.state.notice or silent or here.around.channel is ChannelName.SMS:
        return move
    told = replace(move, state=replace(move.state, notice=""))
    number = here.around.reopens_sms()
    if number is None:
        return told
    notice = here.reply(SMS_SHUT, (), number=number) if number else here.reply("optout.sms_shut_for_good", ())
    return replace(told, replies=(*move.replies[:-1], notice, move.replies[-1]))


def confirm(scene: Scene, what: str) -> Move:
    """Ask once before it is done."""
    variant = scene.state.variant + 1
    state = scene.settled(bookmark=scene.state.bookmark, confirming=what, variant=variant)
    if scene.place.kind is PlaceKind.CLARIFY:  # what she was asked back is settled by this
        state = scene.settled(scene.home(), confirming=what, variant=variant)
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


def regrets(scene: Scene, text: str) -> bool:
    """Whether she takes back, in more words than a no, what is about to be done: "no mentiras, no borre nada"."""
    said = tokens(text)
    return bool(scene.state.confirming) and len(said) <= _FEW_WORDS and scene.words.mentions(said, "regretting")


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
