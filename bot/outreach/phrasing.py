"""The words around figures, in one language: phrases filled in, numbers and dates written as people there write them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Final

from babel.dates import format_date
from babel.numbers import format_decimal

from bot.domain.results import By, Note, Results

LOCALES: Final = {"es": "es_CO", "en": "en"}


class Phrasing:
    """Phrases by key (`content/results/`), for readers in one time zone. Raises KeyError for a phrase that there is not."""

    def __init__(self, phrases: Mapping[str, str], language: str, timezone: tzinfo) -> None:
        self._phrases = phrases
        self._locale = LOCALES[language]
        self._timezone = timezone
        self.language = language

    def say(self, key: str, **values: object) -> str:
        """A phrase with its values: whole numbers and decimals in the reader's way of writing."""
        written = {name: self.number(value) if isinstance(value, int | float) else str(value) for name, value in values.items()}
        return self._phrases[key].format_map(written)

    def number(self, value: float, decimals: int = 1) -> str:
        """At most so many decimals; zeros at the end are left away."""
        return str(format_decimal(value, format=f"#,##0.{'#' * decimals}", locale=self._locale))

    def date(self, moment: datetime) -> str:
        """A day as people write it."""
        return str(format_date(moment.astimezone(self._timezone), format="long", locale=self._locale))

    def by(self, by: By | str) -> str:
        """What a breakdown is called."""
        return self._phrases[f"by.{by}"]

    def group(self, group_id: str) -> str:
        """What a group is called; a territory is called what it is."""
        return self._phrases.get(f"group.{group_id}") or group_id

    def round(self, number: int) -> str:
        """What a round is called."""
        return self.say("round.first") if number == 0 else self.say("round.later", number=number)

    def note(self, note: Note) -> str:
        """A note as a sentence."""
        values: dict[str, object] = dict(note.values)
        if isinstance(fewest := values.get("fewest"), int):
            values["below"] = fewest - 1
        if isinstance(by := values.get("by"), str):
            values["by"] = self.by(by)
        return self.say(f"note.{note.key}", **values)

    def answered(self, results: Results) -> str:
        """How many took part."""
        if not results.closed:
            return self.say("note.open") if results.n is None else self.say("chart.open", n=results.n)
        if results.n is None:
            return self.say("chart.nothing")
        met = results.funnel.face_to_face
        if met:
            return self.say("chart.answered_more", n=results.n, met=met)
        if met is None or results.invited < results.n:
            return self.say("chart.answered_only", n=results.n)
        return self.say("chart.answered", n=results.n, invited=results.invited)
