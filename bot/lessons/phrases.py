"""The words of charts, tables and notes about poll results: `content/results/<language>.yml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.domain.errors import ContentError
from bot.lessons.source import read_document


def result_phrases(root: Path, language: str) -> Mapping[str, str]:
    """Every phrase by its path, such as `note.indicative`. Raises ContentError where the file cannot be read."""
    document = read_document(root / "results" / f"{language}.yml", root)

    def phrases(data: Mapping[str, object], at: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
        for key, value in data.items():
            if isinstance(value, Mapping):
                yield from phrases(value, (*at, key))
            elif isinstance(value, str):
                yield ".".join((*at, key)), value
            else:
                raise ContentError(document.file, document.line((*at, key)), "no text: put it in quotes")

    return dict(phrases(document.data))
