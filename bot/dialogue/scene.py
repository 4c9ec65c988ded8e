"""What one turn sees, and what comes out of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from bot.dialogue.effects import Effect
from bot.dialogue.surroundings import Surroundings
from bot.dialogue.words import Words
from bot.domain.conversation import MENU, OPTED_OUT, Place, PlaceKind, State
from bot.domain.learning import Wording
from bot.domain.line import NOBODY
from bot.domain.message import ChannelName, Choice, Reply
from bot.domain.person import Person
from bot.domain.ports import Library
from bot.domain.study import PRACTICE
from bot.domain.understanding import Danger, Understood

MAX_CHOICES: Final = 5

_PARTS_SHOWN: Final = {PlaceKind.POLL: 2, PlaceKind.MEETING: 1, PlaceKind.LESSON: 3, PlaceKind.QUIZ: 3}
_EXCURSIONS: Final = frozenset({PlaceKind.CLARIFY, PlaceKind.HUMAN, PlaceKind.OPTED_OUT, PlaceKind.PROFILE})


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What was answered to a danger just before. It lives in memory only, for nothing of a danger is stored.

    `met`: a bare yes or no after it was met already, so that the next one is not met the same way; `said`: the sentence that
    was said last about it.
    """

    kind: Danger
    met: bool = False
    said: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """Where a skill sends the conversation. With `show`, the place of `state` is still to be shown, after `replies`."""

    state: State
    replies: tuple[Reply, ...] = ()
    effects: tuple[Effect, ...] = ()
    person: Person | None = None
    show: bool = False
    ephemeral: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a turn came to. An ephemeral outcome leaves nothing behind but its effects."""

    state: State
    person: Person
    replies: tuple[Reply, ...] = ()
    effects: tuple[Effect, ...] = ()
    understood: Understood | None = None
    ephemeral: bool = False
    aftermath: Aftermath | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """The person, where she stands, and everything a skill needs to answer her."""

    person: Person
    state: State
    around: Surroundings
    library: Library
    words: Words
    now: datetime
    simpler: bool = False
    aftermath: Aftermath | None = None

    @property
    def place(self) -> Place:
        """Where she stands."""
        return self.state.at

    def reply(self, reply_id: str, choices: Sequence[Choice] | None = None, *, variant: int = 0, **params: Any) -> Reply:
        """A sentence of the catalogue; the simpler one where it is asked for, and a call's own, where there is one."""
        country = self.person.country
        if self.simpler and self.library.has(f"{reply_id}_simpler", country):
            reply_id += "_simpler"
        slow = self.simpler or self.person.slow
        own = f"{reply_id}_call" if self.around.channel is ChannelName.CALL else reply_id
        if own == reply_id or not self.library.has(own, country):
            return self.library.reply(reply_id, country, variant=variant, slow=slow, choices=choices, **params)
        heard = self.library.reply(own, country, variant=variant, slow=slow, choices=choices, **params)
        return replace(heard, id=reply_id)

    def ask(self, reply_id: str, prefix: object = "", *, variant: int = 0, **params: Any) -> Reply:
        """A sentence with the choices of its file, whose ids are put behind the place that asks: `onboarding:age:yes`."""
        reply = self.reply(reply_id, variant=variant, **params)
        where = str(prefix or self.place)
        return replace(reply, choices=tuple(replace(choice, id=f"{where}:{choice.id}") for choice in reply.choices))

    def offer(
        self, reply_id: str, options: Sequence[tuple[str, str]], *, prefix: object = "", variant: int = 0, **params: Any
    ) -> Reply:
        """A sentence with choices only known now: (option, label) pairs."""
        return self.reply(reply_id, numbered(str(prefix or self.place), options), variant=variant, **params)

    def say(
        self,
        say_id: str,
        wording: Wording,
        simpler: Wording | None = None,
        choices: Sequence[Choice] = (),
        image: str | None = None,
    ) -> Reply:
        """A wording of a lesson, quiz or poll, or the simpler one where the scene asks for it. The id is the library's own."""
        if self.simpler and simpler is not None:
            say_id, wording = f"{say_id}/simpler", simpler
        slow = self.simpler or self.person.slow
        return self.library.say(say_id, wording, self.person.country, slow=slow, choices=choices, image=image)

    def label(self, reply_id: str, **params: Any) -> str:
        """The bare words of a sentence, for a choice or a parameter."""
        return self.library.reply(reply_id, self.person.country, **params).text

    def settled(self, place: Place | None = None, **changes: Any) -> State:
        """The state at a place (the present one where none is given), with nothing pending and no misunderstanding counted."""
        fresh = replace(self.state, aside="", told="", candidates=(), misses=0, confirming="", slower=False)
        if place is not None:
            fresh = replace(fresh, place=str(place), bookmark="")
        return replace(fresh, **changes)

    def go(
        self, place: Place, *replies: Reply, effects: tuple[Effect, ...] = (), person: Person | None = None, bookmark: str = ""
    ) -> Move:
        """Say something, then go to a place and show it."""
        return Move(self.settled(place, bookmark=bookmark), replies, effects, person, show=True)

    def stand(self, place: Place, *replies: Reply, effects: tuple[Effect, ...] = (), person: Person | None = None) -> Move:
        """Say something that already shows the place, and stand there."""
        return Move(self.settled(place, bookmark=self.state.bookmark), replies, effects, person)

    def stay(self, *replies: Reply, effects: tuple[Effect, ...] = (), **changes: Any) -> Move:
        """Say something and stay where she is."""
        return Move(self.settled(**changes), replies, effects)

    def excursion(self, place: Place) -> Move:
        """Go somewhere for a moment, with a bookmark for the way back."""
        return self.go(place, bookmark=str(self.home()))

    def home(self) -> Place:
        """The place that an excursion goes back to: where she stands, or her bookmark when she is on one already."""
        if self.person.id == NOBODY and self.place.kind is PlaceKind.PROFILE:
            return self.place
        if self.place.kind in _EXCURSIONS:
            return Place.parse(self.state.bookmark) if self.state.bookmark else MENU
        return self.place

    def onward(self) -> Place:
        """Where a meeting or a poll leads on to: back into the lesson that it interrupted, else to the menu."""
        marked = Place.parse(self.state.bookmark) if self.state.bookmark else MENU
        return marked if marked.kind in {PlaceKind.LESSON, PlaceKind.QUIZ} else MENU

    def varied(self) -> Scene:
        """The scene in which rewordings are one further."""
        return replace(self, state=replace(self.state, variant=self.state.variant + 1))

    def moved(self, move: Move) -> Scene:
        """The scene after a move."""
        person = move.person or self.person
        around = self.around if person.id == self.person.id else self.around.of(person)
        return replace(self, state=move.state, person=person, around=around)


class Skill:
    """How one kind of place is shown and answered. The pending choices are always those of the reply that shows it."""

    def arrive(self, scene: Scene) -> Move:
        """Come to the scene's place: show it, or send her on. A place that no longer exists leads to the menu."""
        reply = self.show(scene)
        if reply is None:
            return scene.go(MENU, scene.reply("input.lost_place"))
        return Move(scene.state, (reply,))

    def show(self, scene: Scene) -> Reply | None:
        """The place in words; None where it no longer exists."""
        raise NotImplementedError

    def take(self, scene: Scene, option: str) -> Move:
        """One of the offered options was chosen."""
        raise NotImplementedError

    def read(self, scene: Scene, text: str) -> str | None:
        """An option given in words that only this place understands, e.g. an age."""
        del scene, text
        return None

    def hear(self, scene: Scene, text: str) -> Move | None:
        """What only this place understands and that is no option, e.g. who sees what she consents to."""
        del scene, text
        return None

    def press(self, scene: Scene, key: str, *, whole: bool) -> Move | None:
        """Keys that only this place understands; `whole`: these are all of them. None for the usual meaning."""
        del scene, key, whole
        return None

    def forward(self, scene: Scene) -> Move | None:
        """The key 9; None where there is nothing next."""
        del scene
        return None

    def backward(self, scene: Scene) -> Move:
        """The key 6."""
        return scene.go(MENU)


def numbered(prefix: str, options: Sequence[tuple[str, str]]) -> tuple[Choice, ...]:
    """Choices with keys 1, 2, ... from (option, label) pairs."""
    return tuple(Choice(str(i), f"{prefix}:{option}", label) for i, (option, label) in enumerate(options, start=1))


def public(state: State, *, opted_out: bool = False) -> str:
    """The place as outsiders may see it (design.md, section 4): lists count as the menu, pages do not show."""
    place = OPTED_OUT if opted_out else state.at
    if place.kind in {PlaceKind.ONBOARDING, PlaceKind.PROFILE}:
        return str(Place(PlaceKind.ONBOARDING, place.parts[:1] or ("welcome",)))
    if place.kind is PlaceKind.PRACTICE:
        return str(Place(PlaceKind.LESSON, (place.parts[0], PRACTICE, *place.parts[1:2])))
    if place.kind in {PlaceKind.MENU, PlaceKind.CLARIFY, PlaceKind.HUMAN, PlaceKind.OPTED_OUT}:
        return place.kind.value
    if place.kind is PlaceKind.RHYTHM:
        return str(MENU)
    return str(Place(place.kind, place.parts[: _PARTS_SHOWN.get(place.kind)]))
