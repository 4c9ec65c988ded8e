"""The turn of a voice note that was understood, and what may be said in one now.

What was said is taken like a text, an offer like a button. Where that is in doubt, the turn is looked at before it counts: a
question is asked back instead of anything that would be written down.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.dialogue.acting import off_side
from bot.dialogue.answers import KEYS, means, pick
from bot.dialogue.effects import KeepMiss
from bot.dialogue.leaving import leaving
from bot.dialogue.scene import Move, Outcome, Scene
from bot.dialogue.showing import WELCOME, pending, puzzled, settled, voiced
from bot.dialogue.skills import clarify
from bot.dialogue.tongue import state_after
from bot.dialogue.turn import READ_CHARS, take_turn
from bot.domain.folding import clean
from bot.domain.listening import Heard, Offer, Unheard
from bot.domain.message import Choice, Inbound, InboundKind
from bot.domain.ports import Understander

_MEANINGS: Final = ("yes", "no")
_FEW: Final = 2


def offers(scene: Scene) -> tuple[Offer, ...]:
    """What a short note may say now: the pending choices by label, number, yes and no; and the reserved keys."""
    if scene.place == WELCOME and not scene.state.confirming:
        return ()
    choices = pending(scene)
    if not choices:
        return ()
    taken = {choice.key for choice in choices}
    keys = [Offer(key, scene.words.spoken[key]) for key in KEYS if key not in taken and key in scene.words.spoken]
    return (*(Offer(choice.id, _ways(scene, choice)) for choice in choices), *keys)


def _ways(scene: Scene, choice: Choice) -> tuple[str, ...]:
    """How a choice is said, written the way a recogniser writes: a capital and a full stop."""
    words = scene.words
    halves = [half.strip(" .¿?¡!") for half in choice.label.split("/")]
    meant = [way for meaning in _MEANINGS if means(choice, meaning, words) for way in words.spoken[meaning]]
    labels = [f"{half[0].upper()}{half[1:]}." for half in halves if half]
    return tuple(dict.fromkeys([*labels, *words.spoken.get(choice.key, ()), *meant]))


def take_note(inbound: Inbound, scene: Scene, understander: Understander) -> Outcome:
    """One turn of a voice note with what was `heard` in it; danger words and leaving come before any offer."""
    heard = inbound.heard
    if heard is None:
        return take_turn(inbound, scene, understander)
    outcome = _outcome(inbound, heard, scene, understander)
    if not heard.cut or outcome.ephemeral or scene.around.opted_out():
        return outcome
    cut = voiced(scene, (scene.reply("input.voice_cut", ()),))
    return replace(outcome, replies=cut + outcome.replies)


def _outcome(inbound: Inbound, heard: Heard, scene: Scene, understander: Understander) -> Outcome:
    text = clean(heard.text[: READ_CHARS * 2])[:READ_CHARS]
    answered = bool(heard.option) and heard.sure and not heard.clear
    if text and not answered and understander.alarm(text).danger:
        return take_turn(inbound, scene, understander)
    if heard.option and (answered or leaving(text, scene.words) is None):
        if heard.sure or heard.option in KEYS:
            return take_turn(replace(inbound, kind=InboundKind.BUTTON, text="", button=heard.option), scene, understander)
        return _asked(scene, _which(scene, heard))
    if not heard.clear or not text:
        unread = replace(inbound, kind=InboundKind.VOICE, text="", unheard=Unheard.UNREADABLE)
        return take_turn(unread, scene, understander)
    outcome = take_turn(inbound, scene, understander)
    return outcome if heard.sure else _doubted(scene, text, outcome)


def _doubted(scene: Scene, text: str, outcome: Outcome) -> Outcome:
    """The outcome where it changes nothing that matters, else a question."""
    understood = outcome.understood
    if outcome.ephemeral or scene.around.opted_out() or (scene.place == WELCOME and not _changes(scene, outcome)):
        return outcome
    guessed = understood is not None and not understood.unsure and scene.library.has(f"clarify.{understood.intent}")
    if understood is not None and guessed:
        asked = _asked(scene, clarify.did_you_mean(off_side(scene), (understood.intent,)))
        return replace(asked, understood=understood)
    if not _changes(scene, outcome):
        return replace(outcome, effects=())
    chosen = pick(text, pending(scene), scene.words)
    return _asked(scene, _which(scene, Heard(text, 0.0, chosen.id)) if chosen else puzzled(scene, "input.voice_again"))


def _changes(scene: Scene, outcome: Outcome) -> bool:
    """Whether anything would be written down about her."""
    unchanged = replace(outcome.person, last_seen_at=scene.person.last_seen_at) == scene.person
    return not unchanged or any(not isinstance(effect, KeepMiss) for effect in outcome.effects)


def _which(scene: Scene, heard: Heard) -> Move:
    """Ask which of the likely choices was said, by their own keys; all of them where only one is likely."""
    choices = pending(scene)
    likely = tuple(choice for choice in choices if choice.id in {heard.option, heard.rival})
    if not any(choice.id == heard.option for choice in choices):
        return puzzled(scene, "input.voice_again")
    variant = scene.state.variant + 1
    shown = likely if len(likely) >= _FEW else choices
    return Move(replace(scene.state, variant=variant), (scene.reply("input.voice_which", shown, variant=variant),))


def _asked(scene: Scene, move: Move) -> Outcome:
    """An outcome that asks, and writes nothing down."""
    move = settled(scene, move)
    return Outcome(
        state=state_after(scene.moved(move), move.replies),
        person=replace(scene.person, last_seen_at=scene.now),
        replies=voiced(scene.moved(move), move.replies),
    )
