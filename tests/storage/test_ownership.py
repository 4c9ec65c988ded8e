"""No row of the ledger names somebody who is gone, whoever writes while she is erased or becomes one with another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from standins.population import settle_in

from bot.domain.broadcast import Means
from bot.domain.unasked import Kept
from bot.storage.uniting import merge
from tests.storage.conftest import NOW, Desk, broadcast, holding, message

STRAYS = "SELECT count(*) FROM message WHERE person_id IS NOT NULL AND person_id NOT IN (SELECT id FROM person)"
WAYS: dict[str, Callable[[Any, str, str], None]] = {
    "erased": lambda uow, her, _: uow.people.erase(her),
    "united": lambda uow, her, other: merge(uow.people._tx, her, other),
}
ends = pytest.mark.parametrize("end", WAYS.values(), ids=WAYS)


@pytest.fixture
def three(desk: Desk) -> list[str]:
    return desk.run(lambda uow: settle_in(uow, [{"channels": ("sms",)}] * 3))


def beside(desk: Desk, first: Callable[[Any], Any], then: Callable[[Any], Any]) -> None:
    """The second begins while the first is still open, and ends after it."""
    with holding(desk, first):
        two = desk.store.submit(then)
        with pytest.raises(TimeoutError):
            two.result(timeout=0.3)
    two.result(timeout=30)


def expanding(desk: Desk) -> Callable[[Any], bool]:
    desk.run(lambda uow: uow.broadcasts.add(broadcast()))
    return lambda uow: uow.broadcasts.expand("b1", NOW, Means(), 2)


@ends
def test_who_ends_while_a_broadcast_is_expanded_leaves_no_row_of_hers(desk: Desk, three: list[str], end: Any) -> None:
    beside(desk, expanding(desk), lambda uow: end(uow, three[0], three[2]))
    assert desk.rows(STRAYS) == [(0,)]
    assert three[0] not in str(desk.rows("SELECT person_id FROM message"))


@ends
def test_whoever_is_expanded_while_she_ends_is_there(desk: Desk, three: list[str], end: Any) -> None:
    expand = expanding(desk)
    beside(desk, lambda uow: end(uow, three[0], three[2]), expand)
    while not desk.run(expand):
        pass
    assert desk.rows(STRAYS) == [(0,)]
    assert sorted(desk.rows("SELECT person_id FROM message")) == [(three[1],), (three[2],)]


@ends
def test_what_is_written_to_her_while_she_ends_is_nobodys(desk: Desk, three: list[str], end: Any) -> None:
    beside(desk, lambda uow: end(uow, three[0], three[2]), lambda uow: uow.outbox.add([message(1)], three[0]))
    assert desk.rows("SELECT person_id FROM message") == [(None,)]


@ends
def test_what_was_being_written_to_her_goes_with_her(desk: Desk, three: list[str], end: Any) -> None:
    beside(desk, lambda uow: uow.outbox.add([message(1)], three[0]), lambda uow: end(uow, three[0], three[2]))
    assert desk.rows(STRAYS) == [(0,)]


def test_a_row_for_nobody_known_is_nobodys(desk: Desk) -> None:
    desk.run(lambda uow: uow.outbox.add([message(1)], "f" * 32))
    late = message(2, expires_at=NOW + timedelta(hours=1))
    desk.run(lambda uow: uow.unasked.refuse(late, "f" * 32, "cancelled", Kept.WEEK_FULL))
    assert desk.rows("SELECT person_id FROM message") == [(None,), (None,)]
