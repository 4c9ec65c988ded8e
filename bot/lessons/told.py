"""Every text that people get, one by one, with the place in its file: what checks on single words walk over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.domain.errors import ContentError
from bot.domain.person import Country
from bot.lessons.content import Content, Sourced
from bot.lessons.filling import fill
from bot.lessons.rules import NOWHERE_OR_COUNTRY, SPEECH_FILE
from bot.lessons.source import Location
from bot.lessons.variants import FORMS_OF

_TEXTS: Final = frozenset(
    {"text", "simpler", "speech", "simpler_speech", "sms", "simpler_sms", "title", "means", "label", "later"}
)
_SPOKEN: Final = frozenset({"speech", "simpler_speech"})


@dataclass(frozen=True, slots=True)
class Told:
    """One text, filled in for one country (None: not known yet); `kind` is its key, such as `text` or `label`."""

    source: Sourced[Any]
    at: Location
    kind: str
    country: Country | None
    text: str

    def error(self, text: str) -> ContentError:
        """A ContentError that points at it."""
        return self.source.error(self.at, text)

    @property
    def name(self) -> str:
        """How a report names it: its country and how it begins."""
        begin = f"{self.text[:37]}..." if len(self.text) > 40 else self.text  # noqa: PLR2004 - as many as a line shows well
        return f'{self.country or "no country"}: "{begin}"'


def told(content: Content) -> Iterator[Told]:
    """Everything that is taught, answered and asked, in each country that gets it; expired wordings too."""
    for folder in content.modules:
        countries = tuple(map(Country, folder.module.entry.countries))
        yield from _walked(content, folder.module, countries)
        for lesson in folder.lessons:
            yield from _walked(content, lesson, countries)
    for reply_id, reply in content.replies.items():
        if not reply_id.startswith(f"{SPEECH_FILE}."):
            yield from _walked(content, reply, NOWHERE_OR_COUNTRY)
    for poll in content.polls.values():
        yield from _walked(content, poll, tuple(map(Country, poll.entry.countries)))


def _walked(content: Content, source: Sourced[Any], countries: Sequence[Country | None]) -> Iterator[Told]:
    for at, kind, text, only in _texts(source.entry.model_dump(), (), "", countries):
        for country in only:
            yield Told(source, at, kind, country, _filled(content, text, country, spoken=kind in _SPOKEN))


def _texts(
    data: Any, at: Location, kind: str, countries: Sequence[Country | None]
) -> Iterator[tuple[Location, str, str, Sequence[Country | None]]]:
    """Where each text stands, what it is, and who gets it."""
    if isinstance(data, str) and kind:
        yield at, kind, data, countries
    elif isinstance(data, list):
        for number, item in enumerate(data):
            yield from _texts(item, (*at, number), kind if isinstance(item, str) else "", countries)
    elif isinstance(data, Mapping):
        kept = [country for country in countries if not data.get("only") or (country and country.value in data["only"])]
        own = {country.value: [country] for country in kept if country}
        for key, value in data.items():
            if key in Country.__members__:
                yield from _texts(value, (*at, key), "", own.get(key, []))
            elif value is not None:
                common = [country for country in kept if not (country and _replaced(key, data.get(country.value) or {}))]
                yield from _texts(value, (*at, key), key if key in _TEXTS else "", common)


def _replaced(key: str, own: Mapping[str, Any]) -> bool:
    """Whether a country says something of its own instead; its own text drops the common forms, as in `variants.py`."""
    return own.get(key) is not None or any(own.get(name) is not None and key in forms for name, forms in FORMS_OF.items())


def _filled(content: Content, text: str, country: Country | None, *, spoken: bool) -> str:
    def value(name: str) -> str:
        if not name.startswith("fact."):
            return str(content.parameters.get(name, name))
        fact = content.fact_book.find(name, country)
        return name if fact is None else (fact.speech if spoken else None) or fact.value

    return fill(text, value)
