"""A Batea without vendors: the real catalogue, the real database on SQLite, the real embedded engine, a clock that moves."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from argon2 import PasswordHasher

from bot.delivery.announcing import Announcements
from bot.dialogue import Reception, Words
from bot.domain.clock import MovableClock
from bot.domain.community import Community
from bot.domain.field_desk import Work
from bot.domain.learning import LessonRecord, Module
from bot.domain.meeting import Agreement, MeetingDraft
from bot.domain.message import Address, ChannelName, Inbound, InboundKind, MessageState
from bot.domain.person import Country
from bot.domain.staff import Credentials, StaffMember
from bot.domain.staff import Role as StaffRole
from bot.domain.store import Store, UnitOfWork
from bot.domain.turn import Receipt
from bot.lessons.catalogue import Catalogue
from bot.lessons.content import Content
from bot.lessons.demo import load_demo
from bot.nlu.engine import EmbeddedEngine
from bot.outreach.field_afterwards import AfterwardsWork
from bot.outreach.field_desk import FieldOffice
from bot.outreach.field_meetings import MeetingWork
from bot.outreach.meeting_telling import MeetingTelling
from bot.outreach.meetings import MeetingOffice
from bot.outreach.personal_pin import Pins
from bot.outreach.study import Studying
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault

ROOT = Path(__file__).parents[2]
START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
PIN = "482913"
ADDRESSES = {
    ("CO", False): "+573005550101",
    ("PE", False): "+51955550101",
    ("CO", True): "7700101",
    ("PE", True): "7700202",
}


class Unheard:
    """A notebook that nobody reads."""

    def event(self, name: str, **facts: Any) -> None:
        """Nothing is kept."""


class Withdrawn(Catalogue):
    """The catalogue, from which a module can be withdrawn, or all of them (`*`)."""

    withdrawn: frozenset[str] = frozenset()

    def modules(self, country: Country) -> list[Module]:
        return [module for module in super().modules(country) if not self.withdrawn & {module.id, "*"}]


@dataclass
class Phone:
    """One person's phone on one channel, and the Batea behind it."""

    reception: Reception
    store: Store
    clock: MovableClock
    library: Withdrawn
    channel: ChannelName
    address: Address
    sent: int = 0
    others: int = 0
    aliases: tuple[Address, ...] = ()
    codes: list[str] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    pins: Pins | None = None
    left: list[tuple[str, str]] = field(default_factory=list)
    telling: MeetingTelling | None = None
    office: MeetingOffice | None = None
    studying: Studying | None = None

    def send(self, kind: InboundKind, **facts: str) -> Receipt:
        self.sent += 1
        name = f"{self.channel}-{self.address.value}-{self.sent}"
        inbound = Inbound(name, self.address, kind, self.clock.now(), aliases=self.aliases, **facts)
        receipt = self.reception.receive(inbound).result(timeout=30)
        self.answered.update(receipt.message_ids)
        return receipt

    def beside(self, channel: str, value: str, *aliases: str) -> Phone:
        """Another phone of the same Batea."""
        self.others += 1
        name = ChannelName(channel)
        also = tuple(Address(name, alias) for alias in aliases)
        return replace(self, channel=name, address=Address(name, value), aliases=also, sent=1000 * self.others)

    def facilitates(self, community_id: str, email: str = "rosa@example.org", pin: str = PIN) -> None:
        """Staff have given this phone to a facilitator, who has chosen her PIN."""
        assert self.pins is not None
        member = StaffMember(email.partition("@")[0], email, StaffRole.FACILITATOR, community_id, "es", START)
        self.run(lambda unit: unit.staff.add(Credentials(member, "hash", "secret")))
        self.pins.enrol(email, self.address)
        self.pins.choose(email, pin)

    def learn_code(self, receipt: Receipt) -> None:
        """Remember a code that was said."""
        self.codes += [code for reply in receipt.replies for code in re.findall(r"\b\d{6}\b", reply.text)]

    def notices(self) -> list[tuple[str, str]]:
        """What lies in the ledger and answers nobody: where to, and which sentence."""
        told, self.left = [*self.left, *self._leave()], []
        return told

    def _leave(self) -> list[tuple[str, str]]:
        """What is queued is sent."""
        now = self.clock.now()

        def take(unit: Any) -> list[Any]:
            # Few of one address at a time: what stands behind them comes once they have left.
            claimed = list(unit.outbox.claim(now, limit=1000))
            for message in claimed:
                unit.outbox.settle(message.id, MessageState.SENT, now)
            return claimed

        everything = []
        while claimed := self.run(take):
            everything += claimed
        return [(m.to.value, m.reply.id) for m in everything if m.id not in self.answered]

    def again(self, kind: InboundKind, **facts: str) -> Receipt:
        """The same delivery once more."""
        self.sent -= 1
        return self.send(kind, **facts)

    def wait(self, **time: float) -> None:
        self.clock.move(timedelta(**time))
        swept = 0
        while self.telling and self.studying and (more := self.telling.sweep() + self.studying.sweep()):
            swept += more
        if swept:
            self.left += self._leave()

    def learns(self, module: str, but: list[str]) -> None:
        """She has finished all lessons of a module but those."""
        served = self.library.module(module, Country.CO)
        assert served is not None
        records = [LessonRecord(module, one.id, one.steps[-1].id, START) for one in served.lessons if one.id not in but]

        def work(unit: Any) -> None:
            who = unit.people.meet(self.address, START)[0].id
            for record in records:
                unit.people.record_lesson(who, record)

        self.run(work)

    def desk(self, meeting_id: str, deed: str, **facts: Any) -> None:
        """What a facilitator does about a meeting, and what leaves by that."""
        office = self.office
        assert office is not None
        if "starts_in" in facts:
            facts["starts_at"] = self.clock.now() + timedelta(**facts.pop("starts_in"))

        def work(unit: Any) -> None:
            before = unit.meetings.get(meeting_id)
            if deed == "cancel":
                office.cancel(unit, meeting_id)
            elif deed == "minute":
                office.minute(unit, meeting_id, [Agreement(**line) for line in facts["lines"]])
            elif deed == "change":
                office.change(unit, meeting_id, replace(MeetingDraft.of(before), **facts))
            else:
                office.announce(unit, replace(MeetingDraft.of(before), **facts))

        self.run(work)
        self.wait()

    def run(self, work: Any) -> Any:
        return self.store.submit(work).result(timeout=30)


@pytest.fixture(scope="session")
def words() -> Words:
    return Words.from_mapping(yaml.safe_load((ROOT / "content" / "words.yml").read_text(encoding="utf-8")))


@pytest.fixture
def phones(tmp_path: Path, migrated_sqlite: Path, engine: EmbeddedEngine, content: Content, words: Words) -> Iterator[Any]:
    """Makes a phone of a channel and country, all on one database with the demonstration's communities, poll and meetings."""
    shutil.copy(migrated_sqlite, tmp_path / "batea.db")
    store = open_store(
        f"sqlite:///{tmp_path / 'batea.db'}", Vault("a secret of the tests and long enough"), RoundKeyFiles(tmp_path / "r")
    )
    clock = MovableClock(START)
    library = Withdrawn(content, drafts=True, today=lambda: clock.now().date(), timezone="America/Bogota")
    announcing = Announcements(Unheard())
    telling = MeetingTelling(store, library, clock, announcing)
    studying = Studying(store, library, clock, announcing, may_call=lambda _: True)
    office = MeetingOffice(library, clock, announcing, new_id=lambda: "reunion")
    called = MeetingWork(office, library, clock)
    works: dict[Work, Any] = dict.fromkeys((Work.MEETING, Work.CHANGE, Work.CANCEL, Work.CONFIRM), called)
    works |= dict.fromkeys((Work.HOLD, Work.COUNT, Work.MINUTES), AfterwardsWork(office, library, clock))
    pins = Pins(store, clock, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    desk = FieldOffice(works, library, clock, pins.fits, called.missing)
    reception = Reception(store, engine, library, clock, words, field_desk=desk)
    demo = load_demo(ROOT / "content", START)

    def furnish(unit: UnitOfWork) -> None:
        nowhere = Community("elsewhere-co", "Zaragoza", Country.CO, "bajo-cauca")
        unit.communities.put([*demo.communities, nowhere], demo.committees)
        for poll_round in demo.rounds:
            unit.polls.put_round(replace(poll_round, closes_at=START + timedelta(days=30)))
        for meeting in demo.meetings:
            unit.meetings.put(meeting)

    store.submit(furnish).result(timeout=30)

    def phone(channel: ChannelName, country: str = "CO") -> Phone:
        value = ADDRESSES[country, channel is ChannelName.TELEGRAM]
        here = Address(channel, value)
        return Phone(
            reception, store, clock, library, channel, here, telling=telling, office=office, pins=pins, studying=studying
        )

    yield phone
    store.close()
