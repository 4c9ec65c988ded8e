"""Somebody may be hurt, or asks for what hurts: answered before all else, and nothing of a danger is kept."""

from __future__ import annotations

from bot.dialogue.scene import Move, Scene
from bot.dialogue.skills import question
from bot.domain.message import Reply
from bot.domain.understanding import Danger, Unsafe


def crisis(scene: Scene, danger: Danger) -> Reply:
    """The number to call and the first thing to do. It offers no choices: a key still answers what was pending."""
    return scene.reply(f"crisis.{danger.value}", ())


def unsafe(scene: Scene, kind: Unsafe | None) -> Move:
    """Decline kindly, say the safer step, then the way back. The engine may know that it is unsafe and not how (None)."""
    return question.excursion(scene, f"unsafe.{kind.value}" if kind else "question.declined")
