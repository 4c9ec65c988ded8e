"""Pauses, what they keep back, and what expires meanwhile; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from storage.conftest import NOW, PHONE, WHATSAPP, message

from bot.domain.message import MessageState, Purpose
from bot.domain.pause import EVERYWHERE, Pause

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def nora(desk: Any, place: Any) -> str:
    """Somebody of Tarazá, in the territory bajo-cauca."""

    def work(uow: Any) -> str:
        person, state = uow.people.meet(PHONE, NOW)
        uow.people.save(replace(person, community_id="taraza"), state)
        return str(person.id)

    found: str = desk.run(work)
    return found


def queue(desk: Any, person_id: str | None, *messages: Any) -> None:
    desk.run(lambda uow: uow.outbox.add(messages, person_id))


@pytest.mark.parametrize(
    ("paused", "stopped"), [((), False), (("bajo-cauca",), True), (("puno",), False), ((EVERYWHERE,), True), (("puno", ""), True)]
)
def test_a_pause_stops_its_own_territory_or_all(desk: Any, nora: str, paused: tuple[str, ...], stopped: bool) -> None:
    queue(desk, nora, message(1))
    for territory in paused:
        desk.run(lambda uow, territory=territory: uow.pauses.begin(territory, NOW))
    assert desk.run(lambda uow: uow.pauses.stops(PHONE)) is stopped


def test_who_belongs_nowhere_is_stopped_by_a_pause_of_everything_only(desk: Any, place: Any) -> None:
    stranger = desk.run(lambda uow: uow.people.meet(PHONE, NOW)[0].id)
    queue(desk, stranger, message(1))
    desk.run(lambda uow: uow.pauses.begin("bajo-cauca", NOW))
    assert not desk.run(lambda uow: uow.pauses.stops(PHONE))
    desk.run(lambda uow: uow.pauses.begin(EVERYWHERE, NOW))
    assert desk.run(lambda uow: uow.pauses.stops(PHONE))


def test_a_pause_begun_twice_lasts_since_the_first_time_and_ends_once(desk: Any) -> None:
    for when in (NOW, LATER):
        desk.run(lambda uow, when=when: uow.pauses.begin("puno", when))
    desk.run(lambda uow: uow.pauses.begin(EVERYWHERE, LATER))
    assert desk.run(lambda uow: uow.pauses.all()) == [Pause("puno", NOW), Pause(EVERYWHERE, LATER)]
    assert desk.run(lambda uow: uow.pauses.end("puno")) == 1
    assert desk.run(lambda uow: uow.pauses.end("puno")) == 0
    assert desk.run(lambda uow: uow.pauses.end()) == 1
    assert desk.run(lambda uow: uow.pauses.all()) == []


def test_a_paused_row_holds_back_nothing_and_is_not_released_by_her_writing(desk: Any, nora: str) -> None:
    queue(desk, nora, message(1, purpose=Purpose.SERVICE), message(2))
    (first, _) = desk.run(lambda uow: uow.outbox.claim(NOW))
    desk.run(lambda uow: uow.outbox.pause(first.id, NOW))
    desk.run(lambda uow: uow.outbox.settle("m2", MessageState.SENT, NOW))
    queue(desk, nora, message(3))
    assert [one.id for one in desk.run(lambda uow: uow.outbox.claim(LATER))] == ["m3"]
    assert desk.run(lambda uow: uow.outbox.held((PHONE, WHATSAPP))) == []


def test_what_was_paused_goes_on_in_its_order_with_all_it_had(desk: Any, nora: str) -> None:
    kept = [message(number, purpose=Purpose.URGENT, expires_at=NOW + timedelta(days=2)) for number in (1, 2, 3)]
    queue(desk, nora, *kept)
    for one in desk.run(lambda uow: uow.outbox.claim(NOW)):
        desk.run(lambda uow, one=one: uow.outbox.pause(one.id, NOW))
    assert desk.run(lambda uow: uow.outbox.counts()) == {MessageState.HELD: 3}
    assert desk.run(lambda uow: uow.outbox.resume(LATER, limit=2)) == 2
    assert desk.run(lambda uow: uow.outbox.resume(LATER, limit=2)) == 1
    assert desk.run(lambda uow: uow.outbox.resume(LATER)) == 0
    found = desk.run(lambda uow: uow.outbox.claim(LATER))
    assert [one.id for one in found] == ["m1", "m2", "m3"]
    assert {(one.purpose, one.expires_at, one.attempts) for one in found} == {(Purpose.URGENT, NOW + timedelta(days=2), 1)}


def test_what_was_put_aside_after_a_resumption_began_is_not_taken_up_by_it(desk: Any, nora: str) -> None:
    queue(desk, nora, message(1, purpose=Purpose.SERVICE))
    desk.run(lambda uow: uow.outbox.claim(NOW))
    desk.run(lambda uow: uow.outbox.pause("m1", LATER))
    assert desk.run(lambda uow: uow.outbox.resume(LATER)) == 0


def test_what_waits_beyond_its_time_is_counted_as_expired_and_its_words_are_gone(desk: Any, nora: str) -> None:
    soon = NOW + timedelta(minutes=5)
    queue(desk, nora, *(message(number, expires_at=soon) for number in (1, 2, 3)), message(4))
    claimed = desk.run(lambda uow: uow.outbox.claim(NOW))
    desk.run(lambda uow: uow.outbox.pause("m1", NOW))
    desk.run(lambda uow: uow.outbox.hold(claimed[1], None, NOW))
    desk.run(lambda uow: uow.outbox.wait("m3", NOW, NOW))
    assert desk.run(lambda uow: uow.outbox.expire(NOW)) == 0
    assert desk.run(lambda uow: uow.outbox.expire(LATER)) == 3
    # At most three of one address leave at once: the fourth stands behind them.
    assert desk.run(lambda uow: uow.outbox.counts()) == {MessageState.EXPIRED: 3, MessageState.QUEUED: 1}
    assert desk.rows("SELECT count(*) FROM message WHERE sealed IS NOT NULL") == [(1,)]


def test_what_has_begun_to_leave_does_not_expire(desk: Any, nora: str) -> None:
    queue(desk, nora, message(1, expires_at=NOW + timedelta(minutes=5)))
    desk.run(lambda uow: uow.outbox.claim(NOW))
    desk.run(lambda uow: uow.outbox.part_sent("m1", "SM1", 1))
    desk.run(lambda uow: uow.outbox.wait("m1", NOW, NOW))
    assert desk.run(lambda uow: uow.outbox.expire(LATER)) == 0
