"""One turn is one transaction, on the real SQLite store."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from standins.talk import NOW, Keywords, Shelf

from bot.dialogue import Reception, Words
from bot.domain.clock import MovableClock
from bot.domain.message import Address, ChannelName, Inbound, InboundKind, Reply
from bot.domain.store import Store
from bot.domain.turn import Receipt
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault

PHONE = Address(ChannelName.WHATSAPP, "+573005550199")


class StumblingShelf(Shelf):
    """A library that breaks in the middle of a turn."""

    broken = False

    def reply(self, reply_id: str, *args: Any, **kwargs: Any) -> Reply:
        if self.broken and reply_id == "onboarding.age":
            raise RuntimeError("the middle of a turn")
        return super().reply(reply_id, *args, **kwargs)


@dataclass
class Desk:
    reception: Reception
    store: Store
    shelf: StumblingShelf
    sent: list[str] = field(default_factory=list)

    def say(self, text: str, vendor_id: str = "", sender: Address = PHONE) -> Receipt:
        self.sent.append(vendor_id or f"SM{len(self.sent)}")
        return self.reception.receive(message(text, self.sent[-1], sender)).result(timeout=30)

    def counts(self, *tables: str) -> list[int]:
        def work(unit: Any) -> list[int]:
            run = unit.people._tx.connection.exec_driver_sql
            return [run(f"SELECT count(*) FROM {table}").scalar_one() for table in tables]

        return self.store.submit(work).result(timeout=30)


def message(text: str, vendor_id: str, sender: Address = PHONE, now: datetime = NOW) -> Inbound:
    return Inbound(vendor_id, sender, InboundKind.TEXT, now, text=text)


@pytest.fixture
def desk(tmp_path: Path, migrated_sqlite: Path, entries: dict[str, Any], words: Words) -> Iterator[Desk]:
    shutil.copy(migrated_sqlite, tmp_path / "batea.db")
    vault = Vault("a secret of the tests and long enough")
    store = open_store(f"sqlite:///{tmp_path / 'batea.db'}", vault, RoundKeyFiles(tmp_path / "rounds"))
    shelf = StumblingShelf(entries)
    numbers = iter(range(10_000))
    reception = Reception(store, Keywords(), shelf, MovableClock(NOW), words, new_id=lambda: f"m{next(numbers)}")
    yield Desk(reception, store, shelf)
    store.close()


def test_a_turn_saves_state_and_replies_together(desk: Desk) -> None:
    receipt = desk.say("hola")
    assert (receipt.new, receipt.state, receipt.message_ids) == (True, "onboarding:consent", ("m0", "m1"))
    assert desk.counts("person", "message") == [1, 2]


def test_a_redelivery_changes_nothing_and_says_nothing(desk: Desk) -> None:
    desk.say("hola", "SM-A")
    desk.say("1", "SM-B")
    again = desk.say("1", "SM-B")
    assert (again.new, again.replies, again.message_ids) == (False, (), ())
    assert desk.say("8").state == "onboarding:country"


def test_what_breaks_in_mid_turn_leaves_nothing_half_done(desk: Desk) -> None:
    desk.say("hola")
    desk.say("1")
    before = desk.counts("person", "message", "consent")
    desk.shelf.broken = True
    with pytest.raises(RuntimeError):
        desk.say("1", "SM-broken")
    desk.shelf.broken = False
    assert desk.counts("person", "message", "consent") == before
    retried = desk.say("1", "SM-broken")
    assert (retried.new, retried.state) == (True, "onboarding:age")


def test_who_refuses_leaves_no_trace_but_the_goodbye_on_its_way(desk: Desk) -> None:
    desk.say("hola")
    receipt = desk.say("no acepto")
    assert receipt.state == "onboarding:welcome"
    assert desk.counts("person", "consent") == [0, 0]
    (goodbye,) = desk.store.submit(lambda unit: unit.outbox.claim(NOW, ids=receipt.message_ids)).result(timeout=30)
    assert goodbye.ephemeral


def test_a_danger_from_a_stranger_stores_no_person(desk: Desk) -> None:
    receipt = desk.say("me trague el cianuro")
    assert receipt.state == "onboarding:welcome"
    assert [reply.id for reply in receipt.replies] == ["crisis.poisoning"]
    assert receipt.understood is not None
    assert receipt.understood.text == ""
    assert desk.counts("person") == [0]


def test_an_opt_out_is_of_the_address_and_the_state_follows_the_person(desk: Desk) -> None:
    sms = Address(ChannelName.SMS, PHONE.value)
    for text in ("hola", "1", "1", "1", "1"):
        desk.say(text)
    assert desk.say("baja").state == "opted_out"
    assert desk.say("8", sender=sms).state == "menu"
    assert desk.say("8").state == "opted_out"
    assert desk.say("hola").state == "menu"


def test_two_messages_at_once_are_handled_one_after_the_other(desk: Desk) -> None:
    for text in ("hola", "1", "1", "1", "1", "1", "1"):
        desk.say(text)
    assert desk.say("8").state == "lesson:m1/humo/s1"
    with ThreadPoolExecutor(8) as pool:
        receipts = [
            f.result(timeout=30) for f in pool.map(desk.reception.receive, (message("9", f"at-once-{n}") for n in range(2)))
        ]
    assert {receipt.state for receipt in receipts} == {"lesson:m1/humo/s2", "lesson:m1/humo/s3"}


def test_the_redelivery_race_has_one_winner(desk: Desk) -> None:
    desk.say("hola")
    with ThreadPoolExecutor(8) as pool:
        receipts = [f.result(timeout=30) for f in pool.map(desk.reception.receive, (message("1", "twin") for _ in range(8)))]
    assert [receipt.new for receipt in receipts].count(True) == 1


SMS = Address(ChannelName.SMS, PHONE.value)


def enrol_and_shut(desk: Desk) -> None:
    for text in ("hola", "1", "1", "1", "1"):
        desk.say(text, sender=SMS)
    refused = Inbound("SM-refused:21610", SMS, InboundKind.BLOCKED, NOW)
    assert desk.reception.receive(refused).result(timeout=30).state == "opted_out"


def last_row(desk: Desk) -> set[tuple[str, str]]:
    def work(unit: Any) -> set[tuple[str, str]]:
        rows = unit.people._tx.connection.exec_driver_sql("SELECT state, error_code, id FROM message ORDER BY seq").all()
        return {(row[0], row[1]) for row in rows[-1:]}

    return desk.store.submit(work).result(timeout=30)


def test_a_greeting_does_not_open_what_the_carrier_keeps_shut_and_is_not_answered_in_vain(desk: Desk) -> None:
    enrol_and_shut(desk)
    for text in ("hola", "1", "quiero volver"):
        receipt = desk.say(text, sender=SMS)
        assert (receipt.state, receipt.message_ids) == ("opted_out", ())
        assert last_row(desk) == {("failed", "opted_out")}


@pytest.mark.parametrize("text", ["START", "alta"])
def test_her_own_start_opens_sms_again(desk: Desk, text: str) -> None:
    enrol_and_shut(desk)
    receipt = desk.say(text, sender=SMS)
    assert receipt.state == "menu"
    assert len(receipt.message_ids) == len(receipt.replies) > 0
    assert "optout.sms_shut" not in [reply.id for reply in desk.say("8").replies]


def test_the_vendors_word_for_her_start_opens_sms_again(desk: Desk) -> None:
    enrol_and_shut(desk)
    desk.reception.receive(Inbound("SM-start", SMS, InboundKind.UNBLOCKED, NOW)).result(timeout=30)
    assert desk.say("8", sender=SMS).message_ids


def test_on_her_other_channels_she_is_told_once_how_to_open_sms(desk: Desk) -> None:
    enrol_and_shut(desk)
    first, second = desk.say("hola"), desk.say("hola")
    assert [reply.id for reply in first.replies].count("optout.sms_shut_for_good") == 1
    assert not first.replies[-1].id.startswith("optout.sms_shut")
    assert not any(reply.id.startswith("optout.sms_shut") for reply in second.replies)


def test_the_number_for_start_is_told_where_an_sms_reaches_us(desk: Desk) -> None:
    enrol_and_shut(desk)
    desk.reception._sms_number = lambda country: "+573005550000"
    told = next(reply for reply in desk.say("hola").replies if reply.id == "optout.sms_shut")
    assert "+573005550000" in told.text


def test_a_danger_is_answered_by_sms_even_where_the_carrier_may_refuse_it(desk: Desk) -> None:
    enrol_and_shut(desk)
    assert desk.say("me trague el cianuro", sender=SMS).message_ids


def test_who_is_shut_out_by_sms_may_still_have_everything_erased(desk: Desk) -> None:
    enrol_and_shut(desk)
    desk.say("borrar", sender=SMS)
    desk.say("1", sender=SMS)
    assert desk.counts("person") == [0]
