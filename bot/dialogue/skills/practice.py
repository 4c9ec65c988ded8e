"""What she does after a module: what she sets out to do this week, and a week later how it went."""

from __future__ import annotations

from typing import Final

from bot.dialogue.scene import Move, Scene, Skill, numbered
from bot.dialogue.study import Intend, RecordManaged
from bot.dialogue.words import tokens
from bot.domain.conversation import MENU, Place, PlaceKind
from bot.domain.home import ZONES
from bot.domain.learning import Module, Practice
from bot.domain.message import Reply
from bot.domain.study import CHOOSE, HELP, LATER, NONE, PRACTICE, Managed, asked_at, offered, shortest

_SAID: Final = {
    "partly": Managed.SOMETIMES,
    "could_not": Managed.COULD_NOT,
    "no": Managed.COULD_NOT,
    "yes": Managed.MANAGED,
    "did": Managed.MANAGED,
}
_MET: Final = {Managed.MANAGED: "practice.well_done", Managed.SOMETIMES: "practice.now_and_then"}


def question(module: Module) -> Place | None:
    """Where she is asked what she will do; None where a module has no practice."""
    return Place(PlaceKind.PRACTICE, (module.id, CHOOSE)) if module.practice else None


def waits(scene: Scene, place: Place) -> bool:
    """Whether a button of that place, pressed late, still answers something."""
    return place.parts[1:] == (LATER,) and scene.around.study.is_asked(place.parts[0])


class Practising(Skill):
    """The questions before and after a week of doing."""

    def show(self, scene: Scene) -> Reply | None:
        """The question of this step; None where the module is no longer served."""
        found = _find(scene)
        if found is None:
            return None
        module, practice = found
        match scene.place.parts[1:]:
            case (step,) if step == LATER:
                return scene.ask("practice.managed")
            case (step,) if step == HELP:
                options = [
                    ("again", shortest(module).title),
                    ("human", scene.label("practice.human")),
                    ("menu", scene.label("lesson.menu")),
                ]
                return scene.offer("practice.could_not", options)
            case _:
                choices = numbered(str(scene.place), offered(practice, scene.label("practice.none")))
                return scene.say(f"{module.id}/{PRACTICE}", practice.wording, practice.simpler, choices)

    def take(self, scene: Scene, option: str) -> Move:
        """What she chose, or how it went."""
        found = _find(scene)
        if found is None:
            return scene.go(MENU, scene.reply("input.lost_place"))
        module, practice = found
        match scene.place.parts[1:]:
            case (step,) if step == LATER:
                return _went(scene, module, option)
            case (step,) if step == HELP:
                return _helped(scene, module, option)
        if option == NONE or practice.option(option) is None:
            return scene.go(MENU, scene.reply("practice.none_chosen"))
        due_at = (
            asked_at(scene.now, scene.around.study.rhythm(), ZONES[scene.person.country]) if scene.person.country else scene.now
        )
        return scene.go(MENU, scene.reply("practice.chosen"), effects=(Intend(module.id, option, due_at),))

    def read(self, scene: Scene, text: str) -> str | None:
        """That she sets out to do nothing, or how it went, in her own words; what says "not always" is read before a bare no."""
        said, around = tokens(text), ("courtesies", "fillers", "did", "no")
        if scene.place.parts[1:] == (CHOOSE,):
            declined = scene.words.says(said, "none_of_these", around=around) or scene.words.says(said, "no")
            return NONE if declined else None
        if scene.place.parts[1:] != (LATER,):
            return None
        for key, how in _SAID.items():
            if scene.words.says(said, key, around=around):
                return how
        return None

    def forward(self, scene: Scene) -> Move | None:
        """Leave the question open."""
        return scene.go(scene.onward())


def _went(scene: Scene, module: Module, option: str) -> Move:
    if option not in set(Managed):
        return scene.go(MENU)
    how = Managed(option)
    effects = (RecordManaged(module.id, how),)
    if how is Managed.COULD_NOT:
        return scene.go(Place(PlaceKind.PRACTICE, (module.id, HELP)), effects=effects, bookmark=scene.state.bookmark)
    return scene.go(scene.onward(), scene.reply(_MET[how]), effects=effects)


def _helped(scene: Scene, module: Module, option: str) -> Move:
    if option == "again":
        short = shortest(module)
        return scene.go(Place(PlaceKind.LESSON, (module.id, short.id, short.steps[0].id)))
    return scene.excursion(Place(PlaceKind.HUMAN)) if option == "human" else scene.go(scene.onward())


def _find(scene: Scene) -> tuple[Module, Practice] | None:
    country = scene.person.country
    module = scene.library.module(scene.place.parts[0], country) if country and scene.place.parts else None
    return (module, module.practice) if module and module.practice else None
