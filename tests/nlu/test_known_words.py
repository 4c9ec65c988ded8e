"""The words beside a model are the same as those read out of wordfreq."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.nlu import known_words, vocabulary


def same(one: known_words.KnownWords, other: known_words.KnownWords) -> bool:
    common = list(one.common.items()) == list(other.common.items())
    return common and one.sounds == other.sounds and one.rare.hashes.tolist() == other.rare.hashes.tolist()


def test_what_is_kept_is_what_was_gathered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gathered = known_words.known_words(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [known_words.FILE]
    monkeypatch.setattr(vocabulary, "common_words", lambda: pytest.fail("gathered again"))
    assert same(gathered, known_words.known_words(tmp_path))


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / known_words.FILE).write_bytes(b"PK\x03\x04 no archive")
    found = known_words.known_words(tmp_path)
    assert same(found, known_words.known_words(tmp_path))
    assert "azogue" in found.rare or "azogue" in found.common


def test_a_folder_that_there_is_not_costs_only_time(tmp_path: Path) -> None:
    assert known_words.known_words(tmp_path / "none").common
    assert not (tmp_path / "none").exists()
