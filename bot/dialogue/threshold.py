"""Those who are not in: who writes for the first time, on a shared phone before it is known who, or after leaving."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.dialogue.answers import labelled
from bot.dialogue.leaving import Leaving, leaving
from bot.dialogue.reader import Reader
from bot.dialogue.scene import Move, Scene
from bot.dialogue.showing import pending
from bot.dialogue.skills import SKILLS, danger, optout, profiles, question, two_questions
from bot.dialogue.words import tokens
from bot.domain.conversation import PlaceKind
from bot.domain.line import NOBODY
from bot.domain.understanding import Understood

_WISHES: Final = frozenset({"ask_next_meeting", "ask_poll", "start_module", "talk_to_human", "rsvp_yes", "rsvp_no"})
"""What is only for those who have agreed: she is told that it comes after a short question."""


def first_contact(reader: Reader, scene: Scene, text: str) -> Move:
    """Welcome her; a question is answered at once, before the first one of ours."""
    welcome = SKILLS[PlaceKind.ONBOARDING].arrive(scene)
    understood = reader.understand(text) if tokens(text) else None
    wished = None if reader.alarm.unsafe else profiles.wished(scene, text)
    if wished:
        return wished if wished.person else replace(wished, replies=(scene.reply("onboarding.welcome"), *wished.replies))
    if reader.alarm.unsafe:
        answer = danger.unsafe(scene, reader.alarm.unsafe)
    elif asked := _informational(reader, scene, text, understood):
        answer = question.answer(scene, asked)
    elif understood and not understood.unsure and understood.intent in _WISHES:
        answer = Move(scene.state, (scene.reply("onboarding.first", ()),))
    else:
        return welcome
    urgent = understood is not None and understood.intent == "ask_emergency"
    replies = answer.replies + welcome.replies if urgent else welcome.replies + answer.replies
    return replace(welcome, replies=replies)


def _informational(reader: Reader, scene: Scene, text: str, understood: Understood | None) -> str | None:
    """What she asks that anybody may know; of two questions in one message the first such."""
    if understood is None or understood.danger or understood.unsafe:
        return None
    if understood.intent in question.INFORMATIONAL:
        return None if understood.unsure else understood.intent
    asked = next(iter(two_questions.plain(scene, text, reader.understander)), None)
    return asked if asked in question.INFORMATIONAL else None


def at_the_door(reader: Reader, scene: Scene, text: str) -> Move:
    """It is not known who writes: an answer to that, leaving, or a question that is nobody's own; then it is asked again."""
    words = scene.words
    wanted = leaving(text, words) if text else None
    if wanted is Leaving.OPT_OUT and not labelled(text, pending(scene), words):
        return optout.leave(scene)
    if wanted is Leaving.ERASE:
        return profiles.unanswered(scene, scene.reply("profile.first", ()))
    said = words.spelled(text)
    chosen = reader.chosen(scene, said) if profiles.pending_answer(scene) or reader.inbound.button else None
    option = chosen.id.rpartition(":")[2] if chosen else SKILLS[scene.place.kind].read(scene, said) if said else None
    if option:
        return SKILLS[scene.place.kind].take(scene, option)
    if reader.alarm.unsafe:
        return profiles.unanswered(scene, *danger.unsafe(scene, reader.alarm.unsafe).replies)
    understood = reader.understand(text) if len(tokens(text)) > 1 else None
    if understood and not understood.unsure and understood.intent in question.INFORMATIONAL:
        return profiles.unanswered(scene, *question.answer(scene, understood.intent).replies)
    return profiles.unanswered(scene)


def outside(reader: Reader, scene: Scene, text: str) -> Move:
    """To somebody who opted out nothing is said but the way back in; and she may still be erased."""
    wanted = leaving(text, scene.words) if text else None
    shut = scene.around.shut_by_carrier()
    if shut and scene.words.says(tokens(text), "reopening"):
        return optout.come_back(scene, carrier=True)
    if wanted is Leaving.OPT_IN and not shut:
        return optout.come_back(scene)
    if wanted is Leaving.ERASE and scene.person.id != NOBODY:
        return optout.confirm(scene, optout.ERASE)
    chosen = reader.chosen(scene, text)
    if chosen and (scene.state.confirming or not shut):
        return optout.confirmed(scene, chosen.id.rpartition(":")[2]) if scene.state.confirming else optout.come_back(scene)
    understood = reader.understand(text) if tokens(text) and not wanted and not shut else None
    if understood and understood.intent == "opt_in" and not understood.unsure:
        return optout.come_back(scene)
    return Move(scene.settled(bookmark=scene.state.bookmark, variant=scene.state.variant + 1), show=True)
