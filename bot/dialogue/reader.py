"""What reads one inbound message; what an engine made of it is kept for the receipt."""

from __future__ import annotations

from bot.dialogue.answers import pick
from bot.dialogue.scene import Scene
from bot.dialogue.showing import pending
from bot.domain.errors import UnderstandingError
from bot.domain.message import Choice, Inbound
from bot.domain.ports import Understander
from bot.domain.understanding import Alarm, Understood


class Reader:
    """One inbound message and the engine that understands it."""

    def __init__(self, inbound: Inbound, understander: Understander) -> None:
        self.inbound = inbound
        self.understander = understander
        self.alarm = Alarm()
        self.understood: Understood | None = None

    def understand(self, text: str) -> Understood | None:
        """What an engine makes of a text; None where it does not answer."""
        try:
            self.understood = self.understander.parse(text)
        except UnderstandingError:
            self.understood = None
        return self.understood

    def chosen(self, scene: Scene, text: str) -> Choice | None:
        """The pending choice that was written, pressed or tapped."""
        choices = pending(scene)
        if text:
            return pick(text, choices, scene.words)
        pressed = {self.inbound.key, self.inbound.button} - {""}
        return next((choice for choice in choices if choice.key in pressed or choice.id in pressed), None)
