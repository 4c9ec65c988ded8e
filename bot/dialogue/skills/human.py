"""A person: she is put in the queue, and may go on meanwhile; in a call she may leave a question by voice."""

from __future__ import annotations

from bot.dialogue.effects import AskForHelp
from bot.dialogue.scene import Move, Scene, Skill
from bot.dialogue.skills import profiles, voice_question
from bot.dialogue.words import tokens
from bot.domain.message import ChannelName, Reply


class Human(Skill):
    """Waiting for somebody of the team."""

    def arrive(self, scene: Scene) -> Move:
        """Put her in the queue and say so; or ask, in a call, about the question that she leaves."""
        if scene.place.parts:
            return super().arrive(scene)
        return Move(scene.state, (_offered(scene, "human.asked"),), (AskForHelp(scene.now),))

    def show(self, scene: Scene) -> Reply | None:
        """That somebody will call; or the step of her question."""
        return voice_question.show(scene) if scene.place.parts else _offered(scene, "human.waiting")

    def take(self, scene: Scene, option: str) -> Move:
        """Back to where she was; or to what the team is asked about often; or a question by voice."""
        if scene.place.parts:
            return voice_question.take(scene, option)
        if option == "question":
            return scene.go(voice_question.CONSENT, bookmark=str(scene.home()))
        return profiles.switch(scene) if option == "profile" else self.backward(scene)

    def read(self, scene: Scene, text: str) -> str | None:
        """A yes to going on meanwhile."""
        return "back" if not scene.place.parts and scene.words.says(tokens(text), "yes") else None

    def forward(self, scene: Scene) -> Move | None:
        """Back to where she was."""
        return self.backward(scene)

    def backward(self, scene: Scene) -> Move:
        """Back to where she was."""
        return scene.go(scene.home())


def _offered(scene: Scene, reply_id: str) -> Reply:
    """A sentence with its choices, and on a telephone one more."""
    if scene.around.channel is not ChannelName.CALL:
        return scene.ask(reply_id)
    options = [(choice.id, choice.label) for choice in scene.reply(reply_id).choices]
    return scene.offer(reply_id, [*options, ("question", scene.label("voice_question.offer"))])
