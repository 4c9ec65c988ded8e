"""Broadcasts over the real ledger on both databases, without the engine: what is handed over is executed at once."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from delivery.test_sender import OneClip, Silence
from standins.population import NOW, settle_in

from bot.delivery.aftermath import Aftermath
from bot.delivery.chunks import GROUP, ChunkSending
from bot.delivery.dispatcher import Dispatcher
from bot.delivery.gate import Gate
from bot.delivery.pace import Pace, Rates
from bot.delivery.phones import SimulatedPhones
from bot.delivery.sender import Sender
from bot.delivery.window import ReplyWindow
from bot.domain.broadcast import Broadcast, BroadcastState, Content, Means, Unit
from bot.domain.clock import MovableClock
from bot.domain.errors import AmbiguousSendError, OptedOutError, PassingSendError, PermanentSendError, UnreachableError
from bot.domain.message import ChannelName, MessageState, Purpose, Rendered, Reply, StatusUpdate
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault

PESO = 1_000_000
MEANS = Means(frozenset({"CO"}))


class Vendor:
    """Every channel at once: takes what it is given, unless it has been told to fail, and counts."""

    def __init__(self):
        self.lock = threading.Lock()
        self.sent = []
        self.failures = []
        self.refusals = {}
        self.meanwhile = lambda: None

    def render(self, reply, to, clip, clip_url, drawing=None):
        return [Rendered(to.channel.value, {"to": to.value, "text": reply.text, "template": reply.template})]

    def send(self, call):
        with self.lock:
            self.meanwhile()
            failure = self.refusals.get(call.api) or (self.failures.pop(0) if self.failures else None)
            if failure:
                raise failure
            self.sent.append((call.api, call.params["to"]))
            return f"V{len(self.sent)}"


class Flat:
    """Every message costs ten pesos."""

    def unit(self, content, channel, country, *, window, voice):
        return Unit(1, 10 * PESO)


class AtOnce:
    """Executes what it is handed before it returns."""

    def __init__(self, house):
        self.house = house

    def expand(self, broadcast_id, attempt):
        self.house.dispatcher.expand(broadcast_id)

    def send(self, chunks):
        for chunk in chunks:
            self.house.runs.append(chunk)

    def take_over(self, dead):
        return 0


class House:
    """A store with people, a vendor, and everything between; time stands still unless a pace lets it pass."""

    def __init__(self, store, rates=None, life="life0001"):
        self.store = store
        self.clock = MovableClock(NOW)
        self.vendor = Vendor()
        self.runs = []
        self.pace = Pace(rates or Rates())
        self.threads = ThreadPoolExecutor(4)
        window = ReplyWindow(Reply("invitation", "Conteste"), Silence())
        self.sender = Sender(
            store, lambda _: self.vendor, OneClip(), lambda _: "https://x/clip", self.clock, Silence(), SimulatedPhones(), window,
            gate=Gate(Silence()), aftermath=Aftermath(self.pace, lambda: MEANS),
        )  # fmt: skip
        self.dispatcher = Dispatcher(
            store, lambda: AtOnce(self), lambda _: MEANS, self.clock, Silence(), worker="w", life=life, alone=True
        )
        self.sending = ChunkSending(store, self.sender, self.pace, Flat(), self.clock, Silence(), self.threads, life, self.passes)

    def passes(self, seconds):
        self.clock.move(timedelta(seconds=seconds))
        return False

    def do(self, work):
        return self.store.submit(work).result()

    def people(self, *facts):
        return self.do(lambda uow: settle_in(uow, list(facts)))

    def add(self, identifier="b1", **facts):
        content = Content(Reply("broadcast.message", "Hay reunión el sábado"), template=facts.pop("template", ""))
        known = {"state": BroadcastState.SCHEDULED, "purpose": Purpose.SERVICE} | facts
        one = Broadcast(identifier, "all", content, made_by="nora", created_at=NOW, **known)
        self.do(lambda uow: uow.broadcasts.add(one))

    def go_round(self, times=1):
        """Rounds in which whatever is handed over is executed."""
        for _ in range(times):
            self.dispatcher.look()
            runs, self.runs = self.runs, []
            for chunk in runs:
                self.sending.run(chunk)
            self.clock.move(timedelta(seconds=10))

    def handed_over(self):
        """What is handed over once all have their rows."""
        self.dispatcher.look()
        self.dispatcher.look()
        return self.runs

    def until_done(self, identifier="b1", rounds=60):
        for _ in range(rounds):
            self.go_round()
            if self.get(identifier).state is BroadcastState.DONE:
                return
        raise AssertionError(self.states(identifier))

    def get(self, identifier="b1"):
        return self.do(lambda uow: uow.broadcasts.get(identifier))

    def states(self, identifier="b1"):
        return {state.value: n for state, n in self.do(lambda uow: uow.broadcasts.states(identifier)).items()}

    def change(self, state, identifier="b1", **facts):
        return self.do(lambda uow: uow.broadcasts.change(identifier, state, self.clock.now(), **facts))

    def sql(self, statement):
        with contextlib.suppress(Exception):
            return self.do(lambda uow: uow.people._tx.connection.exec_driver_sql(statement).all())
        return self.do(lambda uow: uow.people._tx.connection.exec_driver_sql(statement).rowcount)


@pytest.fixture
def store(database_url, tmp_path):
    opened = open_store(database_url, Vault("a secret that is long enough"), RoundKeyFiles(tmp_path / "rounds"))
    yield opened
    opened.close()


@pytest.fixture
def house(store):
    made = House(store)
    yield made
    made.threads.shutdown()


def test_everybody_gets_it_once_and_it_is_done(house):
    house.people(*[{} for _ in range(30)], {"channels": ("telegram",)})
    house.add()
    house.until_done()
    assert house.states() == {"sent": 31}
    assert len(set(house.vendor.sent)) == len(house.vendor.sent) == 31
    one = house.get()
    assert (one.people, one.spent) == (31, 310 * PESO)
    assert house.sql("SELECT count(*) FROM message WHERE sealed IS NOT NULL OR address_hash IS NOT NULL") == [(0,)]


def test_nothing_leaves_before_its_time_and_nothing_beyond_it(house):
    house.people({}, {})
    house.add(not_before=NOW + timedelta(hours=1))
    house.add("late", expires_at=NOW + timedelta(hours=1), not_before=NOW + timedelta(hours=2))
    house.go_round(3)
    assert house.vendor.sent == []
    house.clock.move(timedelta(hours=1))
    house.until_done()
    house.clock.move(timedelta(hours=1))
    house.until_done("late")
    assert house.states("late") == {"expired": 2}
    assert len(house.vendor.sent) == 2


def test_outside_its_hours_it_waits_for_the_morning(house):
    house.people(*[{} for _ in range(12)])
    house.clock.move(timedelta(hours=12))  # 22 o'clock in Colombia
    house.add()
    house.go_round(5)
    assert house.vendor.sent == []
    house.clock.move(timedelta(hours=9))
    house.until_done()
    assert house.states() == {"sent": 12}
    assert house.get().spent == 120 * PESO


def test_paused_midway_nothing_leaves_until_it_goes_on(house):
    house.people(*[{} for _ in range(40)])
    house.add()

    def stop():
        if len(house.vendor.sent) == 12:
            house.vendor.meanwhile = lambda: None
            house.change(BroadcastState.PAUSED, halt="asked")

    house.vendor.meanwhile = stop
    house.go_round(4)
    assert 12 < len(house.vendor.sent) <= 2 * GROUP, "what had been claimed has left, and no more"
    assert house.states()["queued"] == 40 - len(house.vendor.sent)
    assert house.change(BroadcastState.RUNNING)
    house.until_done()
    assert house.states() == {"sent": 40}
    assert len(set(house.vendor.sent)) == 40


def test_cancelled_midway_the_rest_is_given_up(house):
    house.people(*[{} for _ in range(40)])
    house.add()

    def stop():
        if len(house.vendor.sent) == 12:
            house.vendor.meanwhile = lambda: None
            house.change(BroadcastState.CANCELLED)

    house.vendor.meanwhile = stop
    house.go_round(4)
    sent = len(house.vendor.sent)
    assert 12 < sent <= 2 * GROUP
    assert house.states() == {"sent": sent, "cancelled": 40 - sent}
    assert house.sql("SELECT count(*) FROM message WHERE state = 'queued'") == [(0,)]
    assert not house.change(BroadcastState.RUNNING)


def test_a_budget_stops_it_before_the_message_that_it_does_not_cover(house):
    house.people(*[{} for _ in range(20)])
    house.add(budget=75 * PESO)
    house.go_round(3)
    one = house.get()
    assert (one.state, one.halt, one.spent) == (BroadcastState.PAUSED, "budget", 70 * PESO)
    assert len(house.vendor.sent) == 7
    house.do(lambda uow: uow.broadcasts.budget("b1", None, house.clock.now()))
    house.change(BroadcastState.RUNNING)
    house.until_done()
    assert len(house.vendor.sent) == 20


def test_who_left_meanwhile_is_not_written_to(house):
    ids = house.people(*[{} for _ in range(6)])
    house.add()
    house.handed_over()
    house.sql(f"UPDATE address SET opted_out_at = '2026-11-23 15:00:00' WHERE line_id = '{ids[0]}'")
    house.sql(f"UPDATE person SET adult = false WHERE id = '{ids[1]}'")
    house.sql(f"UPDATE consent SET revoked_at = '2026-11-23 15:00:00' WHERE person_id = '{ids[2]}'")
    house.do(lambda uow: uow.people.erase(ids[3]))
    house.until_done()
    assert house.states() == {"sent": 2, "cancelled": 3}
    reasons = house.sql("SELECT error_code, count(*) FROM message WHERE state = 'cancelled' GROUP BY 1 ORDER BY 1")
    assert reasons == [("no_consent", 2), ("opted_out", 1)]


def test_three_a_week_hold_for_broadcasts_too(house):
    house.people({}, {})
    for number in range(4):
        house.add(f"b{number}")
        house.until_done(f"b{number}")
    assert house.states("b2") == {"sent": 2}
    assert house.states("b3") == {"cancelled": 2}
    assert house.get("b3").spent == 0


def test_an_outage_is_no_attempt_and_everybody_gets_it_in_the_end(house):
    house.people(*[{} for _ in range(25)])
    house.add()
    house.vendor.failures = [PassingSendError("down", code="network")] * 60
    house.until_done(rounds=400)
    assert house.states() == {"sent": 25}
    assert len(set(house.vendor.sent)) == 25


def test_a_limit_holds_its_sender_back_and_no_other(house):
    house.people({}, {"channels": ("telegram",)})
    house.add()
    house.vendor.refusals = {"sms": PassingSendError("wait", code="20429", retry_after_s=300)}
    house.go_round(3)
    assert house.vendor.sent == [("telegram", "+573000000002")]
    house.vendor.refusals = {}
    house.go_round(3)
    assert len(house.vendor.sent) == 1
    house.clock.move(timedelta(seconds=300))
    house.until_done()
    assert len(house.vendor.sent) == 2


def test_what_is_in_doubt_is_not_sent_twice_but_shown(house):
    house.people({}, {}, {})
    house.add()
    house.vendor.failures = [AmbiguousSendError("lost", code="500")]
    house.until_done()
    assert house.states() == {"sent": 2, "unknown": 1}
    letters = house.do(lambda uow: uow.broadcasts.dead_letters("b1"))
    assert [(letter.state.value, letter.error_code) for letter in letters] == [("unknown", "500")]
    assert house.do(lambda uow: uow.broadcasts.retry("b1", [letters[0].message_id], house.clock.now())) == 1
    house.until_done()
    assert house.states() == {"sent": 3}


def test_whom_whatsapp_cannot_reach_gets_an_sms_then_a_call(house):
    house.people({"channels": ("whatsapp", "sms"), "wrote": NOW}, {"channels": ("sms",)})
    house.add()
    house.vendor.refusals = {"whatsapp": PermanentSendError("no", code="63026"), "sms": UnreachableError("no", code="30006")}
    house.go_round(12)
    rows = house.sql("SELECT sender, state FROM message ORDER BY person_id, seq")
    assert rows == [
        ("whatsapp/CO", "failed"), ("sms/CO", "failed"), ("call/CO", "sent"), ("sms/CO", "failed"), ("call/CO", "sent"),
    ]  # fmt: skip
    assert house.sql("SELECT failures, count(*) FROM address GROUP BY 1 ORDER BY 1") == [(0, 1), (1, 2)]
    assert house.get().spent == 20 * PESO
    assert house.do(lambda uow: uow.broadcasts.dead_letters("b1")) == []


def test_what_the_vendor_could_not_deliver_goes_the_next_way(house):
    house.people({"channels": ("whatsapp", "sms"), "wrote": NOW})
    house.add()
    house.go_round(2)
    house.sender.heard([StatusUpdate("V1", MessageState.FAILED, "63024", nobody=True)]).result()
    house.until_done()
    assert [api for api, _ in house.vendor.sent] == ["whatsapp", "sms"]
    assert house.states() == {"failed": 1, "sent": 1}


def test_a_number_is_dead_after_three_failures_and_alive_after_one_arrival(house):
    house.people({"channels": ("telegram",)})
    house.vendor.refusals = {"telegram": UnreachableError("gone", code="403")}
    for number in range(4):
        house.add(f"b{number}", purpose=Purpose.URGENT)
        house.until_done(f"b{number}")
    assert house.sql("SELECT failures FROM address WHERE dead_at IS NOT NULL") == [(3,)]
    assert house.get("b3").people == 0
    letter = house.do(lambda uow: uow.broadcasts.dead_letters("b0"))[0]
    house.vendor.refusals = {}
    house.do(lambda uow: uow.broadcasts.retry("b0", [letter.message_id], house.clock.now()))
    house.until_done("b0")
    assert house.states("b0") == {"sent": 1}


def test_a_carriers_opt_out_is_hers_and_nobody_goes_round_it(house):
    house.people({"channels": ("sms", "whatsapp")})
    house.add()
    house.vendor.refusals = {"sms": OptedOutError("stop", code="21610")}
    house.until_done()
    assert house.states() == {"failed": 1}
    assert house.vendor.sent == []


def test_practice_sends_nothing(house):
    house.people({}, {})
    house.add(practice=True)
    house.until_done()
    assert house.states() == {"sent": 2}
    assert (house.vendor.sent, house.get().spent) == ([], 0)


def test_a_pace_is_kept_by_all_chunks_of_a_sender_together(store):
    house = House(store, Rates({ChannelName.SMS: 10 / 0.7}))
    house.people(*[{} for _ in range(30)])
    house.add()
    house.handed_over()
    began = house.clock.now()
    for chunk in house.runs:
        house.sending.run(chunk)
    took = (house.clock.now() - began).total_seconds()
    assert len(house.vendor.sent) == 30
    assert took >= 30 / 10 - 1.0, "ten a second"
    house.threads.shutdown()


def test_conversations_outside_the_window_stay_below_the_tier(store):
    house = House(store, Rates(tier=10))
    house.people(*[{"channels": ("whatsapp",)} for _ in range(12)], {"channels": ("whatsapp",), "wrote": NOW})
    house.add(template="aviso")
    house.go_round(4)
    assert house.states() == {"sent": 9, "queued": 4}
    house.clock.move(timedelta(days=1))
    house.until_done()
    assert house.states() == {"sent": 13}
    house.threads.shutdown()


def test_what_a_dead_worker_had_claimed_is_in_doubt_and_the_rest_goes_on(house):
    house.people(*[{} for _ in range(12)])
    house.add()
    chunk = house.handed_over()[0]
    lane = house.pace.lane(chunk.sender)
    house.do(lambda uow: uow.chunks.claim(chunk, house.clock.now(), house.clock.now(), "gdeadlife1", 5, lane, Flat()))
    house.sending.run(chunk)
    house.clock.move(timedelta(seconds=5))
    house.dispatcher.look()
    assert house.states() == {"unknown": 5, "sent": 7}


def test_two_who_run_the_same_chunk_send_nothing_twice(house):
    house.people(*[{} for _ in range(60)])
    house.add()
    chunk = house.handed_over()[0]
    runs = [threading.Thread(target=house.sending.run, args=(chunk,)) for _ in range(3)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert len(set(house.vendor.sent)) == len(house.vendor.sent) == 60


def test_a_run_that_was_taken_from_somebody_does_nothing(house):
    house.people({}, {})
    house.add()
    chunk = house.handed_over()[0]
    stale = replace(chunk, run=chunk.run - 1)
    assert house.sending.run(stale) is False
    assert house.vendor.sent == []


def test_spread_over_an_hour_it_takes_an_hour(house):
    house.people(*[{} for _ in range(6)])
    house.add(spread_s=3600)
    house.go_round(2)
    assert len(house.vendor.sent) == 1
    for _ in range(5):
        house.clock.move(timedelta(minutes=10))
        house.go_round(2)
    assert len(house.vendor.sent) == 6


def test_a_clock_that_is_put_back_delays_what_is_queued_by_no_more_than_that(house):
    house.people(*[{} for _ in range(12)])
    house.add()
    house.handed_over()
    house.clock.move(timedelta(hours=-1))
    house.sending.run(house.runs.pop())
    assert len(house.vendor.sent) == 12


def test_a_clock_that_jumps_ahead_loses_and_doubles_nothing(house):
    house.people(*[{} for _ in range(30)])
    house.add(expires_at=NOW + timedelta(days=2))

    def jump():
        if len(house.vendor.sent) == 7:
            house.clock.move(timedelta(hours=3))

    house.vendor.meanwhile = jump
    house.until_done()
    assert house.states() == {"sent": 30}
    assert len(set(house.vendor.sent)) == 30


def test_statuses_twice_and_in_the_wrong_order_change_nothing_but_forward(house):
    house.people({"channels": ("whatsapp", "sms"), "wrote": NOW})
    house.add()
    house.until_done()
    for state in (MessageState.DELIVERED, MessageState.SENT, MessageState.READ, MessageState.DELIVERED, MessageState.FAILED):
        for _ in range(2):
            house.sender.heard([StatusUpdate("V1", state, "63024" if state is MessageState.FAILED else "", nobody=True)]).result()
    house.go_round(3)
    assert house.states() == {"read": 1}
    assert house.vendor.sent == [("whatsapp", "+573000000001")]
