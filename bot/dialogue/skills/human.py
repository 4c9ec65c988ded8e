"""A person: she is put in the queue, and may go on meanwhile; in a call she may leave a question by voice.

What she writes while she waits is read by a person, and she is told so: it is kept for the team. An engine sees of it only what
may be a thank you, a goodbye, or the question when people meet.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from bot.dialogue.help_effects import AskForHelp, TellTeam
from bot.dialogue.scene import Move, Scene, Skill
from bot.dialogue.skills import profiles, voice_question
from bot.dialogue.words import tokens
from bot.domain.conversation import PlaceKind
from bot.domain.errors import UnderstandingError
from bot.domain.message import ChannelName, Reply
from bot.domain.ports import Understander

ASKED_TOO: Final = "ask_next_meeting"
"""What is kept for the team and answered as well: an answer by tomorrow may be too late."""

_PARTING: Final = frozenset({"thanks", "goodbye"})
_FEW_WORDS: Final = 6
_SURE: Final = 0.9


class Human(Skill):
    """Waiting for somebody of the team."""

    def arrive(self, scene: Scene) -> Move:
        """Put her in the queue and say so; or ask, in a call, about the question that she leaves."""
        if scene.place.parts:
            return super().arrive(scene)
        return Move(scene.state, (_promise(scene, "asked"),), (AskForHelp(scene.now),))

    def show(self, scene: Scene) -> Reply | None:
        """That somebody will call; or the step of her question."""
        return voice_question.show(scene) if scene.place.parts else _promise(scene, "waiting")

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


def writes_to_team(scene: Scene) -> bool:
    """Whether what she writes now is for a person of the team: she stands where she was told so."""
    return scene.place.kind is PlaceKind.HUMAN and not scene.place.parts and not scene.state.confirming and scene.person.enrolled


def tell_team(scene: Scene, text: str, *, voice: bool) -> Move:
    """Keep what she wrote for the team, and say so."""
    scene = scene.varied()
    reply = scene.ask("human.kept", variant=scene.state.variant)
    return scene.stay(reply, effects=(TellTeam(text, voice, scene.now),), bookmark=scene.state.bookmark)


def beside(scene: Scene, text: str, understander: Understander) -> str:
    """The intent of what is no message to the team, or is one that we can answer as well; '' for anything else."""
    said = tokens(text)
    parting = len(said) <= _FEW_WORDS
    if not parting and not scene.words.mentions(said, "gathering"):
        return ""
    try:
        understood = understander.parse(text)
    except UnderstandingError:
        return ""
    wanted = {ASKED_TOO, *_PARTING} if parting else {ASKED_TOO}
    return understood.intent if understood.intent in wanted and understood.confidence >= _SURE else ""


def told_and_answered(scene: Scene, told: Move, answered: Move) -> Move:
    """That it is kept for the team, and the answer."""
    kept = scene.varied().reply("human.kept", (), variant=scene.state.variant + 1)
    return replace(answered, replies=(kept, *answered.replies), effects=told.effects + answered.effects)


def _promise(scene: Scene, usual: str) -> Reply:
    """What may honestly be promised: that somebody is there, or when somebody will be; without a roster nothing."""
    duty = scene.around.duty(scene.person.community_id)
    if not duty.now and duty.next_at is not None:
        return _offered(scene, "human.away", when=duty.next_at)
    return _offered(scene, "human.on_duty" if duty.now and usual == "asked" else f"human.{usual}")


def _offered(scene: Scene, reply_id: str, **params: Any) -> Reply:
    """A sentence with its choices, and on a telephone one more."""
    if scene.around.channel is not ChannelName.CALL:
        return scene.ask(reply_id, **params)
    options = [(choice.id, choice.label) for choice in scene.reply(reply_id, **params).choices]
    return scene.offer(reply_id, [*options, ("question", scene.label("voice_question.offer"))], **params)
