"""Somebody may be hurt, or asks for what hurts: answered before all else, and nothing of a danger is kept."""

from __future__ import annotations

from typing import Final

from bot.dialogue.answers import asks, held_down
from bot.dialogue.scene import Aftermath, Move, Scene
from bot.dialogue.skills import question
from bot.dialogue.tongue import urgent
from bot.dialogue.words import tokens
from bot.domain.message import Reply
from bot.domain.understanding import Danger, Understood, Unsafe

_VAGUE: Final = frozenset({"out_of_scope", "affirm", "deny", "help", "next", "thanks", "goodbye", "ask_emergency"})
_CLEAR: Final = 0.6
_OWN_ADVICE: Final = frozenset({Danger.VIOLENCE, Danger.THREAT})


def crisis(scene: Scene, danger: Danger) -> Reply:
    """The number to call and the first thing to do. It offers no choices: a key still answers what was pending."""
    return urgent(scene, scene.reply(f"crisis.{danger.value}", ()))


def after(scene: Scene, said: str, aftermath: Aftermath) -> Reply | None:
    """What a bare yes, no or "I do not know" means right after the crisis answer; None for anything else.

    It must never be taken for an answer to what was pending before, be it the consent, a poll or a meeting.
    """
    words = tokens(said)
    meant = next((key for key in ("no", "unsure", "yes") if scene.words.says(words, key)), None)
    if meant is None or held_down(said):
        return None
    if aftermath.kind is not Danger.VIOLENCE:
        return urgent(scene, scene.reply("crisis.after", ()))
    return urgent(scene, scene.reply("crisis.safe" if meant == "yes" else "crisis.not_safe", ()))


def still(scene: Scene, text: str, understood: Understood | None, aftermath: Aftermath) -> Reply | None:
    """What is said to whoever still speaks of a danger just told of: "what do I do", "we got him out"; None for anything else.

    Right after it, what no engine is sure of is about that, and not about lessons.
    """
    if understood is None or understood.unsafe:
        return None
    vague = understood.intent in _VAGUE or bool(understood.unsure) or understood.confidence < _CLEAR
    if not vague:
        return None
    if understood.intent != "help" and not asks(text, scene.words):
        return None if aftermath.met else urgent(scene, scene.reply("crisis.after", ()))
    kind = aftermath.kind.value if aftermath.kind in _OWN_ADVICE else "hurt"
    advice = f"crisis.what_now_{kind}"
    return urgent(scene, scene.reply(advice, ())) if aftermath.said != advice else crisis(scene, aftermath.kind)


def unsafe(scene: Scene, kind: Unsafe | None) -> Move:
    """Decline kindly, say the safer step, then the way back. The engine may know that it is unsafe and not how (None)."""
    return question.excursion(scene, f"unsafe.{kind.value}" if kind else "question.declined")
