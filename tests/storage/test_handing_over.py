"""Chunks of a broadcast that two processes take up at the same time."""

from __future__ import annotations

from sqlalchemy import update
from standins.population import settle_in

from bot.domain.broadcast import Means
from bot.storage.tables import broadcast_chunk
from tests.storage.conftest import NOW, ONLY_POSTGRESQL, Desk, broadcast, holding

WAITING = "SELECT number FROM broadcast_chunk WHERE due_at IS NOT NULL ORDER BY number"


@ONLY_POSTGRESQL
def test_nobody_who_hands_chunks_over_waits_for_somebody_who_has_one(desk: Desk) -> None:
    desk.run(lambda uow: settle_in(uow, [{"channels": ("sms",)}, {"channels": ("sms",)}]))
    desk.run(lambda uow: uow.broadcasts.add(broadcast()))
    while not desk.run(lambda uow: uow.broadcasts.expand("b1", NOW, Means(), 1)):
        pass
    chunks = desk.run(lambda uow: uow.chunks.waiting(NOW, 10))
    assert len(chunks) == 2
    first = update(broadcast_chunk).where(broadcast_chunk.c.number == chunks[0].number).values(touched_at=NOW)
    with holding(desk, lambda uow: uow.people._tx.connection.execute(first)):
        desk.run(lambda uow: uow.chunks.handed(chunks, NOW))
    assert desk.rows(WAITING) == [(chunks[0].number,)]
