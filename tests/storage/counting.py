"""A process whose turns each read her state and write one more: `counting.py URL KEYS_FOLDER CHANNEL ADDRESS TURNS [SECRETS]`."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.message import Address, ChannelName
from bot.domain.store import UnitOfWork
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault

SECRET = "a secret of the tests and long enough"
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def main() -> None:
    url, keys, channel, value, turns, *secrets = sys.argv[1:]
    address = Address(ChannelName(channel), value)
    store = open_store(url, Vault(secrets[0] if secrets else SECRET), RoundKeyFiles(Path(keys)))

    def turn(uow: UnitOfWork) -> None:
        person, state = uow.people.meet(address, NOW)
        time.sleep(0.005)  # the understanding, during which the other process would read the same state
        uow.people.save(person, replace(state, misses=state.misses + 1))

    os.write(1, b"ready\n")
    sys.stdin.readline()
    for future in [store.submit(turn) for _ in range(int(turns))]:
        future.result(timeout=60)
    store.close()


if __name__ == "__main__":
    main()
