"""What is written down of a note, on both databases."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from listening.conftest import OTHER_PHONE, note
from standins.talk import NOW

from bot.domain.errors import StorageError
from bot.domain.message import Address, ChannelName
from bot.domain.store import Store
from bot.storage import retention
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(database_url, Vault("a secret of the tests and long enough"), RoundKeyFiles(tmp_path / "rounds"))
    yield opened
    opened.close()


def run(store: Store, work: Any) -> Any:
    return store.submit(work).result(timeout=30)


def test_notes_come_out_as_they_went_in_and_in_their_order(store: Store) -> None:
    alias = Address(ChannelName.WHATSAPP, "bsuid:CO.123")
    first, second = note("SM1"), note("SM2", OTHER_PHONE)
    first = replace(first, aliases=(alias,))
    later = run(store, lambda unit: unit.notes.keep(second, NOW + timedelta(seconds=1)))
    sooner = run(store, lambda unit: unit.notes.keep(first, NOW))
    assert [each.id for each in run(store, lambda unit: unit.notes.waiting())] == [sooner.id, later.id]
    assert run(store, lambda unit: unit.notes.open(sooner.id)) == first


def test_attempts_are_counted_and_what_is_done_is_gone(store: Store) -> None:
    kept = run(store, lambda unit: unit.notes.keep(note("SM1"), NOW))
    run(store, lambda unit: unit.notes.tried(kept.id))
    run(store, lambda unit: unit.notes.tried(kept.id))
    assert [each.attempts for each in run(store, lambda unit: unit.notes.waiting())] == [2]
    run(store, lambda unit: unit.notes.done(kept.id))
    run(store, lambda unit: unit.notes.done(kept.id))
    assert run(store, lambda unit: unit.notes.open(kept.id)) is None
    assert run(store, lambda unit: unit.notes.waiting()) == []


def test_a_note_that_nobody_answered_is_forgotten_after_a_day(store: Store, tmp_path: Path) -> None:
    run(store, lambda unit: unit.notes.keep(note("SM1"), NOW))
    keys = RoundKeyFiles(tmp_path / "rounds")
    assert retention.sweep(store, keys, NOW + timedelta(hours=23)).notes == 0
    assert retention.sweep(store, keys, NOW + timedelta(hours=25)).notes == 1


def test_without_the_secret_nothing_is_told(store: Store, database_url: str, tmp_path: Path) -> None:
    kept = run(store, lambda unit: unit.notes.keep(note("SM1"), NOW))

    def read_by_a_stranger() -> None:
        vault = Vault("another secret that is long enough")
        with contextlib.closing(open_store(database_url, vault, RoundKeyFiles(tmp_path / "rounds"))) as other:
            run(other, lambda unit: unit.notes.open(kept.id))

    with pytest.raises(StorageError):
        read_by_a_stranger()
