"""Answers through the whole of reception: what is kept of them, twice from one person, and very many at once."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from delivery.test_sender import Silence
from standins.composed import NUMBER, furnish
from standins.talk import Keywords

from bot.delivery.announcing import Announcements
from bot.dialogue.reception import Reception
from bot.dialogue.words import Words
from bot.domain.clock import MovableClock
from bot.domain.community import Community
from bot.domain.conversation import State
from bot.domain.message import Address, ChannelName, Inbound, InboundKind, MessageState, OutboundMessage, Purpose
from bot.domain.person import Consent, Country, Person, Role, Sex
from bot.domain.poll import PollRound
from bot.domain.turn import Receipt
from bot.lessons.catalogue import load_catalogue
from bot.outreach.rounds import PollRounds
from bot.storage.opening import open_store
from bot.storage.retention import sweep
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
IDS = itertools.count()


class Hall:
    """A reception with a database, where a poll runs."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.keys = RoundKeyFiles(folder / "rounds")
        self.store: Any = open_store(database_url, Vault("a secret of the tests and long enough"), self.keys)
        self.clock = MovableClock(NOW)
        library = load_catalogue(ROOT / "content", drafts=True, today=NOW.date, timezone="America/Bogota")
        words = Words.from_mapping(yaml.safe_load((ROOT / "content" / "words.yml").read_text(encoding="utf-8")))
        self.reception = Reception(self.store, Keywords(), library, self.clock, words)
        self.rounds = PollRounds(self.store, library, self.clock, Announcements(Silence()), self.keys.delete)
        self.run(lambda unit: unit.communities.put([Community("taraza", "Tarazá", Country.CO, "bajo-cauca")], []))

    def run(self, work: Any) -> Any:
        return self.store.submit(work).result(timeout=60)

    def enrol(self, address: Address) -> Person:
        def work(unit: Any) -> Person:
            person, _ = unit.people.meet(address, NOW)
            known = Person(person.id, NOW, Country.CO, None, True, "taraza", sex=Sex.WOMAN, role=Role.MINER, last_seen_at=NOW)
            unit.people.save(known, State(place="menu"))
            unit.people.record_consent(person.id, Consent("v1", NOW, "sms", "SM1", "programme"))
            return known

        person: Person = self.run(work)
        return person

    def says(self, address: Address, text: str) -> Receipt:
        inbound = Inbound(f"SM{next(IDS)}", address, InboundKind.TEXT, self.clock.now(), text=text)
        return self.reception.receive(inbound).result(timeout=60)

    def ask(self) -> list[OutboundMessage]:
        """Queue what is due, and let it leave."""
        while self.rounds.sweep():
            pass

        def work(unit: Any) -> list[OutboundMessage]:
            taken = list(unit.outbox.claim(self.clock.now(), limit=1000))
            for message in taken:
                unit.outbox.settle(message.id, MessageState.SENT, self.clock.now())
            return [message for message in taken if message.purpose is Purpose.SERVICE]

        asked: list[OutboundMessage] = self.run(work)
        return asked


@pytest.fixture
def hall(database_url: str, tmp_path: Path) -> Iterator[Hall]:
    opened = Hall(database_url, tmp_path)
    yield opened
    opened.store.close()


def phone(number: int, channel: ChannelName = ChannelName.SMS) -> Address:
    return Address(channel, f"+57300{number:07d}")


def test_a_bare_digit_answers_the_question_that_came_unasked(hall: Hall) -> None:
    hall.enrol(phone(1))
    hall.rounds.open("Q05_v1", "all")
    assert [message.to for message in hall.ask()] == [phone(1)]
    receipt = hall.says(phone(1), "2")
    assert ([reply.id for reply in receipt.replies], receipt.state) == (["poll.thanks", "menu.main"], "menu")
    assert hall.run(lambda unit: unit.polls.counts("Q05_v1-0")) == {"no_pude": 1}


def test_a_digit_after_closing_counts_nowhere_and_is_met_kindly(hall: Hall) -> None:
    hall.enrol(phone(1))
    hall.rounds.open("Q05_v1", "all")
    hall.ask()
    hall.rounds.close("Q05_v1-0")
    receipt = hall.says(phone(1), "2")
    assert [reply.id for reply in receipt.replies] == ["poll.closed", "menu.main"]
    follow_up = hall.rounds.open("Q05_v1", "all")
    assert hall.run(lambda unit: unit.polls.counts(follow_up.round.id)) == {}


def test_one_person_by_two_channels_has_one_answer_the_last(hall: Hall) -> None:
    hall.enrol(phone(1))
    hall.rounds.open("Q05_v1", "all")
    hall.ask()
    hall.says(phone(1), "2")
    call = Address(ChannelName.CALL, phone(1).value)
    assert hall.says(call, "2").state == "poll:Q05_v1/Q05"
    hall.says(call, "1")
    assert hall.run(lambda unit: unit.polls.counts("Q05_v1-0")) == {"si": 1}
    assert hall.run(lambda unit: unit.polls.get("Q05_v1-0")).answered == 1


def test_nothing_of_an_answer_is_kept_but_the_locked_ballot(hall: Hall, tmp_path: Path, database_url: str) -> None:
    person = hall.enrol(phone(1))
    hall.run(furnish(["number"], NOW))
    assert hall.says(phone(1), "2").state == "poll:Q91_v1/Q91"
    assert hall.says(phone(1), "cuarenta y siete").state == "menu"
    tables = hall.run(_everything)
    vault = Vault("a secret of the tests and long enough")
    opened = [_opened(vault, value) for row in tables for value in row]
    assert any("Cuántos días" in value for value in opened), "the search opens what is sealed"
    assert not [value for value in opened if "cuarenta" in value or value == "47" or '"47"' in value]
    assert person.id in opened
    if database_url.startswith("sqlite"):
        raw = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        assert b"cuarenta y siete" not in raw
    hall.clock.move(timedelta(days=31))
    sweep(hall.store, hall.keys, hall.clock.now())
    assert hall.run(lambda unit: unit.polls.tally(f"{NUMBER.id}-0")).all.numbers == (47,)


def _everything(unit: Any) -> list[tuple[Any, ...]]:
    from bot.storage.tables import METADATA  # noqa: PLC0415

    connection = unit.people._tx.connection
    return [tuple(row) for table in METADATA.sorted_tables for row in connection.execute(table.select())]


def _opened(vault: Vault, value: object) -> str:
    try:
        return vault.open(str(value))
    except Exception:  # noqa: BLE001 - not sealed
        return str(value)


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_ten_thousand_answers_in_a_minute(hall: Hall) -> None:
    people = 10_000
    addresses = [phone(number) for number in range(people)]
    for address in addresses:
        hall.enrol(address)
    hall.run(lambda unit: unit.polls.put_round(PollRound("flood", "Q05_v1", NOW, NOW + timedelta(days=7))))
    place = State(place=f"poll:Q05_v1/Q05/{PollRound('flood', 'Q05_v1', NOW, NOW).tag}")

    def ready(unit: Any) -> None:
        for address in addresses:
            person, _ = unit.people.meet(address, NOW)
            unit.people.save(person, place)

    hall.run(ready)
    started = time.monotonic()
    inbound = (Inbound(f"F{n}", a, InboundKind.TEXT, NOW, text="12"[n % 2]) for n, a in enumerate(addresses))
    waiting = [hall.reception.receive(each) for each in inbound]
    assert all(future.result(timeout=300).replies[0].id == "poll.thanks" for future in waiting)
    assert time.monotonic() - started < 60
    assert hall.run(lambda unit: unit.polls.counts("flood")) == {"si": people / 2, "no_pude": people / 2}
    assert hall.rounds.close("flood").all.people == people
