"""What a person has learnt."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import bindparam, case, func, select

from bot.domain.learning import LessonRecord, Progress
from bot.storage.tables import insert, lesson_record, quiz_answer
from bot.storage.transaction import Transaction

_PROGRESS: Final = (
    select(lesson_record.c.module_id, lesson_record.c.lesson_id, lesson_record.c.step_id, lesson_record.c.finished_at)
    .where(lesson_record.c.person_id == bindparam("p"))
    .order_by(lesson_record.c.touched)
)
_FIRST, _LAST = 1, 2
_earlier = quiz_answer.alias("earlier")
_answered_before = (
    select(_earlier.c.id)
    .where(
        _earlier.c.person_id == bindparam("p"),
        _earlier.c.module_id == bindparam("m"),
        _earlier.c.quiz_id == bindparam("q"),
    )
    .exists()
)


class Learnt:
    """The part of `bot.domain.store.People` that is about learning."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def progress(self, person_id: str) -> Progress:
        """What she has learnt."""
        return Progress(
            tuple(
                LessonRecord(row.module_id, row.lesson_id, row.step_id, row.finished_at)
                for row in self._tx.run(_PROGRESS, {"p": person_id})
            )
        )

    def record_lesson(self, person_id: str, record: LessonRecord) -> None:
        """Insert or update how far she came in one lesson; a finish is never taken back."""
        self._tx.run(
            _record_lesson(self._tx.dialect),
            {
                "person_id": person_id,
                "module_id": record.module_id,
                "lesson_id": record.lesson_id,
                "step_id": record.step_id,
                "finished_at": record.finished_at,
                "p": person_id,
            },
        )

    def record_quiz(self, person_id: str, module_id: str, quiz_id: str, option_id: str, right: bool, when: datetime) -> None:
        """Keep a quiz answer: her first to that question, or her last; what lay between goes."""
        self._tx.run(
            _record_quiz(self._tx.dialect),
            {
                "person_id": person_id,
                "module_id": module_id,
                "quiz_id": quiz_id,
                "option_id": option_id,
                "right": right,
                "answered_at": when,
                "p": person_id,
                "m": module_id,
                "q": quiz_id,
            },
        )


@cache
def _record_quiz(dialect: str) -> Any:
    names = ("person_id", "module_id", "quiz_id", "option_id", "right", "answered_at")
    statement = insert(dialect, quiz_answer).values(
        **{name: bindparam(name) for name in names}, attempt=case((_answered_before, _LAST), else_=_FIRST)
    )
    return statement.on_conflict_do_update(
        index_elements=["person_id", "module_id", "quiz_id", "attempt"],
        set_={name: statement.excluded[name] for name in ("option_id", "right", "answered_at")},
    ).inline()


@cache
def _record_lesson(dialect: str) -> Any:
    newest = select(func.coalesce(func.max(lesson_record.c.touched), 0) + 1).where(lesson_record.c.person_id == bindparam("p"))
    statement = insert(dialect, lesson_record).values(
        person_id=bindparam("person_id"),
        module_id=bindparam("module_id"),
        lesson_id=bindparam("lesson_id"),
        step_id=bindparam("step_id"),
        finished_at=bindparam("finished_at"),
        touched=newest.scalar_subquery(),
    )
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["person_id", "module_id", "lesson_id"],
        set_={
            "step_id": new.step_id,
            "finished_at": func.coalesce(lesson_record.c.finished_at, new.finished_at),
            "touched": new.touched,
        },
    )
