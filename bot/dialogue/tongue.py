"""In which language a reply is heard: hers where a person says it, else Spanish, of which she is told once."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.dialogue.scene import Scene
from bot.domain.conversation import State
from bot.domain.message import ChannelName, Reply, Speech
from bot.domain.person import Mode

SPANISH: Final = "es"


def in_her_language(scene: Scene, replies: tuple[Reply, ...]) -> tuple[Reply, ...]:
    """The replies as she hears them. Of the first that nobody has recorded the voice says so; those after it are Spanish."""
    return _heard(scene, replies)[0]


def state_after(scene: Scene, replies: tuple[Reply, ...]) -> State:
    """Her state once she has heard them: whether she knows that what follows is in Spanish."""
    told = _heard(scene, replies)[1]
    return scene.state if told == scene.state.spanish else replace(scene.state, spanish=told)


def urgent(scene: Scene, reply: Reply) -> Reply:
    """What cannot wait for a notice: in her language where it is recorded, else in Spanish at once."""
    return replace(reply, speech=_recorded(scene, reply) or reply.speech)


def _heard(scene: Scene, replies: tuple[Reply, ...]) -> tuple[tuple[Reply, ...], bool]:
    told, said = scene.state.spanish, []
    if scene.person.language == SPANISH:
        return replies, False
    for reply in replies:
        if reply.speech is None:
            said.append(reply)
            continue
        recorded = _recorded(scene, reply)
        if recorded is None and not told:
            recorded = replace(reply.speech, language=scene.person.language)
            told = told or _listens(scene)
        elif recorded is not None and _listens(scene):
            told = False
        said.append(replace(reply, speech=recorded or reply.speech))
    return tuple(said), told


def _recorded(scene: Scene, reply: Reply) -> Speech | None:
    """It in her language, where a person says exactly that."""
    speech = reply.speech and replace(reply.speech, language=scene.person.language)
    return speech if speech and scene.person.language != SPANISH and scene.library.recorded(speech) else None


def _listens(scene: Scene) -> bool:
    """Whether a voice note goes with what she gets here."""
    channel = scene.around.channel
    return channel is ChannelName.CALL or (channel is not ChannelName.SMS and scene.person.mode is not Mode.READ)
