"""The main menu: learn, the poll, meetings, a person, emergency numbers; and the lists of what can be learnt."""

from __future__ import annotations

from bot.dialogue.scene import Move, Scene, Skill
from bot.dialogue.skills import course, language, question, topics
from bot.dialogue.skills.field_menu import WORKS, WORKS_KEY
from bot.dialogue.words import tokens
from bot.domain.conversation import MENU, Place, PlaceKind
from bot.domain.message import ChannelName, Reply


class Menu(Skill):
    """Where every way begins and ends."""

    def arrive(self, scene: Scene) -> Move:
        """Show the menu or one of its lists."""
        if scene.place == course.LEARN:
            return course.enter(scene)
        listed = _list(scene)
        if scene.place.parts and listed is None:
            return scene.go(MENU)
        return Move(scene.state, (listed or self._main(scene),))

    def show(self, scene: Scene) -> Reply | None:
        """The menu, or the list that she is at."""
        return _list(scene) or self._main(scene)

    def take(self, scene: Scene, option: str) -> Move:  # noqa: PLR0911 - one return an item
        """What was chosen."""
        if scene.place == language.PLACE:
            return language.take(scene, option)
        if option.startswith(topics.MORE):
            return topics.enter(scene, option)
        if scene.place.parts and course.show(scene) is not None:
            return course.take(scene, option)
        match option:
            case "learn":
                return scene.go(course.LEARN)
            case "poll":
                return scene.go(Place(PlaceKind.POLL))
            case "meeting":
                return scene.go(Place(PlaceKind.MEETING))
            case "human":
                return scene.excursion(Place(PlaceKind.HUMAN))
            case "emergency":
                return question.answer(scene, "ask_emergency")
            case _:
                return scene.go(MENU)

    def hear(self, scene: Scene, text: str) -> Move | None:
        """At one of the lists: the module or lesson that is named, also one of another page. At the menu only beyond doubt."""
        if scene.place == language.PLACE:
            return None
        wants = bool(scene.place.parts) or scene.words.mentions(tokens(text), "lesson_words")
        named = topics.called(scene, text) if wants else topics.titled(scene, text)
        return scene.go(named) if named and named != scene.place else None

    def press(self, scene: Scene, key: str, *, whole: bool) -> Move | None:
        """The key of a facilitator's works, on a call: at the menu that key leads nowhere else."""
        del whole
        return scene.go(WORKS) if key == WORKS_KEY and scene.place == MENU and _works_by_keys(scene) else None

    def forward(self, scene: Scene) -> Move | None:
        """From a list of which there is more, on to the rest; from the menu, on with the lesson left open."""
        match scene.place.parts:
            case () | ("resume",):
                return course.resumed(scene)
            case ("modules" | "lessons", *_):
                shown = course.show(scene)
                if shown and shown.choices and shown.choices[-1].id.endswith(":more"):
                    return course.take(scene, "more")
        return None

    def backward(self, scene: Scene) -> Move:
        """From a page of modules to the one before; from a module's last lessons to its first, then to the modules."""
        if scene.place.parts[:1] == ("lessons",) and scene.place.parts[2:] not in {(), ("0",)}:
            return scene.go(course.lessons_of(scene.place.parts[1]))
        if scene.place.parts[:1] == ("modules",) and scene.place.parts[1:] not in {(), ("0",)}:
            return scene.go(course.modules_before(scene.place.parts[1]))
        if scene.place.parts[:1] == ("lessons",) and len(course.modules(scene)) > 1:
            return scene.go(Place(PlaceKind.MENU, ("modules",)))
        return scene.varied().go(MENU)

    def _main(self, scene: Scene) -> Reply:
        if _works_by_keys(scene):
            return scene.ask("menu.main_field", MENU)
        return scene.ask("menu.main", MENU, variant=scene.state.variant)


def _works_by_keys(scene: Scene) -> bool:
    """Whether she who calls announces from this number."""
    return scene.around.channel is ChannelName.CALL and scene.around.field.facilitator() is not None


def _list(scene: Scene) -> Reply | None:
    """The list that she is at; None at the menu itself, and where the list is gone."""
    if scene.place == language.PLACE:
        return language.show(scene)
    return course.show(scene) if scene.place.parts else None
