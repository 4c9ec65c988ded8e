"""Messages of one person that two processes take at the same moment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.domain.line import CodeKind
from bot.domain.message import Address, ChannelName
from bot.domain.person import Person
from tests.storage.conftest import NOW, PHONE, TELEGRAM, Desk

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("counting.py")
TURNS = 40


def _count_together(desk: Desk, keys: Path, *addresses: Address) -> None:
    """Each address has a process of its own; they begin together."""
    processes = [
        subprocess.Popen(
            [sys.executable, str(SCRIPT), desk.url, str(keys), one.channel.value, one.value, str(TURNS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT)},
        )
        for one in addresses
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=120)
        assert process.returncode == 0


@pytest.mark.parametrize("other", [PHONE, Address(ChannelName.WHATSAPP, PHONE.value)])
def test_no_message_of_one_number_is_lost_though_nobody_knew_it(desk: Desk, tmp_path: Path, other: Address) -> None:
    _count_together(desk, tmp_path, PHONE, other)
    assert desk.run(lambda uow: uow.people.meet(PHONE, NOW))[1].misses == 2 * TURNS
    assert desk.rows("SELECT count(*) FROM person") == [(1,)]


def test_no_message_is_lost_of_somebody_who_writes_by_number_and_chat_at_once(desk: Desk, tmp_path: Path) -> None:
    person = desk.run(lambda uow: uow.people.meet(PHONE, NOW))[0]
    desk.run(lambda uow: uow.people.meet(TELEGRAM, NOW))
    desk.run(lambda uow: uow.lines.issue("483920", CodeKind.JOIN, person.id, PHONE, NOW))
    placeholder = Person("placeholder", NOW)
    desk.run(lambda uow: (uow.people.meet(TELEGRAM, NOW), uow.lines.redeem("483920", TELEGRAM, placeholder, NOW)))
    _count_together(desk, tmp_path, PHONE, TELEGRAM)
    assert desk.run(lambda uow: uow.people.meet(PHONE, NOW))[1].misses == 2 * TURNS
