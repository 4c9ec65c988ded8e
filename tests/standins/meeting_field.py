"""People of two communities, and the desk that calls them to meetings: on a clock that moves, without anybody who sends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from delivery.test_sender import Silence

from bot.delivery.announcing import Announcements
from bot.domain.clock import MovableClock
from bot.domain.community import Committee, CommitteeKind, Community
from bot.domain.conversation import State
from bot.domain.meeting import MeetingDraft, Rsvp
from bot.domain.message import Address, ChannelName, MessageState, OutboundMessage
from bot.domain.person import Consent, Country
from bot.lessons.catalogue import Catalogue, load_catalogue
from bot.outreach.meeting_telling import MeetingTelling
from bot.outreach.meetings import MeetingOffice
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault

ROOT = Path(__file__).parents[2]
BOGOTA = ZoneInfo("America/Bogota")
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=BOGOTA).astimezone(UTC)
SATURDAY = datetime(2026, 12, 5, 9, 0, tzinfo=BOGOTA).astimezone(UTC)
PLACES = [Community("taraza", "Tarazá", Country.CO, "bajo-cauca"), Community("ananea", "Ananea", Country.PE, "puno")]
BODIES = [
    Committee("taraza-management", "taraza", CommitteeKind.MANAGEMENT, "Comité de Gestión"),
    Committee("ananea-pme", "ananea", CommitteeKind.PME, "Comité de Monitoreo"),
]
DRAFT = MeetingDraft(
    "taraza-management",
    "agua del río",
    SATURDAY,
    "Escuela El Hato",
    "junto a la cancha",
    food=True,
    childcare=True,
    contact="doña Rosa, del comité",
)


@dataclass
class Field:
    """People of two communities, and the desk."""

    store: Any
    clock: MovableClock
    office: MeetingOffice
    telling: MeetingTelling

    def run(self, work: Callable[[Any], Any]) -> Any:
        return self.store.submit(work).result(timeout=30)

    def enrol(self, number: int, community: str = "taraza", *channels: ChannelName, **facts: Any) -> str:
        """Somebody who agreed; the same number on each channel is one person."""
        prefix = "+57300" if community == "taraza" else "+51900"
        country = Country.CO if community == "taraza" else Country.PE

        def work(unit: Any) -> str:
            for channel in channels or (ChannelName.WHATSAPP,):
                person, _ = unit.people.meet(Address(channel, f"{prefix}{number:07d}"), self.clock.now())
            known = replace(person, country=country, adult=True, community_id=community, **facts)
            unit.people.save(known, State(place="menu"))
            unit.people.record_consent(person.id, Consent("v1", self.clock.now(), "sms", "SM1", "programme"))
            return str(person.id)

        return str(self.run(work))

    def announce(self, **facts: Any) -> str:
        return str(self.run(lambda uow: self.office.announce(uow, replace(DRAFT, **facts))).id)

    def change(self, meeting_id: str, **facts: Any) -> None:
        self.run(lambda uow: self.office.change(uow, meeting_id, replace(DRAFT, **facts)))

    def sent(self) -> list[OutboundMessage]:
        """What is due now, taken out and counted as delivered."""
        while self.telling.sweep():
            pass

        def work(unit: Any) -> list[OutboundMessage]:
            taken = unit.outbox.claim(self.clock.now(), limit=1000)
            for message in taken:
                unit.outbox.settle(message.id, MessageState.DELIVERED, self.clock.now())
            return list(taken)

        return list(self.run(work))

    def queued(self) -> None:
        """Have what is due written into the ledger, from where nothing leaves yet."""
        while self.telling.sweep():
            pass

    def hold(self) -> list[OutboundMessage]:
        """What is queued waits until somebody writes, as where WhatsApp takes nothing but approved texts."""

        def work(unit: Any) -> list[OutboundMessage]:
            taken = list(unit.outbox.claim(self.clock.now(), limit=1000))
            for message in taken:
                unit.outbox.hold(message, None, self.clock.now())
            return taken

        return list(self.run(work))

    def person_at(self, message: OutboundMessage) -> str:
        """Whose address that is."""
        return str(self.run(lambda unit: unit.people.meet(message.to, self.clock.now())[0].id))

    def at(self, *when: int) -> list[OutboundMessage]:
        self.clock.move(datetime(*when, tzinfo=BOGOTA) - self.clock.now())  # type: ignore[misc,arg-type]
        return self.sent()

    def walk(self, days: int) -> list[tuple[str, str]]:
        """Hour by hour: when each sentence left."""
        found = []
        for _ in range(days * 24):
            self.clock.move(timedelta(hours=1))
            found += [(f"{self.clock.now().astimezone(BOGOTA):%d %Hh}", message.reply.id) for message in self.sent()]
        return found

    def rsvp(self, meeting_id: str, person_id: str, rsvp: Rsvp) -> None:
        self.run(lambda uow: uow.meetings.rsvp(meeting_id, person_id, rsvp, self.clock.now()))


@cache
def _library() -> Catalogue:
    return load_catalogue(ROOT / "content", drafts=True, today=MONDAY.date, timezone="America/Bogota")


@contextmanager
def meeting_field(database_url: str, folder: Path) -> Iterator[Field]:
    """On a database that is upgraded; closed afterwards."""
    keys = RoundKeyFiles(folder / "rounds")
    store = open_store(database_url, Vault("a secret of the tests and long enough"), keys)
    clock = MovableClock(MONDAY)
    library = _library()
    announcing = Announcements(Silence())

    def may_call(to: Address) -> bool:
        return to.value.startswith("+57")

    parts = (library, clock, announcing)
    made = Field(store, clock, MeetingOffice(*parts, may_call=may_call), MeetingTelling(store, *parts, may_call=may_call))
    made.run(lambda unit: unit.communities.put(PLACES, BODIES))
    yield made
    store.close()
