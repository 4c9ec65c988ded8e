"""People and counts as the staff see them, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.learning import LessonRecord
from bot.domain.message import Address, ChannelName, MessageState
from bot.domain.person import Consent, Country
from bot.domain.register import Standing
from tests.storage.conftest import NOW, meeting, message


def come(desk, number, community="taraza", agreed=True, left=False, channel=ChannelName.SMS):
    """Somebody who wrote `number` minutes ago; gives her id."""

    def work(uow):
        since = NOW - timedelta(minutes=number)
        person, state = uow.people.meet(Address(channel, f"+5730012345{number:02}"), since)
        uow.people.save(replace(person, adult=True, country=Country.CO, community_id=community), state)
        if agreed or left:
            uow.people.record_consent(person.id, Consent("v1", since, "sms", "m", "lessons"))
        if left:
            uow.people.record_consent(person.id, Consent("v1", since, "sms", "m", "lessons", revoked_at=NOW))
        return person.id

    return desk.run(work)


@pytest.fixture
def places(desk, place):
    other = replace(place, id="suarez", name="Suárez", territory="norte-cauca")
    desk.run(lambda uow: uow.communities.put([other], []))


def test_records_come_newest_first_a_page_at_a_time(desk, places):
    ids = [come(desk, number) for number in range(7)]
    seen, after = [], ""
    for expected in (3, 3, 1):
        page = desk.run(lambda uow, after=after: uow.register.page(after=after, limit=3))
        assert (len(page.records), page.total) == (expected, 7)
        seen += [record.id for record in page.records]
        after = page.after
    assert (seen, after) == (ids, "")


def test_records_are_of_one_community_and_one_standing(desk, places):
    hers, left, stranger = come(desk, 1), come(desk, 2, left=True), come(desk, 3, agreed=False)
    other = come(desk, 4, community="suarez")

    def ids(**wanted):
        return [record.id for record in desk.run(lambda uow: uow.register.page(**wanted)).records]

    assert ids(community_id="taraza") == [hers, left, stranger]
    assert ids(community_id="suarez") == [other]
    assert ids(standing=Standing.AGREED) == [hers, other]
    assert ids(standing=Standing.LEFT, community_id="taraza") == [left]
    assert ids(standing=Standing.NOT_YET) == [stranger]
    assert ids(community_id="") == []


def test_an_address_is_masked_until_it_is_asked_for(desk, places):
    person_id, other = come(desk, 7), come(desk, 8)
    record = desk.run(lambda uow: uow.register.record(person_id))
    assert [(each.channel, each.shown) for each in record.addresses] == [("sms", "+57 ••• 07")]
    assert "300123" not in repr(record)
    ref = record.addresses[0].ref
    assert desk.run(lambda uow: uow.register.reveal(person_id, ref)).value == "+573001234507"
    assert desk.run(lambda uow: uow.register.reveal(other, ref)) is None
    assert desk.run(lambda uow: uow.register.reveal(person_id, "")) is None
    assert desk.run(lambda uow: uow.register.record("nobody")) is None


def test_those_who_share_a_phone_have_its_address_each(desk, places):
    first = come(desk, 1)

    def share(uow):
        line = uow.lines.find(Address(ChannelName.SMS, "+573001234501"))
        uow.lines.share(line.id, "Rosa")
        person, _ = uow.people.get(first)
        uow.lines.add(line.id, replace(person, id="second", consent=None))

    desk.run(share)
    for person_id in (first, "second"):
        assert len(desk.run(lambda uow, who=person_id: uow.register.record(who)).addresses) == 1


def test_whoever_waits_longest_comes_first(desk, places):
    ids = [come(desk, number) for number in range(3)]
    for hours, person_id in zip((1, 3, 2), ids, strict=True):
        when = NOW - timedelta(hours=hours)
        desk.run(lambda uow, who=person_id, when=when: uow.people.ask_for_help(who, when))
    assert [record.id for record in desk.run(lambda uow: uow.register.waiting())] == [ids[1], ids[2], ids[0]]
    assert desk.run(lambda uow: (uow.figures.waiting(), uow.figures.waiting("suarez"))) == (3, 0)


def test_counts_are_of_everybody_or_of_one_community(desk, places):
    for number in range(4):
        come(desk, number, left=number == 3)
    come(desk, 5, community="suarez")
    assert desk.run(lambda uow: (uow.figures.enrolled(), uow.figures.enrolled("taraza"))) == (4, 3)
    failing = message("lost")
    desk.run(lambda uow: uow.outbox.add([failing], None))
    desk.run(lambda uow: uow.outbox.claim(NOW, ids=[failing.id]))
    desk.run(lambda uow: uow.outbox.settle(failing.id, MessageState.FAILED, NOW))
    assert desk.run(lambda uow: uow.figures.failed(NOW - timedelta(days=1))) == 1
    assert desk.run(lambda uow: uow.figures.failed(NOW + timedelta(days=1))) == 0
    desk.run(lambda uow: uow.misses.keep("nadie entiende", "menu", 0.2, NOW.date()))
    assert desk.run(lambda uow: uow.figures.unread()) == 1


def test_learning_is_counted_by_how_much_each_has_finished(desk, places):
    for number in range(5):
        person_id = come(desk, number, community="taraza" if number else "suarez")
        for lesson in range(number):
            record = LessonRecord("m", f"l{lesson}", "s", NOW if lesson != 3 else None)
            desk.run(lambda uow, who=person_id, record=record: uow.people.record_lesson(who, record))
    [counts] = desk.run(lambda uow: uow.figures.modules())
    assert (counts.country, counts.module_id, dict(counts.by_lessons)) == (Country.CO, "m", {1: 1, 2: 1, 3: 2})
    assert desk.run(lambda uow: list(uow.figures.modules("suarez"))) == []


def test_only_the_first_answer_of_each_person_counts(desk, places):
    for number, answers in enumerate([(False, True), (True, False), (False,)]):
        person_id = come(desk, number)
        for right in answers:
            desk.run(lambda uow, who=person_id, right=right: uow.people.record_quiz(who, "m", "q", "o", right, NOW))
    [quiz] = desk.run(lambda uow: uow.figures.quizzes("taraza"))
    assert (quiz.module_id, quiz.quiz_id, quiz.people, quiz.missed) == ("m", "q", 3, 2)


def test_the_next_meetings_are_those_that_were_not_cancelled(desk, places):
    for name, days, facts in (("b", 2, {}), ("a", 1, {}), ("c", 3, {"cancelled": True}), ("d", -1, {})):
        held = meeting(name, starts_at=NOW + timedelta(days=days), **facts)
        desk.run(lambda uow, held=held: uow.meetings.put(held))
    assert [each.id for each in desk.run(lambda uow: uow.figures.meetings(NOW))] == ["a", "b"]
    assert desk.run(lambda uow: list(uow.figures.meetings(NOW, "suarez"))) == []
