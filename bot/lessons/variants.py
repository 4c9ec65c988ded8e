"""What one country's person gets: the top level of an entry, with her country's part laid over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from bot.domain.person import Country
from bot.lessons.schema import (
    ExpiredReply,
    ExpiredStep,
    PracticeEntry,
    PracticePart,
    QuizEntry,
    QuizPart,
    ReplyEntry,
    ReplyPart,
    SpokenText,
    StepEntry,
    StepPart,
    Strict,
)

Saying = Literal["text", "simpler"]

PartT = TypeVar("PartT", bound=Strict)

# A new text brings its own spoken and short form: those of the old one would say something else.
FORMS_OF = {
    "text": ("speech", "sms", "expired"),
    "simpler": ("simpler_speech", "simpler_sms", "expired"),
}


def _own(entry: Strict, country: Country | None) -> Strict | None:
    """The part of an entry that belongs to a country."""
    part = getattr(entry, country.value) if country else None
    return part if isinstance(part, Strict) else None


def _overlaid(base: Strict, part: Strict | None, kind: type[PartT]) -> PartT:
    values = {name: getattr(base, name) for name in kind.model_fields}
    own = {name: getattr(part, name) for name in kind.model_fields if part and getattr(part, name) is not None}
    for name, forms in FORMS_OF.items():
        if name in own:
            values.update(dict.fromkeys((form for form in forms if form in values), None))
    return kind.model_construct(**(values | own))


def reply_variant(entry: ReplyEntry, country: Country | None) -> ReplyPart:
    """A reply as that country's person, or one of an unknown country, gets it."""
    return _overlaid(entry, _own(entry, country), ReplyPart)


def step_variant(entry: StepEntry, country: Country) -> StepPart:
    """A step as that country's learner gets it; `text` or `simpler` may still be missing."""
    return _overlaid(entry, _own(entry, country), StepPart)


def quiz_variant(entry: QuizEntry, country: Country) -> QuizPart:
    """A question as that country's learner gets it; parts may still be missing."""
    return _overlaid(entry, _own(entry, country), QuizPart)


def practice_variant(entry: PracticeEntry, country: Country) -> PracticePart:
    """A practice as that country's learner gets it; parts may still be missing."""
    return _overlaid(entry, _own(entry, country), PracticePart)


@dataclass(frozen=True, slots=True)
class Forms:
    """One wording before its placeholders are filled: as read, as heard, as sent by SMS."""

    text: str
    speech: str | None
    sms: str | None

    def all(self) -> Iterator[str]:
        """Every form that is given."""
        return (form for form in (self.text, self.speech, self.sms) if form is not None)


def _pick(forms: list[str] | None, variant: int) -> str | None:
    return forms[variant % len(forms)] if forms else None


def reply_forms(part: ReplyPart | ExpiredReply, variant: int) -> Forms:
    """The wording of that number, modulo."""
    return Forms(_pick(part.text, variant) or "", _pick(part.speech, variant), _pick(part.sms, variant))


def step_forms(part: StepPart | ExpiredStep, saying: Saying) -> Forms:
    """The plain or the simpler wording; an empty text where it is missing."""
    if saying == "text":
        return Forms(part.text or "", part.speech, part.sms)
    return Forms(part.simpler or "", part.simpler_speech, part.simpler_sms)


def spoken_forms(words: SpokenText) -> Forms:
    """A feedback's forms."""
    return Forms(words.text, words.speech, words.sms)


def serves(only: Sequence[str] | None, country: Country) -> bool:
    """Whether something limited to some countries reaches that one."""
    return only is None or country.value in only
