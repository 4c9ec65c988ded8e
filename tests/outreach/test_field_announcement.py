"""An announcement from her own phone, through everything that is wired: words, her voice, cost, PIN, ledger, audit."""

from __future__ import annotations

import io
import logging
import wave
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from standins.talk import Keywords

from bot import wiring
from bot.domain.broadcast import BroadcastState
from bot.domain.clock import MovableClock
from bot.domain.conversation import State
from bot.domain.message import Address, ChannelName, Inbound, InboundKind, Media
from bot.domain.person import Consent, Country, Mode
from bot.domain.staff import Credentials, Role, StaffMember
from bot.domain.turn import Receipt
from bot.outreach.personal_pin import Pins
from bot.settings import load
from bot.storage import schema

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
PIN = "482913"
HERS = Address(ChannelName.WHATSAPP, "+573005550101", simulated=True)
BOSS = Address(ChannelName.TELEGRAM, "991", simulated=True)


@dataclass
class Hand:
    """Her phone, and the Batea behind it."""

    batea: Any
    folder: Path
    sent: int = 0

    def run(self, work: Any) -> Any:
        return self.batea.store.submit(work).result(timeout=30)

    def send(self, kind: InboundKind, **facts: Any) -> Receipt:
        self.sent += 1
        inbound = Inbound(f"w{self.sent}", HERS, kind, NOW, **facts)
        receipt: Receipt = self.batea.reception.receive(inbound).result(timeout=60)
        return receipt

    def say(self, *texts: str) -> list[str]:
        for text in texts:
            receipt = self.send(InboundKind.TEXT, text=text)
        return [reply.id for reply in receipt.replies]

    def record(self, seconds: float, loud: float = 0.3) -> list[str]:
        t = np.arange(int(16000 * seconds)) / 16000
        wave_form = loud * np.sin(2 * np.pi * 220 * t) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * t))
        file = self.folder / f"note-{self.sent}.wav"
        data = io.BytesIO()
        with wave.open(data, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(16000)
            sound.writeframes((wave_form * 32767).astype("<i2").tobytes())
        file.write_bytes(data.getvalue())
        receipt = self.send(InboundKind.VOICE, media=(Media(str(file), "audio/wav"),))
        return [reply.id for reply in receipt.replies]

    def broadcasts(self) -> list[Any]:
        return list(self.run(lambda uow: uow.broadcasts.list(limit=10)))


@pytest.fixture
def hand(tmp_path: Path) -> Iterator[Hand]:
    url = f"sqlite:///{tmp_path / 'batea.db'}"
    schema.upgrade(url)
    settings = load(
        {
            "BATEA_DATA_DIR": str(tmp_path),
            "BATEA_DATABASE_URL": url,
            "BATEA_SERVE_DRAFTS": "1",
            "BATEA_TTS": "off",
            "BATEA_ASR": "off",
        }
    )
    clock = MovableClock(NOW)
    batea = wiring.build(settings, clock, "a secret of the tests and long enough", Keywords(), terminal=True)
    wiring.load_demo_data(batea)
    rosa = StaffMember("rosa", "rosa@example.org", Role.FACILITATOR, "taraza", "es", NOW)
    ana = StaffMember("ana", "ana@example.org", Role.STAFF, None, "es", NOW)

    def furnish(uow: Any) -> None:
        for member in (rosa, ana):
            uow.staff.add(Credentials(member, "hash", "secret"))
        uow.roster.set_contact("ana", BOSS)
        person, _ = uow.people.meet(HERS, NOW)
        agreed = Consent("v1", NOW, "whatsapp", "SM0", "programme")
        uow.people.record_consent(person.id, agreed)
        known = replace(person, country=Country.CO, mode=Mode.READ, adult=True, consent=agreed, community_id="taraza")
        uow.people.save(known, State(place="menu"))

    batea.store.submit(furnish).result(timeout=30)
    pins = Pins(batea.store, clock)
    pins.enrol(rosa.email, HERS)
    pins.choose(rosa.email, PIN)
    yield Hand(batea, tmp_path)
    batea.close()


def test_words_are_looked_at_and_leave_only_with_her_pin(hand: Hand) -> None:
    assert hand.say("anuncio") == ["facilitator.message"]
    assert hand.say("Hay brigada de salud en la escuela.") == ["facilitator.whom"]
    assert hand.say("1") == ["facilitator.leaves"]
    shown = hand.send(InboundKind.TEXT, text="mañana a las 9 de la mañana")
    assert [reply.id for reply in shown.replies][-1] == "facilitator.preview_cost"
    assert shown.replies[0].text == "Hay brigada de salud en la escuela."
    assert "{" not in shown.replies[-1].text
    assert hand.say("1") == ["facilitator.pin"]
    assert hand.broadcasts() == []
    assert hand.say(PIN)[0] == "facilitator.sent_announcement"
    (made,) = hand.broadcasts()
    assert made.audience == "community:taraza"
    assert made.made_by == "rosa"
    assert made.state is BroadcastState.SCHEDULED
    assert made.not_before == datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
    deeds = [entry.action for entry in hand.run(lambda uow: uow.audit.recent())]
    assert deeds[:2] == ["phone.announcement", "broadcast.send"]


def test_her_voice_is_the_announcement_once_it_can_be_heard(hand: Hand) -> None:
    hand.say("anuncio")
    assert hand.record(4, loud=0.0) == ["facilitator.voice_silent"]
    assert hand.record(300) == ["facilitator.voice_long"]
    assert hand.record(8) == ["facilitator.words"]
    assert hand.say("x" * 700) == ["facilitator.snag_too_long", "facilitator.words"]
    shown = hand.say("Hay brigada de salud.", "1", "1")
    assert shown == ["broadcast.message", "facilitator.preview_cost"]
    assert hand.say("si", PIN)[0] == "facilitator.sent_announcement"
    (made,) = hand.broadcasts()
    assert made.content.voice.startswith("team:")


def test_three_wrong_pins_lock_it_and_the_staff_are_told(hand: Hand) -> None:
    hand.say("anuncio", "Hay brigada.", "1", "1", "si")
    assert hand.say("000000") == ["facilitator.pin_wrong"]
    assert hand.say("000001") == ["facilitator.pin_wrong"]
    assert hand.say("000002")[0] == "facilitator.locked"
    assert hand.say("anuncio")[0] == "facilitator.locked"
    assert hand.broadcasts() == []
    told = hand.run(lambda uow: [(m.to.value, m.reply.id) for m in uow.outbox.claim(NOW, limit=100)])
    assert (BOSS.value, "team.pin_locked") in told
    assert "pin.locked" in [entry.action for entry in hand.run(lambda uow: uow.audit.recent())]


def test_the_pin_stands_in_no_log_no_receipt_and_no_table(hand: Hand, caplog: Any, capfd: Any) -> None:
    caplog.set_level(logging.DEBUG)
    hand.say("anuncio", "Hay brigada.", "1", "1", "si")
    receipt = hand.send(InboundKind.TEXT, text=PIN)
    assert receipt.replies[0].id == "facilitator.sent_announcement"
    assert PIN not in repr(receipt)
    assert PIN not in caplog.text
    assert PIN not in "".join(capfd.readouterr())
    raw = b"".join(file.read_bytes() for file in sorted(hand.folder.glob("batea.db*")))
    assert PIN.encode() not in raw
    assert b"argon2" not in raw


def test_the_same_delivery_twice_sends_once(hand: Hand) -> None:
    hand.say("anuncio", "Hay brigada.", "1", "1", "si", PIN)
    hand.sent -= 1
    assert not hand.send(InboundKind.TEXT, text=PIN).new
    assert len(hand.broadcasts()) == 1


def test_a_stranger_announces_nothing(hand: Hand) -> None:
    Pins(hand.batea.store, MovableClock(NOW)).withdraw("rosa@example.org")
    hand.say("anuncio", "Hay brigada.", "1", "1", "si", PIN)
    assert hand.broadcasts() == []


def test_a_question_is_asked_in_her_community_with_her_pin(hand: Hand) -> None:
    assert hand.say("encuesta") == ["facilitator.poll"]
    assert hand.say("1") == ["facilitator.days"]
    assert hand.say("1") == ["poll.invitation", "facilitator.preview"]
    before = {one.round.id for one in hand.run(lambda uow: uow.polls.rounds())}
    assert hand.say("si", PIN)[0] == "facilitator.sent_poll"
    (opened,) = [one for one in hand.run(lambda uow: uow.polls.rounds()) if one.round.id not in before]
    assert opened.round.audience == "community:taraza"
    assert (opened.round.closes_at - opened.round.opens_at).days == 10


def test_results_are_what_was_published_and_nothing_before_a_round_has_closed(hand: Hand) -> None:
    assert hand.say("resultados")[0] == "facilitator.no_results"
    opened = hand.batea.rounds.open("Q06_v1", "community:taraza")
    assert hand.say("resultados")[0] == "facilitator.no_results"
    hand.batea.rounds.close(opened.round.id)
    assert hand.say("resultados") == ["facilitator.round"]
    receipt = hand.send(InboundKind.TEXT, text="1")
    assert [reply.id for reply in receipt.replies] == ["poll.told", "menu.main"]
    assert "Mucho" not in receipt.replies[0].text  # too few answered
