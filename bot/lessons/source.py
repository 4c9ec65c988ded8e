"""YAML files with the line of everything in them.

Read as YAML 1.2 and stricter: a bare `no`, `on`, `007` or `1:30`, which YAML 1.1 tools turn into something else, is an
error, and so are anchors, tags, empty values and keys that come twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.domain.errors import ContentError

Location = tuple[str | int, ...]

# libyaml reads all files in a tenth of a second, which the parsers in Python take half a second for. What a bare word means is
# decided here, not by it, so that YAML 1.1's meanings never come in.
_Parser: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_BOOLEAN_ELSEWHERE: Final = re.compile(r"(?i:y|n|yes|no|on|off|true|false)")
_CHANGES_MEANING: Final = re.compile(r"[-+]?0\d+|[-+]?0[xob]\w+|[-+]?\d+(:\d+)+(\.\d*)?|[-+]?\.(inf|nan)", re.IGNORECASE)
_INTEGER: Final = re.compile(r"[-+]?\d+")
_FLOAT: Final = re.compile(r"[-+]?\d*\.\d+(e[-+]?\d+)?", re.IGNORECASE)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_EMPTY: Final = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Document:
    """One file, read. `file` is relative to the content folder; `lines` gives each path's line, from 1."""

    file: str
    data: Any
    lines: Mapping[Location, int]

    def line(self, path: Location) -> int:
        """The line of a path, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def error(self, path: Location, text: str) -> ContentError:
        """A ContentError that points at a path."""
        return ContentError(self.file, self.line(path), text)


def read_document(path: Path, root: Path) -> Document:
    """Read one YAML file below `root`. Raises ContentError with the line where it cannot be read."""
    file = path.relative_to(root).as_posix()
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ContentError(file, 0, "not UTF-8: save the file as UTF-8") from error
    except OSError as error:
        raise ContentError(file, 0, f"cannot be read ({error.strerror}): check that the file exists and may be read") from error
    try:
        node = yaml.compose(text, Loader=_Parser)
    except yaml.MarkedYAMLError as error:
        unclosed = "end of stream" in str(error.problem)
        mark = (error.context_mark if unclosed else None) or error.problem_mark or error.context_mark
        raise ContentError(file, mark.line + 1 if mark else 0, f"not valid YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise ContentError(file, 0, f"not valid YAML: {str(error).splitlines()[0]}") from error
    if not isinstance(node, MappingNode):
        raise ContentError(file, 1, "the file is empty or no mapping: start with a key and a colon")
    reader = _Reader(file, _anchors(text))
    return Document(file, reader.value(node, ()), reader.lines)


def _anchors(text: str) -> frozenset[int]:
    """The lines, from 1, on which something has an anchor; nodes do not tell."""
    if "&" not in text:
        return frozenset()
    events = yaml.parse(text, Loader=_Parser)
    return frozenset(event.start_mark.line + 1 for event in events if event.start_mark and getattr(event, "anchor", None))


class _Reader:
    """Turns nodes into plain values and notes every line."""

    def __init__(self, file: str, anchors: frozenset[int]) -> None:
        self.file = file
        self.anchors = anchors
        self.lines: dict[Location, int] = {}
        self.seen: set[int] = set()

    def value(self, node: Node, path: Location) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        if id(node) in self.seen or line in self.anchors:
            raise ContentError(self.file, line, "anchors and aliases are not used here: write the text out")
        self.seen.add(id(node))
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        if isinstance(node, ScalarNode):
            return self._scalar(node, line)
        raise ContentError(self.file, line, "neither text, list nor mapping: use one of these")

    def _mapping(self, node: MappingNode, path: Location) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = self._scalar(key_node, line) if isinstance(key_node, ScalarNode) else None
            if not isinstance(key, str):
                raise ContentError(self.file, line, f"`{key_node.value}` is no plain word: put the key in quotes")
            if key in found:
                raise ContentError(self.file, line, f"the key `{key}` comes twice: delete or rename one")
            self.lines[(*path, key)] = line
            if isinstance(value_node, ScalarNode) and not value_node.style and value_node.value in _EMPTY:
                raise ContentError(self.file, line, f"`{key}` has an empty value: write something or delete the key")
            found[key] = self.value(value_node, (*path, key))
        return found

    def _scalar(self, node: ScalarNode, line: int) -> Any:
        value: str = node.value
        if node.style:  # plain words have none
            return value
        if value in _EMPTY:
            raise ContentError(self.file, line, "an empty value: write something or delete the key")
        if value in {"true", "false"}:
            return value == "true"
        if _BOOLEAN_ELSEWHERE.fullmatch(value):
            raise ContentError(self.file, line, f'a bare {value}: write "{value}" in quotes if it is text, true or false if not')
        if _CHANGES_MEANING.fullmatch(value):
            raise ContentError(self.file, line, f'a bare {value} changes its meaning: write "{value}" in quotes')
        return self._typed(value, line)

    def _typed(self, value: str, line: int) -> Any:
        if _INTEGER.fullmatch(value):
            return int(value)
        if _FLOAT.fullmatch(value):
            return float(value)
        if _DATE.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError as error:
                raise ContentError(self.file, line, f"{value} is no date: write year-month-day") from error
        return value
