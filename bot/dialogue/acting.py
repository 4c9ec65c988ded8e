"""Acting on what was read: a choice, a reserved key, an intent, a button."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.dialogue.answers import KEYS, LEAVING_KEY, Command, asks, means
from bot.dialogue.scene import Move, Scene
from bot.dialogue.showing import again, aside, nothing_follows, pending, puzzled, simpler, was_away, welcome_back
from bot.dialogue.skills import (
    SKILLS,
    clarify,
    codes,
    course,
    intents,
    meeting,
    optout,
    poll,
    practice,
    profiles,
    rhythm,
    small_talk,
    topics,
)
from bot.dialogue.skills.onboarding import step
from bot.dialogue.words import tokens
from bot.domain.conversation import MENU, Place, PlaceKind
from bot.domain.message import ChannelName
from bot.domain.understanding import Understood

_ASKED_HERE: Final = {"ask_poll": PlaceKind.POLL, "ask_next_meeting": PlaceKind.MEETING}
"""Asked for where she stands at it: she gets it in simpler words."""
_SURE: Final = 0.8
_FEW_WORDS: Final = 6


def take(scene: Scene, choice_id: str) -> Move:
    """One of the pending choices, by its id."""
    option = choice_id.rpartition(":")[2]
    if scene.state.confirming:
        return optout.confirmed(scene, option)
    if option.startswith(topics.MORE):
        return topics.enter(scene, option)
    if scene.place.kind is PlaceKind.LESSON and option == "next":
        return obey(scene, Command.NEXT)
    if scene.place.kind is PlaceKind.CLARIFY and option in scene.state.candidates:
        at_home = replace(scene, state=scene.settled(scene.home()))
        return act(at_home, option)
    return SKILLS[scene.place.kind].take(scene, option)


def obey(scene: Scene, asked: Command) -> Move:  # noqa: PLR0911 - one return a key
    """What a reserved key does."""
    on_the_side = bool(scene.state.aside or scene.state.confirming) and scene.place.kind is not PlaceKind.CLARIFY
    skill = SKILLS[scene.place.kind]
    match asked:
        case Command.MENU:
            return scene.varied().go(MENU)
        case Command.PERSON if scene.place.kind is PlaceKind.HUMAN:
            return again(scene)
        case Command.PERSON:
            return scene.excursion(Place(PlaceKind.HUMAN))
        case Command.REPEAT:
            return again(scene)
        case Command.SIMPLER:
            return simpler(scene)
        case Command.NEXT if was_away(scene):
            return welcome_back(scene)
        case _ if on_the_side:
            return Move(scene.settled(bookmark=scene.state.bookmark), show=True)
        case Command.NEXT:
            return skill.forward(scene) or nothing_follows(scene)
        case _:
            return skill.backward(scene)


def act(scene: Scene, intent: str, understood: Understood | None = None) -> Move:  # noqa: PLR0911 - one return a kind of wish
    """Where an intent leads."""
    if intent in intents.COMMANDS:
        return obey(scene, intents.COMMANDS[intent])
    if understood and intent in small_talk.INTENTS and asks(understood.text, scene.words):
        return not_understood(scene, understood)
    agreed = _agreed(scene, intent, understood) if understood else None
    if agreed:
        return take(scene, agreed)
    if intent == "affirm" and scene.place.kind is PlaceKind.LESSON:
        return obey(scene, Command.NEXT)
    if scene.place.kind is _ASKED_HERE.get(intent) and _is_asked(scene.place):
        return again(replace(scene, simpler=True))
    met = small_talk.meet(scene, small_talk.INTENTS[intent]) if intent in small_talk.INTENTS else None
    if met:
        return met
    if intent == "greet" and was_away(scene):
        return welcome_back(scene)
    named = topics.named(scene, understood.text) if understood and intent == "start_module" else None
    if named:
        return scene.go(named)
    if intent == "start_module" and understood and topics.pointed_at(scene, understood.text):
        return topics.enter(scene, topics.MORE + scene.state.aside)
    handler = intents.INTENTS.get(intent)
    return handler(scene) if handler else not_understood(scene, understood)


def _agreed(scene: Scene, intent: str, understood: Understood) -> str | None:
    """The yes or the no of the pending question that an engine is sure to read in a few words.

    A permission, and what cannot be undone, take a yes only in words of ours.
    """
    meaning = small_talk.INTENTS.get(intent)
    few = len(tokens(understood.text)) <= _FEW_WORDS
    if meaning is None or understood.confidence < _SURE or not few or asks(understood.text, scene.words):
        return None
    if meaning == "yes" and (scene.state.confirming or scene.place == step("consent")):
        return None
    meant = [choice.id for choice in pending(scene) if means(choice, meaning, scene.words)]
    return meant[0] if len(meant) == 1 else None


def _is_asked(place: Place) -> bool:
    """Whether the question of a poll is asked there, or whether she comes to a meeting, and nothing else."""
    return not poll.personal(place) if place.kind is PlaceKind.POLL else len(place.parts) == 1


def not_understood(scene: Scene, understood: Understood | None) -> Move:
    """Say so, in new words each time; somebody who was away is welcomed back instead."""
    return welcome_back(scene) if was_away(scene) else clarify.missed(scene, pending(scene), understood)


def press(scene: Scene, key: str, *, whole: bool = False) -> Move:
    """A key: a digit of a code, a pending choice, or what it means everywhere. `whole`: these keys are the whole answer."""
    if codes.takes_digits(scene, key):
        return codes.press(scene, key)
    own = None if scene.state.confirming else SKILLS[scene.place.kind].press(scene, key, whole=whole)
    if own:
        return own
    chosen = next((choice for choice in (*aside(scene), *pending(scene)) if choice.key == key), None)
    if chosen:
        return take(scene, chosen.id)
    if key == LEAVING_KEY and scene.around.channel is ChannelName.CALL:
        return clarify.leaving(scene)
    return obey(scene, KEYS[key]) if key in KEYS else puzzled(scene, "input.unknown_key")


def tap(scene: Scene, button: str) -> Move:  # noqa: PLR0911 - one return a kind of button
    """A button of the pending question; of a poll or meeting that still runs; or an old one, which changes nothing."""
    chosen = next((choice for choice in (*aside(scene), *pending(scene)) if choice.id == button), None)
    if chosen:
        return take(scene, chosen.id)
    if button in KEYS or button.isdecimal():
        return press(scene, button)
    where, _, option = button.rpartition(":")
    place = Place.parse(where)
    if str(place) != where:
        return puzzled(scene, "input.unknown_button")
    if place == MENU:
        return SKILLS[PlaceKind.MENU].take(replace(scene, state=scene.settled(MENU)), option)
    if place.kind is PlaceKind.PRACTICE and scene.person.enrolled and practice.waits(scene, place):
        return SKILLS[place.kind].take(replace(scene, state=scene.settled(place, bookmark=scene.state.bookmark)), option)
    if place.kind in {PlaceKind.POLL, PlaceKind.MEETING} and scene.person.enrolled and not poll.personal(place):
        learning = scene.place.kind in {PlaceKind.LESSON, PlaceKind.QUIZ}
        there = replace(scene, state=scene.settled(place, bookmark=str(scene.place) if learning else scene.state.bookmark))
        shown = SKILLS[place.kind].show(there) if place.parts else None
        if shown and button in {choice.id for choice in shown.choices}:
            done = SKILLS[place.kind].take(there, option)
            if done.state.at.kind is PlaceKind.POLL or meeting.goes_on(done):
                return done  # there is more to ask
            return replace(done, state=scene.settled(), show=scene.place.kind is not PlaceKind.MENU)
        if place.kind is PlaceKind.POLL and shown is None:
            return poll.too_late(scene, place)
    return Move(scene.settled(bookmark=scene.state.bookmark), (scene.reply("input.old_button", ()),), show=True)


def wish(scene: Scene, text: str) -> Move | None:
    """What is wished for in words that need no engine: lessons at an hour, letters instead of voice, what is about who it is."""
    wished = rhythm.asked(scene, text) or intents.read(scene, text) or profiles.wished(scene, text)
    return wished or course.taken_up(scene, text) or poll.changed(scene, text)


def off_side(scene: Scene) -> Scene:
    """The scene for a new wish: one that comes while she is asked back, or waits for a person, belongs where she was before."""
    if scene.place.kind in {PlaceKind.CLARIFY, PlaceKind.HUMAN, PlaceKind.PROFILE}:
        return replace(scene, state=scene.settled(scene.home()))
    return scene
