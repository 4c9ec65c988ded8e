"""What the files beside the texts may hold: topics, reviewers, limits, plain words."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, StringConstraints, TypeAdapter

from bot.lessons.schema import Id, Strict, Text

LessonName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}/[a-z][a-z0-9_-]{0,39}$")]
ReplyName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}\.[a-z][a-z0-9_-]{0,39}$")]


class LessonNames(Strict):
    """The lesson of each country."""

    CO: LessonName
    PE: LessonName


def _of_both(value: Any) -> Any:
    return {"CO": value, "PE": value} if isinstance(value, str) else value


class TopicsEntry(Strict):
    """`topics.yml`: the lesson that tells more than a reply, and what people call a module beside its title."""

    more: dict[ReplyName, Annotated[LessonNames, BeforeValidator(_of_both)]]
    called: dict[Id, Annotated[list[Text], Field(min_length=1)]]


class LimitEntry(Strict):
    """Something that may not be said: a pattern on small letters without accents, and what to say instead.

    `accents`: on small letters as they are written. `labels`: also in the options of a question, where a wrong one may say it
    otherwise. `beside`: files that it does not hold for. Where `unless` is found too, it may be said.
    """

    forbids: Text
    unless: Text | None = None
    instead: Text
    accents: bool = False
    labels: bool = False
    beside: Annotated[list[Text], Field(default_factory=list)]


class PlainEntry(Strict):
    """Rare words that everybody here knows, and beginnings of words that few know however common they are."""

    known: list[Text]
    hard: list[Text]


LIMITS: Final = TypeAdapter(dict[Id, LimitEntry])
PLAIN: Final = TypeAdapter(PlainEntry)
REVIEWERS: Final = TypeAdapter(dict[ReplyName, list[Text]])
TOPICS: Final = TypeAdapter(TopicsEntry)
