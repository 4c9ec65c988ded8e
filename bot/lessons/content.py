"""Everything in `content/`, read and validated, file by file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, Generic, TypeVar

from pydantic import TypeAdapter

from bot.domain.errors import ContentError
from bot.lessons.filling import Facts
from bot.lessons.guidance_schema import LIMITS, PLAIN, REVIEWERS, TOPICS, LimitEntry, PlainEntry, TopicsEntry
from bot.lessons.poll_schema import POLL, PUBLISHED_POLLS, PollEntry
from bot.lessons.schema import (
    FACTS,
    GLOSSARY,
    LESSON,
    MODULE,
    PARAMETERS,
    REPLIES,
    SOURCES,
    FactEntry,
    LessonEntry,
    ModuleEntry,
    ReplyEntry,
    TermEntry,
)
from bot.lessons.source import Document, Location, read_document
from bot.lessons.validation import validate

T = TypeVar("T")
E = TypeVar("E")

FACT_FILES: Final = ("common", "co", "pe")
PUBLISHED: Final = "published.yml"
TOPICS_FILE: Final = "topics.yml"
REVIEW_FILE: Final = "review.yml"
LIMITS_FILE: Final = "limits.yml"
PLAIN_FILE: Final = "plain.yml"


@dataclass(frozen=True, slots=True)
class Sourced(Generic[T]):
    """An entry and where it stands: its document, and the path in it."""

    entry: T
    document: Document
    at: Location = ()

    def error(self, path: Location, text: str) -> ContentError:
        """A ContentError that points into the entry."""
        return self.document.error((*self.at, *path), text)


@dataclass(frozen=True, slots=True)
class ModuleFolder:
    """A module and its lessons, in the order of their file names."""

    module: Sourced[ModuleEntry]
    lessons: tuple[Sourced[LessonEntry], ...]


@dataclass(slots=True)
class Content:
    """All entries, and all breaches of the schema found on the way."""

    root: Path
    replies: dict[str, Sourced[ReplyEntry]] = field(default_factory=dict)
    facts: dict[str, dict[str, Sourced[FactEntry]]] = field(default_factory=dict)
    sources: frozenset[str] = frozenset()
    parameters: dict[str, str | int | date] = field(default_factory=dict)
    glossary: dict[str, Sourced[TermEntry]] = field(default_factory=dict)
    modules: list[ModuleFolder] = field(default_factory=list)
    polls: dict[str, Sourced[PollEntry]] = field(default_factory=dict)
    published: Sourced[dict[str, str]] | None = None
    topics: Sourced[TopicsEntry] | None = None
    reviewers: dict[str, Sourced[list[str]]] = field(default_factory=dict)
    limits: dict[str, Sourced[LimitEntry]] = field(default_factory=dict)
    plain: Sourced[PlainEntry] | None = None
    problems: list[ContentError] = field(default_factory=list)

    @property
    def fact_book(self) -> Facts:
        """The facts, for looking up."""
        return Facts({file: {name: fact.entry for name, fact in facts.items()} for file, facts in self.facts.items()})


def read_content(root: Path) -> Content:
    """Read the whole folder. Never raises for a bad file: what is wrong stands in `problems`."""
    content = Content(root)
    if not root.is_dir():
        content.problems.append(ContentError(str(root), 0, "there is no such folder: set BATEA_CONTENT_DIR"))
        return content
    read = _Files(content)
    for name in FACT_FILES:
        content.facts[name] = read.entries(root / "facts" / f"{name}.yml", FACTS)
    sources = read.one(root / "sources.yml", SOURCES)
    content.sources = frozenset(sources.entry) if sources else frozenset()
    parameters = read.one(root / "parameters.yml", PARAMETERS)
    content.parameters = dict(parameters.entry) if parameters else {}
    content.glossary = read.entries(root / "glossary.yml", GLOSSARY)
    for path in sorted((root / "replies").glob("*.yml")):
        content.replies |= {f"{path.stem}.{key}": entry for key, entry in read.entries(path, REPLIES).items()}
    for path in sorted((root / "polls").glob("*.yml")):
        if path.name != PUBLISHED:
            read.poll(path)
    if (root / "polls" / PUBLISHED).is_file():
        content.published = read.one(root / "polls" / PUBLISHED, PUBLISHED_POLLS)
    read.guidance(root)
    for folder in sorted(path.parent for path in (root / "modules").glob("*/module.yml")):
        read.module(folder)
    content.modules.sort(key=lambda folder: (folder.module.entry.order, folder.module.entry.id))
    return content


class _Files:
    """Reads files into a Content, going on after each bad one."""

    def __init__(self, content: Content) -> None:
        self.content = content

    def one(self, path: Path, adapter: TypeAdapter[E]) -> Sourced[E] | None:
        try:
            document = read_document(path, self.content.root)
        except ContentError as error:
            self.content.problems.append(error)
            return None
        entry = validate(document, adapter, self.content.problems)
        return None if entry is None else Sourced(entry, document)

    def entries(self, path: Path, adapter: TypeAdapter[dict[str, E]]) -> dict[str, Sourced[E]]:
        file = self.one(path, adapter)
        return {key: Sourced(entry, file.document, (key,)) for key, entry in file.entry.items()} if file else {}

    def guidance(self, root: Path) -> None:
        """The files beside the texts, those that are there."""
        there = {path.name: path for path in root.glob("*.yml")}
        if path := there.get(TOPICS_FILE):
            self.content.topics = self.one(path, TOPICS)
        if path := there.get(REVIEW_FILE):
            self.content.reviewers = self.entries(path, REVIEWERS)
        if path := there.get(LIMITS_FILE):
            self.content.limits = self.entries(path, LIMITS)
        if path := there.get(PLAIN_FILE):
            self.content.plain = self.one(path, PLAIN)

    def poll(self, path: Path) -> None:
        poll = self.one(path, POLL)
        if poll is None:
            return
        if poll.entry.id != path.stem:
            self.content.problems.append(poll.error(("id",), f"the id is not the file's name: write {path.stem}"))
        self.content.polls[poll.entry.id] = poll

    def module(self, folder: Path) -> None:
        module = self.one(folder / "module.yml", MODULE)
        if module is None:
            return
        if folder.name.partition("-")[0] != module.entry.id:
            text = f"the folder's name does not begin with the id: rename it to {module.entry.id}-..."
            self.content.problems.append(module.error(("id",), text))
        paths = sorted(path for path in folder.glob("*.yml") if path.name != "module.yml")
        if not paths:
            self.content.problems.append(module.error((), "the module has no lesson: add 01-<slug>.yml beside it"))
        lessons = tuple(filter(None, (self.one(path, LESSON) for path in paths)))
        self.content.modules.append(ModuleFolder(module, lessons))


def module_ids(content: Content) -> Mapping[str, int]:
    """How often each module id comes."""
    counted: dict[str, int] = {}
    for folder in content.modules:
        counted[folder.module.entry.id] = counted.get(folder.module.entry.id, 0) + 1
    return counted
