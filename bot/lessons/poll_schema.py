"""What a poll file may hold, and the poll that it tells."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, TypeAdapter, model_validator

from bot.domain.learning import Wording
from bot.domain.person import Country
from bot.domain.poll import MOST_DIGITS, MOST_PICKS, Bounds, Condition, Poll, PollKind, PollOption
from bot.lessons.schema import MAX_OPTIONS, Countries, OptionId, Strict, Text


class PollOptionEntry(Strict):
    """An answer on offer in a poll."""

    id: OptionId
    label: Text


class BoundsEntry(Strict):
    """What a number may be, both ends included."""

    least: Annotated[int, Field(ge=0)]
    most: Annotated[int, Field(ge=1, lt=10**MOST_DIGITS)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.least >= self.most:
            raise ValueError("has `least` above `most`: exchange them")
        return self


class ConditionEntry(Strict):
    """Ask only who gave one of these answers to that poll, while that is being asked too."""

    poll: Annotated[str, StringConstraints(pattern=r"^Q\d{2}_v\d+$")]
    answered: Annotated[list[OptionId], Field(min_length=1)]


class PollEntry(Strict):
    """One published version of a poll question.

    `kind` says how it is answered: by one option, by several (up to `most`), by a number within `number`; a number has only
    its way out under `options`.
    """

    id: Annotated[str, StringConstraints(pattern=r"^Q\d{2}_v\d+$")]
    question: Annotated[str, StringConstraints(pattern=r"^Q\d{2}$")]
    indicator: Text
    text: Text
    simpler: Text
    speech: Text | None = None
    simpler_speech: Text | None = None
    sms: Text | None = None
    simpler_sms: Text | None = None
    options: Annotated[list[PollOptionEntry], Field(min_length=1, max_length=MAX_OPTIONS)]
    enabled: bool
    sensitive: bool
    countries: Countries
    kind: Literal["single", "several", "number"] = "single"
    most: Annotated[int, Field(ge=2, le=MOST_PICKS)] | None = None
    number: BoundsEntry | None = None
    when: ConditionEntry | None = None

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        if (self.kind == "several") != (self.most is not None):
            raise ValueError("has `kind: several` without `most` (2 or 3), or the reverse: give both or neither")
        if (self.kind == "number") != (self.number is not None):
            raise ValueError("has `kind: number` without `number` (least, most), or the reverse: give both or neither")
        fewest = {"single": 2, "several": 3, "number": 1}[self.kind]
        if len(self.options) < fewest or (self.kind == "number" and len(self.options) > 1):
            wanted = "one, the way out" if self.kind == "number" else f"at least {fewest}"
            raise ValueError(f"has {len(self.options)} options: of this kind it needs {wanted}")
        return self


def as_poll(entry: PollEntry) -> Poll:
    """The poll of an entry."""
    return Poll(
        entry.id,
        entry.question,
        Wording(entry.text, entry.speech, entry.sms),
        Wording(entry.simpler, entry.simpler_speech, entry.simpler_sms),
        tuple(PollOption(option.id, option.label) for option in entry.options),
        enabled=entry.enabled,
        sensitive=entry.sensitive,
        countries=tuple(Country(code) for code in entry.countries),
        kind=PollKind(entry.kind),
        most=entry.most or 1,
        bounds=Bounds(entry.number.least, entry.number.most) if entry.number else None,
        when=Condition(entry.when.poll, tuple(entry.when.answered)) if entry.when else None,
    )


POLL: Final = TypeAdapter(PollEntry)
PUBLISHED_POLLS: Final = TypeAdapter(
    dict[
        Annotated[str, StringConstraints(pattern=r"^Q\d{2}_v\d+$")],
        Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")],
    ]
)
