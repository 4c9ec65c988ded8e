"""Choosing what to learn: modules, then lessons, then back to where she stopped. Lists that the menu shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.dialogue.scene import MAX_CHOICES, Move, Scene
from bot.dialogue.words import tokens
from bot.domain.conversation import MENU, Place, PlaceKind
from bot.domain.learning import LessonRecord, Module
from bot.domain.message import Reply
from bot.domain.study import found, next_lesson

LEARN = Place(PlaceKind.MENU, ("learn",))
RESUME = Place(PlaceKind.MENU, ("resume",))
_MORE = "more"


def modules(scene: Scene) -> Sequence[Module]:
    """What is served in her country."""
    return scene.library.modules(scene.person.country) if scene.person.country else ()


def unfinished(scene: Scene) -> LessonRecord | None:
    """The lesson that she left in the middle last, if it still exists."""
    served = {(module.id, lesson.id) for module in modules(scene) for lesson in module.lessons}
    open_records = [r for r in scene.around.progress().lessons if r.finished_at is None and (r.module_id, r.lesson_id) in served]
    return open_records[-1] if open_records else None


def enter(scene: Scene) -> Move:
    """What "learn" leads to: a question that comes back, the lesson left open, else the only module, else the list of modules."""
    review = next(_reviews(scene), None)
    if review:
        return scene.go(review, scene.reply("rhythm.review", ()))
    if unfinished(scene):
        return scene.go(RESUME)
    return everything(scene)


def after_review(scene: Scene, module_id: str, quiz_id: str) -> Place:
    """What follows a question that came back: the next one, else on with learning."""
    asked = (module_id, quiz_id)
    return next((place for place in _reviews(scene) if (place.parts[0], place.parts[2]) != asked), None) or onward(scene)


def onward(scene: Scene) -> Place:
    """On with learning: where lessons come by themselves the next one, else the lesson left open, or the modules."""
    progress = scene.around.progress()
    following = next_lesson(modules(scene), progress) if scene.around.study.rhythm() else None
    if following:
        return Place(PlaceKind.LESSON, (following[0].id, following[1].id))
    if unfinished(scene):
        return RESUME
    return Place(PlaceKind.MENU, ("modules",))


def _reviews(scene: Scene) -> Iterator[Place]:
    """Where the questions that are due stand."""
    places = (found(modules(scene), review) for review in scene.around.study.reviews())
    return (place for place in places if place)


def resumed(scene: Scene) -> Move | None:
    """Back into the lesson left open, at its step; None where there is none."""
    record = unfinished(scene)
    return scene.go(Place(PlaceKind.LESSON, (record.module_id, record.lesson_id, record.step_id))) if record else None


def taken_up(scene: Scene, text: str) -> Move | None:
    """Where she was in learning, when she asks for just that; None for anything else."""
    if not scene.words.says(tokens(text), "where_were_we", around=("courtesies", "fillers")):
        return None
    learning = scene.place.kind in {PlaceKind.LESSON, PlaceKind.QUIZ}
    return Move(scene.settled(bookmark=scene.state.bookmark), show=True) if learning else resumed(scene)


def everything(scene: Scene) -> Move:
    """The list of modules, or of lessons where there is only one module."""
    served = modules(scene)
    if not served:
        return scene.go(MENU, scene.reply("lesson.none"))
    if len(served) == 1:
        return scene.go(lessons_of(served[0].id))
    return scene.go(Place(PlaceKind.MENU, ("modules",)))


def lessons_of(module_id: str, start: int = 0) -> Place:
    """The place that lists a module's lessons, from that one on."""
    return Place(PlaceKind.MENU, ("lessons", module_id, str(start)))


def modules_before(start: str) -> Place:
    """The page of the list of modules that comes before the one that starts there."""
    return Place(PlaceKind.MENU, ("modules", str(max(0, _start([start]) - MAX_CHOICES + 1))))


def show(scene: Scene) -> Reply | None:
    """One of the lists; None where what it lists is no longer there."""
    match scene.place.parts:
        case ("resume",):
            return _resume(scene)
        case ("modules", *rest):
            options = [(module.id, module.title) for module in modules(scene)]
            page = _page(scene, options, rest[0] if rest else "0")
            return scene.offer("lesson.more_modules" if _start(rest) else "lesson.modules", page) if options else None
        case ("lessons", module_id, *rest):
            return _lessons(scene, module_id, rest[0] if rest else "0")
        case _:
            return None


def take(scene: Scene, option: str) -> Move:
    """What was chosen in a list."""
    match scene.place.parts:
        case ("resume",):
            on = resumed(scene) if option == "yes" else None
            return on or everything(scene)
        case ("modules", *rest):
            if option == _MORE:
                return scene.go(Place(PlaceKind.MENU, ("modules", str(_start(rest) + MAX_CHOICES - 1))))
            return scene.go(lessons_of(option))
        case ("lessons", module_id, *rest):
            if option == _MORE:
                return scene.go(lessons_of(module_id, _start(rest) + MAX_CHOICES - 1))
            return scene.go(Place(PlaceKind.LESSON, (module_id, option)))
        case _:
            return scene.go(MENU)


def _start(rest: Sequence[str]) -> int:
    return int(rest[0]) if rest and rest[0].isdecimal() else 0


def _resume(scene: Scene) -> Reply | None:
    record = unfinished(scene)
    module = next((m for m in modules(scene) if record and m.id == record.module_id), None)
    lesson = module.lesson(record.lesson_id) if module and record else None
    return scene.ask("lesson.resume", lesson=lesson.title) if lesson else None


def _lessons(scene: Scene, module_id: str, start: str) -> Reply | None:
    module = next((m for m in modules(scene) if m.id == module_id), None)
    if module is None:
        return None
    done = scene.around.progress().finished(module_id)
    options = [
        (lesson.id, scene.label("lesson.done", lesson=lesson.title) if lesson.id in done else lesson.title)
        for lesson in module.lessons
    ]
    shown = _page(scene, options, start)
    if start not in {"", "0"}:
        return scene.offer("lesson.more_lessons", shown)
    return scene.offer("lesson.lessons", shown, module=module.title)


def _page(scene: Scene, options: Sequence[tuple[str, str]], start: str) -> Sequence[tuple[str, str]]:
    """At most five options; where more follow, the last of them is "more". Past the end it begins anew."""
    left = options[int(start) :] if start.isdecimal() else options
    if len(left or options) <= MAX_CHOICES:
        return left or options
    return [*(left or options)[: MAX_CHOICES - 1], (_MORE, scene.label("lesson.more"))]
