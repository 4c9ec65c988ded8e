from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from bot.domain.message import Choice, MessageState, OutboundMessage, Reply, Speech, StatusUpdate
from bot.storage.due_rows import MOST_OF_ONE
from bot.storage.opening import open_store
from bot.storage.unit_of_work import SqlUnitOfWork
from bot.storage.vault import Vault
from tests.storage.conftest import NOW, PHONE, SECRET, TELEGRAM, Desk, message

LATER = NOW + timedelta(minutes=1)


def _add(desk: Desk, *messages: OutboundMessage) -> None:
    desk.run(lambda uow: uow.outbox.add(messages, None))


def _claim(desk: Desk, ids: Sequence[str] | None = None, limit: int = 100, now: object = NOW) -> list[str]:
    return [m.id for m in desk.run(lambda uow: uow.outbox.claim(now, ids=ids, limit=limit))]


def _settle(desk: Desk, message_id: str, state: MessageState, **facts: object) -> None:
    desk.run(lambda uow: uow.outbox.settle(message_id, state, NOW, **facts))


def _sent(desk: Desk, message_id: str, vendor_id: str) -> None:
    def work(uow: SqlUnitOfWork) -> None:
        uow.outbox.claim(NOW, ids=[message_id])
        uow.outbox.part_sent(message_id, vendor_id, 1)
        uow.outbox.settle(message_id, MessageState.SENT, NOW)

    desk.run(work)


def _state(desk: Desk, message_id: str = "m1") -> str:
    return str(desk.rows(f"SELECT state FROM message WHERE id = '{message_id}'")[0][0])


def _told(desk: Desk, vendor_id: str, state: MessageState, code: str = "") -> bool:
    return desk.run(lambda uow: uow.outbox.advance(StatusUpdate(vendor_id, state, code), NOW))


def test_a_message_comes_back_whole(desk: Desk) -> None:
    reply = Reply(
        "poll.q01",
        "¿Se usó azogue?",
        Speech("¿Se usó azogue? Marque 1", slow=True),
        (Choice("1", "no", "Nada"),),
        "azogue.png",
        "Azogue?",
    )
    sent = OutboundMessage("m1", PHONE, reply, NOW, not_before=NOW + timedelta(hours=1))
    _add(desk, sent)
    [got] = desk.run(lambda uow: uow.outbox.claim(NOW + timedelta(hours=2)))
    assert got == replace(sent, state=MessageState.SENDING, attempts=1)


def test_nothing_is_claimed_before_its_time_or_twice(desk: Desk) -> None:
    _add(desk, message(1), message(2, to=TELEGRAM, not_before=LATER))
    assert _claim(desk) == ["m1"]
    assert _claim(desk) == []
    assert _claim(desk, now=LATER) == ["m2"]


def test_rows_of_one_address_come_in_order_and_the_limit_cuts_behind(desk: Desk) -> None:
    _add(desk, *(message(n, to=PHONE if n % 2 else TELEGRAM) for n in range(6)))
    assert _claim(desk, limit=4) == ["m0", "m1", "m2", "m3"]


def test_a_round_takes_three_rows_of_an_address_and_the_rest_in_the_next_rounds(desk: Desk) -> None:
    _add(desk, *(message(n) for n in range(8)), message(8, to=TELEGRAM))
    assert _claim(desk) == ["m0", "m1", "m2", "m8"]
    assert _claim(desk) == []
    for n in range(3):
        _settle(desk, f"m{n}", MessageState.SENT)
    assert _claim(desk) == ["m3", "m4", "m5"]


def test_a_row_waits_while_an_earlier_one_of_its_address_is_being_sent(desk: Desk) -> None:
    _add(desk, message(1), message(2), message(3, to=TELEGRAM))
    assert _claim(desk, ids=["m1"]) == ["m1"]
    assert _claim(desk) == ["m3"]
    _settle(desk, "m1", MessageState.FAILED)
    assert _claim(desk) == ["m2"]


def test_a_row_waits_while_an_earlier_one_of_its_address_is_to_be_retried(desk: Desk) -> None:
    _add(desk, message(1), message(2))
    _claim(desk, ids=["m1"])
    _settle(desk, "m1", MessageState.QUEUED, error_code="20429", not_before=LATER)
    assert _claim(desk) == []
    [again] = desk.run(lambda uow: uow.outbox.claim(LATER))
    assert (again.id, again.attempts) == ("m1", 2)
    _settle(desk, "m1", MessageState.SENT)
    assert _claim(desk) == ["m2"]


def test_a_row_asked_for_by_id_does_not_overtake_one_that_was_not(desk: Desk) -> None:
    _add(desk, message(1), message(2))
    assert _claim(desk, ids=["m2"]) == []
    assert _claim(desk, ids=["m2", "m1"]) == ["m1", "m2"]


def test_workers_at_once_share_the_queue_without_doubles_or_overtaking(desk: Desk) -> None:
    _add(desk, *(message(n, to=replace(PHONE, value=f"+57300000000{n % 10}")) for n in range(60)))
    together = Barrier(4)
    alone = desk.url.startswith("sqlite")

    def work(uow: SqlUnitOfWork) -> list[OutboundMessage]:
        if not alone:
            together.wait(10)
        return list(uow.outbox.claim(NOW, limit=25))

    # Each worker a process, as far as the database can tell; SQLite has one that serves.
    stores = [desk.store] * 4 if alone else [open_store(desk.url, Vault(SECRET), desk.keys) for _ in range(4)]
    batches = [f.result(timeout=30) for f in [store.submit(work) for store in stores]]
    for store in () if alone else stores:
        store.close()
    claimed = [m.id for batch in batches for m in batch]
    assert len(claimed) == len(set(claimed))
    for address in {m.to.value for batch in batches for m in batch}:
        owners = [index for index, batch in enumerate(batches) if any(m.to.value == address for m in batch)]
        order = [int(m.id[1:]) for batch in batches for m in batch if m.to.value == address]
        assert order == sorted(order)
        if not alone:
            assert len(owners) == 1, "two workers hold messages of one person at the same moment"


@pytest.mark.parametrize("final", [MessageState.SENT, MessageState.FAILED, MessageState.CANCELLED, MessageState.EXPIRED])
def test_a_final_state_drops_body_and_address(desk: Desk, final: MessageState) -> None:
    _add(desk, message(1))
    _claim(desk)
    _settle(desk, "m1", final, error_code="30003")
    assert desk.rows("SELECT state, error_code, sealed, address_hash, due_at, claimed_at FROM message") == [
        (final.value, "30003", None, None, None, None)
    ]


def test_an_ambiguous_send_stays_visible_and_keeps_its_body(desk: Desk) -> None:
    _add(desk, message(1))
    _claim(desk)
    _settle(desk, "m1", MessageState.UNKNOWN)
    assert desk.run(lambda uow: uow.outbox.counts()) == {MessageState.UNKNOWN: 1}
    assert desk.rows("SELECT count(*) FROM message WHERE sealed IS NOT NULL") == [(1,)]
    assert _claim(desk, now=LATER) == []


def test_an_ephemeral_message_is_gone_once_sent(desk: Desk) -> None:
    _add(desk, message(1, ephemeral=True))
    _sent(desk, "m1", "SM1")
    assert desk.rows("SELECT count(*) FROM message") == [(0,)]
    assert desk.rows("SELECT count(*) FROM vendor_ref") == [(0,)]
    assert not _told(desk, "SM1", MessageState.DELIVERED)


def test_an_ephemeral_message_that_did_not_leave_keeps_nothing_but_the_fact(desk: Desk) -> None:
    _add(desk, message(1, ephemeral=True))
    _claim(desk)
    _settle(desk, "m1", MessageState.UNKNOWN)
    assert desk.rows("SELECT person_id, sealed, address_hash FROM message") == [(None, None, None)]


def test_statuses_only_move_forward(desk: Desk) -> None:
    _add(desk, message(1))
    _sent(desk, "m1", "SM1")
    assert _told(desk, "SM1", MessageState.DELIVERED)
    assert not _told(desk, "SM1", MessageState.DELIVERED)
    assert not _told(desk, "SM1", MessageState.SENT)
    assert not _told(desk, "SM1", MessageState.FAILED)
    assert _state(desk) == "delivered"
    assert _told(desk, "SM1", MessageState.READ)
    assert _state(desk) == "read"
    _settle(desk, "m1", MessageState.SENT)
    assert _state(desk) == "read"


def test_a_status_of_an_unknown_message_changes_nothing(desk: Desk) -> None:
    assert not _told(desk, "SM-nobody", MessageState.DELIVERED)


def test_a_status_that_overtakes_our_own_commit_is_not_lost(desk: Desk) -> None:
    _add(desk, message(1))
    _claim(desk)
    desk.run(lambda uow: uow.outbox.part_sent("m1", "SM1", 1))
    assert _told(desk, "SM1", MessageState.DELIVERED)
    assert _state(desk) == "sending"
    _settle(desk, "m1", MessageState.SENT)
    assert _state(desk) == "delivered"


def test_a_delivered_text_does_not_end_a_message_whose_voice_has_yet_to_leave(desk: Desk) -> None:
    _add(desk, message(1))
    _claim(desk)
    desk.run(lambda uow: uow.outbox.part_sent("m1", "SM-text", 1))
    _told(desk, "SM-text", MessageState.DELIVERED)
    _settle(desk, "m1", MessageState.QUEUED, not_before=LATER)
    [again] = desk.run(lambda uow: uow.outbox.claim(LATER))
    assert (again.id, again.parts_sent) == ("m1", 1)


def test_an_abandoned_send_becomes_unknown_and_a_later_word_clears_it(desk: Desk) -> None:
    _add(desk, message(1))
    _claim(desk)
    desk.run(lambda uow: uow.outbox.part_sent("m1", "SM1", 1))
    assert desk.run(lambda uow: uow.outbox.abandoned(NOW)) == 0
    assert desk.run(lambda uow: uow.outbox.abandoned(LATER)) == 1
    assert desk.run(lambda uow: uow.outbox.counts()) == {MessageState.UNKNOWN: 1}
    assert _told(desk, "SM1", MessageState.SENT)
    assert _state(desk) == "sent"


def test_of_an_abandoned_claim_only_the_first_row_can_have_left(desk: Desk) -> None:
    _add(desk, *(message(n) for n in range(4)))
    _claim(desk, ["m0", "m1", "m2", "m3"])
    _settle(desk, "m0", MessageState.SENT)
    assert desk.run(lambda uow: uow.outbox.abandoned(LATER)) == 3
    assert [_state(desk, f"m{n}") for n in range(4)] == ["sent", "unknown", "queued", "queued"]
    assert [(m.id, m.attempts) for m in desk.run(lambda uow: uow.outbox.claim(LATER))] == [("m2", 1), ("m3", 1)]


def test_a_claim_that_is_still_being_worked_on_is_not_abandoned(desk: Desk) -> None:
    _add(desk, *(message(n) for n in range(3)))
    _claim(desk)
    desk.run(lambda uow: uow.outbox.settle("m0", MessageState.SENT, LATER))
    assert desk.run(lambda uow: uow.outbox.abandoned(LATER)) == 0
    assert desk.run(lambda uow: uow.outbox.abandoned(LATER + timedelta(minutes=1))) == 2


def test_many_rows_behind_their_elders_do_not_stop_the_queue(desk: Desk) -> None:
    people = [replace(PHONE, value=f"+57300000000{n}") for n in range(5)]
    _add(desk, *(message(f"-elder{n}", to=who) for n, who in enumerate(people)))
    for elder in _claim(desk):
        _settle(desk, elder, MessageState.QUEUED, not_before=LATER)
    _add(desk, *(message(f"-younger{n}", to=who) for n, who in enumerate(people)))
    assert _claim(desk, limit=3) == []
    assert _claim(desk, limit=3, now=LATER) == ["m-elder0", "m-elder1", "m-elder2"]


def test_what_is_planned_for_later_holds_back_no_answer_of_today(desk: Desk) -> None:
    _add(desk, *(message(f"-planned{n}", not_before=LATER) for n in range(MOST_OF_ONE)))
    _add(desk, message("-answer"), message("-lost"))
    assert _claim(desk, ["m-answer"]) == ["m-answer"], "at once"
    _settle(desk, "m-answer", MessageState.SENT)
    assert _claim(desk) == ["m-lost"], "by the sweep, after a crash"


def test_an_abandoned_message_to_a_simulated_address_is_simply_queued_again(desk: Desk) -> None:
    _add(desk, message(1, to=replace(PHONE, simulated=True)))
    _claim(desk)
    desk.run(lambda uow: uow.outbox.abandoned(LATER))
    assert _claim(desk) == ["m1"]


def test_the_same_vendor_id_in_two_chats_is_no_error(desk: Desk) -> None:
    _add(desk, message(1, to=TELEGRAM), message(2, to=replace(TELEGRAM, value="77002")))
    _sent(desk, "m1", "41")
    _sent(desk, "m2", "41")
    assert desk.run(lambda uow: uow.outbox.counts()) == {MessageState.SENT: 2}


def test_settling_what_was_erased_meanwhile_is_no_error(desk: Desk) -> None:
    _sent(desk, "m-gone", "SM1")
    assert desk.run(lambda uow: uow.outbox.counts()) == {}
