"""A start while Telegram cannot be reached, against a Telegram on loopback."""

from __future__ import annotations

import time

import pytest
from channels.loopback import Answer, closed_port, loopback
from channels.requests_made import settings

from bot.channels.registry import build_channel
from bot.channels.surroundings import Surroundings
from bot.channels.telegram_set_up import TelegramSetUp
from bot.domain.errors import ConfigurationError

ME = Answer.of(200, {"ok": True, "result": {"id": 1, "is_bot": True, "first_name": "Batea", "username": "batea_bot"}})
DONE = Answer.of(200, {"ok": True, "result": True})
OUTAGE = Answer.of(502, {})


class Notebook:
    def __init__(self):
        self.kinds = []

    def event(self, name, **facts):
        self.kinds.append(facts["kind"])


@pytest.fixture
def run():
    started = []

    def begin(url, *, webhook=True):
        notebook, around = Notebook(), Surroundings()
        channel = build_channel("telegram", settings(TELEGRAM_API_URL=url), around)
        started.append((TelegramSetUp(channel, notebook, webhook=webhook, first_pause_s=0.01), channel))
        return notebook, around

    yield begin
    for set_up, channel in started:
        set_up.stop()
        channel.close()


def until(condition):
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def methods(vendor):
    return [call.path.rpartition("/")[2] for call in vendor.calls]


def test_an_outage_is_waited_for_and_the_webhook_registered_after_it(run):
    with loopback(ME) as vendor:
        vendor.answers.extend([OUTAGE, OUTAGE, DONE, OUTAGE, ME])
        notebook, around = run(vendor.url)
        until(lambda: around.names.get("telegram") == "@batea_bot")
        assert methods(vendor) == ["setWebhook"] * 3 + ["getMe"] * 2
        assert len(notebook.kinds) == 3


def test_what_telegram_refuses_is_not_tried_again(run):
    with loopback(ME) as vendor:
        vendor.answers.append(Answer.of(400, {"ok": False, "error_code": 400, "description": "bad webhook"}))
        notebook, around = run(vendor.url)
        until(lambda: around.names)
        assert methods(vendor) == ["setWebhook", "getMe"]
        assert notebook.kinds == ["PermanentSendError"]


def test_without_a_public_address_only_the_name_is_asked_for(run):
    with loopback(ME) as vendor:
        _, around = run(vendor.url, webhook=False)
        until(lambda: around.names)
        assert methods(vendor) == ["getMe"]


def test_stopping_does_not_wait_for_a_telegram_that_is_away(run):
    notebook, _ = run(closed_port())
    until(lambda: notebook.kinds)


def test_only_telegram_is_set_up_like_that():
    with pytest.raises(ConfigurationError):
        TelegramSetUp(build_channel("sms", settings()), Notebook(), webhook=True)
