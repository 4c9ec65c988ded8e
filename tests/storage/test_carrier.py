"""An SMS address that a carrier keeps shut, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from storage.conftest import NOW, PHONE, TELEGRAM, WHATSAPP, Desk, message

from bot.domain.conversation import SMS_SHUT
from bot.domain.line import CodeKind
from bot.domain.message import MessageState
from bot.domain.person import Person

LATER = NOW + timedelta(days=1)


def people(desk: Desk, method: str, *args: Any) -> Any:
    return desk.run(lambda uow: getattr(uow.people, method)(*args))


def shut(desk: Desk) -> None:
    people(desk, "meet", PHONE, NOW)
    people(desk, "set_shut_by_carrier", PHONE, NOW)


def test_what_the_carrier_holds_outlives_a_return_and_ends_with_her_own_start(desk: Desk) -> None:
    shut(desk)
    assert people(desk, "opted_out", PHONE)
    people(desk, "set_opted_out", PHONE, None)
    assert people(desk, "shut_by_carrier", PHONE)
    people(desk, "set_shut_by_carrier", PHONE, None)
    assert not people(desk, "shut_by_carrier", PHONE)
    assert not people(desk, "opted_out", PHONE)


def test_it_is_known_without_asking_once_she_was_met(desk: Desk) -> None:
    shut(desk)

    def work(uow: Any) -> bool:
        uow.people.meet(PHONE, LATER)
        return bool(uow.people._tx.shut_by_carrier)

    assert desk.run(work)
    assert people(desk, "shut_by_carrier", PHONE)
    assert not people(desk, "shut_by_carrier", WHATSAPP)


def test_what_is_queued_there_is_given_up_and_elsewhere_it_leaves(desk: Desk) -> None:
    desk.run(lambda uow: uow.outbox.add([message(1), message(2), message(3, to=WHATSAPP)], None))
    shut(desk)
    assert [one.id for one in desk.run(lambda uow: uow.outbox.claim(NOW))] == ["m3"]
    assert desk.run(lambda uow: uow.outbox.counts())[MessageState.FAILED] == 2
    assert desk.rows("SELECT sealed, address_hash, error_code FROM message WHERE id = 'm1'") == [(None, None, "opted_out")]


def test_whoever_comes_by_that_number_or_by_a_chat_of_hers_is_to_be_told(desk: Desk) -> None:
    def join(uow: Any) -> None:
        met, _ = uow.people.meet(PHONE, NOW)
        uow.lines.issue("123456", CodeKind.JOIN, met.id, PHONE, NOW)
        uow.people.meet(TELEGRAM, NOW)
        uow.lines.redeem("123456", TELEGRAM, Person("p" * 32, NOW), NOW)

    desk.run(join)
    shut(desk)
    for address in (WHATSAPP, TELEGRAM):
        met, state = people(desk, "meet", address, NOW)
        assert state.notice == SMS_SHUT
        assert people(desk, "sms_shut", met.id)


def test_of_several_on_one_phone_each_is_to_be_told_once_however_often_it_is_refused(desk: Desk) -> None:
    def share(uow: Any) -> None:
        uow.people.meet(PHONE, NOW)
        line = uow.people.line(PHONE).id
        uow.lines.share(line, "Rosa")
        uow.lines.add(line, Person("b" * 32, NOW))

    desk.run(share)
    shut(desk)
    met, state = people(desk, "get", "b" * 32)
    assert state.notice == SMS_SHUT
    people(desk, "save", met, type(state)())
    people(desk, "set_shut_by_carrier", PHONE, LATER)
    assert people(desk, "get", "b" * 32)[1].notice == ""


def test_it_outlives_whoever_asked_to_be_erased_as_a_bare_hash(desk: Desk) -> None:
    shut(desk)
    met, _ = people(desk, "meet", PHONE, NOW)
    people(desk, "erase", met.id)
    assert desk.rows("SELECT line_id, value_sealed FROM address") == [(None, None)]
    people(desk, "meet", PHONE, LATER)
    assert people(desk, "shut_by_carrier", PHONE)
