"""What is quoted is what leaves: a few hundred people of mixed channels, each vendor call recorded and counted."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from standins.population import NOW, settle_in

from bot import wiring
from bot.channels.content_sids import ContentSids
from bot.delivery.chunks import ChunkSending
from bot.domain.broadcast import BroadcastState
from bot.domain.call import CallState
from bot.domain.clock import MovableClock
from bot.domain.message import ChannelName, Purpose
from bot.outreach.broadcasting import Maker
from bot.outreach.composing import Wish
from bot.outreach.spending import spent
from bot.settings import load
from bot.storage import schema
from bot.storage.tables import message as ledger

OPERATOR = Maker("operator")
WISH = Wish("all", "Mañana, a las 3 de la tarde, hay reunión del comité en la escuela: traiga agua y sombrero. ¡La esperamos!")
LONG = Wish("all", "Mañana hay reunión. " * 12, purpose=Purpose.URGENT)

FULL_WEEKS = 6
FILLED = {"comite": "de agua", "cuando": "sábado", "lugar": "la caseta"}
TEMPLATE = Wish("all", template="reunion", variables=FILLED)
FULL = {"taller": "taller de cuentas", "cuando": "lunes", "lugar": "el salón"}
MARKETING = Wish("all", template="taller", variables=FULL, purpose=Purpose.PROMOTIONAL)


class Recording:
    """A channel that renders as the real one does, and keeps what it would have sent."""

    def __init__(self, real):
        self.real = real
        self.sent = []

    def send(self, rendered):
        self.sent.append(rendered)
        return f"SM{self.real.name}{len(self.sent)}"

    def __getattr__(self, name):
        return getattr(self.real, name)


class Office:
    """A whole Batea whose vendors are recorded; the engine's rounds are made here, one after the other."""

    def __init__(self, folder):
        environment = {
            "BATEA_DATA_DIR": str(folder),
            "BATEA_SERVE_DRAFTS": "1",
            "BATEA_RATES": "sms=0,whatsapp=0,telegram=0,call=0",
            "BATEA_ASR": "off",
            "BATEA_APPROVE_PEOPLE": "1000",
            "BATEA_APPROVE_COP": "100000000",
            "BATEA_TELEGRAM_TOKEN": "77:token",
            "BATEA_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "BATEA_TWILIO_AUTH_TOKEN": "token",
            **{f"BATEA_TWILIO_{kind}_FROM": "+15005550006" for kind in ("SMS", "WHATSAPP", "VOICE")},
        }
        settings = load(environment)
        schema.upgrade(settings.database_url)
        # What `batea channels sync` has Twilio keep.
        kept = {"invitation": "HX1", "message_reunion": "HX2", "message_taller": "HX3"}
        ContentSids(folder, settings.twilio_account_sid).save(kept)
        self.clock = MovableClock(NOW)
        self.batea = wiring.build(settings, self.clock, "a secret of the tests and long enough", understander=object())
        self.channels = {name: Recording(self.batea.channel(name)) for name in map(str, ChannelName)}
        self.batea.channels._made.update(self.channels)
        self.desk = self.batea.broadcasts.desk
        self.sending = ChunkSending(
            self.batea.store, self.batea.sender, self.batea.broadcasts.pace, self.batea.broadcasts.pricing,
            self.clock, self.batea.notebook, ThreadPoolExecutor(4), "life0001", lambda _: False,
        )  # fmt: skip

    def close(self):
        self.sending._threads.shutdown()
        self.batea.close()

    def run(self, work):
        return self.batea.store.submit(work).result(timeout=60)

    def quote(self, wish):
        self.desk.prepare(wish)
        seen = self.run(lambda uow: self.desk.look(uow, wish, OPERATOR, self.clock.now()))
        assert seen.faults == ()
        return seen.quote

    def send(self, wish):
        """Until nothing is left to do."""
        made = self.run(lambda uow: self.desk.make(uow, wish, OPERATOR, self.clock.now()))
        for _ in range(60):
            now = self.clock.now()
            for broadcast_id in self.run(lambda uow, now=now: uow.broadcasts.tend(now)):
                means = self.batea.broadcasts.means(made.content.template)
                while not self.run(lambda uow, now=now, b=broadcast_id, m=means: uow.broadcasts.expand(b, now, m)):
                    pass
            for chunk in self.run(lambda uow, now=now: uow.chunks.waiting(now, 8)):
                self.run(lambda uow, now=now, chunk=chunk: uow.chunks.handed([chunk], now))
                self.sending.run(chunk)
            while self.batea.sender.sweep():
                pass
            self.batea.dialler.sweep()
            self.clock.move(timedelta(seconds=4))
            if self.run(lambda uow: uow.broadcasts.get(made.id)).state is BroadcastState.DONE:
                break
        self.everybody_listens()
        return self.run(lambda uow: uow.broadcasts.get(made.id))

    def everybody_listens(self):
        """Each call was taken and lasted forty seconds."""
        for row in self.run(lambda uow: uow.people._tx.connection.exec_driver_sql("SELECT id FROM phone_call").all()):
            self.batea.dialler.heard(row.id, CallState.HEARD, None)
            self.batea.dialler.heard(row.id, CallState.COMPLETED, None, 40)
        self.batea.book()

    def counted(self):
        """Vendor calls, and SMS segments, by channel."""
        calls = Counter({name: len(channel.sent) for name, channel in self.channels.items()})
        segments = sum(call.segments or 0 for call in self.channels["sms"].sent)
        return calls, segments


def people():
    """Three hundred, twelve who are left out, and some who have had enough this week."""
    wrote = NOW - timedelta(hours=1)
    kinds = [
        (90, {}),
        (40, {"country": "PE", "community": "ananea", "prefix": "+519"}),
        (30, {"channels": ("whatsapp",), "wrote": wrote, "mode": "listen"}),
        (20, {"channels": ("whatsapp", "sms"), "wrote": wrote}),
        (15, {"channels": ("whatsapp",)}),
        (25, {"channels": ("whatsapp", "sms"), "wrote": NOW - timedelta(days=3)}),
        (30, {"channels": ("telegram",), "mode": "listen"}),
        (20, {"channels": ("telegram", "sms")}),
        (30, {"mode": "listen"}),
        (5, {"left": True}),
        (4, {"out": ("sms",)}),
        (3, {"adult": False}),
        (FULL_WEEKS, {}),
    ]
    number = 0
    for many, facts in kinds:
        for _ in range(many):
            number += 1
            numbered = {"number": f"{facts.get('prefix', '+573')}{number:0{12 - len(facts.get('prefix', '+573')) + 1}d}"}
            chat = {"number": f"{number}"} if facts.get("channels") == ("telegram",) else {}
            yield {name: value for name, value in facts.items() if name != "prefix"} | numbered | chat


def tell_three_times(uow, ids):
    """Three announcements of this week to each."""
    day = {"state": "sent", "attempts": 1, "parts_sent": 1, "ephemeral": False, "simulated": False, "error_code": ""}
    when = {name: NOW - timedelta(days=2) for name in ("created_at", "changed_at", "let_at")}
    rows = [{**day, **when, "id": f"{one}-{n}", "person_id": one, "announcement": f"a{n}"} for one in ids for n in range(3)]
    uow.people._tx.connection.execute(ledger.insert(), rows)


@pytest.fixture
def office(tmp_path):
    made = Office(tmp_path)
    ids = made.run(lambda uow: settle_in(uow, list(people())))
    made.run(lambda uow: tell_three_times(uow, ids[-FULL_WEEKS:]))
    yield made
    made.close()


@pytest.mark.parametrize(
    "wish",
    [WISH, MARKETING, pytest.param(LONG, marks=pytest.mark.soak), pytest.param(TEMPLATE, marks=pytest.mark.soak)],
    ids=["one segment", "marketing", "two segments", "approved"],
)
def test_what_is_quoted_is_what_leaves(office, wish):
    quoted = office.quote(wish)
    full = 0 if wish.purpose is Purpose.URGENT else FULL_WEEKS
    assert (quoted.people, sum(quoted.excluded.values())) == (300 + FULL_WEEKS - full, 12 + full)
    assert quoted.excluded.get("week_full", 0) == full
    by = {one.channel.value: one for one in quoted.channels}
    made = office.send(wish)
    calls, segments = office.counted()
    assert segments == by["sms"].segments > 0
    assert all(call.encoding == "GSM-7" for call in office.channels["sms"].sent)
    assert {name: calls[name] for name in by} == {name: one.messages for name, one in by.items()}
    assert made.people == quoted.people + full
    assert made.spent == quoted.micros
    month = office.desk.today(NOW).replace(day=1)
    assert office.run(lambda uow: spent(uow, month)) == pytest.approx(quoted.micros, rel=1e-6)
