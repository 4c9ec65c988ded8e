from __future__ import annotations

from datetime import timedelta

from bot.domain.message import MessageState
from bot.storage.retention import Forgotten, sweep
from bot.storage.rounds import RoundKeyFiles
from tests.storage.conftest import NOW, TELEGRAM, Desk, message


def test_a_delivery_is_new_once(desk: Desk) -> None:
    assert desk.run(lambda uow: uow.inbox.is_new("sms", "SM1", NOW))
    assert not desk.run(lambda uow: uow.inbox.is_new("sms", "SM1", NOW + timedelta(days=2)))
    assert desk.run(lambda uow: uow.inbox.is_new("telegram", "SM1", NOW))
    assert "SM1" not in str(desk.rows("SELECT * FROM delivery_seen"))


def test_two_deliveries_of_one_message_at_once_are_new_once(desk: Desk) -> None:
    futures = [desk.store.submit(lambda uow: uow.inbox.is_new("sms", "SM1", NOW)) for _ in range(8)]
    assert sorted(future.result(timeout=30) for future in futures) == [False] * 7 + [True]


def test_after_thirty_days_deliveries_and_settled_messages_are_forgotten(desk: Desk, round_keys: RoundKeyFiles) -> None:
    desk.run(lambda uow: uow.inbox.is_new("sms", "SM1", NOW))
    desk.run(lambda uow: uow.outbox.add([message(1), message(2, to=TELEGRAM)], None))
    desk.run(lambda uow: uow.outbox.claim(NOW, ids=["m1"]))
    desk.run(lambda uow: uow.outbox.part_sent("m1", "SM-out", 1))
    desk.run(lambda uow: uow.outbox.settle("m1", MessageState.SENT, NOW))
    assert sweep(desk.store, round_keys, NOW + timedelta(days=30)) == Forgotten(0, 0, 0, 0, 0)
    assert sweep(desk.store, round_keys, NOW + timedelta(days=31)) == Forgotten(1, 1, 0, 0, 0)
    assert desk.run(lambda uow: uow.outbox.counts()) == {MessageState.QUEUED: 1}
    assert desk.rows("SELECT count(*) FROM vendor_ref") == [(0,)]
