from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from bot.domain.duty import Duty, Shift, duty_at
from bot.domain.enrolment import FILE_LASTS, PENDING_LASTS, Expected, UploadedFile
from bot.domain.help_desk import MOST_WORDS, TOLD_AFTER, WORDS_KEPT
from bot.domain.person import Country, Mode, Person
from bot.domain.staff import Credentials, Role, StaffMember
from bot.storage.help_desk import pass_help_on
from tests.storage.conftest import NOW, PHONE, TELEGRAM, WHATSAPP

LATER = NOW + timedelta(hours=5)


@pytest.fixture
def her(desk, place):
    """Somebody of Tarazá who asked for a person."""

    def work(uow):
        person, state = uow.people.meet(PHONE, NOW)
        uow.people.save(replace(person, community_id="taraza"), state)
        uow.people.ask_for_help(person.id, NOW)
        uow.help_desk.opened(person.id, PHONE, NOW)
        return person.id

    return desk.run(work)


@pytest.fixture
def member(desk, place):
    def work(uow):
        account = StaffMember("f1", "rosa@example.org", Role.FACILITATOR, "taraza", created_at=NOW)
        uow.staff.add(Credentials(account, "hash", "secret"))
        return account.id

    return desk.run(work)


def test_what_she_writes_is_sealed_and_makes_it_the_teams_turn(desk, her):
    desk.run(lambda uow: uow.help_desk.keep(her, "no puedo respirar bien", NOW))
    assert [word.text for word in desk.run(lambda uow: uow.help_desk.words(her))] == ["no puedo respirar bien"]
    assert "respirar" not in str(desk.rows("SELECT * FROM help_word"))
    [case] = desk.run(lambda uow: uow.help_desk.to_alert(NOW))
    assert (case.person_id, case.words, case.line.shown) == (her, 1, "+57 ••• 67")


def test_an_answer_ends_the_alerts_and_her_next_word_begins_them_anew(desk, her):
    desk.run(lambda uow: uow.help_desk.keep(her, "Vaya al puesto", NOW, author="f1"))
    assert desk.run(lambda uow: (uow.help_desk.to_alert(LATER), uow.help_desk.to_tell(NOW + TOLD_AFTER * 2))) == ([], [])
    desk.run(lambda uow: uow.help_desk.keep(her, "ya fui", LATER))
    case = desk.run(lambda uow: uow.help_desk.case(her))
    assert (case.since, case.answered_at) == (LATER, None)
    assert desk.run(lambda uow: uow.help_desk.to_tell(LATER + TOLD_AFTER)) == [her]


def test_words_are_kept_for_a_week_after_closing_and_no_longer(desk, her):
    desk.run(lambda uow: uow.help_desk.keep(her, "gracias", NOW))
    desk.run(lambda uow: uow.help_desk.close(her, NOW))
    assert desk.run(lambda uow: uow.help_desk.case(her)) is None
    assert desk.run(lambda uow: uow.help_desk.lately_closed("taraza")) == [her]
    assert desk.run(lambda uow: uow.help_desk.lately_closed("suarez")) == []
    assert desk.run(lambda uow: uow.help_desk.forget(NOW + WORDS_KEPT - timedelta(days=1))) == 0
    assert desk.run(lambda uow: uow.help_desk.forget(NOW + WORDS_KEPT)) == 1
    assert desk.run(lambda uow: uow.help_desk.lately_closed()) == []


def test_nothing_is_kept_of_who_does_not_wait_and_not_without_end(desk, her):
    other = desk.run(lambda uow: uow.people.meet(TELEGRAM, NOW)[0].id)
    desk.run(lambda uow: uow.help_desk.keep(other, "hola", NOW))
    assert desk.run(lambda uow: uow.help_desk.words(other)) == []
    desk.run(lambda uow: [uow.help_desk.keep(her, f"{n}", NOW + timedelta(seconds=n)) for n in range(MOST_WORDS + 5)])
    assert len(desk.run(lambda uow: uow.help_desk.words(her))) == MOST_WORDS


def test_she_is_answered_whence_she_asked_while_that_is_hers(desk, her):
    assert desk.run(lambda uow: uow.help_desk.address(her)) == PHONE
    desk.run(lambda uow: uow.people.set_opted_out(PHONE, NOW))
    assert desk.run(lambda uow: uow.help_desk.address(her)) is None
    desk.run(lambda uow: uow.people.set_opted_out(PHONE, None))
    line = desk.run(lambda uow: uow.lines.find(PHONE))
    desk.run(lambda uow: uow.lines.hand_over(line.id, Person("n" * 32, NOW), NOW))
    assert desk.run(lambda uow: uow.help_desk.address(her)) is None, "the number is somebody else's now"


def test_erasing_her_leaves_nothing(desk, her):
    desk.run(lambda uow: uow.help_desk.keep(her, "hola", NOW))
    desk.run(lambda uow: uow.people.erase(her))
    assert desk.rows("SELECT * FROM help_word") == []
    assert desk.rows("SELECT * FROM help_request") == []


def test_who_turns_out_to_be_the_same_waits_once_with_all_her_words(desk, her):
    def work(uow):
        other, _ = uow.people.meet(TELEGRAM, NOW)
        uow.people.ask_for_help(other.id, NOW - timedelta(hours=2))
        uow.help_desk.opened(other.id, TELEGRAM, NOW)
        uow.help_desk.keep(other.id, "uno", NOW - timedelta(hours=1))
        uow.help_desk.keep(her, "dos", NOW)
        pass_help_on(uow.people._tx, other.id, her)
        return uow.help_desk.words(her), uow.help_desk.case(her)

    words, case = desk.run(work)
    assert [word.text for word in words] == ["uno", "dos"]
    assert case.asked_at == NOW - timedelta(hours=2)


def test_a_roster_tells_who_is_there_and_who_is_next(desk, member):
    monday, tuesday = (Shift(f"s{day}", "taraza", member, day, time(8), time(12)) for day in (0, 1))
    assert desk.run(lambda uow: [uow.roster.add(each) for each in (monday, tuesday)]) == [True, True]
    assert not desk.run(lambda uow: uow.roster.add(replace(monday, id="s9", begins=time(11), ends=time(13))))
    shifts = desk.run(lambda uow: uow.roster.shifts("taraza"))
    # NOW is Monday, 10 o'clock in Colombia.
    assert duty_at(shifts, NOW).now == (member,)
    away = duty_at(shifts, NOW + timedelta(hours=3))
    assert (away.now, away.following) == ((), (member,))
    assert (away.next_at.weekday(), away.next_at.hour) == (1, 8)
    assert duty_at([], NOW) == Duty()
    desk.run(lambda uow: uow.staff.disable(member, NOW))
    assert desk.run(lambda uow: uow.roster.shifts()) == []


def test_where_somebody_is_alerted_is_sealed(desk, member):
    desk.run(lambda uow: uow.roster.set_contact(member, WHATSAPP))
    assert desk.run(lambda uow: uow.roster.contact(member)) == WHATSAPP
    assert "3001234567" not in str(desk.rows("SELECT * FROM staff_contact"))
    desk.run(lambda uow: uow.staff.disable(member, NOW))
    assert desk.run(lambda uow: uow.roster.contact(member)) is None


def test_a_number_waits_sealed_for_two_days(desk, place):
    expected = Expected(PHONE, Country.CO, "taraza", Mode.READ)
    desk.run(lambda uow: uow.enrolments.expect(expected, "f1", NOW))
    assert "3001234567" not in str(desk.rows("SELECT * FROM pending_enrolment"))
    assert desk.run(lambda uow: uow.enrolments.expected(WHATSAPP, NOW)) == expected, "the same number"
    assert desk.run(lambda uow: uow.enrolments.pending("taraza", NOW)) == 1
    assert desk.run(lambda uow: uow.enrolments.expected(PHONE, NOW + PENDING_LASTS)) is None
    assert desk.run(lambda uow: uow.enrolments.forget(NOW + PENDING_LASTS)) == 1


def test_a_file_is_its_uploaders_for_an_hour(desk, member):
    desk.run(lambda uow: uow.enrolments.put_file(UploadedFile("a", member, b"one"), NOW))
    desk.run(lambda uow: uow.enrolments.put_file(UploadedFile("b", member, b"two"), NOW))
    assert desk.run(lambda uow: uow.enrolments.file("a", member, NOW)) is None
    assert desk.run(lambda uow: uow.enrolments.file("b", member, NOW)).content == b"two"
    assert desk.run(lambda uow: uow.enrolments.file("b", "other", NOW)) is None
    assert desk.run(lambda uow: uow.enrolments.file("b", member, NOW + FILE_LASTS)) is None
