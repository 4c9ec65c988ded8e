"""`batea content`: the strict check looks at voice notes, too; the list for experts; a signature."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CONTENT = Path(__file__).resolve().parents[2] / "content"
LESSON = """id: uno
title: "Uno"
steps:
  - {id: s1, sources: [DC], text: "Lave el oro con agua.", simpler: "Agua y batea."}
quiz:
  - id: uno
    sources: [DC]
    text: "¿Lava?"
    simpler: "¿Sí?"
    options:
      - {id: a, label: "Con agua", right: "Bien."}
      - {id: b, label: "Con nada", wrong: "No."}
    correct: a
"""
MODULE = 'id: m9\ntitle: "Uno"\nobjectives: ["x"]\nstatus: draft\nreview: ["nobody"]\ncountries: [CO, PE]\norder: 9\n'


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """One lesson, and the sentences below it."""
    root = tmp_path / "content"
    folder = root / "modules" / "m9-prueba"
    folder.mkdir(parents=True)
    (folder / "module.yml").write_text(MODULE, encoding="utf-8")
    (folder / "01-uno.yml").write_text(LESSON, encoding="utf-8")
    shutil.copytree(CONTENT / "facts", root / "facts")
    (root / "replies").mkdir()
    for file in ("parameters.yml", "glossary.yml", "sources.yml", "replies/speech.yml", "replies/lesson.yml"):
        shutil.copy(CONTENT / file, root / file)
    return root


@pytest.fixture
def content(batea: Callable[..., Any], small: Path) -> Callable[..., Any]:
    """Runs a command on that folder, with a voice that needs no network."""

    def run(*words: str) -> Any:
        return batea(*words, BATEA_CONTENT_DIR=str(small), BATEA_TTS="espeak", BATEA_SERVE_DRAFTS="1")

    return run


def notes(done: Any) -> list[str]:
    return [line for line in done.stdout.splitlines() if "voice note" in line]


def test_the_strict_check_names_what_has_no_voice_note_once_they_are_made(content: Any, small: Path) -> None:
    before = content("content", "check", "--strict")
    assert "voice notes were not looked at" in before.stderr, "nobody has made any here"
    assert notes(before) == []
    for part in ("1/2", "2/2"):  # two processes share the work
        assert content("audio", "build", "--part", part).returncode == 0
    assert content("audio", "build", "--part", "3/2").returncode == 2
    built = content("content", "check", "--strict")
    assert (notes(built), built.stderr) == ([], "")
    (small / "modules" / "m9-prueba" / "01-uno.yml").write_text(LESSON.replace("con agua.", "con cuidado."), encoding="utf-8")
    changed = content("content", "check", "--strict")
    (line,) = notes(changed)
    assert line.startswith("modules/m9-prueba/01-uno.yml:4: m9/uno/s1: no voice note: record it, or run `batea audio build`")
    assert changed.returncode == 1


def test_the_list_for_experts_and_a_signature(content: Any, small: Path) -> None:
    assert "Lave el oro con agua." in content("content", "review").stdout
    assert content("content", "sign", "m9", "--by", "Dra. Pérez").stdout == "m9: signed\n"
    assert "signed by Dra. Pérez" in content("content", "review").stdout
    assert content("content", "list").stdout.startswith("m9\tsigned\t")
    refused = content("content", "sign", "m77", "--by", "Dra. Pérez")
    assert refused.returncode == 2
    assert "no sound module m77" in refused.stderr
