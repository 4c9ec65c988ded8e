"""A person: she is put in the queue, and may go on meanwhile."""

from __future__ import annotations

from bot.dialogue.effects import AskForHelp
from bot.dialogue.scene import Move, Scene, Skill
from bot.dialogue.skills import profiles
from bot.dialogue.words import tokens
from bot.domain.message import Reply


class Human(Skill):
    """Waiting for somebody of the team."""

    def arrive(self, scene: Scene) -> Move:
        """Put her in the queue and say so."""
        return Move(scene.state, (scene.ask("human.asked"),), (AskForHelp(scene.now),))

    def show(self, scene: Scene) -> Reply | None:
        """That somebody will call."""
        return scene.ask("human.waiting")

    def take(self, scene: Scene, option: str) -> Move:
        """Back to where she was; or to what the team is asked about often, another number or person."""
        return profiles.switch(scene) if option == "profile" else self.backward(scene)

    def read(self, scene: Scene, text: str) -> str | None:
        """A yes to going on meanwhile."""
        return "back" if scene.words.says(tokens(text), "yes") else None

    def forward(self, scene: Scene) -> Move | None:
        """Back to where she was."""
        return self.backward(scene)

    def backward(self, scene: Scene) -> Move:
        """Back to where she was."""
        return scene.go(scene.home())
