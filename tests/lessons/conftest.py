"""Content on a fixed day, and a folder to break."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.lessons.catalogue import Catalogue, load_catalogue

CONTENT = Path(__file__).resolve().parents[2] / "content"
TODAY = date(2026, 11, 24)
Loader = Callable[..., Catalogue]


@pytest.fixture(scope="session")
def content() -> Path:
    """The real content."""
    return CONTENT


@pytest.fixture(scope="session")
def catalogue(content: Path) -> Catalogue:
    """The real library, drafts served, on 24 November 2026."""
    return load_catalogue(content, drafts=True, today=lambda: TODAY, timezone="America/Bogota")


@pytest.fixture
def small(tmp_path: Path, content: Path) -> Path:
    """A content folder without replies, polls and modules, but with facts and speech templates."""
    root = tmp_path / "content"
    for folder in ("replies", "polls", "modules"):
        (root / folder).mkdir(parents=True)
    shutil.copytree(content / "facts", root / "facts")
    for file in ("parameters.yml", "glossary.yml", "sources.yml", "replies/speech.yml"):
        shutil.copy(content / file, root / file)
    return root


@pytest.fixture
def load(small: Path) -> Loader:
    """Load the small folder, on a day of choice."""

    def loaded(today: date = TODAY, *, drafts: bool = True) -> Catalogue:
        return load_catalogue(small, drafts=drafts, today=lambda: today, timezone="America/Bogota")

    return loaded
