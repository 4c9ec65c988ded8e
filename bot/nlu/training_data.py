"""The training sentences: `intents/<language>/<intent>.yml`, in Rasa 3's own format, read strictly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.domain.errors import ContentError
from bot.domain.folding import fold
from bot.nlu import yaml_file

FORMAT_VERSION: Final = "3.1"
RESERVED_INTENTS: Final = frozenset({"back", "restart", "session_start"})  # collide with rules built into Rasa


@dataclass(frozen=True, slots=True)
class Example:
    """One sentence with what it means, and where it stands."""

    intent: str
    text: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class TrainingData:
    """All sentences of one language."""

    examples: tuple[Example, ...]

    @property
    def intents(self) -> tuple[str, ...]:
        """The labels, sorted."""
        return tuple(sorted({example.intent for example in self.examples}))


def read(intents_dir: Path, language: str = "es") -> TrainingData:
    """Read every file of a language. Raises ContentError with file and line for the first thing that is wrong."""
    folder = intents_dir / language
    files = sorted(folder.glob("*.yml"))
    if not files:
        raise ContentError(str(folder), 0, "holds no training sentences (one <intent>.yml each)")
    return TrainingData(tuple(example for path in files for example in read_file(path)))


def conflicts(data: TrainingData) -> list[tuple[Example, Example]]:
    """Sentences that sound alike and are given two different meanings: one of each pair is a mistake."""
    seen: dict[str, Example] = {}
    found: list[tuple[Example, Example]] = []
    for example in data.examples:
        other = seen.setdefault(fold(example.text) or example.text, example)
        if other.intent != example.intent:
            found.append((other, example))
    return found


def read_file(path: Path) -> list[Example]:
    """The sentences of one file: `greet.yml`, or one of several such as `harmless_health.yml` of `harmless`."""
    document = yaml_file.read(path)
    _check_keys(path, document, {"version", "nlu"})
    if str(document.get("version")) != FORMAT_VERSION:
        raise ContentError(str(path), yaml_file.line_of(document, "version"), f'version must be "{FORMAT_VERSION}"')
    blocks = document.get("nlu")
    if not isinstance(blocks, list) or not blocks:
        raise ContentError(str(path), yaml_file.line_of(document, "nlu"), "nlu must be a list of intents")
    examples: list[Example] = []
    for index, block in enumerate(blocks):
        _check_keys(path, block, {"intent", "examples"}, yaml_file.line_of(blocks, index))
        intent = block.get("intent")
        if not isinstance(intent, str) or (intent != path.stem and not path.stem.startswith(f"{intent}_")):
            raise ContentError(str(path), yaml_file.line_of(block), f"intent must be {path.stem!r}, the file's name")
        if intent in RESERVED_INTENTS:
            raise ContentError(str(path), yaml_file.line_of(block), f"{intent!r} is a name that Rasa keeps for itself")
        examples.extend(_sentences(path, block))
    return examples


def _check_keys(path: Path, node: Any, allowed: set[str], line: int = 1) -> None:
    if not isinstance(node, dict):
        raise ContentError(str(path), line, f"a mapping with {', '.join(sorted(allowed))} belongs here")
    for key in node:
        if key not in allowed:
            raise ContentError(str(path), yaml_file.line_of(node, key), f"unknown key {key!r}")
    for key in sorted(allowed):
        if key not in node:
            raise ContentError(str(path), yaml_file.line_of(node), f"{key} is missing")


def _sentences(path: Path, block: Any) -> Iterator[Example]:
    """The lines of one `examples: |` block; the block's text begins on the line below its key."""
    text, start = block.get("examples"), yaml_file.line_of(block, "examples")
    if not isinstance(text, str):
        raise ContentError(str(path), start, "examples must be a block of text (examples: |)")
    found = False
    for number, line in enumerate(text.splitlines(), start + 1):
        if not line.strip():
            continue
        if not line.startswith("- ") or not line[2:].strip():
            raise ContentError(str(path), number, "a sentence starts with '- '")
        found = True
        yield Example(str(block["intent"]), line[2:].strip(), str(path), number)
    if not found:
        raise ContentError(str(path), start, "there are no sentences")
