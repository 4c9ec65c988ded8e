"""A process that seals everything anew: `rotating.py URL KEYS_FOLDER SECRETS STOP`.

Prints a line for each slice; holds still once it has looked at STOP tokens (0: never).
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bot.storage import rotation
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault


def main() -> None:
    url, keys, secrets, stop = sys.argv[1:]
    store = open_store(url, Vault(secrets), RoundKeyFiles(Path(keys)))
    seen = 0

    def told(values: int) -> None:
        nonlocal seen
        seen += values
        if int(stop) and seen >= int(stop):
            os.write(1, b"holding\n")
            time.sleep(600)
        os.write(1, b"slice\n")

    rotation.rotate(store, lambda: datetime.now(UTC), told)
    store.close()


if __name__ == "__main__":
    main()
