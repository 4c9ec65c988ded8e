"""One lesson: step after step, then its questions, then the next lesson."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.dialogue.effects import RecordLesson
from bot.dialogue.scene import Move, Scene, Skill
from bot.dialogue.skills import practice, rhythm
from bot.dialogue.skills.course import lessons_of
from bot.domain.conversation import MENU, Place, PlaceKind
from bot.domain.learning import PICTURE, Lesson, LessonRecord, Module, Step, picture_with
from bot.domain.message import ChannelName, Choice, Reply
from bot.domain.study import STOP, came_by_itself, finishes, sent_choices

END = "end"
HOURS = "hours"
_PICTURE_KEY: Final = "1"


def find(scene: Scene) -> tuple[Module, Lesson] | None:
    """The module and lesson of a lesson's or quiz's place, if they are still served."""
    parts = scene.place.parts
    if len(parts) < 2 or scene.person.country is None:  # noqa: PLR2004 - module and lesson
        return None
    module = scene.library.module(parts[0], scene.person.country)
    lesson = module.lesson(parts[1]) if module else None
    return (module, lesson) if module and lesson else None


def place(module: Module, lesson: Lesson, step_id: str) -> Place:
    """The place of a step."""
    return Place(PlaceKind.LESSON, (module.id, lesson.id, step_id))


def after_steps(module: Module, lesson: Lesson, asked: str | None = None) -> Place:
    """What follows the last step, or a question: the next question, or the end."""
    ids = [quiz.id for quiz in lesson.quizzes]
    left = ids[ids.index(asked) + 1 :] if asked in ids else ids
    return Place(PlaceKind.QUIZ, (module.id, lesson.id, left[0])) if left else place(module, lesson, END)


def described(scene: Scene, choices: Sequence[Choice]) -> Reply | None:
    """In words what the picture of her lesson shows. None where she is in no lesson, or it has none."""
    found = find(scene) if scene.place.kind in {PlaceKind.LESSON, PlaceKind.QUIZ} else None
    picture = found[1].picture if found else None
    if found is None or picture is None:
        return None
    return scene.say(f"{found[0].id}/{found[1].id}/{PICTURE}", picture.means, choices=choices)


class Learning(Skill):
    """The steps of a lesson. Without a step in the place it begins, or goes on where she stopped."""

    def arrive(self, scene: Scene) -> Move:
        """Show the step and remember it; at the end, remember that too."""
        found = find(scene)
        if found is None:
            return scene.go(MENU, scene.reply("input.lost_place"))
        module, lesson = found
        if len(scene.place.parts) == 2:  # noqa: PLR2004 - no step given
            return scene.go(place(module, lesson, self._start(scene, module, lesson)))
        if scene.place.parts[2] == END:
            return self._finish(scene, module, lesson)
        step = self._step(scene, lesson)
        if step is None:
            return scene.go(place(module, lesson, lesson.steps[0].id))
        record = LessonRecord(module.id, lesson.id, step.id)
        picture = picture_with(lesson, step, scene.person, scene.around.channel)
        return Move(scene.state, (self._told(scene, step, picture),), (RecordLesson(record),))

    def show(self, scene: Scene) -> Reply | None:
        """The step."""
        found = find(scene)
        if found is None:
            return None
        if scene.place.parts[2:] == (END,):
            return self._ended(scene, *found)
        step = self._step(scene, found[1])
        return self._told(scene, step) if step else None

    def take(self, scene: Scene, option: str) -> Move:
        """On, or at the end to the next lesson or the menu."""
        if option == "next":
            return self.forward(scene) or scene.go(MENU)
        if option == STOP:
            return rhythm.stop(scene)
        return scene.go(rhythm.HOW_OFTEN if option == HOURS else MENU)

    def press(self, scene: Scene, key: str, *, whole: bool) -> Move | None:
        """On a call 1 tells what the picture would show, where nothing else has that key."""
        del whole
        shown = self.show(scene) if key == _PICTURE_KEY and scene.around.channel is ChannelName.CALL else None
        if shown is None or any(choice.key == key for choice in shown.choices):
            return None
        said = described(scene, shown.choices)
        return scene.stay(said, bookmark=scene.state.bookmark) if said else None

    def forward(self, scene: Scene) -> Move | None:
        """The next step, the questions, or the next lesson."""
        found = find(scene)
        if found is None:
            return scene.go(MENU, scene.reply("input.lost_place"))
        module, lesson = found
        ids = [step.id for step in lesson.steps]
        at = scene.place.parts[2] if len(scene.place.parts) > 2 else ""  # noqa: PLR2004 - the step
        if at == END:
            following = _following(scene, module, lesson)
            return scene.go(Place(PlaceKind.LESSON, (module.id, following.id)) if following else MENU)
        if at in ids[:-1]:
            return scene.go(place(module, lesson, ids[ids.index(at) + 1]))
        return scene.go(after_steps(module, lesson) if at in ids else place(module, lesson, ids[0]))

    def backward(self, scene: Scene) -> Move:
        """The step before; from the first one to the list of lessons."""
        found = find(scene)
        if found is None:
            return scene.go(MENU)
        module, lesson = found
        ids = [step.id for step in lesson.steps]
        at = scene.place.parts[2]
        if at == END:
            return scene.go(place(module, lesson, ids[-1]))
        before = ids.index(at) - 1 if at in ids else -1
        return scene.go(place(module, lesson, ids[before]) if before >= 0 else lessons_of(module.id))

    def _start(self, scene: Scene, module: Module, lesson: Lesson) -> str:
        record = scene.around.progress().at(module.id, lesson.id)
        begun = record is not None and record.finished_at is None
        return record.step_id if begun and record else lesson.steps[0].id

    def _step(self, scene: Scene, lesson: Lesson) -> Step | None:
        return next((step for step in lesson.steps if step.id == scene.place.parts[2]), None)

    def _told(self, scene: Scene, step: Step, picture: str | None = None) -> Reply:
        """The step. Only who comes to the first one gets the picture: told once more, it is on her phone already."""
        on = Choice("9", f"{scene.place}:next", scene.label("lesson.next"))
        told = scene.say("/".join(scene.place.parts[:3]), step.wording, step.simpler, (on,), picture)
        if not came_by_itself(scene.place):
            return told
        return replace(told, choices=sent_choices(scene.place, on.label, scene.label("rhythm.no_more")))

    def _finish(self, scene: Scene, module: Module, lesson: Lesson) -> Move:
        record = LessonRecord(module.id, lesson.id, lesson.steps[-1].id, scene.now)
        asks = practice.question(module) if finishes(module, lesson.id, scene.around.progress()) else None
        if asks:
            done = scene.reply("lesson.module_finished", (), module=module.title)
            return scene.go(asks, done, effects=(RecordLesson(record),))
        return Move(scene.state, (self._ended(scene, module, lesson),), (RecordLesson(record),))

    def _ended(self, scene: Scene, module: Module, lesson: Lesson) -> Reply:
        following = _following(scene, module, lesson)
        if following is None:
            return scene.ask("lesson.module_finished", module=module.title)
        hours = scene.label("rhythm.change" if scene.around.study.rhythm() else "rhythm.offer")
        options = [("next", following.title), ("menu", scene.label("lesson.menu")), (HOURS, hours)]
        return scene.offer("lesson.finished", options, lesson=lesson.title)


def _following(scene: Scene, module: Module, lesson: Lesson) -> Lesson | None:
    """The lesson after this one; after the last, the first that she has not finished. None where she has finished all."""
    ids = [other.id for other in module.lessons]
    after = module.lessons[ids.index(lesson.id) + 1 :]
    if after:
        return after[0]
    done = scene.around.progress().finished(module.id)
    return next((other for other in module.lessons if other.id not in {*done, lesson.id}), None)
