"""Broadcasts from the wish on: what is refused, who must approve, what stops; on both databases."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from standins.population import NOW, settle_in

from bot.channels.registry import OpenChannels, build_channel
from bot.channels.surroundings import Surroundings
from bot.domain.broadcast import BroadcastState, Means
from bot.domain.chunk import Lane
from bot.domain.errors import AudioError, UsageError
from bot.domain.message import Address, ChannelName, Clip, Reply
from bot.domain.poll import PollRound
from bot.lessons.catalogue import load_catalogue
from bot.lessons.source import read_document
from bot.outreach.broadcasting import MONTH, Broadcasting, Limits, Maker
from bot.outreach.composing import Composing, Refused, Template, Wish, recorded
from bot.outreach.prices import FILE, MICROS, read_prices
from bot.outreach.quote import Outlets, Pace, Pricing
from bot.outreach.spending import spent
from bot.settings import load
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.tables import participation, poll_invited
from bot.storage.vault import Vault

ROOT = Path(__file__).parents[2]
ANA, EVA = Maker("ana"), Maker("eva")
ROSA = Maker("rosa", community_id="taraza")
MEETING = Template("meeting", "Hay reunión el {when} en {place}. Venga.")
HELLO = Wish("all", "Hola a todas.")
ONE_DATABASE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@dataclass
class Office:
    """People, and the broadcasting that reaches them. `voices` are recorded notes by key, in seconds."""

    store: Any
    casting: Broadcasting
    voices: dict[str, float]

    def run(self, work):
        return self.store.submit(work).result(timeout=30)

    def look(self, wish, by=ANA):
        return self.run(lambda uow: self.casting.look(uow, wish, by, NOW))

    def codes(self, wish, by=ANA):
        return [fault.code for fault in self.look(wish, by).faults]

    def make(self, wish, by=ANA):
        return self.run(lambda uow: self.casting.make(uow, wish, by, NOW))

    def state(self, made):
        return self.run(lambda uow: uow.broadcasts.get(made.id)).state

    def deeds(self):
        return [(one.actor, one.action) for one in self.run(lambda uow: uow.audit.recent())]


@pytest.fixture(scope="module")
def library():
    return load_catalogue(ROOT / "content", drafts=True, today=lambda: date(2026, 11, 23), timezone="America/Bogota")


@pytest.fixture
def office(database_url, tmp_path, library):
    store = open_store(database_url, Vault("a secret of the tests and long enough"), RoundKeyFiles(tmp_path / "rounds"))
    settings = load({"BATEA_DATA_DIR": str(tmp_path)})
    channels = OpenChannels(lambda name: build_channel(name, settings, Surroundings()))
    prices = read_prices(read_document(ROOT / "content" / FILE, ROOT / "content").data)
    outlets = Outlets(
        lambda name, reply, to, clip, url: channels.get(name).render(reply, to, clip, url),
        lambda speech, call: Clip("x", "x.ogg", "audio/ogg", 9.0),
        Reply("window.invitation", "Hay un mensaje."),
    )
    pricing, voices = Pricing(prices, outlets), {}
    casting = Broadcasting(
        library,
        Composing(library, {MEETING.id: MEETING}, voices.get, pricing),
        pricing,
        Pace(lambda sender: Lane(sender, 0.1), 300),
        lambda template: Means(template=bool(template)),
        spent,
        Limits(approve_people=20, approve_cop=100_000),
        "America/Bogota",
    )
    yield Office(store, casting, voices)
    store.close()


@pytest.fixture
def people(office):
    """Twelve women of Tarazá by SMS, three people of Ananea by Telegram, one who left."""
    here = [{} for _ in range(12)]
    there = [{"community": "ananea", "country": "PE", "channels": ("telegram",), "number": f"77{n}"} for n in range(3)]
    return office.run(lambda uow: settle_in(uow, [*here, *there, {"left": True}]))


def test_a_wish_is_counted_and_written_down_for_its_time(office, people):
    seen = office.look(HELLO)
    assert (seen.faults, seen.quote.people, seen.quote.excluded) == ((), 15, {"no_consent": 1})
    made = office.make(replace(HELLO, at=NOW + timedelta(hours=2), budget=5_000, spread_s=600, title="Saludo"))
    kept = office.run(lambda uow: uow.broadcasts.get(made.id))
    assert (kept.state, kept.audience, kept.budget, kept.spread_s) == (BroadcastState.SCHEDULED, "all", 5_000 * MICROS, 600)
    assert (kept.content.title, kept.content.reply.text) == ("Saludo", "Hola a todas.")
    assert kept.content.reply.speech.catalogue is False
    assert kept.expires_at == NOW + timedelta(hours=2, days=3)
    assert office.deeds() == [("ana", "broadcast.send")]


HOUR = timedelta(hours=1)
FULL = {"when": "sábado", "place": "la escuela"}


@ONE_DATABASE
@pytest.mark.parametrize(
    ("wish", "codes"),
    [
        (replace(HELLO, to="community:zaragoza"), ["nobody"]),
        (replace(HELLO, at=NOW - HOUR), ["past"]),
        (replace(HELLO, at=NOW + timedelta(days=400)), ["far"]),
        (replace(HELLO, at=NOW + 2 * HOUR, expires=NOW + HOUR), ["expires"]),
        (replace(HELLO, expires=NOW), ["expires"]),
        (replace(HELLO, expires=NOW + HOUR, spread_s=7200), ["spread_late"]),
        (replace(HELLO, spread_s=-1), ["spread"]),
        (replace(HELLO, text="  "), ["empty"]),
        (replace(HELLO, text="☺ 🎉"), ["empty"]),
        (replace(HELLO, text="Hola. " * 60), ["long"]),
        (replace(HELLO, text="", template="nothing"), ["template"]),
        (replace(HELLO, text="", template="meeting"), ["variables"]),
        (replace(HELLO, text="", template="meeting", variables={"when": "hoy", "place": " "}), ["variables"]),
        (replace(HELLO, text="", template="meeting", variables={**FULL, "who": "x"}), ["unknown"]),
        (replace(HELLO, text="", template="meeting", variables={**FULL, "place": "x" * 61}), ["value_long"]),
        (replace(HELLO, template="meeting", variables=FULL), ["both"]),
        (replace(HELLO, variables=FULL), ["no_template"]),
        (replace(HELLO, budget=0), ["budget", "budget_small"]),
        (replace(HELLO, budget=1), ["budget_small"]),
        (replace(HELLO, voice="team:gone"), ["voice"]),
        (replace(HELLO, text="", at=NOW - HOUR, budget=-5), ["empty", "past", "budget", "budget_small"]),
    ],
)
def test_what_cannot_be_sent_is_refused_with_the_reason_and_nothing_is_written(office, people, wish, codes):
    assert office.codes(wish) == codes
    with pytest.raises(Refused) as refused:
        office.make(wish)
    assert [fault.code for fault in refused.value.faults] == codes
    assert office.run(lambda uow: uow.broadcasts.list()) == []
    assert office.deeds() == []


def test_a_voice_note_that_is_too_short_or_recorded_too_early_is_refused(office, people):
    office.voices.update({"team:a": 0.2, "team:b": 20.0})
    assert office.codes(replace(HELLO, voice="team:a")) == ["voice"]
    assert office.codes(replace(HELLO, voice="team:b")) == []
    assert office.codes(replace(HELLO, voice="team:b", at=NOW + timedelta(days=8))) == ["voice_kept"]

    def broken(_):
        raise AudioError("the file is empty")

    with pytest.raises(Refused, match="the file is empty"):
        recorded(broken, b"")


def test_a_template_is_said_filled_in_and_kept_with_its_slots(office, people):
    made = office.make(Wish("all", template="meeting", variables=FULL))
    kept = office.run(lambda uow: uow.broadcasts.get(made.id)).content
    assert kept.reply.text == "Hay reunión el sábado en la escuela. Venga."
    assert (kept.template, list(kept.variables.items())) == ("meeting", [("when", "sábado"), ("place", "la escuela")])


@ONE_DATABASE
@pytest.mark.parametrize("to", ["", "nothing:x", "community:atlantis", "tag:nobody", "module:m1:nearly"])
def test_an_audience_of_no_sense_is_refused(office, people, to):
    with pytest.raises(UsageError):
        office.look(replace(HELLO, to=to))


def test_a_facilitator_reaches_her_own_community_alone(office, people):
    assert office.look(HELLO, ROSA).quote.people == 12
    assert str(office.look(replace(HELLO, to="community:taraza+sex:mujer"), ROSA).audience) == "community:taraza+sex:mujer"
    with pytest.raises(UsageError):
        office.look(replace(HELLO, to="community:ananea"), ROSA)
    hers, all_of_them = office.make(HELLO, ROSA), office.make(HELLO)
    assert [one.id for one in office.run(lambda uow: office.casting.all(uow, ROSA))] == [hers.id]
    with pytest.raises(UsageError):
        office.run(lambda uow: office.casting.cancel(uow, all_of_them.id, ROSA, NOW))
    assert office.state(all_of_them) is BroadcastState.SCHEDULED


def test_many_people_need_a_second_person_and_nobody_approves_her_own(office):
    office.run(lambda uow: settle_in(uow, [{} for _ in range(21)]))
    made = office.make(HELLO)
    assert made.state is BroadcastState.WAITING_APPROVAL
    with pytest.raises(Refused, match="somebody else"):
        office.run(lambda uow: office.casting.approve(uow, made.id, ANA, NOW))
    with pytest.raises(Refused, match="expired"):
        office.run(lambda uow: office.casting.approve(uow, made.id, EVA, NOW + timedelta(days=4)))
    office.run(lambda uow: office.casting.approve(uow, made.id, EVA, NOW))
    kept = office.run(lambda uow: uow.broadcasts.get(made.id))
    assert (kept.state, kept.approved_by) == (BroadcastState.SCHEDULED, "eva")
    with pytest.raises(Refused):
        office.run(lambda uow: office.casting.approve(uow, made.id, EVA, NOW))
    assert office.deeds()[0] == ("eva", "broadcast.approve")
    assert office.make(HELLO, Maker("operator")).state is BroadcastState.WAITING_APPROVAL
    assert office.make(replace(HELLO, practice=True)).state is BroadcastState.SCHEDULED


def test_much_money_needs_a_second_person_too(office, people):
    office.casting.limits = Limits(approve_people=100, approve_cop=1)
    assert office.look(HELLO).needs_approval
    office.casting.limits = Limits(approve_people=100, approve_cop=100_000)
    assert not office.look(HELLO).needs_approval


def test_paused_resumed_and_cancelled_once(office, people):
    made, casting = office.make(HELLO), office.casting
    office.run(lambda uow: casting.pause(uow, made.id, ANA, NOW))
    assert office.state(made) is BroadcastState.PAUSED
    office.run(lambda uow: casting.resume(uow, made.id, EVA, NOW))
    assert office.state(made) is BroadcastState.SCHEDULED
    with pytest.raises(Refused):
        office.run(lambda uow: casting.resume(uow, made.id, EVA, NOW))
    office.run(lambda uow: casting.cancel(uow, made.id, EVA, NOW))
    for deed in (casting.pause, casting.cancel, casting.resume):
        with pytest.raises(Refused):
            office.run(lambda uow, deed=deed: deed(uow, made.id, EVA, NOW))
    with pytest.raises(UsageError):
        office.run(lambda uow: casting.cancel(uow, "nothing", EVA, NOW))
    assert [action for _, action in office.deeds()] == [
        "broadcast.cancel", "broadcast.resume", "broadcast.pause", "broadcast.send",
    ]  # fmt: skip


def test_one_that_has_spent_its_budget_goes_on_only_with_more(office, people):
    made = office.make(replace(HELLO, budget=1_000))
    office.run(lambda uow: uow.broadcasts.change(made.id, BroadcastState.RUNNING, NOW))
    office.run(lambda uow: uow.people._tx.connection.exec_driver_sql(f"UPDATE broadcast SET spent = {1_000 * MICROS}"))
    office.run(lambda uow: uow.broadcasts.change(made.id, BroadcastState.PAUSED, NOW, halt="budget"))
    with pytest.raises(Refused, match="more than 1000"):
        office.run(lambda uow: office.casting.resume(uow, made.id, ANA, NOW))
    office.run(lambda uow: office.casting.resume(uow, made.id, ANA, NOW, budget=2_000))
    assert office.run(lambda uow: uow.broadcasts.get(made.id)).budget == 2_000 * MICROS


def test_the_month_has_a_cap_that_covers_everything(office, people):
    office.casting.limits = Limits(month_cop=3_000)
    cost = office.look(HELLO).quote.micros
    assert 2_000 * MICROS < cost < 3_000 * MICROS
    running = office.make(HELLO)
    office.run(lambda uow: uow.broadcasts.change(running.id, BroadcastState.RUNNING, NOW))
    office.run(lambda uow: uow.spending.add(date(2026, 11, 1), ChannelName.CALL, 1_000 * MICROS, 3))
    assert office.codes(HELLO) == ["month"]
    assert office.codes(replace(HELLO, practice=True)) == []
    assert office.run(lambda uow: office.casting.watch(uow, NOW)) == 0
    office.run(lambda uow: uow.spending.add(date(2026, 11, 1), ChannelName.SMS, 2_000 * MICROS, 3))
    assert office.run(lambda uow: office.casting.watch(uow, NOW)) == 1
    kept = office.run(lambda uow: uow.broadcasts.get(running.id))
    assert (kept.state, kept.halt) == (BroadcastState.PAUSED, MONTH)
    with pytest.raises(Refused, match="month's cap is reached"):
        office.run(lambda uow: office.casting.resume(uow, running.id, ANA, NOW))
    december = NOW + timedelta(days=10)
    office.run(lambda uow: office.casting.resume(uow, running.id, ANA, december))
    assert office.run(lambda uow: office.casting.watch(uow, december)) == 0
    assert office.codes(replace(HELLO, at=NOW + timedelta(days=1))) == ["month"]


def test_few_people_of_a_poll_are_not_told_from_the_rest(office, people):
    def ask(uow):
        uow.polls.put_round(PollRound("Q05_v1-0", "Q05_v1", NOW - HOUR, NOW + timedelta(days=5)), None)
        tx = uow.people._tx
        invited = {"round_id": "Q05_v1-0", "sent": 1, "receipts": False, "reached": False, "late": False}
        tx.connection.execute(poll_invited.insert(), [{**invited, "person_id": one} for one in people])
        tx.connection.execute(participation.insert(), [{"round_id": "Q05_v1-0", "person_id": one} for one in people[:11]])

    office.run(ask)
    assert office.codes(replace(HELLO, to="poll:Q05_v1:unanswered")) == ["few"]
    assert office.codes(replace(HELLO, to="poll:Q05_v1:answered")) == ["few"]
    office.run(lambda uow: settle_in(uow, [{"id": f"more{n:028x}", "number": f"+5731{n:08d}"} for n in range(8)]))
    assert office.codes(replace(HELLO, to="poll:Q05_v1:answered")) == []


def test_only_those_who_failed_are_sent_it_again(office, people):
    made = office.make(HELLO)
    office.run(lambda uow: uow.broadcasts.change(made.id, BroadcastState.RUNNING, NOW))
    while not office.run(lambda uow: uow.broadcasts.expand(made.id, NOW, Means())):
        pass
    failed = f"UPDATE message SET state = CASE WHEN person_id < '{people[4]}' THEN 'failed' ELSE 'sent' END"
    office.run(lambda uow: uow.people._tx.connection.exec_driver_sql(failed))
    again = replace(HELLO, to="", retry_of=made.id, text="Otra vez.")
    assert office.look(again).quote.people == 4
    assert office.make(again).retry_of == made.id
    with pytest.raises(UsageError):
        office.look(replace(again, retry_of="nothing"))
    assert office.run(lambda uow: office.casting.retry(uow, made.id, ANA, NOW)) == 4
    assert office.run(lambda uow: office.casting.retry(uow, made.id, ANA, NOW)) == 0


def test_a_test_goes_to_oneself_whatever_is_wrong_with_its_time(office, people):
    to = Address(ChannelName.SMS, "+573009999999")
    wish = replace(HELLO, at=NOW - HOUR)
    message_id = office.run(lambda uow: office.casting.test(uow, wish, to, ANA, NOW))
    (message,) = office.run(lambda uow: uow.outbox.claim(NOW, ids=[message_id]))
    assert (message.to, message.reply.text, message.ephemeral) == (to, "Hola a todas.", True)
    with pytest.raises(Refused):
        office.run(lambda uow: office.casting.test(uow, replace(wish, text=""), to, ANA, NOW))
