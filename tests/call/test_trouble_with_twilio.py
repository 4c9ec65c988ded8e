"""A call that Twilio does not take: within the minute it is tried again, unless it may ring already."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels.registry import build_channel
from bot.delivery.dialler import CallLimits, Dialler
from bot.domain.call import CallEvent, CallMoment, CallState, CallThread
from bot.domain.clock import MovableClock
from bot.domain.errors import AmbiguousSendError, PassingSendError, PermanentSendError, SendError
from bot.domain.message import Address, ChannelName, Rendered
from bot.settings import load
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault

HERS = Address(ChannelName.CALL, "+573001234567")


class Exchange:
    """A telephone channel whose vendor fails as it is told."""

    def __init__(self) -> None:
        self.rung: list[str] = []
        self.failures: list[SendError] = []
        self._real: Any = build_channel("call", load({"BATEA_TWILIO_VOICE_FROM": "+15005550008"}))

    def ring(self, to: Address, call_id: str) -> Rendered:
        rendered: Rendered = self._real.ring(to, call_id)
        return rendered

    def send(self, rendered: Rendered) -> str:
        self.rung.append(str(rendered.params["to"]))
        if self.failures:
            raise self.failures.pop(0)
        return "CA1"


class Events:
    def event(self, name: str, **facts: Any) -> None:
        """Nothing."""


class Desk:
    def __init__(self, folder: Path) -> None:
        self.clock = MovableClock(datetime(2026, 11, 23, 15, 0, tzinfo=UTC))
        self.exchange = Exchange()
        url = f"sqlite:///{folder / 'batea.db'}"
        self.store: Any = open_store(url, Vault("a secret of the tests and long enough"), RoundKeyFiles(folder / "r"))
        limits = CallLimits("callback", 300, lambda _: True)
        channel: Any = self.exchange
        self.dialler = Dialler(self.store, lambda: channel, self.clock, Events(), limits)

    def missed_call(self) -> str:
        call = self.dialler.request(CallEvent(f"CA{uuid.uuid4().hex}", CallMoment.RINGING, HERS, "x", CallThread()))
        assert call is not None
        return call.id

    def pass_time(self, seconds: float) -> int:
        self.clock.move(timedelta(seconds=seconds))
        self.dialler.sweep()
        return len(self.exchange.rung)

    def state(self, call_id: str) -> CallState:
        query = "SELECT state FROM phone_call WHERE id = ?"
        found = self.store.submit(lambda uow: uow.people._tx.connection.exec_driver_sql(query, (call_id,)).scalar_one()).result(
            timeout=30
        )
        return CallState(found)


@pytest.fixture
def desk(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Desk]:
    (tmp_path / "batea.db").write_bytes(migrated_sqlite.read_bytes())
    desk = Desk(tmp_path)
    yield desk
    desk.store.close()


def test_a_passing_failure_is_tried_again_within_the_minute_and_not_after_it(desk: Desk) -> None:
    call_id = desk.missed_call()
    desk.exchange.failures = [PassingSendError("busy", code="20429") for _ in range(20)]
    for _ in range(20):
        desk.pass_time(5)
    assert 5 <= len(desk.exchange.rung) <= 12
    assert desk.state(call_id) is CallState.EXPIRED


def test_a_call_that_may_ring_already_is_not_made_twice(desk: Desk) -> None:
    call_id = desk.missed_call()
    desk.exchange.failures = [AmbiguousSendError("lost", code="network")]
    assert desk.pass_time(5) == 1
    assert desk.pass_time(10) == 1
    assert desk.state(call_id) is CallState.UNKNOWN
    desk.dialler.heard(call_id, CallState.ANSWERED, None)
    assert desk.state(call_id) is CallState.ANSWERED


def test_a_number_that_cannot_be_called_is_given_up(desk: Desk) -> None:
    call_id = desk.missed_call()
    desk.exchange.failures = [PermanentSendError("no such number", code="13224")]
    desk.pass_time(5)
    assert desk.state(call_id) is CallState.FAILED


def test_after_a_crash_the_call_is_still_made_within_the_minute(desk: Desk) -> None:
    desk.missed_call()
    channel: Any = desk.exchange
    again = Dialler(desk.store, lambda: channel, desk.clock, Events(), CallLimits("callback", 300, lambda _: True))
    desk.clock.move(timedelta(seconds=30))
    again.sweep()
    assert desk.exchange.rung == [HERS.value]


def test_two_that_sweep_at_once_make_one_call(desk: Desk) -> None:
    desk.missed_call()
    desk.clock.move(timedelta(seconds=5))
    assert sum(desk.dialler.sweep() for _ in range(3)) == 1


def test_statuses_only_move_forward(desk: Desk) -> None:
    call_id = desk.missed_call()
    desk.pass_time(5)
    for state in (CallState.RINGING, CallState.MACHINE, CallState.ANSWERED, CallState.COMPLETED, CallState.RINGING):
        desk.dialler.heard(call_id, state, None)
    assert desk.state(call_id) is CallState.MACHINE


def test_a_call_whose_end_nobody_tells_ends_after_an_hour(desk: Desk) -> None:
    call_id = desk.missed_call()
    desk.pass_time(5)
    desk.dialler.heard(call_id, CallState.ANSWERED, None)
    desk.pass_time(3_700)
    assert desk.state(call_id) is CallState.COMPLETED
