"""Opening, asking, reminding and closing, on both databases."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from delivery.test_sender import Silence

from bot.delivery.announcing import Announcements
from bot.domain.audience import Reached, parse, resolve
from bot.domain.clock import MovableClock
from bot.domain.community import Committee, CommitteeKind, Community
from bot.domain.conversation import State
from bot.domain.errors import UsageError
from bot.domain.message import Address, ChannelName, MessageState, OutboundMessage, Purpose, Reply
from bot.domain.person import Consent, Country, Mode, Person, Role, Sex
from bot.domain.poll import InPerson
from bot.domain.results import By
from bot.domain.unasked import WEEK
from bot.lessons.catalogue import load_catalogue
from bot.outreach.in_person import checked
from bot.outreach.rounds import APART, Asking, PollRounds
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault

ROOT = Path(__file__).parents[2]
MORNING = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
PLACES = [
    Community("taraza", "Tarazá", Country.CO, "bajo-cauca"),
    Community("suarez", "Suárez", Country.CO, "norte-cauca"),
    Community("ananea", "Ananea", Country.PE, "puno"),
]
BODIES = [Committee("suarez-pme", "suarez", CommitteeKind.PME, "Comité de seguimiento")]


@dataclass
class Field:
    """People, places, and the rounds that are opened there."""

    store: Any
    clock: MovableClock
    rounds: PollRounds
    keys: RoundKeyFiles
    nights: set[str] = field(default_factory=set)

    def run(self, work: Callable[[Any], Any]) -> Any:
        return self.store.submit(work).result(timeout=30)

    def enrol(self, number: int, community: str = "taraza", channel: ChannelName = ChannelName.SMS, **facts: Any) -> str:
        """Somebody who agreed."""
        place = next(one for one in PLACES if one.id == community)
        prefix = "+57300" if place.country is Country.CO else "+51900"
        address = Address(channel, f"{prefix}{number:07d}" if channel is not ChannelName.TELEGRAM else f"77{number}")

        def work(unit: Any) -> str:
            person, _ = unit.people.meet(address, self.clock.now())
            known = replace(person, country=place.country, adult=True, community_id=community, **facts)
            unit.people.save(known, State(place="menu"))
            unit.people.record_consent(person.id, Consent("v1", self.clock.now(), "sms", "SM1", "programme"))
            return str(person.id)

        return str(self.run(work))

    def queued(self) -> list[OutboundMessage]:
        """What is queued, whenever it may leave, taken out and counted as delivered."""

        def work(unit: Any) -> list[OutboundMessage]:
            later = self.clock.now() + timedelta(days=60)
            taken = unit.outbox.claim(later, limit=1000)
            for message in taken:
                unit.outbox.settle(message.id, MessageState.DELIVERED, later)
            return list(taken)

        found: list[OutboundMessage] = self.run(work)
        return found

    def swept(self) -> list[OutboundMessage]:
        while self.rounds.sweep():
            pass
        return self.queued()

    def wait(self, **time: float) -> list[OutboundMessage]:
        self.clock.move(timedelta(**time))
        return self.swept()


@pytest.fixture
def poll_field(database_url: str, tmp_path: Path) -> Iterator[Field]:
    keys = RoundKeyFiles(tmp_path / "rounds")
    store = open_store(database_url, Vault("a secret of the tests and long enough"), keys)
    clock = MovableClock(MORNING)
    library = load_catalogue(ROOT / "content", drafts=True, today=MORNING.date, timezone="America/Bogota")
    made = Field(store, clock, PollRounds(store, library, clock, Announcements(Silence()), keys.delete), keys)
    made.run(lambda unit: unit.communities.put(PLACES, BODIES))
    yield made
    store.close()


def test_a_round_is_asked_of_its_audience_and_counts_it_as_invited(poll_field: Field) -> None:
    hers, _ = poll_field.enrol(1), poll_field.enrol(2, "suarez")
    record = poll_field.rounds.open("Q05_v1", "territory:bajo-cauca")
    assert (record.round.id, record.round.number, record.invited) == ("Q05_v1-0", 0, 1)
    (message,) = poll_field.swept()
    assert (message.to.value, message.purpose, message.expires_at) == ("+573000000001", Purpose.SERVICE, record.round.closes_at)
    assert "¿Fue a la última reunión?" in message.reply.text
    assert [choice.id.rpartition(":")[2] for choice in message.reply.choices] == ["si", "no_pude", "no_supe", "no_digo"]
    assert poll_field.swept() == []
    assert poll_field.run(lambda unit: unit.polls.waiting_for(hers)).id == "Q05_v1-0"
    assert poll_field.run(lambda unit: unit.polls.waiting_for(hers)) is None, "only once"


def test_two_reminders_at_most_and_none_after_an_answer(poll_field: Field) -> None:
    quick, _ = poll_field.enrol(1), poll_field.enrol(2)
    poll_field.rounds.open("Q05_v1", "all", Asking(days=20))
    assert len(poll_field.swept()) == 2
    poll_field.run(lambda unit: unit.polls.answer("Q05_v1-0", quick, ("si",), poll_field.clock.now()))
    reminders = [message for _ in range(19) for message in poll_field.wait(days=1)]
    assert [(message.to.value[-1], message.reply.id) for message in reminders] == [("2", "poll.reminder")] * 2


def test_nobody_gets_more_than_three_messages_a_week_however_many_polls_there_are(poll_field: Field) -> None:
    poll_field.enrol(1)
    for poll in ("Q05_v1", "Q06_v1", "Q10_v1", "Q11_v1"):
        poll_field.rounds.open(poll, "all", Asking(days=14))
    leaving = [message.not_before or message.created_at for _ in range(24 * 14) for message in poll_field.wait(hours=1)]
    assert leaving
    assert all(later - earlier >= APART for earlier, later in itertools.pairwise(leaving))


def test_news_of_another_feature_leaves_less_room_for_polls_in_the_week(poll_field: Field) -> None:
    hers, _ = poll_field.enrol(1), poll_field.enrol(2)
    news = [
        OutboundMessage(f"n{n}", Address(ChannelName.TELEGRAM, "5"), Reply("r", "x"), MORNING, purpose=Purpose.SERVICE)
        for n in range(3)
    ]
    poll_field.run(lambda unit: unit.outbox.add(news, hers))
    poll_field.rounds.open("Q05_v1", "all", Asking(days=14))
    asked = [message.to.value[-1] for message in poll_field.swept() if message.reply.id == "poll.invitation"]
    assert asked == ["2"], "the week of the first is full"
    later = [message.to.value[-1] for _ in range(7) for message in poll_field.wait(days=1) if message.to.value.endswith("1")]
    assert later == ["1"], "asked once there is room again"


def test_who_has_no_room_before_the_round_closes_is_not_asked_but_counted(poll_field: Field) -> None:
    hers = poll_field.enrol(1)
    news = [
        OutboundMessage(f"n{n}", Address(ChannelName.TELEGRAM, "5"), Reply("r", "x"), MORNING, purpose=Purpose.SERVICE)
        for n in range(3)
    ]
    poll_field.run(lambda unit: unit.outbox.add(news, hers))
    poll_field.rounds.open("Q05_v1", "all", Asking(days=5))
    assert {message.reply.id for message in poll_field.swept()} == {"r"}
    assert poll_field.run(lambda unit: unit.unasked.refused(MORNING - WEEK)) == {"week_full": 1}


def test_who_opted_out_left_or_never_agreed_is_not_asked(poll_field: Field) -> None:
    poll_field.enrol(1)
    shut = Address(ChannelName.SMS, "+573000000001")
    poll_field.run(lambda unit: unit.people.set_opted_out(shut, MORNING))
    poll_field.run(lambda unit: unit.people.meet(Address(ChannelName.SMS, "+573009999999"), MORNING))
    erased = poll_field.enrol(2)
    assert poll_field.rounds.open("Q05_v1", "all").invited == 1
    poll_field.run(lambda unit: unit.people.erase(erased))
    assert poll_field.swept() == []


def test_at_night_the_question_waits_for_the_morning(poll_field: Field) -> None:
    poll_field.enrol(1)
    poll_field.clock.move(timedelta(hours=12))
    poll_field.rounds.open("Q05_v1", "all")
    (message,) = poll_field.swept()
    assert message.not_before == datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def test_a_round_closes_by_itself_and_its_key_is_gone(poll_field: Field) -> None:
    person = poll_field.enrol(1)
    poll_field.rounds.open("Q05_v1", "all", Asking(days=7, population=40))
    poll_field.run(lambda unit: unit.polls.answer("Q05_v1-0", person, ("si",), MORNING, {By.CHANNEL: "sms"}))
    assert poll_field.keys.round_ids() == ["Q05_v1-0"]
    poll_field.wait(days=7)
    assert poll_field.keys.round_ids() == []
    tally = poll_field.run(lambda unit: unit.polls.tally("Q05_v1-0"))
    assert (tally.closed, tally.invited, tally.all.people, tally.population) == (True, 1, 1, 40)
    assert poll_field.rounds.close("Q05_v1-0").all == tally.all, "closing twice is closing once"


def test_a_follow_up_has_the_next_number_and_its_own_answers(poll_field: Field) -> None:
    person = poll_field.enrol(1)
    poll_field.rounds.open("Q05_v1", "all")
    poll_field.run(lambda unit: unit.polls.answer("Q05_v1-0", person, ("si",), MORNING))
    with pytest.raises(UsageError, match="close it first"):
        poll_field.rounds.open("Q05_v1", "community:taraza")
    poll_field.rounds.close("Q05_v1-0")
    record = poll_field.rounds.open("Q05_v1", "all")
    assert (record.round.number, record.answered) == (1, 0)
    assert not poll_field.run(lambda unit: unit.polls.answered(record.round.id, person))


@pytest.mark.parametrize(
    ("poll", "to", "asking"),
    [
        ("Q99_v1", "all", Asking()),
        ("Q02_v1", "all", Asking()),
        ("Q05_v1", "", Asking()),
        ("Q05_v1", "everybody", Asking()),
        ("Q05_v1", "community:atlantis", Asking()),
        ("Q05_v1", "all", Asking(days=0)),
        ("Q05_v1", "all", Asking(population=0)),
        ("Q01_v1", "all", Asking(panel=True)),
    ],
)
def test_what_cannot_be_opened_says_why(poll_field: Field, poll: str, to: str, asking: Asking) -> None:
    with pytest.raises(UsageError):
        poll_field.rounds.open(poll, to, asking)
    assert poll_field.run(lambda unit: unit.polls.rounds()) == []


def _person(community: str, **facts: Any) -> tuple[Person, Community]:
    place = next(one for one in PLACES if one.id == community)
    return Person("p", MORNING, country=place.country, community_id=community, **facts), place


@pytest.mark.parametrize(
    ("expression", "included", "left_out"),
    [
        ("all", ["taraza", "suarez", "ananea"], []),
        ("community:Tarazá", ["taraza"], ["suarez", "ananea"]),
        ("territory:bajo cauca + territory:puno", ["taraza", "ananea"], ["suarez"]),
        ("country:co AND community:suarez", ["suarez"], ["taraza", "ananea"]),
        ("committee:suarez-pme", ["suarez"], ["taraza", "ananea"]),
    ],
)
def test_an_expression_names_people(expression: str, included: list[str], left_out: list[str]) -> None:
    audience = resolve(expression, PLACES, BODIES)
    assert parse(str(audience)) == audience
    assert all(audience.includes(*_person(place)) for place in included)
    assert not any(audience.includes(*_person(place)) for place in left_out)


def test_sex_and_role_hold_only_where_they_are_known() -> None:
    audience = parse("sex:mujer+role:barequera")
    assert audience.includes(*_person("taraza", sex=Sex.WOMAN, role=Role.PANNER))
    assert not audience.includes(*_person("taraza", sex=Sex.WOMAN))
    assert not audience.includes(*_person("taraza"))


@pytest.mark.parametrize(
    "taken",
    [
        InPerson("x", 3, {"si": 2}),
        InPerson("x", 3, {"perhaps": 3}),
        InPerson("x", 3, {"si": 4, "no_pude": -1}),
        InPerson("x", 3, {"si": 3}, "atlantis"),
        InPerson("x", 99_999, {"si": 99_999}),
    ],
)
def test_counts_that_cannot_be_are_refused(poll_field: Field, taken: InPerson) -> None:
    record = poll_field.rounds.open("Q05_v1", "all")
    with pytest.raises(UsageError):
        checked(record, taken, PLACES, record.round.id)
    checked(record, InPerson("x", 3, {"si": 2, "no_digo": 1}, "puno"), PLACES, record.round.id)


@pytest.mark.parametrize(
    ("mode", "channel", "callable_", "told"),
    [
        (Mode.LISTEN, ChannelName.SMS, True, ChannelName.CALL),
        (Mode.LISTEN, ChannelName.SMS, False, ChannelName.SMS),
        (Mode.READ, ChannelName.SMS, True, ChannelName.SMS),
        (Mode.LISTEN, ChannelName.WHATSAPP, True, ChannelName.WHATSAPP),
    ],
)
def test_who_listens_and_has_nothing_but_sms_is_called(
    mode: Mode, channel: ChannelName, callable_: bool, told: ChannelName
) -> None:
    one = Reached(Person("p", datetime(2026, 11, 23, tzinfo=UTC), mode=mode), None, Address(channel, "+573001234567"))
    where = one.told_at(lambda to: callable_ and to.channel is ChannelName.CALL)
    assert where == Address(told, "+573001234567")
