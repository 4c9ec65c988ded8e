"""A lesson recorded from her own phone, through everything that is wired: chosen by number, measured, heard back, approved."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from standins.talk import Keywords
from voice.conftest import hum

from bot import wiring
from bot.domain.clock import MovableClock
from bot.domain.conversation import State
from bot.domain.message import Address, ChannelName, Inbound, InboundKind, Media, Reply
from bot.domain.person import Consent, Country, Mode
from bot.domain.staff import Credentials, Role, StaffMember
from bot.outreach.personal_pin import Pins
from bot.settings import load
from bot.storage import schema

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
RATE = 16_000
HERS = Address(ChannelName.WHATSAPP, "+573005550101", simulated=True)


@dataclass
class Hand:
    """Her phone, and the Batea behind it."""

    batea: Any
    folder: Path
    sent: int = 0
    replies: tuple[Reply, ...] = ()
    state: str = ""

    def run(self, work: Any) -> Any:
        return self.batea.store.submit(work).result(timeout=30)

    def send(self, kind: InboundKind, **facts: Any) -> list[str]:
        self.sent += 1
        inbound = Inbound(f"w{self.sent}", HERS, kind, NOW, **facts)
        receipt = self.batea.reception.receive(inbound).result(timeout=60)
        self.replies, self.state = tuple(receipt.replies), receipt.state
        return [reply.id for reply in receipt.replies]

    def say(self, *texts: str) -> list[str]:
        for text in texts:
            said = self.send(InboundKind.TEXT, text=text)
        return said

    def record(self, seconds: float = 12, gain: float = 1.0) -> list[str]:
        """Words with pauses, as a voice note."""
        word, pause = (hum(0.9, RATE) * gain).astype(np.int16), np.zeros(RATE // 2, np.int16)
        data = io.BytesIO()
        with wave.open(data, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(RATE)
            sound.writeframes(np.concatenate([word, pause] * round(seconds / 1.4)).tobytes())
        file = self.folder / f"note-{self.sent}.wav"
        file.write_bytes(data.getvalue())
        return self.send(InboundKind.VOICE, media=(Media(str(file), "audio/wav"),))

    def labels(self) -> list[str]:
        return [choice.label for choice in self.replies[-1].choices]

    def waiting(self) -> list[Any]:
        return [one for one in self.run(lambda uow: uow.voices.all()) if not one.kept_at]


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hand]:
    tmp_path = tmp_path_factory.mktemp("recording")
    url = f"sqlite:///{tmp_path / 'batea.db'}"
    schema.upgrade(url)
    quiet = {"BATEA_SERVE_DRAFTS": "1", "BATEA_TTS": "off", "BATEA_ASR": "off"}
    settings = load({"BATEA_DATA_DIR": str(tmp_path), "BATEA_DATABASE_URL": url, **quiet})
    clock = MovableClock(NOW)
    batea = wiring.build(settings, clock, "a secret of the tests and long enough", Keywords(), terminal=True)
    wiring.load_demo_data(batea)
    rosa = StaffMember("rosa", "rosa@example.org", Role.FACILITATOR, "taraza", "es", NOW)

    def furnish(uow: Any) -> None:
        uow.staff.add(Credentials(rosa, "hash", "secret"))
        person, _ = uow.people.meet(HERS, NOW)
        agreed = Consent("v1", NOW, "whatsapp", "SM0", "programme")
        uow.people.record_consent(person.id, agreed)
        known = replace(person, country=Country.CO, mode=Mode.READ, adult=True, consent=agreed, community_id="taraza")
        uow.people.save(known, State())

    batea.store.submit(furnish).result(timeout=30)
    Pins(batea.store, clock).enrol(rosa.email, HERS)
    yield Hand(batea, tmp_path)
    batea.close()


@pytest.fixture
def hand(phone: Hand) -> Hand:
    """At the menu, with nothing recorded and nothing agreed to."""

    def back(uow: Any) -> None:
        person, _ = uow.people.meet(HERS, NOW)
        uow.people.save(person, State(place="menu"))
        uow.facilitators.enrol("rosa", HERS, NOW)
        uow.facilitators.keep("rosa", {}, NOW)
        for speaker in uow.voices.speakers():
            uow.voices.withdraw(speaker.id, NOW.date())

    phone.run(back)
    phone.batea.studio.publish()
    return phone


def to_the_script(hand: Hand) -> str:
    """To the first sentence of the first lesson, in Spanish; gives what she is to say."""
    hand.say("grabar")
    if "lends" in hand.state:
        hand.say("1")
    assert hand.say("1", "1", "1", "1") == ["facilitator.take"], hand.state
    return hand.replies[-1].text.split(": ", 1)[1]


def test_her_voice_waits_for_the_team_and_is_then_heard_by_all(hand: Hand) -> None:
    assert hand.say("quiero grabar") == ["facilitator.lends"], "no PIN: her consent, once"
    assert hand.say("sí") == ["facilitator.tongue"]
    assert hand.labels() == ["Español", "Quechua de Cusco y Puno", "Quechua de Ayacucho", "Aimara", "Nasa yuwe"]
    assert hand.say("uno") == ["facilitator.module"]
    assert hand.labels()[-1] == "Ver más"
    assert hand.say("1") == ["facilitator.lesson"]
    assert hand.say("1") == ["facilitator.script"]
    assert hand.labels()[:2] == ["Paso 1", "Paso 1, más fácil"]
    assert hand.say("1") == ["facilitator.take"]
    script = hand.replies[-1].text.split(": ", 1)[1]
    assert script in (hand.replies[-1].speech.text if hand.replies[-1].speech else "")
    assert hand.record(len(script) / 14) == ["facilitator.keeping"]
    own = hand.replies[-1]
    assert own.voice_note, "who prefers to read hears this all the same"
    assert own.speech is not None
    clip = hand.batea.clips.clip(own.speech)
    assert clip is not None
    assert clip.duration_s > 4
    assert hand.waiting() == []
    assert hand.say("1") == ["facilitator.sent_recording", "facilitator.script"], "the next of the lesson follows"
    assert hand.labels()[0] == "Paso 1, más fácil"
    [waiting] = hand.waiting()
    assert (waiting.language, waiting.origin, waiting.member_id) == ("es", "phone", "rosa")
    sentence = hand.batea.studio.sentence("es", waiting.text_sha256[:32])
    assert sentence.text == script
    speech = next(one for one in hand.batea.library.speeches() if one.key == waiting.key)
    studio = hand.batea.studio
    assert studio.sounds.shipped(replace(speech, text=script)) is False
    hand.run(lambda uow: studio.approve(uow, waiting.id, ""))
    studio.publish()
    assert studio.sounds.shipped(replace(speech, text=script)) is True
    speaker = hand.run(lambda uow: uow.voices.speaker_of("rosa"))
    assert (speaker.consent, speaker.paid, speaker.licence) == ("phone", False, "batea-only")
    assert hand.say("cancelar")[0] == "facilitator.stopped_recording", "what the team has stays there"
    assert hand.say("grabar") == ["facilitator.tongue"], "she has agreed already"
    noted = hand.run(lambda uow: [entry.action for entry in uow.audit.recent(limit=20)])
    assert "phone.recording" in noted


@pytest.mark.parametrize(
    ("sound", "says"),
    [({"gain": 0.01}, "quiet"), ({"gain": 0.0}, "silent"), ({"seconds": 75}, "long"), ({"seconds": 1.4}, "short")],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_is_no_good_is_refused_with_what_to_do_and_said_again(hand: Hand, sound: dict[str, float], says: str) -> None:
    to_the_script(hand)
    assert hand.record(**sound) == [f"facilitator.voice_{says}"]
    assert hand.state == "facilitator:recording/take"
    assert hand.record(20) == ["facilitator.keeping"]


def test_again_and_not_at_all(hand: Hand) -> None:
    to_the_script(hand)
    hand.record(20)
    assert hand.say("2") == ["facilitator.take"]
    hand.record(20)
    assert hand.say("no guardar")[0] == "facilitator.stopped"
    assert hand.waiting() == []
    assert hand.run(lambda uow: uow.facilitators.draft("rosa", NOW)) == {}


def test_who_does_not_agree_records_nothing(hand: Hand) -> None:
    hand.say("grabar")
    assert hand.say("2")[0] == "facilitator.stopped"
    assert hand.run(lambda uow: uow.voices.speaker_of("rosa")) is None


def test_back_more_and_another_language(hand: Hand) -> None:
    hand.say("grabar", "1", "2")
    first = hand.labels()
    hand.say("5")
    assert set(hand.labels()[:-1]).isdisjoint(first[:-1])
    assert hand.say("6") == ["facilitator.tongue"]
    hand.say("2", "1", "1")
    assert hand.say("1") == ["facilitator.take_other"]
    assert hand.record(12) == ["facilitator.keeping"]
    hand.say("1")
    assert [one.language for one in hand.waiting()] == ["quz"]
    assert hand.batea.library.languages() == {}


def test_a_voice_note_elsewhere_in_the_dialogue_is_no_recording(hand: Hand) -> None:
    hand.say("grabar", "1")
    assert hand.record(12) != ["facilitator.keeping"]


def test_for_everybody_else_the_word_is_chat(hand: Hand) -> None:
    hand.run(lambda uow: uow.facilitators.withdraw("rosa"))
    assert not any(said.startswith("facilitator") for said in hand.say("grabar"))


def test_by_sms_she_is_told_where_it_is_done(hand: Hand) -> None:
    sms = replace(HERS, channel=ChannelName.SMS)
    receipt = hand.batea.reception.receive(Inbound("sms1", sms, InboundKind.TEXT, NOW, text="grabar")).result(timeout=60)
    assert receipt.replies[0].id == "facilitator.recording_by_chat"
