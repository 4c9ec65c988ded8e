from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from standins.population import settle_in

from bot.domain.broadcast import Means
from bot.domain.message import MessageState
from bot.storage import retention
from bot.storage.retention import Forgotten, sweep
from bot.storage.rounds import RoundKeyFiles
from bot.storage.tables import message as ledger
from tests.storage.conftest import NOW, TELEGRAM, Desk, broadcast, message


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


def test_a_large_broadcast_is_forgotten_bit_by_bit_but_for_what_is_under_way(
    desk: Desk, round_keys: RoundKeyFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "MESSAGES_AT_ONCE", 3)
    desk.run(lambda uow: settle_in(uow, [{"channels": ("sms",)}] * 11))
    desk.run(lambda uow: uow.broadcasts.add(broadcast()))
    while not desk.run(lambda uow: uow.broadcasts.expand("b1", NOW, Means(), 4)):
        pass
    desk.run(lambda uow: uow.outbox.add([message(number) for number in range(5)], None))
    waits = select(ledger.c.seq).where(ledger.c.broadcast_id == "b1").order_by(ledger.c.seq).limit(1).scalar_subquery()
    desk.run(lambda uow: uow.people._tx.connection.execute(update(ledger).where(ledger.c.seq != waits).values(state="delivered")))
    assert sweep(desk.store, round_keys, NOW + timedelta(days=30)).messages == 0
    assert sweep(desk.store, round_keys, NOW + timedelta(days=31)).messages == 10 + 5
    assert desk.rows("SELECT broadcast_id, state FROM message") == [("b1", "queued")]
