"""What waits for a person to write leaves when she does: behind her answer, or alone where she only asked for it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from standins.talk import NOW, Keywords

from bot.dialogue import Reception, Words
from bot.domain.clock import MovableClock
from bot.domain.message import Address, ChannelName, Inbound, InboundKind, OutboundMessage, Reply
from bot.domain.store import Store
from bot.domain.turn import Receipt
from bot.lessons.catalogue import load_catalogue
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault

ROOT = Path(__file__).resolve().parents[2]
NORA = Address(ChannelName.WHATSAPP, "+573005550199")
SCOPED = Address(ChannelName.WHATSAPP, "bsuid:CO.77")


class Desk:
    def __init__(self, store: Store, reception: Reception) -> None:
        self.store = store
        self.reception = reception
        self.numbers = itertools.count(1)

    def send(self, text: str = "", **facts: Any) -> Receipt:
        kind = InboundKind.BUTTON if "button" in facts else InboundKind.TEXT
        facts = {"sender": NORA, "kind": kind, "received_at": NOW, "text": text, **facts}
        return self.reception.receive(Inbound(f"SM{next(self.numbers)}", **facts)).result(timeout=30)

    def hold(self, *ids: str) -> None:
        def work(unit: Any) -> None:
            unit.outbox.add([OutboundMessage(i, NORA, Reply("r", f"Aviso {i}"), NOW) for i in ids], None)
            for row in unit.outbox.claim(NOW, ids=ids):
                unit.outbox.hold(row, None, NOW)

        self.store.submit(work).result(timeout=30)

    def leaving(self, ids: Sequence[str]) -> list[str]:
        claimed = self.store.submit(lambda unit: unit.outbox.claim(NOW, ids=ids)).result(timeout=30)
        return [row.id for row in claimed]

    def states(self) -> dict[str, int]:
        return self.store.submit(lambda unit: {s.value: n for s, n in unit.outbox.counts().items() if n}).result(timeout=30)


@pytest.fixture
def desk(tmp_path: Path, database_url: str, words: Words) -> Iterator[Desk]:
    store = open_store(database_url, Vault("a secret of the tests and long enough"), RoundKeyFiles(tmp_path / "rounds"))
    library = load_catalogue(ROOT / "content", drafts=True, today=lambda: date(2026, 11, 23), timezone="America/Bogota")
    numbers = itertools.count(1)
    reception = Reception(store, Keywords(), library, MovableClock(NOW), words, new_id=lambda: f"n{next(numbers)}")
    desk = Desk(store, reception)
    desk.send("hola")
    desk.leaving(["n1", "n2"])
    for row in ("n1", "n2"):
        store.submit(lambda unit, row=row: unit.outbox.settle(row, "sent", NOW)).result(timeout=30)
    yield desk
    store.close()


@pytest.mark.parametrize("said", [{"button": "window.open", "text": "1 Recibirlo"}, {"text": "1"}, {"text": "resibirlo"}])
def test_who_accepts_the_invitation_hears_what_waited_and_nothing_else(desk: Desk, said: dict[str, str]) -> None:
    desk.hold("h1", "h2")
    receipt = desk.send(**said)
    assert receipt.message_ids == ("h1", "h2")
    assert receipt.replies == ()
    assert receipt.state == "onboarding:consent"
    assert desk.leaving(receipt.message_ids) == ["h1", "h2"]


def test_who_writes_something_else_is_answered_first(desk: Desk) -> None:
    desk.hold("h1")
    receipt = desk.send("buenas tardes doña Batea")
    assert receipt.message_ids[-1] == "h1"
    assert len(receipt.replies) == len(receipt.message_ids) - 1 > 0
    assert desk.leaving(receipt.message_ids) == list(receipt.message_ids)


def test_the_same_words_mean_what_they_always_do_when_nothing_waits(desk: Desk) -> None:
    assert desk.send("1").replies


def test_who_leaves_hears_nothing_of_it(desk: Desk) -> None:
    desk.hold("h1")
    assert "h1" not in desk.send("BAJA").message_ids
    assert "h1" not in desk.send("hola").message_ids


def test_who_has_left_and_taps_an_old_invitation_hears_nothing_of_it(desk: Desk) -> None:
    desk.hold("h1")
    desk.store.submit(lambda unit: unit.people.set_opted_out(NORA, NOW)).result(timeout=30)
    assert "h1" not in desk.send(button="window.open").message_ids
    assert desk.states()["cancelled"] == 1


def test_after_a_crisis_answer_nothing_else_is_said(desk: Desk) -> None:
    desk.hold("h1")
    assert "h1" not in desk.send("me trague el azogue").message_ids
    assert desk.states()["held"] == 1
    assert "h1" not in desk.send("ya viene la gente").message_ids, "that is about it still"
    assert "h1" in desk.send("buenas tardes doña Batea").message_ids


def test_a_number_beside_a_scoped_id_is_the_same_person(desk: Desk) -> None:
    desk.hold("h1")
    assert "h1" in desk.send("buenas", sender=SCOPED, aliases=(NORA,)).message_ids


def test_an_sms_opens_no_window(desk: Desk) -> None:
    desk.hold("h1")
    assert "h1" not in desk.send("hola", sender=Address(ChannelName.SMS, NORA.value)).message_ids


def test_a_redelivery_releases_nothing_twice(desk: Desk) -> None:
    desk.hold("h1")
    first = Inbound("SMx", NORA, InboundKind.BUTTON, NOW, button="window.open")
    assert desk.reception.receive(first).result(timeout=30).message_ids == ("h1",)
    assert desk.reception.receive(first).result(timeout=30).message_ids == ()
