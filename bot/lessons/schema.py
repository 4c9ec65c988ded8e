"""What each kind of content file may hold. Strict: an unknown key or a wrong type is an error."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    model_validator,
)

MAX_OPTIONS: Final = 5
MAX_PRACTICE_OPTIONS: Final = 4


def _tidy(text: str) -> str:
    if text != text.strip() or not text:
        raise ValueError("is empty, or begins or ends with a blank: write the text without it")
    return text


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Text = Annotated[str, AfterValidator(_tidy)]
Texts = Annotated[list[Text], BeforeValidator(_listed), Field(min_length=1)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
OptionId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_][a-z0-9_.-]{0,63}$")]
PictureFile = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}\.svg$")]
Key = Annotated[str, StringConstraints(pattern=r"^[0-9*]$")]
CountryCode = Literal["CO", "PE"]
# What needs no source: common-sense protection, and what the designers of the content chose.
PLAIN_SENSE: Final = frozenset({"common-sense", "DC"})
Source = Annotated[str, StringConstraints(pattern=r"^(S\d{1,3}[a-z]?|DC|common-sense)$")]
Sources = Annotated[list[Source], Field(min_length=1)]
Countries = Annotated[list[CountryCode], Field(min_length=1)]


class Strict(BaseModel):
    """Nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ChoiceEntry(Strict):
    """One way to answer a reply; keys default to 1..5 in order."""

    id: OptionId
    label: Text
    key: Key | None = None


Choices = Annotated[list[ChoiceEntry], Field(max_length=MAX_OPTIONS)]


class SpokenText(Strict):
    """One wording in its three forms."""

    text: Text
    speech: Text | None = None
    sms: Text | None = None


class ExpiredReply(Strict):
    """What is said instead once a fact in the text is past its date."""

    text: Texts
    speech: Texts | None = None
    sms: Texts | None = None


class ReplyPart(Strict):
    """What a country may say differently in a reply."""

    text: Texts | None = None
    speech: Texts | None = None
    sms: Texts | None = None
    choices: Choices | None = None
    expired: ExpiredReply | None = None

    @model_validator(mode="after")
    def _forms_match(self) -> Self:
        wordings = len(self.text or ())
        for name, forms in (("speech", self.speech), ("sms", self.sms)):
            if wordings and forms and len(forms) not in {1, wordings}:
                raise ValueError(
                    f"has {len(forms)} wordings under `{name}` and {wordings} under `text`: give one each, or one for all"
                )
        return self


class ReplyEntry(ReplyPart):
    """One sentence of Batea. The top level is what is said while no country is known."""

    text: Texts
    CO: ReplyPart | None = None
    PE: ReplyPart | None = None


class ExpiredStep(Strict):
    """What a step says instead once a fact in it is past its date."""

    text: Text
    simpler: Text
    speech: Text | None = None
    simpler_speech: Text | None = None
    sms: Text | None = None
    simpler_sms: Text | None = None


class StepPart(Strict):
    """What a country may say differently in a step."""

    text: Text | None = None
    simpler: Text | None = None
    speech: Text | None = None
    simpler_speech: Text | None = None
    sms: Text | None = None
    simpler_sms: Text | None = None
    expired: ExpiredStep | None = None


class StepEntry(StepPart):
    """One step of a lesson. With `only`, other countries do not have it."""

    id: Id
    sources: Sources
    only: Countries | None = None
    CO: StepPart | None = None
    PE: StepPart | None = None


def _feedback(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


Feedback = Annotated[SpokenText, BeforeValidator(_feedback)]


class QuizOptionEntry(Strict):
    """An answer on offer: `right` or `wrong` holds the feedback."""

    id: OptionId
    label: Text
    right: Feedback | None = None
    wrong: Feedback | None = None

    @model_validator(mode="after")
    def _one_feedback(self) -> Self:
        if (self.right is None) == (self.wrong is None):
            raise ValueError("has both or neither of `right` and `wrong`: give the feedback under one of them")
        return self


QuizOptions = Annotated[list[QuizOptionEntry], Field(min_length=2, max_length=MAX_OPTIONS)]


class QuizPart(StepPart):
    """What a country may ask differently."""

    options: QuizOptions | None = None
    correct: OptionId | None = None


class QuizEntry(QuizPart):
    """One question. With `only`, other countries do not have it."""

    id: Id
    sources: Sources
    only: Countries | None = None
    CO: QuizPart | None = None
    PE: QuizPart | None = None


class PracticeOptionEntry(Strict):
    """Something to do in the coming week; `later` asks about it a week afterwards."""

    id: OptionId
    label: Text
    later: Feedback


class PracticePart(StepPart):
    """What a country may ask, or offer to do, differently."""

    options: Annotated[list[PracticeOptionEntry], Field(min_length=2, max_length=MAX_PRACTICE_OPTIONS)] | None = None


class PracticeEntry(PracticePart):
    """What is asked when a module is finished."""

    sources: Sources
    CO: PracticePart | None = None
    PE: PracticePart | None = None


class TitlePart(Strict):
    """What a country may name differently."""

    title: Text


class PictureEntry(Strict):
    """A pictogram below `images/`, and what it shows, for whoever cannot see it."""

    file: PictureFile
    means: Text


class LessonPart(Strict):
    """What a country may name or draw differently."""

    title: Text | None = None
    picture: PictureEntry | None = None


class LessonEntry(Strict):
    """One lesson file. What is `private` never comes unasked: others may see or hear the phone."""

    id: Id
    title: Text
    picture: PictureEntry | None = None
    private: bool = False
    only: Countries | None = None
    CO: LessonPart | None = None
    PE: LessonPart | None = None
    steps: Annotated[list[StepEntry], Field(min_length=1, max_length=12)]
    quiz: Annotated[list[QuizEntry], Field(max_length=5)] = []


Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class Signature(Strict):
    """Who answers for a module's texts, and since when; the hashes of what was signed (`batea content sign` writes them)."""

    by: Text
    on: date
    texts: Hash
    facts: Hash


class ModuleEntry(Strict):
    """`module.yml`: what holds for all lessons of a folder."""

    id: Id
    title: Text
    objectives: Annotated[list[Text], Field(min_length=1)]
    status: Literal["draft", "signed"]
    signed: Signature | None = None
    review: Annotated[list[Text], Field(min_length=1)]
    countries: Countries
    order: Annotated[int, Field(ge=1)]
    practice: PracticeEntry | None = None
    CO: TitlePart | None = None
    PE: TitlePart | None = None

    @model_validator(mode="after")
    def _signed_by_somebody(self) -> Self:
        if (self.status == "signed") != (self.signed is not None):
            raise ValueError("has `status: signed` without `signed`, or the reverse: let `batea content sign` write both")
        return self


class FactEntry(Strict):
    """One fact of a country. `expires` is the last day on which it may be said; `unverified` facts may not be said at all."""

    value: Text
    speech: Text | None = None
    source: Annotated[str, StringConstraints(pattern=r"^(S\d{1,3}[a-z]?(, S\d{1,3}[a-z]?)*|GK)$")]
    read: date
    expires: date | None = None
    status: Literal["sourced", "signed", "unverified"]
    note: Text | None = None

    @model_validator(mode="after")
    def _general_knowledge_is_unverified(self) -> Self:
        if self.source == "GK" and self.status == "sourced":
            raise ValueError("rests on general knowledge (GK), which is no source: set `status: unverified`")
        return self


class TermEntry(Strict):
    """A word that not everybody knows, and how it is explained aloud."""

    means: Text
    says: Text | None = None
    countries: Countries


REPLIES: Final = TypeAdapter(dict[Id, ReplyEntry])
FACTS: Final = TypeAdapter(dict[Id, FactEntry])
SOURCES: Final = TypeAdapter(dict[Annotated[str, StringConstraints(pattern=r"^S\d{1,3}[a-z]?$")], Text])
PARAMETERS: Final = TypeAdapter(dict[Id, str | int | date])
GLOSSARY: Final = TypeAdapter(dict[str, TermEntry])
MODULE: Final = TypeAdapter(ModuleEntry)
LESSON: Final = TypeAdapter(LessonEntry)
