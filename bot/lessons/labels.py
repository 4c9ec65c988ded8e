"""What stands on lists: titles, numbers, and the ends of what is read aloud."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

from bot.domain.learning import Module
from bot.domain.message import Choice

_SILENT: Final = frozenset({"So", "Sk", "Cf", "Cn", "Co", "Me"})
_EMOJI_STYLE: Final = "\ufe0f"
_ENDS: Final = (".", "!", "?", "…", ":")


def titles(module: Module) -> Iterator[str]:
    """Everything of a module that may stand on a button."""
    yield module.title
    for lesson in module.lessons:
        yield lesson.title
        for quiz in lesson.quizzes:
            yield from (option.label for option in quiz.options)
    if module.practice:
        yield from (option.label for option in module.practice.options)


def audible(text: str) -> str:
    """Without the pictograms, which a voice cannot say."""
    return "".join(c for c in text if unicodedata.category(c) not in _SILENT and c != _EMOJI_STYLE)


def sentence(text: str) -> str:
    """Ended, so that a voice pauses after it."""
    return text if not text or text.endswith(_ENDS) else f"{text}."


def numbered(options: Iterator[tuple[str, str]]) -> tuple[Choice, ...]:
    """Choices with keys 1, 2, ... from (id, label) pairs."""
    return tuple(Choice(str(number), option_id, label) for number, (option_id, label) in enumerate(options, 1))
