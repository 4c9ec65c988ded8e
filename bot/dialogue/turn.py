"""One turn of the conversation, as a pure function: no database, no channel, no clock of its own.

The order of reading (design.md, section 5.1): danger words; leaving and being erased; the pending question's answers;
understanding.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.dialogue import threshold
from bot.dialogue.acting import act, not_understood, obey, off_side, press, take, tap, wish
from bot.dialogue.answers import MOST_CHARS, Command, asks, command, held_down, labelled, named, pick
from bot.dialogue.effects import Erase
from bot.dialogue.leaving import Leaving, leaving
from bot.dialogue.reader import Reader
from bot.dialogue.scene import Aftermath, Move, Outcome, Scene
from bot.dialogue.showing import (
    WELCOME,
    again,
    aside,
    at_full_speed,
    laughing,
    pending,
    puzzled,
    settled,
    unclear_number,
    voiced,
    was_away,
    welcome_back,
)
from bot.dialogue.skills import (
    SKILLS,
    about,
    clarify,
    codes,
    danger,
    facilitator,
    human,
    intents,
    meeting_questions,
    optout,
    pictures,
    profiles,
    small_talk,
    two_questions,
    voice_question,
)
from bot.dialogue.skills.onboarding import refused
from bot.dialogue.tongue import state_after
from bot.dialogue.unread import miss
from bot.dialogue.words import tokens
from bot.domain.conversation import MENU, PlaceKind
from bot.domain.folding import clean
from bot.domain.message import Choice, Inbound, InboundKind, Reply
from bot.domain.ports import Understander
from bot.domain.understanding import Danger, Understood, Unsafe

READ_CHARS: Final = 1000

_NOT_TEXT: Final = {
    InboundKind.VOICE: "",  # why it was not understood
    InboundKind.LOCATION: "input.location",
    InboundKind.MEDIA: "input.media",
}


def take_turn(inbound: Inbound, scene: Scene, understander: Understander) -> Outcome:
    """What to say, to write down and to remember after one inbound message."""
    turn = _Turn(inbound, understander)
    text = clean(inbound.text[: READ_CHARS * 2])[:READ_CHARS] if inbound.kind is InboundKind.TEXT else ""
    if text:
        turn.alarm = understander.alarm(text)
        if turn.alarm.danger:
            return turn.crisis(scene, turn.alarm.danger)
    said = danger.after(scene, scene.words.spelled(text), scene.aftermath) if text and scene.aftermath else None
    if said and scene.aftermath and not scene.aftermath.met:
        return turn.aside(scene, said, replace(scene.aftermath, met=True, said=said.id))
    move = again(scene) if said and not scene.around.opted_out() else turn.heard(scene, text)
    if turn.understood and turn.understood.danger:
        return turn.crisis(scene, turn.understood.danger)
    more = danger.still(scene, text, turn.understood, scene.aftermath) if scene.aftermath else None
    if more and scene.aftermath:
        return turn.aside(scene, more, replace(scene.aftermath, met=True, said=more.id))
    kept = miss(scene, move, text, turn.understood, turn.alarm) if text else ()
    move = optout.told_elsewhere(scene, settled(scene, move))
    person = move.person or scene.person
    return Outcome(
        state=state_after(scene.moved(move), move.replies),
        person=replace(person, last_seen_at=scene.now),
        replies=voiced(scene.moved(move), move.replies),
        effects=move.effects + kept,
        understood=turn.understood,
        ephemeral=move.ephemeral,
        aftermath=scene.aftermath if said else None,
    )


class _Turn(Reader):
    """One turn of somebody who is in, and the way in for all others."""

    def crisis(self, scene: Scene, kind: Danger) -> Outcome:
        """The crisis answer."""
        self.understood = Understood("", "ask_emergency", 1.0, self.understander.name, danger=kind)
        return self.aside(scene, danger.crisis(scene, kind), Aftermath(kind))

    def aside(self, scene: Scene, reply: Reply, aftermath: Aftermath) -> Outcome:
        """Something said that changes nothing and is not kept; somebody never seen before is forgotten again."""
        unknown = scene.person.last_seen_at is None and scene.place == WELCOME
        return Outcome(
            state=scene.state,
            person=scene.person,
            replies=(reply,),
            effects=(Erase(questions=False),) if unknown else (),
            understood=self.understood,
            ephemeral=True,
            aftermath=aftermath,
        )

    def heard(self, scene: Scene, text: str) -> Move:  # noqa: C901, PLR0911 - one return a kind of message
        """The message, whatever it is, after the danger words."""
        kind = self.inbound.kind
        if kind is InboundKind.BLOCKED:
            return optout.blocked(scene)
        if kind is InboundKind.UNBLOCKED:
            return optout.unblocked(scene)
        if scene.around.opted_out():
            return threshold.outside(self, optout.shut(scene), text)
        if profiles.unknown(scene):
            return threshold.at_the_door(self, scene, text)
        scene = optout.reopened(scene)
        if scene.place.kind not in SKILLS:  # a dialogue of a newer Batea
            scene = replace(scene, state=scene.settled(MENU))
        if kind is InboundKind.TEXT:
            return self._text(scene, text)
        if scene.place == WELCOME:
            return Move(scene.state, show=True)
        if self.inbound.begins:
            scene = voice_question.resumed(scene)
        if kind is InboundKind.RECORDED:
            return voice_question.recorded(scene, kept=self.inbound.kept) or again(scene)
        if kind is InboundKind.KEY:
            return press(scene, self.inbound.key, whole=self.inbound.spoken)
        if kind is InboundKind.BUTTON:
            return tap(scene, self.inbound.button)
        if kind in _NOT_TEXT:
            unread = _NOT_TEXT[kind] or f"input.{self.inbound.unheard}"
            return facilitator.recorded(scene, self.inbound) or puzzled(scene, unread)
        return welcome_back(scene) if was_away(scene) else again(scene)

    def _text(self, scene: Scene, text: str) -> Move:  # noqa: PLR0911 - one return a kind of words
        words = scene.words
        wanted = leaving(text, words)
        if work := facilitator.heard(scene, text, wanted):
            return work
        choices = pending(scene)
        if wanted is Leaving.OPT_OUT:
            return optout.confirm(scene, optout.LEAVE) if labelled(text, choices, words) else optout.leave(scene)
        if wanted is Leaving.ERASE:
            return optout.confirm(scene, optout.ERASE)
        said = words.spelled(text)
        if scene.place == WELCOME and not scene.state.confirming:
            return refused(scene) if words.says(tokens(said), "no") else threshold.first_contact(self, scene, text)
        if not tokens(said) and command(said, words) is None:
            return puzzled(scene, "input.emoji" if text else "input.empty")
        if codes.digits(said):
            return codes.tried(scene, codes.digits(said))
        return self._short(scene, said, choices) or self._asked(scene, text, wanted)

    def _short(self, scene: Scene, text: str, choices: tuple[Choice, ...]) -> Move | None:
        """A pending question's answer, or a word that works everywhere."""
        words = scene.words
        if held_down(text):
            return None
        asked = command(text, words)
        chosen = pick(text, aside(scene), words) or pick(text, choices, words)
        if asked is Command.PERSON and chosen is not labelled(text, choices, words):
            return obey(scene, asked)  # "persona" is a part of the words of many an option
        if chosen:
            return take(scene, chosen.id)
        option = self._read(scene, text)
        if option:
            return take(scene, option)
        if asked:
            return obey(scene, asked)
        return self._still_pending(scene, text) or unclear_number(scene, text, choices)

    def _read(self, scene: Scene, text: str) -> str | None:
        return None if scene.state.confirming or len(text) > MOST_CHARS else SKILLS[scene.place.kind].read(scene, text)

    def _still_pending(self, scene: Scene, text: str) -> Move | None:
        """While she is asked back, the question before may still be answered, by its own words."""
        if scene.place.kind is not PlaceKind.CLARIFY:
            return None
        before = off_side(scene)
        chosen = named(text, pending(before), scene.words)
        option = chosen.id if chosen else self._read(before, text)
        bare = any(scene.words.says(tokens(text), key) for key in ("yes", "no"))
        return take(before, option) if option and not bare else None

    def _asked(self, scene: Scene, text: str, wanted: Leaving | None) -> Move:  # noqa: PLR0911 - one return a kind of wish
        """Anything longer: a greeting, a question, a wish."""
        at_home = off_side(scene)
        silent = self.alarm.unsafe or scene.state.confirming
        if optout.regrets(scene, text):
            return optout.confirmed(scene, "no")
        wished = about.withdrawn(at_home, text) or (None if silent else wish(at_home, text))
        if wished:
            return wished
        met = None if held_down(text) else self._met(scene, text)
        met = met or (None if scene.state.confirming else about.asked(at_home, text))
        met = met or (None if silent else pictures.asked(at_home, text)) or meeting_questions.asked(scene, at_home, text)
        if met:
            return met
        if wanted is Leaving.OPT_IN:
            return welcome_back(scene) if was_away(scene) else intents.greet(at_home)
        if wanted is Leaving.DOUBTFUL:
            return optout.confirm(at_home, optout.LEAVE)
        if self.alarm.unsafe:
            self.understood = Understood("", "unsafe_request", 1.0, self.understander.name, unsafe=self.alarm.unsafe)
            return danger.unsafe(at_home, self.alarm.unsafe)
        return self._said(scene, text)

    def _said(self, scene: Scene, text: str) -> Move:
        """What a person of the team reads, where that was said; else what an engine makes of it."""
        if human.writes_to_team(scene):
            told = human.tell_team(scene, text, voice=self.inbound.heard is not None)
            intent = human.beside(scene, text, self.understander)
            answered = act(off_side(scene), intent) if intent else told
            return human.told_and_answered(scene, told, answered) if intent == human.ASKED_TOO else answered
        understood = self.understand(text)
        return self._wished(scene, text, understood) if understood else not_understood(scene, None)

    def _wished(self, scene: Scene, text: str, understood: Understood) -> Move:  # noqa: PLR0911 - one return a kind of wish
        """What an engine made of it."""
        at_home = off_side(scene)
        both = None if understood.unsafe or understood.danger else two_questions.answer(at_home, text, self.understander)
        if both:
            return both
        if understood.unsure:
            return clarify.did_you_mean(scene, understood.unsure)
        if understood.intent in intents.NOT_UNDERSTOOD:
            return act(scene, understood.intent, understood)
        if understood.intent in intents.COMING and asks(text, scene.words):
            return act(at_home, "ask_next_meeting", understood)
        if intents.rash(understood) and at_home.place.kind is not PlaceKind.MEETING:
            known = scene.words.mentions(tokens(text), "gathering")
            return act(at_home, understood.intent if known else "ask_next_meeting", understood)
        if understood.unsafe:
            return danger.unsafe(at_home, understood.unsafe)
        return act(at_home, understood.intent, understood)

    def _met(self, scene: Scene, text: str) -> Move | None:
        """A bare yes, no or "I do not know" where it answers nothing; and what only this place understands."""
        indiscreet = self.alarm.unsafe is Unsafe.PRIVACY and about.asks_who_sees(scene, text)
        if len(text) > MOST_CHARS or (self.alarm.unsafe and not indiscreet):
            return None
        said = scene.words.spelled(text)
        meant = next((key for key in small_talk.MEANINGS if scene.words.says(tokens(said), key)), None)
        met = small_talk.meet(scene, meant) if meant else None
        if scene.person.slow and scene.words.says(tokens(said), "faster"):
            return at_full_speed(scene)
        met = met or laughing(scene, text)
        return met or (None if scene.state.confirming else SKILLS[scene.place.kind].hear(scene, text))
