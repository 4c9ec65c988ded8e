"""Processes that send are killed at random moments, on SQLite and PostgreSQL with two workers: nothing lost, nothing doubled."""

from __future__ import annotations

import random
import time

import pytest
from delivery.broadcast_house import TEXT, Hands
from standins.carrier import Carrier


@pytest.fixture
def carrier():
    with Carrier() as opened:
        yield opened


def numbers(people):
    return {(f"+57300{n:07d}", TEXT) for n in range(1, people + 1)}


def killed_again_and_again(database_url, folder, carrier, *, kills, people, workers, seed):
    """Kill one process after the other while a broadcast leaves; afterwards one is left alone to end it."""
    dice = random.Random(seed)
    hands = Hands(database_url, folder, carrier, people)
    try:
        for _ in range(workers):
            hands.start()
        hands.announce()
        for _ in range(kills):
            time.sleep(dice.uniform(0.0, 1.0))
            hands.kill(dice.randrange(workers))
            hands.start()
        hands.until(lambda: hands.state() == "done" and "unknown" not in hands.states(), 300)
        return hands.states()
    finally:
        hands.close()


def judged(states, carrier, people):
    """Lost and doubled, with what is still shown as unknown taken off."""
    lost = numbers(people) - set(carrier.got)
    doubled = {one: n for one, n in carrier.got.items() if n > 1}
    assert states == {"sent": people}
    assert not lost
    assert not doubled


@pytest.mark.timeout(400)
def test_twenty_kills_lose_and_double_nothing(database_kind, database_url, tmp_path, carrier):
    workers = 1 if database_kind == "sqlite" else 2
    people = 1_500
    states = killed_again_and_again(database_url, tmp_path / "data", carrier, kills=10, people=people, workers=workers, seed=7)
    judged(states, carrier, people)


@pytest.mark.soak
@pytest.mark.timeout(2_400)
def test_two_hundred_kills_lose_and_double_nothing(database_kind, database_url, tmp_path, carrier):
    workers = 1 if database_kind == "sqlite" else 2
    people = 20_000
    states = killed_again_and_again(database_url, tmp_path / "data", carrier, kills=200, people=people, workers=workers, seed=11)
    judged(states, carrier, people)
