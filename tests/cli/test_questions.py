"""`batea people questions`, as a process of its own on a database of its own."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standins import commands

from bot.domain.message import Address, ChannelName
from bot.domain.voice_question import Asker, Recording
from bot.storage import schema
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a secret of the tests and long enough"
NUMBER = "+573001112222"
SOUND = b"OggS and what she said"
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


@pytest.fixture
def url(tmp_path):
    """A database with one question whose sound has come, and one that is still at Twilio."""
    url = f"sqlite:///{tmp_path / 'batea.db'}"
    schema.upgrade(url)
    store = open_store(url, Vault(SECRET), RoundKeyFiles(tmp_path / "rounds"))

    def ask(uow):
        for name, number in (("a" * 32, 1), ("b" * 32, 2)):
            uow.questions.open(name, "v1", Asker(Address(ChannelName.CALL, NUMBER)), NOW)
            uow.questions.recorded(name, Recording(f"RE{number:032x}", 7), NOW)
        uow.questions.keep("a" * 32, SOUND, 6)
        uow.questions.gone(uow.questions.due(NOW)[0].id)

    store.submit(ask).result(timeout=30)
    store.close()
    return url


@pytest.fixture
def batea(url, tmp_path):
    def run(*arguments):
        environment = {
            "PATH": os.environ["PATH"],
            "BATEA_DATABASE_URL": url,
            "BATEA_DATA_DIR": str(tmp_path),
            "BATEA_SECRET_KEY": SECRET,
        }
        return commands.run("people", "questions", *arguments, environment=environment, folder=ROOT).as_text()

    return run


def test_they_are_listed_with_their_last_day_and_without_a_number(batea):
    listed = batea()
    assert listed.returncode == 0, listed.stderr
    first, second = listed.stdout.splitlines()
    assert first.split("\t") == ["a" * 32, "-", "2026-11-23", "6 s", "deleted on 2026-12-23", "waits"]
    assert second.endswith("on its way from Twilio")
    assert "1 recordings are still at Twilio" in listed.stderr
    assert NUMBER not in listed.stdout + listed.stderr
    found = json.loads(batea("--json").stdout)
    assert [one["here"] for one in found["questions"]] == [True, False]
    assert found["at_vendor"] == 1


def test_one_is_written_to_a_file_for_its_owner_alone_with_a_warning(batea, tmp_path):
    file = tmp_path / "question.ogg"
    written = batea("aaaa", file)
    assert written.returncode == 0, written.stderr
    assert "a person's voice" in written.stderr
    assert file.read_bytes() == SOUND
    assert file.stat().st_mode & 0o077 == 0
    assert batea("aaaa", file).returncode == 2, "nothing is written over"


def test_one_is_noted_as_answered_and_deleted(batea):
    assert batea("aaaa", "--done").returncode == 0
    assert "answered 20" in batea().stdout
    assert batea("aaaa", "--delete").returncode == 0
    assert "a" * 32 not in batea().stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("cccc", "--done"), 1), (("aaaa",), 2), (("--done",), 2), (("aaaa", "x.wav"), 2), (("bbbb", "x.ogg"), 1)],
)
def test_what_cannot_be_done_says_so_in_one_line(batea, arguments, code):
    refused = batea(*arguments)
    assert refused.returncode == code
    assert len(refused.stderr.splitlines()) == 1
