"""Which messages are kept for the staff to learn from: free text that was not understood, where nothing personal is asked."""

from __future__ import annotations

from typing import Final

from bot.dialogue.answers import held_down
from bot.dialogue.effects import KeepMiss
from bot.dialogue.scene import Move, Scene
from bot.domain.conversation import PlaceKind
from bot.domain.understanding import Alarm, Guess, Understood

# Elsewhere an answer is waited for: a poll, a meeting, a person, a facilitator's wizard, her own village.
_PLACES: Final = frozenset({PlaceKind.MENU, PlaceKind.LESSON, PlaceKind.QUIZ})
# What may be a danger or an incident is stored nowhere (design.md, section 5.6), nor is who wants to leave or be erased.
_NEVER: Final = frozenset({"ask_emergency", "unsafe_request", "report_incident", "opt_out", "delete_my_data"})


def miss(scene: Scene, move: Move, text: str, understood: Understood | None, alarm: Alarm) -> tuple[KeepMiss, ...]:
    """What to keep of a message, before its place is shown; nothing where it was understood or may not be kept."""
    if understood is None or alarm or understood.danger or understood.unsafe or not _missed(scene, move, understood):
        return ()
    guess = understood.ranking[0] if understood.ranking else Guess(understood.intent, understood.confidence)
    if _NEVER & {guess.intent, understood.intent, *understood.unsure} or held_down(text) or not _at_ease(scene):
        return ()
    return (KeepMiss(text, guess.intent, guess.confidence, scene.now.date()),)


def _missed(scene: Scene, move: Move, understood: Understood) -> bool:
    asked_back = bool(understood.unsure) and move.state.at.kind is PlaceKind.CLARIFY and bool(move.state.candidates)
    return asked_back or move.state.misses > scene.state.misses


def _at_ease(scene: Scene) -> bool:
    """Whether she has agreed, has not left, and is neither in the wake of a danger nor where an answer of hers is waited for."""
    if not scene.person.enrolled or scene.aftermath or scene.state.confirming or scene.around.opted_out():
        return False
    return scene.place.kind in _PLACES | {PlaceKind.CLARIFY} and scene.home().kind in _PLACES
