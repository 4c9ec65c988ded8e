"""Rows that wait: for an earlier part to be sent, or for the person to write."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from storage.conftest import NOW, PHONE, WHATSAPP, Desk, message

from bot.domain.message import MessageState, OutboundMessage, StatusUpdate

SOON = NOW + timedelta(seconds=3)
LATER = NOW + timedelta(days=2)


def run(desk: Desk, method: str, *args: Any, **facts: Any) -> Any:
    return desk.run(lambda uow: getattr(uow.outbox, method)(*args, **facts))


def claim(desk: Desk, now: Any = NOW, **facts: Any) -> list[OutboundMessage]:
    return list(run(desk, "claim", now, **facts))


def ids(rows: list[OutboundMessage]) -> list[str]:
    return [row.id for row in rows]


@pytest.fixture
def sent_in_part(desk: Desk) -> Desk:
    """Two rows of one address; the first part of the first has left."""
    run(desk, "add", [message(1, WHATSAPP), message(2, WHATSAPP)], None)
    claim(desk, ids=["m1"])
    desk.run(lambda uow: (uow.outbox.part_sent("m1", "SM1", 1), uow.outbox.wait("m1", SOON, NOW)))
    return desk


def test_a_wait_is_no_attempt_and_holds_back_what_comes_behind(sent_in_part: Desk) -> None:
    assert claim(sent_in_part) == []
    (again,) = claim(sent_in_part, SOON, limit=1)
    assert (again.id, again.attempts, again.parts_sent) == ("m1", 1, 1)


def test_once_the_part_has_left_all_of_hers_may_go_in_order(sent_in_part: Desk) -> None:
    assert run(sent_in_part, "hasten", "SM1") == ["m1", "m2"]
    assert ids(claim(sent_in_part, ids=["m1", "m2"])) == ["m1", "m2"]


def test_a_retry_is_not_hastened(sent_in_part: Desk) -> None:
    claim(sent_in_part, SOON, ids=["m1"])
    run(sent_in_part, "settle", "m1", MessageState.QUEUED, SOON, error_code="20429", not_before=LATER)
    assert run(sent_in_part, "hasten", "SM1") == []


def test_a_part_that_failed_keeps_the_next_from_leaving(sent_in_part: Desk) -> None:
    assert run(sent_in_part, "advance", StatusUpdate("SM1", MessageState.FAILED, "63024"), NOW)
    assert ids(claim(sent_in_part, SOON)) == ["m2"]
    assert run(sent_in_part, "counts")[MessageState.FAILED] == 1


@pytest.mark.parametrize("unknown", ["SM9", ""])
def test_what_nobody_knows_hastens_nothing(desk: Desk, unknown: str) -> None:
    assert run(desk, "hasten", unknown) == []
    assert run(desk, "kept", unknown) is None


def hold(desk: Desk, number: int, now: Any = NOW, to: Any = WHATSAPP) -> list[str]:
    """Hold a row, and send what was queued for that."""
    run(desk, "add", [message(number, to)], None)
    (claimed,) = claim(desk, now, ids=[f"m{number}"])
    run(desk, "hold", claimed, message(f"-invitation-{number}", to), now)
    invitations = ids(claim(desk, now))
    for invitation in invitations:
        run(desk, "settle", invitation, MessageState.SENT, now)
    return invitations


def test_one_invitation_stands_for_all_that_is_held(desk: Desk) -> None:
    assert hold(desk, 1) == ["m-invitation-1"]
    assert hold(desk, 2) == []
    assert run(desk, "held", [WHATSAPP, PHONE]) == ["m1", "m2"]


def test_after_a_week_she_is_invited_again(desk: Desk) -> None:
    hold(desk, 1)
    assert hold(desk, 2, NOW + timedelta(days=8)) == ["m-invitation-2"]


def test_nobody_waits_for_what_is_held(desk: Desk) -> None:
    hold(desk, 1)
    run(desk, "add", [message(5, WHATSAPP)], None)
    assert ids(claim(desk)) == ["m5"]


def test_what_is_released_comes_behind_what_is_queued_and_is_whole(desk: Desk) -> None:
    for number in (1, 2):
        hold(desk, number)
    run(desk, "add", [message(7, WHATSAPP)], None)
    run(desk, "release", ["m1", "m2"], LATER)
    claimed = claim(desk, LATER)
    assert ids(claimed) == ["m7", "m1", "m2"]
    assert [row.attempts for row in claimed] == [1, 1, 1]
    assert claimed[1].reply.text == "Hola"
    assert run(desk, "held", [WHATSAPP]) == []
    run(desk, "release", ["m1", "unheard-of"], LATER)
    assert claim(desk, LATER) == []


def test_what_is_held_may_be_cancelled(desk: Desk) -> None:
    hold(desk, 1)
    run(desk, "settle", "m1", MessageState.CANCELLED, NOW)
    assert run(desk, "held", [WHATSAPP]) == []
    assert run(desk, "counts")[MessageState.CANCELLED] == 1


def test_a_status_that_comes_late_moves_nothing_that_is_held(desk: Desk) -> None:
    run(desk, "add", [message(1, WHATSAPP)], None)
    (claimed,) = claim(desk)
    desk.run(lambda uow: (uow.outbox.part_sent("m1", "SM1", 1), uow.outbox.hold(claimed, None, NOW)))
    run(desk, "advance", StatusUpdate("SM1", MessageState.DELIVERED), NOW)
    assert run(desk, "counts")[MessageState.HELD] == 1
    run(desk, "release", ["m1"], LATER)
    run(desk, "advance", StatusUpdate("SM1", MessageState.DELIVERED), LATER)
    assert ids(claim(desk, LATER)) == ["m1"]


def test_a_body_is_kept_until_the_vendor_says_more(desk: Desk) -> None:
    run(desk, "add", [message(1, WHATSAPP)], None)
    claim(desk)
    desk.run(lambda uow: (uow.outbox.part_sent("m1", "SM1", 1), uow.outbox.settle("m1", MessageState.SENT, NOW, keep=True)))
    kept = run(desk, "kept", "SM1")
    assert (kept.id, kept.reply.text, kept.to) == ("m1", "Hola", WHATSAPP)
    run(desk, "advance", StatusUpdate("SM1", MessageState.DELIVERED), NOW)
    assert run(desk, "kept", "SM1") is None
    assert desk.rows("SELECT sealed FROM message") == [(None,)]


def test_a_body_of_which_the_vendor_says_nothing_is_forgotten_after_a_day(desk: Desk) -> None:
    run(desk, "add", [message(1, WHATSAPP)], None)
    claim(desk)
    run(desk, "settle", "m1", MessageState.SENT, NOW, keep=True)
    assert run(desk, "drop_bodies", NOW) == 0
    assert run(desk, "drop_bodies", LATER) == 1
    assert desk.rows("SELECT sealed FROM message") == [(None,)]


def test_what_is_held_is_forgotten_with_the_rest(desk: Desk) -> None:
    hold(desk, 1)
    assert run(desk, "forget", NOW + timedelta(days=1), 10) == 2
    assert run(desk, "held", [WHATSAPP]) == []


def test_who_is_erased_has_nothing_held(desk: Desk) -> None:
    person, _ = desk.run(lambda uow: uow.people.meet(WHATSAPP, NOW))
    run(desk, "add", [message(1, WHATSAPP)], person.id)
    (claimed,) = claim(desk)
    run(desk, "hold", claimed, message(2, WHATSAPP), NOW)
    desk.run(lambda uow: uow.people.erase(person.id))
    assert desk.rows("SELECT count(*) FROM message") == [(0,)]
    run(desk, "hold", claimed, message(3, WHATSAPP), NOW)
    assert desk.rows("SELECT count(*) FROM message") == [(0,)]
