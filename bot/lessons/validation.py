"""Holds a file against its model, and says every breach in one line that tells what to do."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from bot.domain.errors import ContentError
from bot.lessons.poll_schema import PollEntry
from bot.lessons.schema import ChoiceEntry, FactEntry, LessonEntry, ModuleEntry, QuizEntry, QuizOptionEntry, ReplyEntry, StepEntry
from bot.lessons.source import Document

T = TypeVar("T")


def validate(document: Document, adapter: TypeAdapter[T], problems: list[ContentError]) -> T | None:
    """The document as its model; None, with every breach added to `problems`, where it breaks the schema."""
    try:
        return adapter.validate_python(document.data)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            path = tuple(part for part in detail["loc"] if part != "[key]")
            problems.append(document.error(path, _explained(detail)))
        return None


_ADVICE: Final[Mapping[str, str]] = {
    "missing": "is missing: add it",
    "string_type": "must be text: put it in quotes",
    "list_type": "must be text or a list: put text in quotes",
    "bool_type": "must be true or false, without quotes",
    "int_type": "must be a whole number, without quotes",
    "date_type": "must be a date: write year-month-day without quotes",
    "model_type": "must be a mapping: indent its keys below it",
    "dict_type": "must be a mapping: indent its keys below it",
    "too_long": "has {actual_length} items: at most {max_length} are allowed, remove some",
    "too_short": "has {actual_length} items: at least {min_length} are needed, add some",
    "string_pattern_mismatch": "is not written as it must be (pattern {pattern}): rename it",
    "literal_error": "must be one of {expected}",
    "value_error": "{error}",
}

_MODELS: Final = (ReplyEntry, ChoiceEntry, LessonEntry, StepEntry, QuizEntry, QuizOptionEntry, ModuleEntry, PollEntry, FactEntry)
_KEYS: Final = sorted({name for model in _MODELS for name in model.model_fields})


def _explained(detail: Mapping[str, Any]) -> str:
    """One line about a breach: what it is, and what to do."""
    where = str(detail["loc"][-1]) if detail["loc"] else "the file"
    if detail["type"] == "extra_forbidden":
        near = difflib.get_close_matches(where, _KEYS, n=1)
        return f"unknown key `{where}`: " + (f"did you mean `{near[0]}`?" if near else "remove it")
    advice = _ADVICE.get(detail["type"], "is wrong: " + str(detail["msg"]).replace("{", "(").replace("}", ")"))
    context = {name: str(value) for name, value in detail.get("ctx", {}).items()}
    return f"`{where}` " + advice.format_map(context)
