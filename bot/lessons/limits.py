"""What may not be said anywhere, where a machine can see it: `content/limits.yml` (domain.md, section F)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.errors import ContentError
from bot.lessons.content import Content, Sourced
from bot.lessons.guidance_schema import LimitEntry
from bot.lessons.told import Told, told

_ACUTE = "\u0301"


@dataclass(frozen=True, slots=True)
class _Limit:
    name: str
    entry: LimitEntry
    forbids: re.Pattern[str]
    unless: re.Pattern[str] | None

    def breaks(self, one: Told) -> str:
        """The words that may not be said, '' where there are none."""
        if one.kind == "label" and not self.entry.labels:
            return ""
        if one.source.document.file in self.entry.beside:
            return ""
        text = one.text.casefold() if self.entry.accents else bare(one.text)
        found = self.forbids.search(text)
        return found[0].strip() if found and not (self.unless and self.unless.search(text)) else ""


def bare(text: str) -> str:
    """Small letters without accents, ñ and all marks kept."""
    lowered = unicodedata.normalize("NFD", text.casefold().replace("ñ", "\u0001"))
    return "".join(letter for letter in lowered if not unicodedata.combining(letter)).replace("\u0001", "ñ")


def limit_problems(content: Content) -> Iterator[ContentError]:
    """Every text that says what may not be said; and limits that cannot be read."""
    limits = []
    for name, source in content.limits.items():
        try:
            entry = source.entry
            limits.append(_Limit(name, entry, re.compile(entry.forbids), re.compile(entry.unless) if entry.unless else None))
        except re.error as error:
            yield _unreadable(name, source, error)
    seen = set()
    for one in told(content) if limits else ():
        for limit in limits:
            words = limit.breaks(one)
            if words and (limit.name, one.source.document.file, one.source.at, one.at) not in seen:
                seen.add((limit.name, one.source.document.file, one.source.at, one.at))
                yield one.error(f'{one.name} says "{words}": {limit.entry.instead}')


def _unreadable(name: str, source: Sourced[LimitEntry], error: re.error) -> ContentError:
    return source.error(("forbids",), f"the pattern of {name} cannot be read ({error}): correct it")
