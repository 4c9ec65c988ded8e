"""Texts that nobody ever gets, numbers without a source, translations that lack a phrase."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from bot.domain.errors import ContentError
from bot.domain.person import Country
from bot.lessons.content import Content, ModuleFolder, Sourced
from bot.lessons.filling import placeholders
from bot.lessons.phrases import result_phrases
from bot.lessons.schema import QuizEntry, StepEntry
from bot.lessons.signatures import facts_of, strings
from bot.lessons.source import Location

_SAID: Final = ("text", "simpler")
_PLAIN_SENSE: Final = "common-sense"
_NUMBER: Final = re.compile(r"\d|{fact\.")
_FOLDER: Final = "results"
_TOLD: Final = "told."
"""What goes back to the people who were asked: it is said in their language only."""


def unreached(content: Content) -> Iterator[ContentError]:
    """Variants of a country that does not get the entry, words that every country replaces, endings of what never ends."""
    for folder in content.modules:
        yield from _module(content, folder)
    for reply in content.replies.values():
        yield from _expired(content, reply, ())


def unsourced(content: Content) -> Iterator[ContentError]:
    """Numbers and facts that rest on common sense alone: what is counted has a source, or is an example of ours."""
    for folder in content.modules:
        for lesson in folder.lessons:
            every: dict[str, Sequence[StepEntry | QuizEntry]] = {"steps": lesson.entry.steps, "quiz": lesson.entry.quiz}
            for kind, entries in every.items():
                for number, entry in enumerate(entries):
                    said = strings(entry.model_dump(mode="json", exclude={"id", "sources", "correct"}))
                    if entry.sources == [_PLAIN_SENSE] and any(_NUMBER.search(text) for text in said):
                        text = f"a number needs a source, not only {_PLAIN_SENSE}: name it, or DC where it is an example of ours"
                        yield lesson.error((kind, number, "sources"), text)


def untranslated(content: Content) -> Iterator[ContentError]:
    """Phrases and placeholders of `results/` that one language has and another lacks."""
    files = sorted((content.root / _FOLDER).glob("*.yml"))
    try:
        phrases = {file.name: result_phrases(content.root, file.stem) for file in files}
    except ContentError as error:
        yield error
        return
    for file, own in phrases.items():
        for other, theirs in phrases.items():
            for name, text in theirs.items():
                if name.startswith(_TOLD) or other == file:
                    continue
                if name not in own:
                    yield ContentError(f"{_FOLDER}/{file}", 0, f"`{name}` is missing, {other} has it: translate it")
                elif set(re.findall(r"{\w+}", own[name])) != set(re.findall(r"{\w+}", text)):
                    yield ContentError(f"{_FOLDER}/{file}", 0, f"`{name}` has other placeholders than in {other}: use the same")


def _module(content: Content, folder: ModuleFolder) -> Iterator[ContentError]:
    module = folder.module
    served = tuple(module.entry.countries)
    yield from _variants(module, (), module.entry, served)
    if module.entry.practice:
        yield from _entry(content, module, ("practice",), module.entry.practice, served)
    for lesson in folder.lessons:
        for code in set(lesson.entry.only or ()) - set(served):
            yield lesson.error(("only",), f"the module is not for {code}: take it out of `only`, or add it to the module")
        here = tuple(code for code in served if code in (lesson.entry.only or served))
        yield from _variants(lesson, (), lesson.entry, here)
        every: dict[str, Sequence[StepEntry | QuizEntry]] = {"steps": lesson.entry.steps, "quiz": lesson.entry.quiz}
        for kind, entries in every.items():
            for number, entry in enumerate(entries):
                for code in set(entry.only or ()) - set(here):
                    yield lesson.error((kind, number, "only"), f"nobody in {code} gets the lesson: take it out of `only`")
                theirs = tuple(code for code in here if code in (entry.only or here))
                yield from _entry(content, lesson, (kind, number), entry, theirs)


def _entry(content: Content, source: Sourced[Any], at: Location, entry: Any, served: Sequence[str]) -> Iterator[ContentError]:
    yield from _variants(source, at, entry, served)
    for saying in _SAID:
        own = [part for code in served if (part := getattr(entry, code)) and getattr(part, saying)]
        if served and len(own) == len(served) and getattr(entry, saying):
            text = f"every country has its own `{saying}`: remove the common one, nobody gets it"
            yield source.error((*at, saying), text)
    yield from _expired(content, source, at, entry)


def _variants(source: Sourced[Any], at: Location, entry: Any, served: Sequence[str]) -> Iterator[ContentError]:
    for code in (country.value for country in Country):
        if code not in served and getattr(entry, code) is not None:
            yield source.error((*at, code), f"nobody in {code} gets this: remove it, or serve it there")


def _expired(content: Content, source: Sourced[Any], at: Location, entry: Any = None) -> Iterator[ContentError]:
    """Words for when a fact is over, where no fact in the text ever is."""
    entry = source.entry if entry is None else entry
    for code, part in (("", entry), *((country.value, getattr(entry, country.value)) for country in Country)):
        if part is None or part.expired is None:
            continue
        said = part.model_dump(mode="json", exclude={"expired", *(c.value for c in Country)}, exclude_none=True)
        names = {name for text in strings(said) for name in placeholders(text)}
        if code and not said.keys() & {"text", "simpler"}:
            continue  # it belongs to the common words
        if not any(fact.expires for fact in facts_of(names, content).values()):
            text = "no fact in these words ever expires: remove `expired`, or give the fact its last day"
            yield source.error((*at, *([code] if code else []), "expired"), text)
