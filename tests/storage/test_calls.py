"""Telephone calls on both databases: limits, forward only, and what is left of a number."""

from __future__ import annotations

from datetime import timedelta

import pytest
from storage.conftest import NOW, Desk

from bot.domain.call import CallKind, CallState, PhoneCall
from bot.domain.message import Address, ChannelName

HERS = Address(ChannelName.CALL, "+573001234567")
OTHER = Address(ChannelName.CALL, "+51912345678")
DAY_AGO = NOW - timedelta(days=1)


def call(number: int = 1, to: Address = HERS, kind: CallKind = CallKind.BACK, **facts: object) -> PhoneCall:
    return PhoneCall(f"c{number}", to, kind, NOW, NOW + timedelta(minutes=1), **facts)  # type: ignore[arg-type]


def test_a_queued_call_is_due_once_its_time_has_come_and_opens_with_its_number(desk: Desk) -> None:
    desk.run(lambda uow: uow.calls.add(call(), NOW))
    assert desk.run(lambda uow: uow.calls.due(NOW - timedelta(seconds=1))) == []
    assert desk.run(lambda uow: uow.calls.due(NOW)) == [call()]
    desk.run(lambda uow: uow.calls.dialled("c1", NOW))
    assert desk.run(lambda uow: uow.calls.due(NOW)) == []


def test_a_call_that_could_not_be_made_is_due_again_later(desk: Desk) -> None:
    desk.run(lambda uow: uow.calls.add(call(), NOW))
    desk.run(lambda uow: uow.calls.dialled("c1", NOW))
    desk.run(lambda uow: uow.calls.postpone("c1", NOW + timedelta(seconds=5), NOW))
    assert desk.run(lambda uow: uow.calls.due(NOW)) == []
    assert len(desk.run(lambda uow: uow.calls.due(NOW + timedelta(seconds=5)))) == 1


@pytest.mark.parametrize("late", [CallState.RINGING, CallState.ANSWERED, CallState.BUSY, CallState.COMPLETED])
def test_a_call_that_ended_stays_as_it_ended(desk: Desk, late: CallState) -> None:
    desk.run(lambda uow: uow.calls.add(call(state=CallState.RINGING), NOW))
    before = desk.run(lambda uow: uow.calls.advance("c1", CallState.MACHINE, NOW))
    assert before is not None
    assert (before.state, before.to) == (CallState.RINGING, HERS)
    assert desk.run(lambda uow: uow.calls.advance("c1", late, NOW)) is None


def test_the_number_of_a_call_that_ended_is_gone_but_still_counts(desk: Desk) -> None:
    desk.run(lambda uow: uow.calls.add(call(state=CallState.HEARD), NOW))
    desk.run(lambda uow: uow.calls.advance("c1", CallState.COMPLETED, NOW))
    assert desk.run(lambda uow: uow.calls.stuck(NOW + timedelta(days=1))) == []
    assert desk.run(lambda uow: uow.calls.count(DAY_AGO, HERS)) == 1


def test_calls_are_counted_by_number_and_in_all(desk: Desk) -> None:
    for number, to in enumerate((HERS, HERS, OTHER)):
        desk.run(lambda uow, n=number, t=to: uow.calls.add(call(n, t), NOW))
    desk.run(lambda uow: uow.calls.dialled("c0", NOW))
    assert desk.run(lambda uow: uow.calls.count(DAY_AGO, HERS)) == 2
    assert desk.run(lambda uow: uow.calls.count(DAY_AGO)) == 3
    assert desk.run(lambda uow: uow.calls.count(NOW + timedelta(seconds=1), HERS)) == 1


def test_a_call_waits_until_it_has_ended(desk: Desk) -> None:
    desk.run(lambda uow: uow.calls.add(call(kind=CallKind.OUT), NOW))
    assert desk.run(lambda uow: uow.calls.waiting(HERS, CallKind.OUT))
    assert not desk.run(lambda uow: uow.calls.waiting(HERS, CallKind.BACK))
    desk.run(lambda uow: uow.calls.advance("c1", CallState.NO_ANSWER, NOW))
    assert not desk.run(lambda uow: uow.calls.waiting(HERS, CallKind.OUT))


def test_a_call_that_was_taken_waits_no_more_for_being_taken(desk: Desk) -> None:
    desk.run(lambda uow: uow.calls.add(call(), NOW))
    assert desk.run(lambda uow: uow.calls.waiting(HERS, CallKind.BACK, taken=False))
    desk.run(lambda uow: uow.calls.advance("c1", CallState.HEARD, NOW))
    assert not desk.run(lambda uow: uow.calls.waiting(HERS, CallKind.BACK, taken=False))
    assert desk.run(lambda uow: uow.calls.waiting(HERS, CallKind.BACK))


def test_a_call_of_whose_end_nobody_tells_is_found(desk: Desk) -> None:
    desk.run(lambda uow: uow.calls.add(call(state=CallState.ANSWERED), NOW))
    assert desk.run(lambda uow: uow.calls.stuck(NOW)) == []
    assert [one.to for one in desk.run(lambda uow: uow.calls.stuck(NOW + timedelta(seconds=1)))] == [HERS]


def test_the_one_call_that_offered_the_way_back_is_remembered_and_the_others_forgotten(desk: Desk) -> None:
    desk.run(lambda uow: uow.calls.add(call(1, kind=CallKind.RETURN, state=CallState.COMPLETED), NOW))
    desk.run(lambda uow: uow.calls.add(call(2, state=CallState.COMPLETED), NOW))
    desk.run(lambda uow: uow.calls.add(call(3), NOW))
    assert desk.run(lambda uow: uow.calls.forget(NOW + timedelta(days=3))) == 1
    assert desk.run(lambda uow: uow.calls.offered_return(HERS, NOW))
    assert not desk.run(lambda uow: uow.calls.offered_return(HERS, NOW + timedelta(days=1)))
    assert not desk.run(lambda uow: uow.calls.offered_return(OTHER, NOW))


def test_erasing_somebody_drops_the_calls_that_wait_for_her(desk: Desk) -> None:
    person, _ = desk.run(lambda uow: uow.people.meet(HERS, NOW))
    desk.run(lambda uow: uow.calls.add(call(kind=CallKind.OUT), NOW))
    desk.run(lambda uow: uow.people.erase(person.id))
    assert desk.run(lambda uow: uow.calls.due(NOW + timedelta(days=1))) == []
