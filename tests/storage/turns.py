"""A process that serves turns until it is killed: `turns.py URL KEYS_FOLDER RUN`. Prints each turn that is on disk."""

from __future__ import annotations

import os
import sys
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bot.domain.learning import LessonRecord
from bot.domain.message import Address, ChannelName, OutboundMessage, Reply
from bot.domain.store import UnitOfWork
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault

SECRET = "a secret of the tests and long enough"
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
PEOPLE = 3


def turn(name: str, uow: UnitOfWork) -> None:
    """One turn: the delivery, the count in the state, a lesson and a reply, or none of them."""
    assert uow.inbox.is_new("sms", name, NOW)
    address = Address(ChannelName.SMS, f"+57300000000{int(name.rpartition('-')[2]) % PEOPLE}")
    person, state = uow.people.meet(address, NOW)
    uow.people.record_lesson(person.id, LessonRecord("m1", name, "s1"))
    uow.people.save(person, replace(state, misses=state.misses + 1))
    uow.outbox.add([OutboundMessage(name, address, Reply("greeting.hello", "Hola"), NOW)], person.id)


def done(name: str, future: Future[None]) -> None:
    if future.exception() is None:
        os.write(1, f"{name}\n".encode())  # at once: what is printed is what the vendor was told


def main() -> None:
    url, keys, run = sys.argv[1:]
    store = open_store(url, Vault(SECRET), RoundKeyFiles(Path(keys)))
    number = 0
    while True:
        futures = []
        for _ in range(20):
            name = f"{run}-{number}"
            futures.append(store.submit(partial(turn, name)))
            futures[-1].add_done_callback(partial(done, name))
            number += 1
        for future in futures:
            future.result()


if __name__ == "__main__":
    main()
