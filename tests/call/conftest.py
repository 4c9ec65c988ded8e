"""Batea with a telephone: the whole web face over HTTP, a clock that moves, and a second Batea that tells what to expect."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from standins.front import Front
from standins.signing import ACCOUNT, AUTH_TOKEN, PUBLIC_URL
from standins.telephone import OURS, Handset
from standins.vendor import Vendor

from bot import running, wiring
from bot.dialogue.reception import Reception
from bot.dialogue.words import Words
from bot.domain.clock import MovableClock
from bot.domain.message import Address, ChannelName, Inbound, InboundKind, Reply, Speech
from bot.domain.ports import Clock, Understander
from bot.domain.store import Store
from bot.domain.turn import Receipt
from bot.lessons.catalogue import Catalogue
from bot.lessons.content import Content
from bot.running import Batea
from bot.settings import Settings, load
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault
from bot.web import app as web

ROOT = Path(__file__).parents[2]
START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
KEY = "a secret of the tests and long enough"


@dataclass
class Telephony:
    """A served Batea, Twilio's stand-in, and the clock of both Bateas."""

    batea: Batea
    twin: Reception
    shadow: Store
    clock: MovableClock
    vendor: Vendor
    url: str

    def handset(self, number: str = "+573005550101") -> Handset:
        return Handset(self.url, self.vendor, number)

    def pass_time(self, **time_: float) -> None:
        """Let time pass, and what is due in it be dialled."""
        self.clock.move(timedelta(**time_))
        while self.batea.dialler.sweep():
            pass

    def missed_call(self, handset: Handset) -> None:
        """Ring, be rejected, and be called back."""
        assert handset.ring().find("Reject") is not None
        self.pass_time(seconds=4)
        assert handset.rung() is not None, "nobody called back"

    def call(self, handset: Handset) -> None:
        """A missed call that is called back and taken, up to where she stands."""
        self.missed_call(handset)
        handset.pick_up()
        assert self.names(handset) == self.clips([self.batea.library.reply("call.who_calls")])
        handset.press("1")

    def clips(self, replies: list[Reply]) -> list[str]:
        """The clips that say these replies on a call."""
        found = [self.batea.clips.clip(reply.speech, call=True) for reply in replies if reply.speech]
        return [clip.name for clip in found if clip]

    def names(self, handset: Handset) -> list[str]:
        """The clips that were heard last, each of them decoded."""
        assert not handset.read, "a text was read out that should have been a clip"
        for one in handset.heard:
            assert one.coding == ("pcm_mulaw", 8000, 1)
            assert 0.3 < one.seconds <= 60
        return [one.clip for one in handset.heard]

    def any_wording(self, reply_id: str) -> set[str]:
        """The clips of a sentence, in whichever wording."""
        return {name for variant in range(3) for name in self.clips([self.batea.library.reply(reply_id, variant=variant)])}

    def heard(self, handset: Handset) -> list[str]:
        """What was heard last, recognised by its clips among all sentences that stand in `content/`; `?` for others."""
        known = {name: speech.key for speech in speeches(self.batea) for name in self._names_of(speech)}
        return [known.get(name, "?") for name in self.names(handset)]

    def _names_of(self, speech: Speech) -> list[str]:
        found = self.batea.clips.kept(speech, call=True)
        return [found.clip.name] if found else []

    def run(self, work: Callable[[Any], Any]) -> Any:
        return self.batea.store.submit(work).result(timeout=30)

    def furnish(self, work: Callable[[Any], Any]) -> None:
        """Do something to both Bateas' databases."""
        for store in (self.batea.store, self.shadow):
            store.submit(work).result(timeout=30)

    def expected(self, kind: InboundKind, number: str, **facts: str) -> Receipt:
        """What the twin says to the same."""
        inbound = Inbound(f"twin-{time.monotonic_ns()}", Address(ChannelName.CALL, number), kind, self.clock.now(), **facts)
        return self.twin.receive(inbound).result(timeout=30)


def speeches(batea: Batea) -> list[Speech]:
    return list(batea.library.speeches(running.after_step(batea.library)))


def settings(data_dir: Path, database: Path, vendor: Vendor, **changes: str) -> Settings:
    environ = {
        "DATA_DIR": str(data_dir),
        "DATABASE_URL": f"sqlite:///{database}",
        "PUBLIC_URL": PUBLIC_URL,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_API_URL": vendor.url,
        "TWILIO_VOICE_FROM": OURS,
        "TWILIO_SMS_FROM": "+15005550006",
        "SERVE_DRAFTS": "1",
        "CALL_MINUTES": "15",
        **changes,
    }
    return load({f"BATEA_{name}": value for name, value in environ.items()})


@pytest.fixture
def exchange() -> Iterator[Vendor]:
    with Vendor() as vendor:
        threading.Thread(target=vendor.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield vendor
        vendor.shutdown()


@pytest.fixture(scope="session")
def front() -> Iterator[Front]:
    server = Front()
    yield server
    server.close()


@pytest.fixture(scope="session")
def words() -> Words:
    return Words.from_mapping(yaml.safe_load((ROOT / "content" / "words.yml").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def furnished(
    tmp_path_factory: pytest.TempPathFactory, data_dir: Path, migrated_sqlite: Path, engine: Understander, content: Content
) -> Path:
    """A folder with a database that holds the data of the demonstration, and the keys of its rounds."""
    folder = tmp_path_factory.mktemp("furnished")
    shutil.copy(migrated_sqlite, folder / "batea.db")
    environ = {"DATA_DIR": str(folder), "DATABASE_URL": f"sqlite:///{folder / 'batea.db'}", "TTS": "off"}
    own, clock = load({f"BATEA_{name}": value for name, value in environ.items()}), MovableClock(START)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "build_library", partial(catalogue, content))
        batea = wiring.build(own, clock, KEY, engine)
    wiring.load_demo_data(batea)
    batea.close()
    return folder


def catalogue(content: Content, own: Settings, clock: Clock) -> Catalogue:
    """What `wiring.build_library` gives, without reading the files anew."""
    return Catalogue(content, drafts=own.drafts_served, today=lambda: clock.now().date(), timezone=own.timezone)


@pytest.fixture
def telephony_with(
    data_dir: Path,
    engine: Understander,
    content: Content,
    words: Words,
    furnished: Path,
    front: Front,
    tmp_path: Path,
    exchange: Vendor,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[..., Telephony]]:
    """Makes a served Batea with changed settings, one in a test.

    What it does every so often is done when the test says so: by itself it could take a call at the very moment at which the
    test looks whether it was made (tests/call/test_serve_by_call.py has it do so).
    """
    for name in [name for name in vars(web) if name.endswith("_EVERY_S")]:
        monkeypatch.setattr(web, name, 3600.0)
    monkeypatch.setattr(wiring, "build_library", partial(catalogue, content))
    with contextlib.ExitStack() as stack:

        def make(**changes: str) -> Telephony:
            clock = MovableClock(START)
            served, twin = tmp_path / "served.db", tmp_path / "twin.db"
            for database in (served, twin):
                shutil.copy(furnished / "batea.db", database)
            own = settings(data_dir, served, exchange, **changes)
            for rounds in (tmp_path / "rounds", own.data_dir / "rounds"):
                shutil.copytree(furnished / "rounds", rounds, dirs_exist_ok=True)
            batea = wiring.build(own, clock, KEY, engine)
            shadow = open_store(f"sqlite:///{twin}", Vault(KEY), RoundKeyFiles(tmp_path / "rounds"))
            stack.callback(shadow.close)
            reception = Reception(shadow, batea.understander, batea.library, clock, words)
            stack.enter_context(front.serving(web.build_app(batea)))
            return Telephony(batea, reception, shadow, clock, exchange, front.url)

        yield make


@pytest.fixture
def telephony(telephony_with: Callable[..., Telephony]) -> Telephony:
    return telephony_with()
