"""Reading the YAML files of `audio/`: strict, and every error names its file and line."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from bot.domain.errors import ContentError

Model = TypeVar("Model", bound=BaseModel)


Location = tuple[int | str, ...]


def load(path: Path, model: type[Model]) -> tuple[Model, Callable[[Location], int]]:
    """The file as that model, and the line, from 1, on which a part of it stands.

    Raises ContentError: cannot be read, no YAML 1.2, an unknown or missing key, a wrong value.
    """
    try:
        tree = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ContentError(str(path), line, f"this is no YAML: {error.problem}") from error
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise ContentError(str(path), 0, f"cannot be read: {error}") from error
    try:
        return model.model_validate(tree), partial(_line_of, tree)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ContentError(str(path), _line_of(tree, first["loc"]), f"{where}: {first['msg']}") from error


def _line_of(tree: Any, location: Location) -> int:
    """The line, from 1, of the deepest part of `location` that the file has."""
    line = 1
    for part in location:
        positions = getattr(tree, "lc", None)
        if positions is None or positions.data is None or part not in positions.data:
            break
        line = positions.data[part][0] + 1
        tree = tree[part]
    return line
