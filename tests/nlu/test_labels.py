"""What Batea offers as an answer is no alarm when somebody types it: danger is read before the answers of a question."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bot.domain.person import Country
from bot.lessons.catalogue import load_catalogue
from bot.nlu.engine import EmbeddedEngine

CONTENT = Path(__file__).parents[2] / "content"


def test_no_answer_of_a_quiz_or_a_practice_raises_an_alarm(engine: EmbeddedEngine) -> None:
    library = load_catalogue(CONTENT, drafts=True, today=lambda: date(2026, 11, 23), timezone="America/Bogota")
    modules = [module for country in Country for module in library.modules(country)]
    labels = {
        option.label for module in modules for lesson in module.lessons for quiz in lesson.quizzes for option in quiz.options
    }
    labels |= {option.label for module in modules if module.practice for option in module.practice.options}
    assert len(labels) > 150
    alarmed = {label: found for label in labels if (found := engine.alarm(label)).danger or found.unsafe}
    assert alarmed == {}
