"""`batea channels`, as a process of its own, against a stand-in for Twilio."""

import importlib.util
from pathlib import Path

import pytest
from channels.content_api import ContentApi
from channels.loopback import Answer, loopback
from standins.signing import ACCOUNT, AUTH_TOKEN

spec = importlib.util.spec_from_file_location("chat_tests", Path(__file__).with_name("test_chat.py"))
chat_tests = importlib.util.module_from_spec(spec)
spec.loader.exec_module(chat_tests)


@pytest.fixture
def api():
    server = ContentApi()
    with loopback(server=server):
        yield server


@pytest.fixture
def batea(api, tmp_path):
    facts = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": AUTH_TOKEN, "TWILIO_API_URL": api.url}
    facts |= {"TWILIO_WHATSAPP_FROM": "+15005550007", "TWILIO_SMS_FROM_PE": "+51150055500", "DATA_DIR": str(tmp_path / "data")}
    return lambda *command, **more: chat_tests.batea("channels", *command, **{**facts, **more})


def lines(done):
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.decode().splitlines()]


def test_a_list_says_what_is_missing_and_a_sync_makes_it_once(batea, api):
    rows = {tuple(row[:2]): row[2:] for row in lines(batea("list"))}
    assert ("whatsapp", "+15005550007") in rows
    assert ("sms", "PE:+51150055500") in rows
    assert ("telegram", "not set up") in rows
    assert "missing" in rows["whatsapp template", "invitation"][1]
    assert api.posts == []
    made = lines(batea("sync"))
    assert all(row[-1] == "made" for row in made)
    again = lines(batea("sync"))
    assert [row[:4] for row in again] == [row[:4] for row in made]
    assert not any("made" in row for row in again)
    invitation = next(row[3] for row in made if row[1] == "invitation")
    assert [row[3:] for row in lines(batea("list")) if row[1] == "invitation"] == [[invitation, "pending"]]


def test_without_an_account_the_error_says_what_to_set(batea):
    done = batea("sync", TWILIO_ACCOUNT_SID="")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"BATEA_TWILIO_ACCOUNT_SID" in done.stderr
    assert lines(batea("list", TWILIO_ACCOUNT_SID=""))[0][1] == "not set up"


@pytest.mark.parametrize("command", ["list", "sync"])
def test_a_refusal_is_one_line(batea, api, command):
    api.answers.append(Answer.of(401, {"code": 20003, "message": f"no {ACCOUNT}"}))
    done = batea(command)
    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 1
    assert b"20003" in done.stderr
    assert ACCOUNT.encode() not in done.stderr
