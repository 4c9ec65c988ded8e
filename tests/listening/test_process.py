"""The process that listens: kept, started again when it dies, stopped when it hangs."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.errors import ListeningError
from bot.domain.listening import Offer, Unheard
from bot.voice.listening.process import ListeningProcess

COMMAND = (sys.executable, str(Path(__file__).with_name("scripted_child.py")))


@pytest.fixture
def process() -> Iterator[ListeningProcess]:
    made = ListeningProcess(COMMAND, listen_s=2.0)
    yield made
    made.close()


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_one_process_answers_note_after_note(process: ListeningProcess) -> None:
    first, second = process.listen(b"a", ()), process.listen(b"b" * 2_000_000, ())
    pid, size = second.text.split()
    assert first.text.split()[0] == pid == str(process.pid)
    assert size == "2000000"


def test_the_offers_reach_it_and_come_back_judged(process: ListeningProcess) -> None:
    heard = process.listen(b"offers", [Offer("ñ:sí", ("Sí.", "Uno.")), Offer("no", ("No.",))])
    assert (heard.option, heard.rival, heard.sure) == ("ñ:sí", "no", True)


def test_one_that_dies_is_started_again_and_asked_once_more(process: ListeningProcess, tmp_path: Path) -> None:
    assert process.listen(f"die-once {tmp_path / 'mark'}".encode(), ()).confidence == 0.9


def test_a_file_that_kills_it_each_time_is_given_up_and_the_next_is_heard(process: ListeningProcess) -> None:
    with pytest.raises(ListeningError) as raised:
        process.listen(b"die", ())
    assert raised.value.why is Unheard.BUSY
    assert process.listen(b"a", ()).confidence == 0.9


def test_one_that_hangs_is_stopped(process: ListeningProcess) -> None:
    process.listen(b"a", ())
    pid = process.pid
    assert pid is not None
    started = time.monotonic()
    with pytest.raises(ListeningError) as raised:
        process.listen(b"hang", ())
    assert raised.value.why is Unheard.BUSY
    assert time.monotonic() - started < 10
    assert gone(pid)


def test_a_file_that_cannot_be_read_is_told_apart(process: ListeningProcess) -> None:
    with pytest.raises(ListeningError) as raised:
        process.listen(b"broken", ())
    assert raised.value.why is Unheard.UNREADABLE


def test_one_that_never_begins_is_given_up() -> None:
    mute = ListeningProcess((*COMMAND, "--mute"))
    with pytest.raises(ListeningError) as raised:
        mute.listen(b"a", ())
    assert raised.value.why is Unheard.BUSY
    mute.close()


def test_one_that_cannot_be_started_is_given_up() -> None:
    absent = ListeningProcess(("/nowhere/python",))
    with pytest.raises(ListeningError):
        absent.listen(b"a", ())
    absent.close()


def test_it_ends_when_it_is_closed(process: ListeningProcess) -> None:
    process.listen(b"a", ())
    pid = process.pid
    process.close()
    assert pid is not None
    assert gone(pid)


def test_it_may_be_started_before_it_is_needed(process: ListeningProcess) -> None:
    process.start()
    pid = process.pid
    assert process.listen(b"a", ()).text.split()[0] == str(pid)
