"""Showing where a person stands: the pending choices, the same once more, the place that a move leads to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.dialogue.answers import either, several
from bot.dialogue.scene import Move, Scene
from bot.dialogue.skills import SKILLS, optout, poll, question, small_talk, topics, voice_question
from bot.dialogue.skills.lesson import END
from bot.dialogue.skills.onboarding import pending_step, step
from bot.dialogue.tongue import in_her_language
from bot.dialogue.words import tokens
from bot.domain.conversation import Place, PlaceKind
from bot.domain.message import ChannelName, Choice, Reply
from bot.domain.person import Mode
from bot.domain.recording import TAKE
from bot.domain.study import came_by_itself

WELCOME: Final = step("welcome")
LONG_AWAY: Final = timedelta(days=1)

_MOST_HOPS: Final = 8
_ALWAYS_OPEN: Final = frozenset({PlaceKind.ONBOARDING, PlaceKind.OPTED_OUT, PlaceKind.CLARIFY, PlaceKind.PROFILE})


def pending(scene: Scene) -> tuple[Choice, ...]:
    """The choices of what is being asked now; none at a place that no longer exists."""
    if scene.state.confirming:
        return optout.question(scene).choices
    shown = SKILLS[scene.place.kind].show(scene)
    return shown.choices if shown else ()


def aside(scene: Scene) -> tuple[Choice, ...]:
    """What the answer that was said last offers beside the way back: it comes before what is asked at the place."""
    return () if scene.state.confirming else topics.offered(scene, scene.state.aside)


def again(scene: Scene) -> Move:
    """The same once more, in simpler words where the scene asks for them."""
    if scene.state.confirming:
        return Move(scene.state, (optout.question(scene),))
    if scene.state.aside and scene.place.kind is not PlaceKind.CLARIFY:
        return Move(scene.state, (question.show(scene, scene.state.aside),))
    shown = SKILLS[scene.place.kind].show(scene) if scene.place != WELCOME else None
    asked_back = scene.state.aside if scene.place.kind is PlaceKind.CLARIFY else ""
    state = scene.settled(bookmark=scene.state.bookmark, candidates=scene.state.candidates, aside=asked_back)
    return Move(state, (shown,)) if shown else Move(state, show=True)


def simpler(scene: Scene) -> Move:
    """The same in simpler words; asked for twice running, by voice, also slowly from then on."""
    easy = again(replace(scene, simpler=True))
    channel = scene.around.channel
    heard = channel is ChannelName.CALL or (channel is not ChannelName.SMS and scene.person.mode is not Mode.READ)
    if scene.state.slower and heard and scene.person.enrolled and not scene.person.slow:
        slow = again(replace(scene, simpler=True, person=replace(scene.person, slow=True)))
        replies = (scene.reply("menu.slowly", ()), *slow.replies)
        return replace(slow, replies=replies, person=replace(scene.person, slow=True), state=replace(slow.state, slower=False))
    if scene.state.slower or [reply.text for reply in easy.replies] == [reply.text for reply in again(scene).replies]:
        variant = scene.state.variant + 1
        sorry = scene.reply("clarify.no_simpler", (), variant=variant)
        easy = replace(easy, replies=(sorry, *easy.replies), state=replace(easy.state, variant=variant))
    return replace(easy, state=replace(easy.state, slower=True))


def nothing_follows(scene: Scene) -> Move:
    """She wants to go on where she is asked something, or nothing is begun: a kind word, and the same choices."""
    if scene.place.kind is PlaceKind.MENU:
        return small_talk.at_menu(scene, "yes")
    if scene.place.kind is PlaceKind.ONBOARDING and pending(scene):
        return puzzled(scene, "input.answer_first")
    return again(scene)


def at_full_speed(scene: Scene) -> Move:
    """She wants no slow voice any more."""
    brisk = replace(scene, person=replace(scene.person, slow=False))
    same = again(brisk)
    return replace(same, replies=(brisk.reply("menu.at_full_speed", ()), *same.replies), person=brisk.person)


def puzzled(scene: Scene, reply_id: str) -> Move:
    """A short kind word about what cannot be read, with the way on."""
    if scene.place == WELCOME and not scene.state.confirming:
        return Move(scene.state, show=True)
    variant = scene.state.variant + 1
    choices = pending(scene)
    if reply_id == "input.unknown_key" and len(choices) == 1:
        reply_id = "input.unknown_key_one"
    return Move(replace(scene.state, variant=variant), (scene.reply(reply_id, choices, variant=variant),))


def unclear_number(scene: Scene, text: str, choices: tuple[Choice, ...]) -> Move | None:
    """A number that is no option, more than one, or one that is also the word of another option."""
    doubtful = either(text, choices, scene.words)
    if doubtful:
        return Move(scene.state, (scene.reply("input.number_or_word", doubtful),))
    polled = poll.more_than_one(scene, text, choices)
    if polled:
        return polled
    if several(text, choices, scene.words):
        return puzzled(scene, "input.one_only")
    return puzzled(scene, "input.unknown_key") if all(word.isdecimal() for word in tokens(text)) else None


def laughing(scene: Scene, text: str) -> Move | None:
    """A kind word for laughter, with what is being asked; None for anything else."""
    if not small_talk.laughed(text) or scene.place == WELCOME:
        return None
    here = scene.varied()
    said = here.reply("menu.laughing", pending(here), variant=here.state.variant)
    return Move(replace(scene.state, variant=here.state.variant, misses=0), (said,))


def was_away(scene: Scene) -> bool:
    """Whether she comes back into a lesson after more than a day."""
    seen = scene.person.last_seen_at
    learning = scene.place.kind in {PlaceKind.LESSON, PlaceKind.QUIZ} and scene.place.parts[2:] != (END,)
    if came_by_itself(scene.place):
        return False  # she is answered, whenever she answers
    return learning and seen is not None and scene.now - seen > LONG_AWAY


def welcome_back(scene: Scene) -> Move:
    """A short welcome, and the step she had stopped at."""
    return Move(scene.settled(), (scene.reply("lesson.welcome_back", ()),), show=True)


def settled(scene: Scene, move: Move) -> Move:
    """The move, with the place it leads to shown."""
    for _ in range(_MOST_HOPS):
        if not move.show:
            return move
        here = scene.moved(move)
        if here.place == Place(PlaceKind.HUMAN) and here.around.records_voice and not here.person.enrolled:
            # Nobody of the team can look for her, but a question of hers needs no more than its own consent.
            step_on = here.go(voice_question.CONSENT, here.reply("human.not_yet", ()), bookmark=here.state.bookmark)
        elif not _open(here) and not here.person.enrolled:
            first = "human.not_yet" if here.place.kind is PlaceKind.HUMAN else "onboarding.first"
            here = here.varied()
            step_on = here.go(pending_step(here.person) or WELCOME, here.reply(first, (), variant=here.state.variant))
            move = replace(move, replies=())
        else:
            step_on = SKILLS[here.place.kind].arrive(here)
        move = replace(
            step_on,
            replies=move.replies + step_on.replies,
            effects=move.effects + step_on.effects,
            person=step_on.person or move.person,
            ephemeral=move.ephemeral or step_on.ephemeral,
        )
    return replace(move, show=False)


def _open(scene: Scene) -> bool:
    """Whether somebody may be there who has not agreed to anything."""
    asking = scene.place.kind is PlaceKind.HUMAN and bool(scene.place.parts) and scene.around.records_voice
    return asking or scene.place.kind in _ALWAYS_OPEN


def voiced(scene: Scene, replies: tuple[Reply, ...]) -> tuple[Reply, ...]:
    """In her language, and with the voice note only on demand for those who prefer to read; a call is always spoken."""
    replies = in_her_language(scene, replies)
    if scene.person.mode is Mode.READ and scene.around.channel is not ChannelName.CALL:
        return tuple(replace(reply, voice_note=_her_own(reply)) for reply in replies)
    return replies


def _her_own(reply: Reply) -> bool:
    """Whether it is what she herself has just recorded, which she is to hear."""
    return reply.speech is not None and reply.speech.key.startswith(TAKE)
