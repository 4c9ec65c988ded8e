"""Asking back: "did you mean ...?", then the menu or a person. Never the same sentence twice running."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.dialogue.scene import Move, Scene, Skill
from bot.dialogue.words import tokens
from bot.domain.conversation import MENU, Place, PlaceKind
from bot.domain.message import Choice, Reply
from bot.domain.understanding import Understood

CLARIFY: Final = Place(PlaceKind.CLARIFY)
OTHER: Final = "other"
PATIENCE: Final = 2

SECOND: Final = "clarify.second"
"""What is kept aside while the second of two questions is offered."""

LEAVING: Final = "call.leaving"
"""What is kept aside while a caller is asked whether she wants no more calls, or all of hers deleted."""

_MOST_CANDIDATES: Final = 3


def did_you_mean(scene: Scene, intents: Sequence[str]) -> Move:
    """Offer what the engine wavers between. Intents that have no name for people are not offered."""
    named = tuple(i for i in intents if scene.library.has(f"clarify.{i}", scene.person.country))[:_MOST_CANDIDATES]
    if not named:
        return missed(scene, ())
    state = scene.settled(CLARIFY, bookmark=str(scene.home()), candidates=named, variant=scene.state.variant + 1)
    return Move(replace(state, misses=scene.state.misses), show=True)


def leaving(scene: Scene) -> Move:
    """Offer to leave or to be erased, to somebody who has no letters to write BAJA or BORRAR with."""
    state = scene.settled(CLARIFY, bookmark=str(scene.home()), candidates=("opt_out", "delete_my_data"), aside=LEAVING)
    return Move(state, show=True)


def missed(scene: Scene, choices: Sequence[Choice], understood: Understood | None = None) -> Move:
    """Not understood: say so in new words with the same choices; the second time offer the menu and a person."""
    misses, variant = scene.state.misses + 1, scene.state.variant + 1
    if misses < PATIENCE:
        off_topic = understood is not None and understood.intent == "out_of_scope"
        reply = scene.reply("answers.out_of_scope" if off_topic else "clarify.not_understood", choices, variant=variant)
        return Move(replace(scene.state, misses=misses, variant=variant), (reply,))
    bookmark = str(scene.home())
    return Move(scene.settled(CLARIFY, bookmark=bookmark, misses=misses, variant=variant), show=True)


class Clarify(Skill):
    """The question what she meant. Without candidates: the menu, a person, or back."""

    def show(self, scene: Scene) -> Reply | None:
        """What she may have meant, by number."""
        variant = scene.state.variant
        if not scene.state.candidates:
            return scene.ask("clarify.way_out", variant=variant)
        if scene.state.aside == LEAVING:
            return scene.ask(LEAVING)
        if scene.state.aside == SECOND:
            (asked,) = scene.state.candidates[:1]
            return scene.offer(SECOND, [(asked, scene.label(f"clarify.{asked}")), ("back", scene.label("clarify.no_more"))])
        options = [(intent, scene.label(f"clarify.{intent}")) for intent in scene.state.candidates]
        return scene.offer("clarify.did_you_mean", [*options, (OTHER, scene.label("clarify.other"))], variant=variant)

    def read(self, scene: Scene, text: str) -> str | None:
        """A yes to the only thing on offer; a no to all."""
        said, candidates = tokens(text), scene.state.candidates
        if candidates and scene.words.says(said, "no"):
            return "back" if scene.state.aside == SECOND else OTHER
        return candidates[0] if len(candidates) == 1 and scene.words.says(said, "yes") else None

    def take(self, scene: Scene, option: str) -> Move:
        """The way out that was chosen. An intent is dealt with by the turn, at the place she came from."""
        home = scene.home()
        match option:
            case "menu":
                return scene.go(MENU)
            case "human":
                return scene.excursion(Place(PlaceKind.HUMAN))
            case "other":
                at_home = replace(scene, state=replace(scene.state, place=str(home), candidates=(), misses=PATIENCE - 1))
                return missed(at_home, ())
            case _:
                return scene.go(home)

    def backward(self, scene: Scene) -> Move:
        """Back to where she was."""
        return scene.go(scene.home())

    def forward(self, scene: Scene) -> Move | None:
        """Back to where she was."""
        return scene.go(scene.home())
