"""Polling, against a Telegram on loopback that keeps updates until they are confirmed."""

from __future__ import annotations

import time
from concurrent.futures import Future

import pytest
from channels.captured import captured
from channels.loopback import Answer, Loopback, closed_port, loopback
from channels.requests_made import settings

from bot.channels.registry import build_channel
from bot.channels.telegram_polling import TelegramPolling
from bot.domain.clock import SystemClock
from bot.domain.errors import ConfigurationError, StorageError
from bot.domain.turn import Receipt


class Telegram(Loopback):
    """Hands out what is not confirmed yet; every other method is taken."""

    def __init__(self, updates):
        super().__init__(Answer.of(200, {"ok": True, "result": True}))
        self.waiting = list(updates)

    def next_answer(self):
        call = self.calls[-1]
        if self.answers or not call.path.endswith("/getUpdates"):
            return super().next_answer()
        done = int(call.form.get("offset", 0))
        self.waiting = [update for update in self.waiting if update["update_id"] >= done]
        if not self.waiting:
            time.sleep(0.02)
        return Answer.of(200, {"ok": True, "result": self.waiting})


class Receiver:
    """Answers each message with one row of the ledger; raises what a test puts into `faults` first."""

    def __init__(self):
        self.received = []
        self.faults = []

    def receive(self, inbound):
        done = Future()
        if self.faults:
            done.set_exception(self.faults.pop(0))
        else:
            self.received.append(inbound)
            done.set_result(Receipt(True, "menu", message_ids=(f"m{len(self.received)}",)))
        return done


class Postman:
    def __init__(self):
        self.sent = []

    def send(self, message_ids):
        self.sent.extend(message_ids)
        return len(message_ids)


class Notebook:
    def __init__(self):
        self.events = []

    def event(self, name, **facts):
        self.events.append(name)


class Running:
    def __init__(self, url):
        self.receiver, self.postman, self.notebook = Receiver(), Postman(), Notebook()
        self.channel = build_channel("telegram", settings(TELEGRAM_API_URL=url))

    def start(self):
        self.polling = TelegramPolling(self.channel, self.receiver, self.postman, SystemClock(), self.notebook)
        return self

    def until(self, condition, seconds=10.0):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, self.notebook.events
            time.sleep(0.01)


@pytest.fixture
def run():
    started = []

    def begin(url, faults=()):
        running = Running(url)
        running.receiver.faults.extend(faults)
        started.append(running)
        return running.start()

    yield begin
    for running in started:
        running.polling.stop()


def telegram(updates):
    return loopback(server=Telegram(updates))


def said(number, text="hola"):
    return {"update_id": number, "message": {"message_id": 1, "chat": {"id": 8, "type": "private"}, "text": text}}


def test_updates_are_received_in_order_answered_and_confirmed(run):
    with telegram([said(1, "uno"), said(2, "dos")]) as vendor:
        running = run(vendor.url)
        running.until(lambda: not vendor.waiting and len(running.postman.sent) == 2)
        assert [inbound.text for inbound in running.receiver.received] == ["uno", "dos"]
        assert vendor.calls[0].path.endswith("/deleteWebhook")


def test_a_pressed_button_is_answered_to_telegram(run):
    pressed = {"update_id": 1, "callback_query": {"id": "77", "from": {"id": 8}, "data": "menu"}}
    with telegram([pressed]) as vendor:
        run(vendor.url).until(lambda: any(call.path.endswith("/answerCallbackQuery") for call in vendor.calls))


def test_every_captured_update_is_confirmed_though_the_library_would_reject_some(run):
    updates = [{**case["update"], "update_id": n} for n, case in enumerate(captured("telegram_updates")["cases"], 1)]
    with telegram(updates) as vendor:
        running = run(vendor.url)
        running.until(lambda: not vendor.waiting)
        assert len(running.receiver.received) > 30
        assert "update_failed" not in running.notebook.events


def test_a_telegram_that_cannot_be_reached_is_waited_for(run):
    running = run(closed_port())
    running.until(lambda: "telegram_unreachable" in running.notebook.events)


@pytest.mark.parametrize(
    "answer", [Answer(502, b"<html>"), Answer(200, b"oops"), Answer.of(409, {"ok": False}), Answer(lost=True)]
)
def test_polling_goes_on_after_an_outage(run, answer):
    with telegram([said(1)]) as vendor:
        vendor.answers.append(answer)
        running = run(vendor.url)
        running.until(lambda: running.receiver.received)


def test_a_refused_token_ends_polling(run):
    with telegram([]) as vendor:
        vendor.answers.append(Answer.of(401, {"ok": False, "description": "Unauthorized"}))
        running = run(vendor.url)
        running.until(lambda: "telegram_polling_ended" in running.notebook.events)
        assert len(vendor.calls) == 1


def test_a_database_that_cannot_be_used_keeps_an_update_waiting(run):
    with telegram([said(1)]) as vendor:
        running = run(vendor.url, [StorageError("locked")] * 2)
        running.until(lambda: not vendor.waiting)
        assert len(running.receiver.received) == 1


def test_one_update_that_breaks_us_does_not_keep_the_others_from_coming(run):
    with telegram([said(1, "malo"), said(2, "bueno")]) as vendor:
        running = run(vendor.url, [RuntimeError("a fault")] * 3)
        running.until(lambda: not vendor.waiting)
        assert [inbound.text for inbound in running.receiver.received] == ["bueno"]


def test_stopping_does_not_wait_for_the_next_update(run):
    with telegram([]) as vendor:
        running = run(vendor.url)
        running.until(lambda: len(vendor.calls) > 1)
        started = time.monotonic()
        running.polling.stop()
        assert time.monotonic() - started < 3


def test_only_telegram_can_be_polled():
    with pytest.raises(ConfigurationError):
        TelegramPolling(build_channel("sms", settings()), Receiver(), Postman(), SystemClock(), Notebook())
