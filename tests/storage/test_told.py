"""Results are given back once."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.poll import PollRound
from bot.domain.told import ToldRound
from tests.storage.conftest import NOW, Desk

ROUND = PollRound("Q05_v1-0", "Q05_v1", NOW, NOW + timedelta(days=7))


def test_a_round_is_marked_once_and_the_first_mark_stays(desk: Desk) -> None:
    desk.run(lambda uow: uow.polls.put_round(ROUND))
    assert desk.run(lambda uow: uow.told.get(ROUND.id)) is None
    first, again = ToldRound(ROUND.id, NOW, 12), ToldRound(ROUND.id, NOW + timedelta(days=1), 900)
    assert desk.run(lambda uow: uow.told.once(first))
    assert not desk.run(lambda uow: uow.told.once(again))
    assert desk.run(lambda uow: uow.told.get(ROUND.id)) == first
