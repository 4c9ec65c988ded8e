"""The demonstration of `content/demo/`: communities, committees, a few invented people, a poll round and meetings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints, TypeAdapter

from bot.domain.community import Committee, CommitteeKind, Community
from bot.domain.errors import ContentError
from bot.domain.meeting import Meeting
from bot.domain.message import Address, ChannelName
from bot.domain.person import Consent, Country, Mode, Person, Role, Sex
from bot.domain.poll import PollRound
from bot.lessons.schema import CountryCode, Id, Strict, Text
from bot.lessons.source import read_document
from bot.lessons.validation import validate

DEMO_FILE: Final = "demo/demo.yml"
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_CHANNELS: Final = (ChannelName.WHATSAPP, ChannelName.SMS, ChannelName.WHATSAPP, ChannelName.CALL)
_SEXES: Final = (Sex.WOMAN, Sex.MAN, Sex.WOMAN, Sex.MAN, Sex.WOMAN)
_ROLES: Final = (Role.PANNER, Role.MINER, Role.SCAVENGER, Role.PANNER, Role.SORTER, Role.MINER)

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class CommunityEntry(Strict):
    """A municipality."""

    id: Id
    name: Text
    country: CountryCode
    territory: Id


class CommitteeEntry(Strict):
    """A body of one community."""

    id: Id
    community: Id
    kind: Literal["management", "pme"]
    name: Text


class PersonEntry(Strict):
    """Somebody invented, with an address that only the simulator knows."""

    id: Id
    channel: Literal["sms", "whatsapp", "telegram", "call"]
    address: Text
    country: CountryCode
    community: Id
    mode: Literal["listen", "read"]


class RoundEntry(Strict):
    """A poll that is open while the demonstration runs."""

    id: Id
    poll: Text
    opened_days_ago: Annotated[int, Field(ge=0)]
    closes_in_days: Annotated[int, Field(ge=1)]


class ClosedEntry(Strict):
    """A round that was closed before the demonstration begins; `answers` weighs the options of its poll."""

    id: Text
    poll: Text
    number: Annotated[int, Field(ge=0)]
    closed_days_ago: Annotated[int, Field(ge=1)]
    lasted_days: Annotated[int, Field(ge=1)]
    answers: dict[Id, Annotated[int, Field(ge=0)]]


class CrowdEntry(Strict):
    """Many more invented people, so that counts may be shown: some of each community, who have learnt something and answered."""

    each: Annotated[int, Field(ge=1, le=100)]
    numbers: dict[CountryCode, Annotated[str, StringConstraints(pattern=r"^\+\d{8,9}$")]]
    closed_rounds: list[ClosedEntry]


class MeetingEntry(Strict):
    """A meeting on the next such weekday at that local time."""

    id: Id
    committee: Id
    agenda: Text
    weekday: Weekday
    time: TimeOfDay
    timezone: Text
    place: Text
    landmark: Text
    food: bool
    childcare: bool
    transport: bool
    contact: Text


class PhoneEntry(Strict):
    """Where a facilitator works from."""

    channel: Literal["whatsapp", "telegram", "call"]
    address: Text


class FacilitatorEntry(Strict):
    """A facilitator who works from simulated phones, with a PIN that anybody may read here."""

    email: Text
    community: Id
    pin: Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
    phones: Annotated[list[PhoneEntry], Field(min_length=1)]


class DemoEntry(Strict):
    """The whole file."""

    communities: list[CommunityEntry]
    committees: list[CommitteeEntry]
    people: list[PersonEntry]
    rounds: list[RoundEntry]
    meetings: list[MeetingEntry]
    facilitators: list[FacilitatorEntry]
    crowd: CrowdEntry


_DEMO: Final = TypeAdapter(DemoEntry)


@dataclass(frozen=True, slots=True)
class DemoData:
    """Ready to be stored. Every address is simulated."""

    communities: tuple[Community, ...]
    committees: tuple[Committee, ...]
    rounds: tuple[PollRound, ...]
    meetings: tuple[Meeting, ...]
    people: tuple[tuple[Address, Person], ...]
    facilitators: tuple[DemoFacilitator, ...]
    crowd: tuple[tuple[Address, Person], ...]
    closed_rounds: tuple[ClosedRound, ...]


@dataclass(frozen=True, slots=True)
class DemoFacilitator:
    """Somebody who announces from her own phones; nobody else's life hangs on that PIN."""

    email: str
    community_id: str
    pin: str
    phones: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class ClosedRound:
    """A round that is over; `answers` weighs the options of its poll."""

    round: PollRound
    answers: dict[str, int]


def load_demo(content_dir: Path, now: datetime) -> DemoData:
    """Read `content/demo/demo.yml`; `now` (aware) is what its dates are relative to. Raises ContentError."""
    document = read_document(content_dir / DEMO_FILE, content_dir)
    problems: list[ContentError] = []
    demo = validate(document, _DEMO, problems)
    if demo is None:
        raise problems[0]
    communities = {c.id: Community(c.id, c.name, Country(c.country), c.territory) for c in demo.communities}
    committees: dict[str, Committee] = {}
    for number, entry in enumerate(demo.committees):
        _known(communities, entry.community, document.error(("committees", number, "community"), _unknown(entry.community)))
        committees[entry.id] = Committee(entry.id, entry.community, CommitteeKind(entry.kind), entry.name)
    for number, person in enumerate(demo.people):
        _known(communities, person.community, document.error(("people", number, "community"), _unknown(person.community)))
    for number, meeting in enumerate(demo.meetings):
        _known(committees, meeting.committee, document.error(("meetings", number, "committee"), _unknown(meeting.committee)))
    for number, who in enumerate(demo.facilitators):
        _known(communities, who.community, document.error(("facilitators", number, "community"), _unknown(who.community)))
    return DemoData(
        tuple(communities.values()),
        tuple(committees.values()),
        tuple(_round(entry, now) for entry in demo.rounds),
        tuple(_meeting(entry, committees[entry.committee], now) for entry in demo.meetings),
        tuple(_person(entry, now) for entry in demo.people),
        tuple(_facilitator(entry) for entry in demo.facilitators),
        tuple(_crowd(demo.crowd, list(communities.values()), now)),
        tuple(_closed(entry, now) for entry in demo.crowd.closed_rounds),
    )


def next_weekday(now: datetime, weekday: int, at: time, timezone: str) -> datetime:
    """The first such local moment after `now`, in UTC. `weekday` counts from Monday, 0."""
    zone = ZoneInfo(timezone)
    local = now.astimezone(zone)
    day = local.date() + timedelta(days=(weekday - local.weekday()) % 7)
    moment = datetime.combine(day, at, zone)
    if moment <= local:
        moment = datetime.combine(day + timedelta(days=7), at, zone)
    return moment.astimezone(UTC)


def _known(known: dict[str, Any], name: str, error: ContentError) -> None:
    if name not in known:
        raise error


def _unknown(name: str) -> str:
    return f"there is no `{name}` in this file: add it above, or correct the id"


def _round(entry: RoundEntry, now: datetime) -> PollRound:
    opened, closes = timedelta(days=entry.opened_days_ago), timedelta(days=entry.closes_in_days)
    return PollRound(entry.id, entry.poll, now - opened, now + closes)


def _meeting(entry: MeetingEntry, committee: Committee, now: datetime) -> Meeting:
    starts_at = next_weekday(now, WEEKDAYS.index(entry.weekday), time.fromisoformat(entry.time), entry.timezone)
    return Meeting(
        entry.id,
        committee.id,
        committee.kind,
        committee.community_id,
        entry.agenda,
        starts_at,
        entry.timezone,
        entry.place,
        entry.landmark,
        food=entry.food,
        childcare=entry.childcare,
        transport=entry.transport,
        contact=entry.contact,
    )


def _person(entry: PersonEntry, now: datetime) -> tuple[Address, Person]:
    met = now - timedelta(days=7)
    address = Address(ChannelName(entry.channel), entry.address, simulated=True)
    consent = Consent("demo", met, entry.channel, "demo", "demo")
    person = Person(
        entry.id,
        met,
        country=Country(entry.country),
        mode=Mode(entry.mode),
        adult=True,
        community_id=entry.community,
        consent=consent,
        last_seen_at=met,
    )
    return address, person


def _facilitator(entry: FacilitatorEntry) -> DemoFacilitator:
    phones = tuple(Address(ChannelName(phone.channel), phone.address, simulated=True) for phone in entry.phones)
    return DemoFacilitator(entry.email, entry.community, entry.pin, phones)


def _crowd(entry: CrowdEntry, communities: list[Community], now: datetime) -> Iterator[tuple[Address, Person]]:
    """Attributes by turns, so that each occurs often enough to be shown, and some not."""
    for number in range(entry.each * len(communities)):
        place = communities[number % len(communities)]
        met = now - timedelta(days=70 + number % 20)
        channel = _CHANNELS[number % len(_CHANNELS)]
        address = Address(channel, f"{entry.numbers[place.country.value]}{number:03}", simulated=True)
        yield (
            address,
            Person(
                f"demo-{number}",
                met,
                country=place.country,
                mode=Mode.READ if number % 4 == 0 else Mode.LISTEN,
                adult=True,
                community_id=place.id,
                consent=Consent("demo", met, channel.value, "demo", "demo"),
                last_seen_at=met,
                sex=_SEXES[number % len(_SEXES)],
                role=_ROLES[number % len(_ROLES)],
            ),
        )


def _closed(entry: ClosedEntry, now: datetime) -> ClosedRound:
    closes = now - timedelta(days=entry.closed_days_ago)
    opens = closes - timedelta(days=entry.lasted_days)
    return ClosedRound(PollRound(entry.id, entry.poll, opens, closes, audience="all", number=entry.number), entry.answers)
