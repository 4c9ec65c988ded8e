"""Alerts and answers of the team, on a real database: who is told what, when, and what nobody is told."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from delivery.test_sender import Silence

from bot.delivery.announcing import Announcements
from bot.domain.clock import MovableClock
from bot.domain.community import Community
from bot.domain.duty import Shift
from bot.domain.help_desk import ANOTHER_AFTER, TOLD_AFTER
from bot.domain.message import Address, ChannelName, MessageState, Purpose
from bot.domain.person import Consent, Country, Mode
from bot.domain.staff import Credentials, Role, StaffMember
from bot.lessons.catalogue import load_catalogue
from bot.outreach.answering import Answer, Answering
from bot.storage import schema
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault

CONTENT = Path(__file__).parents[2] / "content"
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)  # Monday, 10 o'clock in Colombia
HERS = Address(ChannelName.SMS, "+573001234567")
ROSA, PEDRO = Address(ChannelName.SMS, "+573007770001"), Address(ChannelName.SMS, "+573007770002")


class Team:
    """A database in which somebody waits, a facilitator on Mondays, and one of the staff."""

    def __init__(self, folder):
        url = f"sqlite:///{folder / 'batea.db'}"
        schema.upgrade(url)
        self.store = open_store(url, Vault("a secret of the tests and long enough"), RoundKeyFiles(folder / "rounds"))
        self.clock = MovableClock(NOW)
        self.library = load_catalogue(CONTENT, drafts=True, today=NOW.date, timezone="America/Bogota")
        self.answering = Answering(
            self.store, self.library, self.clock, Announcements(Silence()), lambda to: to.value.startswith("+573")
        )
        self.her = self.run(self._begin)

    def _begin(self, uow):
        uow.communities.put([Community("taraza", "Tarazá", Country.CO, "bajo-cauca")], [])
        for member_id, role, place, to in (("rosa", Role.FACILITATOR, "taraza", ROSA), ("pedro", Role.STAFF, None, PEDRO)):
            member = StaffMember(member_id, f"{member_id}@example.org", role, place, created_at=NOW)
            uow.staff.add(Credentials(member, "hash", "secret"))
            uow.roster.set_contact(member_id, to)
        uow.roster.add(Shift("s1", "taraza", "rosa", 0, time(8), time(12)))
        person, state = uow.people.meet(HERS, NOW)
        known = type(person)(person.id, NOW, country=Country.CO, mode=Mode.READ, adult=True, community_id="taraza")
        uow.people.save(known, state)
        uow.people.record_consent(person.id, Consent("c1", NOW, "sms", "SM1", "lessons"))
        return person.id

    def run(self, work):
        return self.store.submit(work).result(timeout=30)

    def asks(self, now=NOW):
        def work(uow):
            uow.people.ask_for_help(self.her, now)
            uow.help_desk.opened(self.her, HERS, now)
            uow.help_desk.keep(self.her, "me duele mucho", now)

        self.run(work)

    def at(self, moment):
        """What is sent once the clock shows that, by sentence and address."""
        self.clock.move(moment - self.clock.now())
        self.answering.sweep()
        sent = self.run(lambda uow: uow.outbox.claim(moment + timedelta(days=1)))
        for message in sent:
            self.run(lambda uow, m=message: uow.outbox.settle(m.id, MessageState.SENT, moment))
        return sorted((message.reply.id, message.to.value) for message in sent)


@pytest.fixture
def team(tmp_path):
    made = Team(tmp_path)
    yield made
    made.store.close()


def test_whoever_is_on_duty_is_alerted_without_name_or_content(team):
    team.asks()
    assert team.at(NOW) == [("team.alert", ROSA.value)]
    assert team.at(NOW + timedelta(minutes=30)) == []
    text = team.library.reply("team.alert", Country.CO).text
    assert "{" not in text


def test_after_hours_without_an_answer_the_next_and_the_staff_are_alerted_and_then_daily(team):
    team.asks()
    team.at(NOW)
    late = NOW + ANOTHER_AFTER
    assert team.at(late) == [("team.alert_again", ROSA.value), ("team.alert_again", PEDRO.value)]
    assert team.at(late + timedelta(hours=23)) == []
    assert team.at(late + timedelta(hours=24)) == [("team.alert_again", ROSA.value), ("team.alert_again", PEDRO.value)]


def test_where_nobody_is_on_duty_nothing_waits_longer_than_those_hours(team):
    evening = NOW + timedelta(hours=8)
    team.asks(evening)
    assert team.at(evening) == []
    assert team.at(evening + ANOTHER_AFTER) == [("team.alert_again", ROSA.value), ("team.alert_again", PEDRO.value)]


def test_whoever_comes_next_within_those_hours_is_alerted_when_she_comes(team):
    early = NOW - timedelta(hours=4)
    team.asks(early)
    team.clock.move(early - team.clock.now())
    assert team.at(early) == []
    assert team.at(NOW - timedelta(hours=2)) == [("team.alert", ROSA.value)]


def test_after_two_days_she_is_told_kindly_and_once(team):
    team.asks()
    team.at(NOW)
    assert ("team.late", HERS.value) in team.at(NOW + TOLD_AFTER)
    assert ("team.late", HERS.value) not in team.at(NOW + TOLD_AFTER + timedelta(hours=1))


def test_an_answer_ends_it_all(team):
    team.asks()
    team.run(lambda uow: uow.help_desk.keep(team.her, "Vaya al puesto", NOW, author="rosa"))
    assert team.at(NOW + TOLD_AFTER) == []


def test_a_text_goes_out_where_she_asked_and_a_voice_to_an_sms_phone_by_call(team):
    def send(answer, to):
        def work(uow):
            person = uow.people.get(team.her)[0]
            team.answering.send(uow, person, to, answer, NOW)
            return uow.outbox.claim(NOW)

        return team.run(work)

    [written] = send(Answer(text="Salga al aire."), HERS)
    assert (written.to, written.purpose, written.reply.voice_note) == (HERS, Purpose.REPLY, False)
    assert written.reply.text.startswith("Salga al aire.")
    assert not written.reply.speech.catalogue, "no online voice is given a person's words"
    [spoken] = send(Answer(voice="team:abc"), HERS)
    assert (spoken.to.channel, spoken.purpose, spoken.reply.speech.key) == (ChannelName.CALL, Purpose.REPLY, "team:abc")
    assert team.answering.channel(Address(ChannelName.SMS, "+51911111111"), Answer(voice="team:abc")) is None
    telegram = Address(ChannelName.TELEGRAM, "77")
    assert team.answering.channel(telegram, Answer(voice="team:abc")) == telegram
