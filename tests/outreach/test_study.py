"""Lessons at a chosen hour and the question a week later: when, to whom, how often, and when not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from delivery.test_sender import Silence

from bot.delivery.announcing import Announcements
from bot.delivery.call_times import CallHours
from bot.delivery.gate import Gate
from bot.delivery.window import ReplyWindow
from bot.domain.clock import MovableClock
from bot.domain.community import Community
from bot.domain.conversation import Place, State
from bot.domain.learning import LessonRecord
from bot.domain.message import Address, ChannelName, MessageState, OutboundMessage, Purpose, Reply
from bot.domain.person import Consent, Country, Mode
from bot.domain.study import ASKED_WITHIN, Every, Intention, Rhythm
from bot.lessons.catalogue import Catalogue, load_catalogue
from bot.outreach.study import MOST_UNHEARD, Studying
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault

CONTENT = Path(__file__).parents[2] / "content"
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)  # tests/storage/test_study.py has both
MORNING = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # a Monday, 10 o'clock in Colombia
SEVEN = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
WHATSAPP = Address(ChannelName.WHATSAPP, "+573000000001")
SMS = Address(ChannelName.SMS, "+573000000001")
CALL = Address(ChannelName.CALL, "+573000000001")


@dataclass
class House:
    """One person who learns, and what is sent to her."""

    store: Any
    clock: MovableClock
    library: Catalogue
    studying: Studying
    money: list[bool]

    def run(self, work: Callable[[Any], Any]) -> Any:
        return self.store.submit(work).result(timeout=30)

    def enrol(self, address: Address = WHATSAPP, **facts: Any) -> str:
        def work(unit: Any) -> str:
            person, _ = unit.people.meet(address, self.clock.now())
            known = replace(person, country=Country.CO, adult=True, community_id="taraza", last_seen_at=self.clock.now(), **facts)
            unit.people.save(known, State(place="menu"))
            unit.people.record_consent(person.id, Consent("v1", self.clock.now(), "sms", "SM1", "programme"))
            return str(person.id)

        return str(self.run(work))

    def daily(self, who: str, channel: ChannelName = ChannelName.WHATSAPP, at: time = time(19), every: Every = Every.DAY) -> None:
        rhythm = Rhythm(every, at, channel, weekday=0)
        self.run(lambda unit: unit.study.set_rhythm(who, rhythm, rhythm.following(self.clock.now(), "America/Bogota")))

    def intends(self, who: str, due: datetime, option: str = "manos") -> None:
        self.run(lambda unit: unit.study.intend(Intention(who, "m1", option, due, due + ASKED_WITHIN)))

    def at(self, moment: datetime) -> list[OutboundMessage]:
        """What is queued by then, whenever it may leave."""
        self.clock.move(moment - self.clock.now())
        while self.studying.sweep():
            pass

        def work(unit: Any) -> list[OutboundMessage]:
            taken = list(unit.outbox.claim(self.clock.now() + timedelta(hours=1), limit=1000))
            for message in taken:
                unit.outbox.settle(message.id, MessageState.DELIVERED, self.clock.now())
            return taken

        found: list[OutboundMessage] = self.run(work)
        return found

    def ids(self, moment: datetime) -> list[str]:
        return [message.reply.id for message in self.at(moment)]

    def writes(self, address: Address = WHATSAPP) -> None:
        def work(unit: Any) -> None:
            person, state = unit.people.meet(address, self.clock.now())
            unit.people.save(replace(person, last_seen_at=self.clock.now()), state)

        self.run(work)

    def count(self, table: str) -> int:
        query = f"SELECT count(*) FROM {table}"
        return int(self.run(lambda unit: unit.people._tx.connection.exec_driver_sql(query).scalar_one()))


@pytest.fixture(scope="module")
def library() -> Catalogue:
    return load_catalogue(CONTENT, drafts=True, today=MORNING.date, timezone="America/Bogota")


@pytest.fixture
def house(database_url: str, tmp_path: Path, library: Catalogue) -> Iterator[House]:
    store: Any = open_store(database_url, Vault("a secret of the tests and long enough"), RoundKeyFiles(tmp_path / "rounds"))
    clock = MovableClock(MORNING)
    money = [True]
    announcing = Announcements(Silence(), CallHours())
    studying = Studying(store, library, clock, announcing, lambda _: True, lambda *_: money[0])
    made = House(store, clock, library, studying, money)
    made.run(lambda unit: unit.communities.put([Community("taraza", "Tarazá", Country.CO, "bajo-cauca")], []))
    yield made
    store.close()


def test_a_lesson_comes_every_day_at_her_hour_and_goes_on_where_she_is(house: House) -> None:
    who = house.enrol()
    house.daily(who)
    assert house.ids(SEVEN - timedelta(minutes=1)) == []
    title, step = house.at(SEVEN)
    assert (title.reply.id, step.reply.id) == ("rhythm.today", "m1/humo/s1")
    assert step.purpose is Purpose.CHOSEN
    assert [choice.key for choice in step.reply.choices] == ["9", "5"]
    assert all(len(choice.id) <= 64 for choice in step.reply.choices)
    house.writes()
    house.run(lambda unit: unit.people.record_lesson(who, LessonRecord("m1", "humo", "s4", SEVEN)))
    house.run(lambda unit: unit.people.record_lesson(who, LessonRecord("m1", "cocina", "s3")))
    assert house.ids(SEVEN + timedelta(days=1)) == ["rhythm.today", "m1/cocina/s3"]


def test_every_week_means_that_day_alone(house: House) -> None:
    who = house.enrol()
    house.daily(who, every=Every.WEEK)
    sent = [day for day in range(15) if house.ids(SEVEN + timedelta(days=day))]
    assert sent == [0, 7, 14]


def test_what_she_asked_for_does_not_count_for_her_week(house: House) -> None:
    who = house.enrol()
    house.daily(who)
    for day in range(6):
        assert house.ids(SEVEN + timedelta(days=day))
        house.writes()
    assert house.run(lambda unit: list(unit.unasked.taken(who, MORNING))) == []


def test_all_her_lessons_go_over_the_modules_in_order_and_then_end(house: House) -> None:
    who, seen, modules = house.enrol(), [], house.library.modules(Country.CO)
    house.daily(who)
    open_lessons = [f"{module.id}/{lesson.id}" for module in modules for lesson in module.lessons if not lesson.private]
    for day in range(len(open_lessons)):
        sent = house.at(SEVEN + timedelta(days=day))
        module_id, lesson_id, step_id = sent[-1].reply.id.split("/")
        seen.append(f"{module_id}/{lesson_id}")
        assert len(sent[-1].reply.choices[0].id) <= 64
        house.writes()
        record = LessonRecord(module_id, lesson_id, step_id, house.clock.now())
        house.run(lambda unit, record=record: unit.people.record_lesson(who, record))
    assert seen == open_lessons
    assert house.ids(SEVEN + timedelta(days=len(open_lessons))) == ["rhythm.all_done"]
    assert house.count("rhythm") == 0


def test_what_is_private_never_comes_by_itself(house: House) -> None:
    who = house.enrol()
    private = [(m, lesson) for m in house.library.modules(Country.CO) for lesson in m.lessons if lesson.private]
    assert private
    module, lesson = private[0]
    quiz = lesson.quizzes[0]
    house.run(lambda unit: unit.study.answered(who, module.id, quiz.id, right=False, now=MORNING))
    house.daily(who)
    assert house.ids(SEVEN) == ["rhythm.today", "m1/humo/s1"]
    assert house.ids(SEVEN + timedelta(days=1)) == ["rhythm.today", "m1/humo/s1"]
    assert house.count("review") == 0


def test_a_missed_question_comes_first_and_then_the_lesson(house: House) -> None:
    who = house.enrol()
    house.run(lambda unit: unit.study.answered(who, "m1", "humo_se_ve", right=False, now=MORNING))
    house.daily(who)
    assert house.ids(SEVEN) == ["rhythm.today", "m1/humo/s1"]
    house.writes()
    intro, question = house.at(SEVEN + timedelta(days=1))
    assert (intro.reply.id, question.reply.id) == ("rhythm.review", "m1/humo/humo_se_ve")
    assert question.reply.choices[0].id.startswith("quiz:m1/humo/humo_se_ve/again:")
    house.run(lambda unit: unit.study.answered(who, "m1", "humo_se_ve", right=True, now=house.clock.now()))
    assert house.ids(SEVEN + timedelta(days=2)) == ["rhythm.today", "m1/humo/s1"]


def test_a_question_comes_alone_when_all_is_learnt(house: House) -> None:
    who = house.enrol()
    for module in house.library.modules(Country.CO):
        for lesson in module.lessons:
            record = LessonRecord(module.id, lesson.id, lesson.steps[-1].id, MORNING)
            house.run(lambda unit, record=record: unit.people.record_lesson(who, record))
    house.run(lambda unit: unit.study.answered(who, "m1", "humo_se_ve", right=False, now=MORNING))
    house.daily(who)
    assert house.ids(SEVEN) == []
    assert house.ids(SEVEN + timedelta(days=1)) == ["rhythm.review", "m1/humo/humo_se_ve"]


def test_by_sms_only_the_first_one_has_a_title(house: House) -> None:
    who = house.enrol(SMS, mode=Mode.READ)
    house.daily(who, ChannelName.SMS)
    assert house.ids(SEVEN) == ["rhythm.today", "m1/humo/s1"]
    house.writes(SMS)
    [step] = house.at(SEVEN + timedelta(days=1))
    assert (step.reply.id, step.reply.voice_note) == ("m1/humo/s1", False)


def test_after_three_of_which_nothing_is_heard_no_more_come_and_she_is_told(house: House) -> None:
    house.daily(house.enrol())
    sent = [house.ids(SEVEN + timedelta(days=day)) for day in range(MOST_UNHEARD + 2)]
    assert [ids[0] if ids else "" for ids in sent] == ["rhythm.today", "rhythm.today", "rhythm.last_one", "", ""]
    assert house.count("rhythm") == 0


def test_who_answers_goes_on_for_ever(house: House) -> None:
    house.daily(house.enrol())
    for day in range(5):
        assert house.ids(SEVEN + timedelta(days=day))[0] == "rhythm.today"
        house.writes()


def test_who_is_writing_at_that_moment_is_not_interrupted(house: House) -> None:
    house.daily(house.enrol())
    house.clock.move(SEVEN - timedelta(minutes=2) - house.clock.now())
    house.writes()
    assert house.ids(SEVEN) == []
    assert house.ids(SEVEN + timedelta(minutes=10)) == ["rhythm.today", "m1/humo/s1"]


def test_what_is_hours_late_waits_for_the_next_time(house: House) -> None:
    house.daily(house.enrol())
    assert house.ids(SEVEN + timedelta(hours=3)) == []
    assert house.ids(SEVEN + timedelta(days=1)) == ["rhythm.today", "m1/humo/s1"]


def test_a_pause_of_her_territory_stops_both(house: House) -> None:
    who = house.enrol()
    house.daily(who)
    house.intends(who, SEVEN - timedelta(hours=2))
    house.run(lambda unit: unit.pauses.begin("bajo-cauca", MORNING))
    assert house.ids(SEVEN) == []
    assert house.ids(SEVEN + timedelta(days=1)) == []
    house.run(lambda unit: unit.pauses.end("bajo-cauca"))
    assert house.ids(SEVEN + timedelta(days=2)) == ["m1/practice/manos", "rhythm.today", "m1/humo/s1"]


def test_baja_by_her_address_ends_both(house: House) -> None:
    who = house.enrol()
    house.daily(who)
    house.intends(who, SEVEN)
    house.run(lambda unit: unit.people.set_opted_out(WHATSAPP, MORNING))
    assert house.ids(SEVEN) == []
    assert (house.count("rhythm"), house.count("practice")) == (0, 0)


def test_a_lesson_does_not_move_to_another_channel_when_she_leaves_there(house: House) -> None:
    who = house.enrol()
    house.run(lambda unit: unit.people.meet(SMS, MORNING))
    house.daily(who)
    house.run(lambda unit: unit.people.set_opted_out(WHATSAPP, MORNING))
    assert house.ids(SEVEN) == []
    assert house.count("rhythm") == 0


def test_past_the_months_cap_what_is_paid_waits_and_chats_go_on(house: House) -> None:
    house.money[0] = False
    house.daily(house.enrol(SMS), ChannelName.SMS)
    assert house.ids(SEVEN) == []
    house.money[0] = True
    assert house.ids(SEVEN + timedelta(days=1)) == ["rhythm.today", "m1/humo/s1"]
    house.money[0] = False
    house.daily(house.enrol(Address(ChannelName.TELEGRAM, "770")), ChannelName.TELEGRAM)
    assert house.ids(SEVEN + timedelta(days=2)) == ["rhythm.today", "m1/humo/s1"]


def test_who_asked_on_a_call_is_called(house: House) -> None:
    who = house.enrol(CALL)
    house.daily(who, ChannelName.CALL)
    sent = house.at(SEVEN)
    assert [(message.to.channel, message.reply.id) for message in sent] == [
        (ChannelName.CALL, "rhythm.today"),
        (ChannelName.CALL, "m1/humo/s1"),
    ]
    assert "PAUSA" not in sent[0].reply.text


def test_she_is_asked_how_it_went_once_and_it_counts_for_her_week(house: House) -> None:
    who = house.enrol()
    later = MORNING + timedelta(days=7)
    house.intends(who, later)
    assert house.ids(later - timedelta(minutes=1)) == []
    [asked] = house.at(later)
    assert (asked.reply.id, asked.purpose) == ("m1/practice/manos", Purpose.SERVICE)
    assert [choice.id for choice in asked.reply.choices] == [
        "practice:m1/later:managed",
        "practice:m1/later:sometimes",
        "practice:m1/later:could_not",
    ]
    assert len(house.run(lambda unit: unit.unasked.taken(who, later - timedelta(days=1)))) == 1
    assert house.ids(later + timedelta(days=20)) == []
    place: Place = house.run(lambda unit: unit.study.waiting_for(who))
    assert str(place) == "practice:m1/later"


def test_she_is_not_asked_at_night(house: House) -> None:
    who = house.enrol()
    night = MORNING + timedelta(days=7, hours=12)  # ten in the evening
    house.intends(who, night)
    assert house.ids(night) == []
    assert house.run(lambda unit: len(unit.study.intentions(night + timedelta(days=1)))) == 1, "it is still sealed"
    assert house.ids(night + timedelta(hours=9, minutes=1)) == ["m1/practice/manos"]


def test_she_is_not_asked_while_her_week_is_full(house: House) -> None:
    who = house.enrol()
    announcing = Announcements(Silence())
    for number in range(3):
        when = MORNING + timedelta(days=5, minutes=number)
        row = OutboundMessage(f"other{number}", WHATSAPP, Reply("x", "x"), when, purpose=Purpose.SERVICE)
        house.run(lambda unit, row=row, when=when: announcing.put(unit, row, unit.people.get(who)[0], when))
    later = MORNING + timedelta(days=7)
    house.intends(who, later)
    assert [sent for sent in house.ids(later) if sent != "x"] == []
    assert house.count("practice") == 1
    assert house.ids(MORNING + timedelta(days=12, minutes=5)) == ["m1/practice/manos"]


def test_what_could_not_be_asked_for_two_weeks_is_dropped(house: House) -> None:
    who = house.enrol()
    later = MORNING + timedelta(days=7)
    house.intends(who, later)
    house.run(lambda unit: unit.pauses.begin("", MORNING))
    for day in range(ASKED_WITHIN.days):
        assert house.ids(later + timedelta(days=day)) == []
    house.run(lambda unit: unit.pauses.end(""))
    assert house.ids(later + ASKED_WITHIN + timedelta(days=1)) == []
    assert house.count("practice") == 0


def test_a_practice_that_is_no_longer_offered_is_not_asked_about(house: House) -> None:
    house.intends(house.enrol(), MORNING, "gone")
    assert house.ids(MORNING) == []
    assert house.count("practice") == 0


def test_at_the_last_step_a_pause_still_holds_it_back(house: House) -> None:
    who = house.enrol()
    house.daily(who)
    house.clock.move(SEVEN - house.clock.now())
    house.studying.sweep()
    house.run(lambda unit: unit.pauses.begin("bajo-cauca", SEVEN))

    def leaving(unit: Any) -> tuple[int, list[OutboundMessage]]:
        claimed = unit.outbox.claim(SEVEN, limit=10)
        return len(claimed), Gate(Silence()).lets_through(unit, claimed, SEVEN)

    assert house.run(leaving) == (2, [])


def test_outside_whatsapps_window_an_invitation_goes_and_the_lesson_waits_for_her_until_the_next(house: House) -> None:
    who = house.enrol()
    house.daily(who)
    window = ReplyWindow(house.library.reply("window.invitation"), Silence())
    closed = SEVEN + timedelta(days=2)
    house.clock.move(closed - timedelta(days=1) - house.clock.now())
    house.studying.sweep()  # two days late: it waits
    house.clock.move(timedelta(days=1))
    house.studying.sweep()

    def leaving(unit: Any) -> list[bool]:
        return [window.held(unit, message, closed) for message in unit.outbox.claim(closed, limit=10)]

    assert house.run(leaving) == [True, True]
    invitations = house.run(lambda unit: [m.reply.id for m in unit.outbox.claim(closed, limit=10)])
    assert invitations == ["window.invitation"]
    assert len(house.run(lambda unit: unit.outbox.held((WHATSAPP,)))) == 2
    house.run(lambda unit: unit.outbox.expire(closed + timedelta(days=1)))
    assert house.run(lambda unit: unit.outbox.held((WHATSAPP,))) == []
