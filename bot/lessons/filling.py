"""Placeholders: `{name}` is filled in at run time, `{fact.<id>}` from `content/facts/`.

`{fact.emergency}` is the fact of the person's country, or one that all countries share; `{fact.co.emergency}` is
Colombia's, whoever reads it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Final

from babel.dates import format_date, format_datetime

from bot.domain.person import Country
from bot.lessons.schema import FactEntry

LOCALE: Final = "es_419"

_PLACEHOLDER: Final = re.compile(r"\{([a-z][a-z0-9_]*(?:\.[a-z0-9_-]+)*)\}")
_FACT: Final = "fact."


def placeholders(text: str) -> Iterator[str]:
    """The names between braces."""
    return (match[1] for match in _PLACEHOLDER.finditer(text))


def parameters(text: str) -> set[str]:
    """The placeholders that only the moment of saying can fill."""
    return {name for name in placeholders(text) if not name.startswith(_FACT)}


def stray_brace(text: str) -> bool:
    """Whether a brace stands outside every placeholder."""
    rest = _PLACEHOLDER.sub("", text)
    return "{" in rest or "}" in rest


@dataclass(frozen=True, slots=True)
class Facts:
    """All facts: `common` and one mapping a country, by id."""

    by_file: Mapping[str, Mapping[str, FactEntry]]

    def find(self, name: str, country: Country | None) -> FactEntry | None:
        """The fact that a placeholder `fact.<id>` or `fact.<country>.<id>` means to a person of that country."""
        first, _, rest = name.removeprefix(_FACT).partition(".")
        if rest:
            return self.by_file.get(first, {}).get(rest)
        own = self.by_file.get(country.value.lower(), {}) if country else {}
        return own.get(first) or self.by_file.get("common", {}).get(first)

    def used(self, text: str, country: Country | None) -> Iterator[tuple[str, FactEntry | None]]:
        """Each fact that a text names; None where there is no such fact for that country."""
        for name in placeholders(text):
            if name.startswith(_FACT):
                yield name, self.find(name, country)

    def expired(self, text: str, country: Country | None, today: date) -> bool:
        """Whether any fact in a text may no longer be said."""
        return any(fact and fact.expires and fact.expires < today for _, fact in self.used(text, country))


def fill(text: str, value: Callable[[str], str]) -> str:
    """The text with each placeholder replaced, once: braces in a value stay what they are. Of an empty one no gap stays."""
    return _PLACEHOLDER.sub(lambda match: value(match[1]), text).replace("  ", " ").strip(" ")


@dataclass(frozen=True, slots=True)
class Dates:
    """How moments are written and said. The patterns are CLDR's, and stand in `content/replies/speech.yml`.

    `hour` serves full hours, `minutes` all others, `spoken_minutes` all others when read aloud, `whole_day` a day without hour.
    """

    zone: tzinfo
    hour: str
    minutes: str
    spoken_minutes: str
    whole_day: str

    def write(self, moment: datetime, *, spoken: bool) -> str:
        """A moment in words. One in UTC is put into the library's zone; one that names its own place keeps it.

        Raises ValueError for a moment without a zone.
        """
        if moment.tzinfo is None:
            raise ValueError("a datetime without a timezone cannot be said: pass an aware one")
        local = moment.astimezone(self.zone) if moment.tzinfo is UTC else moment
        with_minutes = self.spoken_minutes if spoken else self.minutes
        pattern = with_minutes if local.minute else self.hour
        return str(format_datetime(local, pattern, locale=LOCALE))

    def day(self, day: date) -> str:
        """A day in words."""
        return str(format_date(day, self.whole_day, locale=LOCALE))
