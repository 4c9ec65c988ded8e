"""The questions of a lesson. Every answer is met with a word that teaches, and the way goes on."""

from __future__ import annotations

from bot.dialogue.effects import RecordQuiz
from bot.dialogue.scene import Move, Scene, Skill, numbered
from bot.dialogue.skills import course
from bot.dialogue.skills import lesson as lessons
from bot.domain.conversation import MENU
from bot.domain.learning import Quiz
from bot.domain.message import Reply
from bot.domain.study import came_by_itself


class Quizzing(Skill):
    """One question."""

    def show(self, scene: Scene) -> Reply | None:
        """The question and its answers."""
        quiz = self._quiz(scene)
        if quiz is None:
            return None
        choices = numbered(str(scene.place), [(option.id, option.label) for option in quiz.options])
        return scene.say("/".join(scene.place.parts[:3]), quiz.wording, quiz.simpler, choices)

    def take(self, scene: Scene, option: str) -> Move:
        """Say what there is to learn from that answer, keep it, and go on."""
        quiz, found = self._quiz(scene), lessons.find(scene)
        chosen = next((o for o in quiz.options if o.id == option), None) if quiz else None
        if quiz is None or found is None or chosen is None:
            return scene.go(MENU, scene.reply("input.lost_place"))
        feedback = scene.say("/".join((*scene.place.parts[:3], chosen.id)), chosen.feedback)
        right, back = chosen.id == quiz.correct, not found[1].private
        record = RecordQuiz(found[0].id, quiz.id, chosen.id, right, scene.now, comes_back=back)
        if came_by_itself(scene.place):
            return scene.go(course.after_review(scene, found[0].id, quiz.id), feedback, effects=(record,))
        return scene.go(lessons.after_steps(*found, asked=quiz.id), feedback, effects=(record,))

    def forward(self, scene: Scene) -> Move | None:
        """Leave the question open and go on."""
        quiz, found = self._quiz(scene), lessons.find(scene)
        if came_by_itself(scene.place):
            return scene.go(course.onward(scene))
        return scene.go(lessons.after_steps(*found, asked=quiz.id)) if quiz and found else None

    def backward(self, scene: Scene) -> Move:
        """The question before, or the last step."""
        found = lessons.find(scene)
        if found is None:
            return scene.go(MENU)
        module, lesson = found
        return scene.go(lessons.place(module, lesson, lesson.steps[-1].id))

    def _quiz(self, scene: Scene) -> Quiz | None:
        found = lessons.find(scene)
        return next((quiz for quiz in found[1].quizzes if quiz.id == scene.place.parts[2]), None) if found else None
