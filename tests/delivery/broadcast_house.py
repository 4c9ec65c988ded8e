"""Processes that send broadcasts over a database of their own, to a carrier on loopback; to be killed at any time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

from standins.population import settle_in
from standins.signing import ACCOUNT, AUTH_TOKEN

from bot.domain.broadcast import Broadcast, BroadcastState, Content
from bot.domain.message import Purpose, Reply
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault

ROOT = Path(__file__).parents[2]
SECRET = "a secret that is long enough"
TEXT = "Manana hay reunion en la escuela"


class Hands:
    """So many processes on one database; `kill` ends one of them without a word, `start` begins another in its place."""

    def __init__(self, url, folder, carrier, people, count=1, **settings):
        self.url, self.folder, self.carrier, self.count = url, folder, carrier, count
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("BATEA_")} | {
            "PYTHONPATH": f"{ROOT / 'tests'}{os.pathsep}{ROOT}",
            "BATEA_DATABASE_URL": url,
            "BATEA_DATA_DIR": str(folder),
            "BATEA_SECRET_KEY": SECRET,
            "BATEA_TTS": "off",
            "BATEA_SERVE_DRAFTS": "1",
            "BATEA_TWILIO_ACCOUNT_SID": ACCOUNT,
            "BATEA_TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "BATEA_TWILIO_API_URL": carrier.url,
            "BATEA_TWILIO_SMS_FROM": "+15005550006",
            "BATEA_CALL_HOURS_CO": "00:00-23:59",
            "BATEA_RATES": "sms=0",
            **{f"BATEA_{name}": value for name, value in settings.items()},
        }
        folder.mkdir(exist_ok=True)
        with (folder / "log").open("ab") as log:
            command = [sys.executable, "-m", "standins.executing"]
            self.mother = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
            )
        self.processes = []
        self.store = open_store(url, Vault(SECRET), RoundKeyFiles(folder / "rounds"))
        now = datetime.now(UTC)
        for at in range(0, people, 1_000):
            facts = [{"id": f"{n:032x}", "number": f"+57300{n:07d}"} for n in range(at + 1, min(people, at + 1_000) + 1)]
            self.do(lambda uow, facts=facts: settle_in(uow, facts))
        content = Content(Reply("broadcast.message", TEXT))
        last = now + timedelta(hours=6)
        # As in life no two share a name: what DBOS has done under one it does not do again, and its tables outlive a test.
        self.id = uuid.uuid4().hex[:8]
        scheduled = BroadcastState.SCHEDULED
        self.broadcast = Broadcast(self.id, "all", content, Purpose.SERVICE, "nora", now, scheduled, expires_at=last)

    def announce(self):
        self.do(lambda uow: uow.broadcasts.add(self.broadcast))

    def do(self, work):
        return self.store.submit(work).result(timeout=60)

    def start(self):
        """One more process, which is waited for."""
        self.mother.stdin.write(b"\n")
        self.mother.stdin.flush()
        number, _, name = self.mother.stdout.readline().decode().strip().partition(" ")
        assert name, (self.folder / "log").read_text()[-2_000:]
        self.processes.append(int(number))
        return name

    def kill(self, which=0):
        number = self.processes.pop(which)
        os.kill(number, signal.SIGKILL)
        self._gone(number, 10)

    def stop(self):
        """End all of them as a supervisor would."""
        for number in self.processes:
            os.kill(number, signal.SIGTERM)
        for number in self.processes:
            self._gone(number, 40)
        self.processes = []

    def close(self):
        for number in self.processes:
            os.kill(number, signal.SIGKILL)
        self.mother.stdin.close()
        self.mother.wait(20)
        self.mother.stdout.close()
        self.store.close()

    def states(self):
        return {state.value: n for state, n in self.do(lambda uow: uow.broadcasts.states(self.id)).items() if n}

    def state(self):
        return self.do(lambda uow: uow.broadcasts.get(self.id)).state

    def until(self, what, seconds=60.0, every_s=0.1):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if what():
                return
            time.sleep(every_s)
        raise AssertionError((self.states(), self.state(), len(self.carrier.taken), (self.folder / "log").read_text()[-2_000:]))

    @staticmethod
    def _gone(number, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                os.kill(number, 0)
            except ProcessLookupError:
                return
            time.sleep(0.01)
        raise AssertionError(f"process {number} does not end")
