"""A conversation on a real database, somebody who listens by script, and a process that answers by script."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from standins.talk import NOW, Keywords, Shelf, Talk

from bot.dialogue import Reception, Words
from bot.domain.clock import MovableClock
from bot.domain.conversation import State
from bot.domain.errors import MediaError
from bot.domain.listening import Heard, Offer
from bot.domain.message import Address, ChannelName, Inbound, InboundKind, Media, MessageState
from bot.domain.person import Consent, Country, Mode, Person, Role, Sex
from bot.domain.store import Store
from bot.domain.turn import Receipt
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault
from bot.voice.listening.notes import VoiceNotes

CONTENT = Path(__file__).parents[2] / "content"
PHONE = Address(ChannelName.WHATSAPP, "+573005550199")
OTHER_PHONE = Address(ChannelName.WHATSAPP, "+573005550200")
AUDIO = Media("https://vendor.example/note", "audio/ogg")
SURE = 0.9


class Ear:
    """A Listener that hears what the sound says in letters, and can be made to wait, to doubt or to fail."""

    def __init__(self) -> None:
        self.offered: list[Sequence[Offer]] = []
        self.heard: list[bytes] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.fails: Exception | None = None
        self.hears: Callable[[str, Sequence[Offer]], Heard] = lambda text, _: Heard(text, SURE)

    def listen(self, audio: bytes, offers: Sequence[Offer]) -> Heard:
        assert self.may_go_on.wait(10)
        self.offered.append(offers)
        self.heard.append(audio)
        if self.fails:
            raise self.fails
        return self.hears(audio.decode(), offers)

    def close(self) -> None:
        pass


@dataclass
class Recorder:
    """A notebook that keeps what was noted."""

    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def event(self, name: str, **facts: Any) -> None:
        self.events.append((name, facts))


@dataclass
class Desk:
    """Everything around the notes; `sounds` is what the vendor keeps, by the delivery's id."""

    store: Store
    reception: Reception
    ear: Ear
    log: Recorder = field(default_factory=Recorder)
    sounds: dict[str, str | MediaError] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    opened: list[VoiceNotes] = field(default_factory=list)

    def notes(self, listener: Ear | None = None, **options: Any) -> VoiceNotes:
        made = VoiceNotes(
            self.store, self.reception, Keywords(), listener, self.fetch, self.sent.extend, MovableClock(NOW), self.log, **options
        )
        self.opened.append(made)
        return made

    def fetch(self, inbound: Inbound) -> bytes:
        sound = self.sounds[inbound.vendor_id]
        if isinstance(sound, MediaError):
            raise sound
        return sound.encode()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        def work(unit: Any) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in unit.people._tx.connection.exec_driver_sql(query)]

        return self.store.submit(work).result(timeout=30)

    def waiting(self) -> int:
        return len(self.store.submit(lambda unit: unit.notes.waiting()).result(timeout=30))

    def settled(self, seconds: float = 10.0) -> None:
        """Wait until no note waits any more."""
        until = time.monotonic() + seconds
        while self.waiting() or any(notes._lanes for notes in self.opened):
            assert time.monotonic() < until, self.log.events
            time.sleep(0.01)

    def said(self) -> list[str]:
        """The ids of the replies in the ledger, in order."""

        def work(unit: Any) -> list[str]:
            claimed = unit.outbox.claim(NOW, limit=1000)
            for message in claimed:
                unit.outbox.settle(message.id, MessageState.SENT, NOW)
            return [message.reply.id for message in claimed]

        said: list[str] = []
        # Few of one address leave at a time.
        while more := self.store.submit(work).result(timeout=30):
            said += more
        return said

    def say(self, text: str, vendor_id: str, sender: Address = PHONE) -> Receipt:
        return self.reception.receive(message(text, vendor_id, sender)).result(timeout=30)


def message(text: str, vendor_id: str, sender: Address = PHONE) -> Inbound:
    return Inbound(vendor_id, sender, InboundKind.TEXT, NOW, text=text)


def note(vendor_id: str, sender: Address = PHONE) -> Inbound:
    return Inbound(vendor_id, sender, InboundKind.VOICE, NOW, media=(AUDIO,))


@pytest.fixture(scope="session")
def words() -> Words:
    return Words.from_mapping(yaml.safe_load((CONTENT / "words.yml").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def entries() -> dict[str, Any]:
    return {
        f"{path.stem}.{key}": entry
        for path in (CONTENT / "replies").glob("*.yml")
        for key, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items()
    }


@pytest.fixture
def desk(tmp_path: Path, migrated_sqlite: Path, entries: dict[str, Any], words: Words) -> Iterator[Desk]:
    shutil.copy(migrated_sqlite, tmp_path / "batea.db")
    vault = Vault("a secret of the tests and long enough")
    store = open_store(f"sqlite:///{tmp_path / 'batea.db'}", vault, RoundKeyFiles(tmp_path / "rounds"))
    desk = Desk(store, Reception(store, Keywords(), Shelf(entries), MovableClock(NOW), words), Ear())
    yield desk
    for notes in desk.opened:
        notes.close()
    store.close()


@pytest.fixture
def talk(entries: dict[str, Any], words: Words) -> Talk:
    """Somebody who has been welcomed long since and stands at the menu."""
    consent = Consent("v1", NOW, "whatsapp", "SM0", "programme")
    person = Person("p1", NOW)
    person = replace(
        person,
        country=Country.CO,
        mode=Mode.LISTEN,
        adult=True,
        consent=consent,
        community_id="taraza",
        last_seen_at=NOW,
        sex=Sex.WOMAN,
        role=Role.PANNER,
    )
    made = Talk(person, Shelf(entries), words)
    made.state = State(place="menu")
    return made
