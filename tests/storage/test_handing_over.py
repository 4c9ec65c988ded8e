"""Chunks of a broadcast that two processes take up at the same time."""

from __future__ import annotations

import threading
from typing import Any

from sqlalchemy import update
from standins.population import settle_in

from bot.domain.broadcast import Broadcast, BroadcastState, Content, Means
from bot.domain.message import Purpose, Reply
from bot.storage.tables import broadcast_chunk
from tests.storage.conftest import NOW, ONLY_POSTGRESQL, Desk

WAITING = "SELECT number FROM broadcast_chunk WHERE due_at IS NOT NULL ORDER BY number"


@ONLY_POSTGRESQL
def test_nobody_who_hands_chunks_over_waits_for_somebody_who_has_one(desk: Desk) -> None:
    content = Content(Reply("broadcast.message", "Hay reunión"))
    one = Broadcast("b1", "all", content, Purpose.SERVICE, "nora", NOW, BroadcastState.RUNNING)
    desk.run(lambda uow: settle_in(uow, [{"channels": ("sms",)}, {"channels": ("sms",)}]))
    desk.run(lambda uow: uow.broadcasts.add(one))
    while not desk.run(lambda uow: uow.broadcasts.expand("b1", NOW, Means(), 1)):
        pass
    chunks = desk.run(lambda uow: uow.chunks.waiting(NOW, 10))
    assert len(chunks) == 2
    begun, go_on = threading.Event(), threading.Event()

    def has(uow: Any) -> None:
        first = broadcast_chunk.c.number == chunks[0].number
        uow.people._tx.connection.execute(update(broadcast_chunk).where(first).values(touched_at=NOW))
        begun.set()
        go_on.wait(10)

    other = desk.store.submit(has)
    assert begun.wait(10)
    desk.run(lambda uow: uow.chunks.handed(chunks, NOW))
    assert not other.done()
    go_on.set()
    other.result(timeout=30)
    assert desk.rows(WAITING) == [(chunks[0].number,)]
