from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from bot.storage.rounds import RoundKeyFiles
from bot.storage.unit_of_work import SqlUnitOfWork
from tests.storage.conftest import NOW, PHONE, Desk

TURNS = Path(__file__).with_name("turns.py")
KILLS = 20


def _killed_in_mid_turn(url: str, keys: Path, run: int, chance: random.Random) -> set[str]:
    """Serve for a random moment, kill -9, and return the turns that were reported as being on disk."""
    command = [sys.executable, str(TURNS), url, str(keys), f"run{run}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(chance.uniform(0, 0.1))
        process.kill()
        reported = (first + process.stdout.read()).split("\n")
    assert first, "the process did not start"
    return {line for line in reported[:-1] if line}  # a line cut short was not finished being told


def test_twenty_kills_in_mid_turn_lose_nothing_and_leave_nothing_half_done(
    database_url: str, round_keys: RoundKeyFiles, tmp_path: Path
) -> None:
    chance = random.Random(20261123)
    reported: set[str] = set()
    for run in range(KILLS):
        reported |= _killed_in_mid_turn(database_url, tmp_path / "rounds", run, chance)
    assert len(reported) > KILLS
    desk = Desk(database_url, round_keys)
    try:
        messages = {row[0] for row in desk.rows("SELECT id FROM message")}
        lessons = {row[0] for row in desk.rows("SELECT lesson_id FROM lesson_record")}
        seen = desk.rows("SELECT count(*) FROM delivery_seen")[0][0]
        assert reported <= messages, "a turn was reported and is not there"
        assert lessons == messages
        assert seen == len(messages)
        assert desk.run(_turns_counted) == len(messages)
        again = [desk.run(lambda uow, n=name: uow.inbox.is_new("sms", n, NOW)) for name in sorted(reported)[:100]]
        assert not any(again)
    finally:
        desk.store.close()


def _turns_counted(uow: SqlUnitOfWork) -> int:
    return sum(uow.people.meet(_phone(number), NOW)[1].misses for number in range(3))


def _phone(number: int) -> object:
    return type(PHONE)(PHONE.channel, f"+57300000000{number}")
