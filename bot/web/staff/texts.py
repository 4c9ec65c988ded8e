"""What the staff pages say, in Spanish and English, from `bot/web/translations/staff*.<language>.yml`."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from ruamel.yaml import YAML

LANGUAGES: Final = ("es", "en")
FOLDER: Final = Path(__file__).parents[1] / "translations"
_LOCALES: Final = {"es": "es_CO", "en": "en_GB"}


class Texts:
    """The sentences of one language: `t("people.title")`; with a number, `t.count("people.found", 3)`."""

    def __init__(self, language: str, sentences: Mapping[str, str]) -> None:
        self.language = language
        self._sentences = sentences

    def __call__(self, key: str, /, **values: object) -> str:
        """A sentence with its values filled in. Raises KeyError for one that there is not."""
        return self._sentences[key].format_map(values) if values else self._sentences[key]

    def __contains__(self, key: object) -> bool:
        """Whether there is such a sentence."""
        return key in self._sentences

    def count(self, key: str, number: int, /, **values: object) -> str:
        """`<key>.one` or `<key>.other`, with `{n}` filled in."""
        return self(f"{key}.one" if number == 1 else f"{key}.other", n=self.number(number), **values)

    def named(self, key: str, name: str, /) -> str:
        """The sentence `<key>.<name>`, or the bare name where there is none: for ids that may be newer than the pages."""
        return self._sentences.get(f"{key}.{name}", name)

    def number(self, number: float) -> str:
        """A number as it is written in that language."""
        return str(format_decimal(number, locale=_LOCALES[self.language]))

    def day(self, day: date) -> str:
        """A day, short."""
        return str(format_date(day, "d MMM y", locale=_LOCALES[self.language]))

    def moment(self, moment: datetime, timezone: str) -> str:
        """A moment as clocks show it there."""
        there = moment.astimezone(ZoneInfo(timezone))
        return str(format_datetime(there, "EEE d MMM, HH:mm", locale=_LOCALES[self.language]))


@functools.cache
def texts(language: str) -> Texts:
    """The sentences of a language; Spanish for one that there is not."""
    known = language if language in LANGUAGES else LANGUAGES[0]
    sentences: dict[str, str] = {}
    for file in sorted(FOLDER.glob(f"staff*.{known}.yml")):
        with file.open(encoding="utf-8") as opened:
            for key, sentence in _flat(YAML(typ="safe").load(opened) or {}):
                if key in sentences:
                    raise ValueError(f"{file.name}: {key} stands in another file already")
                sentences[key] = sentence
    return Texts(known, sentences)


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, below in tree.items():
        if isinstance(below, Mapping):
            yield from _flat(below, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(below)
