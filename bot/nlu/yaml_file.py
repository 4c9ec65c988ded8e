"""YAML with line numbers: a mistake in a data file is named with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from bot.domain.errors import ContentError


def read(path: Path) -> Any:
    """The document in a file, its mappings and sequences carrying line numbers (`lc`). Raises ContentError."""
    try:
        return YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ContentError(str(path), 0, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ContentError(str(path), 0, "is not UTF-8") from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ContentError(str(path), line, error.problem or "is not YAML") from error
    except YAMLError as error:
        raise ContentError(str(path), 0, "is not YAML") from error


def line_of(node: Any, key: Any = None) -> int:
    """The line where a mapping's key, a sequence's item or the node itself stands, counted from 1; 0 where unknown."""
    marks = getattr(node, "lc", None)
    if marks is None:
        return 0
    try:
        if key is None:
            return int(marks.line) + 1
        return int(marks.item(key)[0] if isinstance(key, int) else marks.key(key)[0]) + 1
    except (KeyError, TypeError, AttributeError):
        return int(marks.line) + 1 if marks.line is not None else 0
