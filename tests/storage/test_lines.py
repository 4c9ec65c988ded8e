"""One person by several lines, several persons by one, and the codes between them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.community import Community
from bot.domain.conversation import State
from bot.domain.learning import LessonRecord
from bot.domain.line import CODE_LASTS, MISSES_COUNT_FOR, MOST_MISSES_OF_ALL, CodeKind, Joined, Line, Question
from bot.domain.meeting import Rsvp
from bot.domain.message import Address, ChannelName
from bot.domain.person import Consent, Person
from bot.domain.poll import PollRound
from bot.storage.retention import sweep
from bot.storage.tables import METADATA
from bot.storage.unit_of_work import SqlUnitOfWork
from tests.storage.conftest import NOW, PHONE, TELEGRAM, WHATSAPP, Desk, meeting, message

BSUID = Address(ChannelName.WHATSAPP, "bsuid:CO.900")
NEW = Address(ChannelName.SMS, "+573007654321")
CONSENT = Consent("consent-1", NOW, "sms", "SM-consent", "lessons, polls and meetings")
PLACEHOLDER = Person("placeholder", NOW)


def _meet(desk: Desk, address: Address = PHONE, *aliases: Address, now: datetime = NOW) -> Person:
    return desk.run(lambda uow: uow.people.meet(address, now, aliases))[0]


def _line(desk: Desk, address: Address = PHONE) -> Line:
    return desk.run(lambda uow: (uow.people.meet(address, NOW), uow.people.line(address))[1])


def _enrol(desk: Desk, address: Address) -> Person:
    person = replace(_meet(desk, address), adult=True, consent=CONSENT)
    desk.run(lambda uow: (uow.people.save(person, State("menu")), uow.people.record_consent(person.id, CONSENT)))
    return person


def _issue(desk: Desk, person: Person, kind: CodeKind, code: str = "483920", address: Address = PHONE) -> None:
    desk.run(lambda uow: uow.lines.issue(code, kind, person.id, address, NOW))


def _redeem(desk: Desk, address: Address, code: str = "483920", now: datetime = NOW) -> Joined | None:
    return desk.run(lambda uow: (uow.people.meet(address, now), uow.lines.redeem(code, address, PLACEHOLDER, now))[1])


def _share(desk: Desk, *names: str) -> list[Person]:
    """The phone is shared by as many as there are names; the last one writes."""
    people = [_meet(desk)]
    line = _line(desk).id
    desk.run(lambda uow: uow.lines.share(line, names[0]))
    for name in names[1:]:
        people.append(Person(f"person {name}", NOW))
        desk.run(
            lambda uow, newcomer=people[-1], name=name: (
                uow.lines.add(line, newcomer),
                uow.lines.choose(line, newcomer.id, NOW),
                uow.lines.name(line, newcomer.id, name),
            )
        )
    return people


def test_two_ids_of_one_payload_are_one_line_and_each_alone_too(desk: Desk) -> None:
    person = _meet(desk, BSUID, WHATSAPP)
    assert _meet(desk, PHONE) == _meet(desk, BSUID) == person


def test_a_new_id_beside_a_known_number_is_the_same_person(desk: Desk) -> None:
    person = _meet(desk, PHONE)
    assert _meet(desk, BSUID, WHATSAPP) == person
    assert _meet(desk, BSUID) == person


def test_two_persons_whom_one_payload_proves_the_same_become_the_one_who_agreed(desk: Desk) -> None:
    early = _meet(desk, PHONE)
    person = _enrol(desk, BSUID)
    desk.run(lambda uow: uow.people.record_lesson(early.id, LessonRecord("m1", "humo", "s2", NOW)))
    for whose, tag in ((early, "taller"), (early, "comite"), (person, "comite")):
        desk.run(lambda uow, whose=whose, tag=tag: uow.tags.put(whose.id, tag))
    assert _meet(desk, BSUID, WHATSAPP).id == _meet(desk, PHONE).id == person.id
    assert desk.run(lambda uow: uow.tags.of(person.id)) == ["comite", "taller"]
    assert desk.run(lambda uow: uow.people.progress(person.id)).lessons == (LessonRecord("m1", "humo", "s2", NOW),)
    assert desk.rows("SELECT count(*) FROM person") == [(1,)]


def test_a_number_that_was_silent_for_long_stays_apart(desk: Desk) -> None:
    old = _meet(desk, PHONE)
    later = NOW + timedelta(days=90)
    other = _meet(desk, BSUID, now=later)
    assert _meet(desk, BSUID, WHATSAPP, now=later) == other
    assert _meet(desk, PHONE) == old


def test_who_left_by_the_number_is_not_written_to_by_the_other_id(desk: Desk) -> None:
    _meet(desk, WHATSAPP)
    desk.run(lambda uow: uow.people.set_opted_out(WHATSAPP, NOW))
    _meet(desk, BSUID, WHATSAPP)
    assert desk.run(lambda uow: uow.people.opted_out(BSUID))
    desk.run(lambda uow: uow.people.set_opted_out(BSUID, None))
    assert not desk.run(lambda uow: uow.people.opted_out(WHATSAPP))
    assert not desk.run(lambda uow: uow.people.opted_out(PHONE))


def test_one_of_several_beside_one_alone_share_the_line_that_is_left(desk: Desk) -> None:
    rosa, luz = _share(desk, "Rosa", "Luz")
    other = _meet(desk, BSUID)
    _meet(desk, BSUID, WHATSAPP)
    line = _line(desk)
    assert line == _line(desk, BSUID) == Line(line.id, shared=True)
    known = desk.run(lambda uow: uow.lines.profiles(line.id))
    assert [(each.number, each.person_id, each.name) for each in known] == [
        (1, rosa.id, "Rosa"),
        (2, luz.id, "Luz"),
        (3, other.id, None),
    ]


def test_a_code_brings_a_chat_to_its_person_with_all_she_learnt(desk: Desk) -> None:
    person = _enrol(desk, PHONE)
    newcomer = _meet(desk, TELEGRAM)
    desk.run(lambda uow: uow.people.record_lesson(newcomer.id, LessonRecord("m1", "humo", "s1")))
    _issue(desk, person, CodeKind.JOIN)
    assert _redeem(desk, TELEGRAM) == Joined(PHONE, person.id)
    assert _meet(desk, TELEGRAM).id == _meet(desk, PHONE).id == person.id
    assert desk.run(lambda uow: uow.people.progress(person.id)).lessons == (LessonRecord("m1", "humo", "s1"),)
    assert desk.rows("SELECT count(*) FROM person") == [(1,)]


def test_a_code_is_good_once_for_ten_minutes_and_not_where_it_was_said(desk: Desk) -> None:
    person = _enrol(desk, PHONE)
    _issue(desk, person, CodeKind.JOIN)
    assert _redeem(desk, WHATSAPP) is None
    assert desk.run(lambda uow: uow.lines.claim("483920", NOW + CODE_LASTS)) is None
    assert _redeem(desk, TELEGRAM)
    assert _redeem(desk, NEW) is None


def test_a_second_code_voids_the_first(desk: Desk) -> None:
    person = _enrol(desk, PHONE)
    _issue(desk, person, CodeKind.JOIN, "483920")
    _issue(desk, person, CodeKind.JOIN, "111222")
    assert desk.run(lambda uow: (uow.lines.claim("483920", NOW), uow.lines.claim("111222", NOW) is not None)) == (None, True)


def test_no_code_stands_in_the_database(desk: Desk) -> None:
    _issue(desk, _enrol(desk, PHONE), CodeKind.MOVE)
    assert "483920" not in str(desk.rows("SELECT * FROM join_code"))


def test_codes_have_six_digits_and_no_leading_nought(desk: Desk) -> None:
    codes = desk.run(lambda uow: {uow.lines.new_code(NOW) for _ in range(50)})
    assert len(codes) > 40
    assert all(len(code) == 6 and code.isdecimal() and code[0] != "0" for code in codes)


def test_three_wrong_codes_close_a_line_for_an_hour(desk: Desk) -> None:
    for left in (3, 2, 1, 0, 0):
        assert desk.run(lambda uow: uow.lines.tries_left(TELEGRAM, NOW)) == left
        desk.run(lambda uow: uow.lines.missed(TELEGRAM, NOW))
    assert desk.run(lambda uow: uow.lines.tries_left(PHONE, NOW)) == 3
    assert desk.run(lambda uow: uow.lines.tries_left(TELEGRAM, NOW + MISSES_COUNT_FOR)) == 3


def test_many_wrong_codes_from_everywhere_close_all_lines(desk: Desk) -> None:
    def guess(uow: object) -> None:
        for number in range(MOST_MISSES_OF_ALL):
            uow.lines.missed(Address(ChannelName.TELEGRAM, str(number)), NOW)  # type: ignore[attr-defined]

    desk.run(guess)
    assert desk.run(lambda uow: uow.lines.tries_left(PHONE, NOW)) == 0


def test_a_moved_profile_leaves_its_number_to_somebody_who_is_told(desk: Desk) -> None:
    person = _enrol(desk, PHONE)
    _issue(desk, person, CodeKind.MOVE)
    assert _redeem(desk, NEW) == Joined(PHONE, PLACEHOLDER.id)
    assert _meet(desk, NEW).id == person.id
    placeholder, state = desk.run(lambda uow: uow.people.meet(PHONE, NOW))
    assert (placeholder.id, placeholder.enrolled, state.place) == (PLACEHOLDER.id, False, "profile:gone")


def _restore(desk: Desk, person_id: str, lost: Address = PHONE, found: Address = NEW) -> None:
    def work(uow: SqlUnitOfWork) -> None:
        there, here = uow.lines.find(lost), uow.lines.find(found)
        assert there is not None
        assert here is not None
        uow.lines.restore(person_id, there, here, PLACEHOLDER, NOW)

    desk.run(work)


def test_a_profile_is_restored_at_a_new_number_and_nothing_more_is_sent_to_the_lost_one(desk: Desk) -> None:
    person, newcomer = _enrol(desk, PHONE), _meet(desk, NEW)
    _issue(desk, person, CodeKind.JOIN)
    desk.run(lambda uow: uow.people.record_lesson(person.id, LessonRecord("m1", "humo", "s2")))
    desk.run(lambda uow: uow.people.record_lesson(newcomer.id, LessonRecord("m1", "cocina", "s1")))
    desk.run(lambda uow: uow.outbox.add([message(1)], person.id))
    desk.run(lambda uow: uow.outbox.add([message(2, NEW)], newcomer.id))
    _restore(desk, person.id)
    assert _meet(desk, NEW).id == person.id
    assert {r.lesson_id for r in desk.run(lambda uow: uow.people.progress(person.id)).lessons} == {"humo", "cocina"}
    assert [m.id for m in desk.run(lambda uow: uow.outbox.claim(NOW))] == ["m2"]
    assert _redeem(desk, TELEGRAM) is None
    placeholder, state = desk.run(lambda uow: uow.people.meet(PHONE, NOW))
    assert (placeholder.id, placeholder.enrolled, state.place) == (PLACEHOLDER.id, False, "profile:gone")


def test_one_of_several_is_restored_from_their_phone_and_the_others_keep_theirs(desk: Desk) -> None:
    rosa, luz = _share(desk, "Rosa", "Luz")
    _meet(desk, NEW)
    _restore(desk, rosa.id)
    assert (_meet(desk, NEW).id, _meet(desk, PHONE).id) == (rosa.id, luz.id)
    known = desk.run(lambda uow: uow.lines.profiles(_id(uow)))
    assert [each.person_id for each in known] == [PLACEHOLDER.id, luz.id]


def test_on_a_shared_phone_a_restored_profile_is_one_more(desk: Desk) -> None:
    rosa, luz = _share(desk, "Rosa", "Luz")
    person = _enrol(desk, NEW)
    _restore(desk, person.id, lost=NEW, found=PHONE)
    known = desk.run(lambda uow: uow.lines.profiles(_id(uow)))
    assert [(each.person_id, each.name) for each in known] == [(rosa.id, "Rosa"), (luz.id, "Luz"), (person.id, None)]
    assert _meet(desk, NEW).id == PLACEHOLDER.id


def test_where_she_comes_by_the_other_line_already_only_the_lost_one_is_taken_from_her(desk: Desk) -> None:
    person = _enrol(desk, PHONE)
    _issue(desk, person, CodeKind.JOIN)
    _redeem(desk, TELEGRAM)
    _restore(desk, person.id, found=TELEGRAM)
    assert (_meet(desk, TELEGRAM).id, _meet(desk, PHONE).id) == (person.id, PLACEHOLDER.id)


def test_looking_for_a_line_writes_nothing(desk: Desk) -> None:
    assert desk.run(lambda uow: uow.lines.find(PHONE)) is None
    assert desk.rows("SELECT count(*) FROM person") == [(0,)]
    assert desk.run(lambda uow: uow.lines.find(PHONE)) != _line(desk) == desk.run(lambda uow: uow.lines.find(WHATSAPP))


def test_from_a_shared_phone_a_move_is_told_to_her_who_is_chosen_and_to_nobody_else(desk: Desk) -> None:
    rosa, luz = _share(desk, "Rosa", "Luz")
    _issue(desk, rosa, CodeKind.MOVE)
    assert _redeem(desk, NEW) == Joined(None, PLACEHOLDER.id)
    known = desk.run(lambda uow: uow.lines.profiles(_id(uow)))
    assert [(each.person_id, each.name) for each in known] == [(PLACEHOLDER.id, "Rosa"), (luz.id, "Luz")]
    assert _meet(desk, PHONE).id == luz.id


def test_from_a_shared_phone_a_join_waits_until_she_is_chosen(desk: Desk) -> None:
    rosa, _ = _share(desk, "Rosa", "Luz")
    _issue(desk, rosa, CodeKind.JOIN)
    assert _redeem(desk, NEW) == Joined(None, rosa.id)
    line = _line(desk).id
    assert [each.notice for each in desk.run(lambda uow: uow.lines.profiles(line))] == ["profile.joined", ""]
    desk.run(lambda uow: uow.lines.choose(line, rosa.id, NOW))
    assert [each.notice for each in desk.run(lambda uow: uow.lines.profiles(line))] == ["", ""]


def _id(uow: object) -> str:
    uow.people.meet(PHONE, NOW)  # type: ignore[attr-defined]
    return str(uow.people.line(PHONE).id)  # type: ignore[attr-defined]


def test_two_who_become_one_answer_once(desk: Desk, place: Community) -> None:
    person, newcomer, third = _enrol(desk, PHONE), _meet(desk, TELEGRAM), _meet(desk, NEW)
    desk.run(lambda uow: uow.polls.put_round(PollRound("both", "Q01_v1", NOW, NOW + timedelta(days=7))))
    desk.run(lambda uow: uow.polls.put_round(PollRound("one", "Q04_v1", NOW, NOW + timedelta(days=7))))
    desk.run(lambda uow: uow.meetings.put(meeting()))

    def answer(uow: object) -> None:
        polls, meetings = uow.polls, uow.meetings  # type: ignore[attr-defined]
        polls.answer("both", person.id, ["little"], NOW)
        polls.answer("both", newcomer.id, ["much"], NOW)
        polls.answer("both", third.id, ["none"], NOW)
        polls.answer("one", newcomer.id, ["two"], NOW)
        meetings.rsvp("reunion", newcomer.id, Rsvp.YES, NOW)

    desk.run(answer)
    _issue(desk, person, CodeKind.JOIN)
    _redeem(desk, TELEGRAM)
    assert desk.run(lambda uow: uow.polls.counts("both")) == {"little": 1, "none": 1}
    assert desk.run(lambda uow: uow.polls.counts("one")) == {"two": 1}
    assert desk.run(lambda uow: uow.polls.answered("one", person.id))
    assert desk.run(lambda uow: uow.meetings.coming("reunion")) == 1
    desk.run(lambda uow: uow.polls.answer("one", person.id, ["three"], NOW))
    assert desk.run(lambda uow: uow.polls.counts("one")) == {"three": 1}


def test_erasing_one_of_several_leaves_the_others_and_asks_who_comes_next(desk: Desk) -> None:
    rosa, luz = _share(desk, "Rosa", "Luz")
    desk.run(lambda uow: uow.outbox.add([message("hers")], rosa.id))
    desk.run(lambda uow: uow.people.erase(luz.id))
    line = _line(desk)
    assert (line.shared, line.heard_at) == (True, None)
    assert [each.name for each in desk.run(lambda uow: uow.lines.profiles(line.id))] == ["Rosa"]
    assert _meet(desk).id == rosa.id
    assert desk.rows("SELECT count(*) FROM address WHERE value_sealed IS NOT NULL") == [(1,)]
    assert desk.rows("SELECT count(*) FROM message") == [(1,)]


def test_erasing_one_who_does_not_write_now_changes_nothing_for_her_who_does(desk: Desk) -> None:
    rosa, luz = _share(desk, "Rosa", "Luz")
    before = _line(desk)
    desk.run(lambda uow: uow.people.erase(rosa.id))
    assert _line(desk) == before
    assert _meet(desk).id == luz.id


def test_erasing_the_last_of_several_leaves_nothing(desk: Desk) -> None:
    for person in _share(desk, "Rosa", "Luz"):
        desk.run(lambda uow, person=person: uow.people.erase(person.id))
    left = {table: desk.rows(f"SELECT count(*) FROM {table}")[0][0] for table in METADATA.tables}
    assert {table: number for table, number in left.items() if number} == {"lookup_key": 1}


def test_a_number_with_a_new_owner_forgets_who_had_it_and_what_was_to_be_sent_to_it(desk: Desk) -> None:
    old = _enrol(desk, PHONE)
    desk.run(lambda uow: uow.outbox.add([message(1)], old.id))
    newcomer = Person("newcomer", NOW)
    desk.run(lambda uow: (uow.people.meet(PHONE, NOW), uow.lines.hand_over(uow.people.line(PHONE).id, newcomer, NOW)))
    assert _meet(desk) == newcomer
    assert desk.run(lambda uow: uow.outbox.claim(NOW)) == []
    assert sweep(desk.store, desk.keys, NOW + timedelta(days=30)).people == 0
    assert sweep(desk.store, desk.keys, NOW + timedelta(days=31)).people == 1
    assert desk.rows("SELECT count(*) FROM person") == [(1,)]


def test_who_has_another_line_outlives_the_number_that_she_lost(desk: Desk) -> None:
    person = _enrol(desk, PHONE)
    _issue(desk, person, CodeKind.JOIN)
    _redeem(desk, TELEGRAM)
    newcomer = Person("newcomer", NOW)
    desk.run(lambda uow: (uow.people.meet(PHONE, NOW), uow.lines.hand_over(uow.people.line(PHONE).id, newcomer, NOW)))
    assert sweep(desk.store, desk.keys, NOW + timedelta(days=300)).people == 0
    assert _meet(desk, TELEGRAM).id == person.id


def test_what_a_line_is_asked_and_when_it_was_heard_come_back_as_they_were(desk: Desk) -> None:
    line = _line(desk)
    assert line == Line(line.id, heard_at=NOW)
    desk.run(lambda uow: uow.lines.ask(line.id, Question.AGAIN, NOW + timedelta(days=100)))
    assert _line(desk) == Line(line.id, asked=Question.AGAIN, heard_at=NOW + timedelta(days=100))
    desk.run(lambda uow: uow.lines.heard(line.id, NOW + timedelta(days=101)))
    assert _line(desk).heard_at == NOW + timedelta(days=101)


@pytest.mark.parametrize(("days", "doubtful"), [(89, False), (90, True)])
def test_a_line_is_doubtful_after_a_long_silence_or_where_it_is_shared(desk: Desk, days: int, doubtful: bool) -> None:
    assert not desk.run(lambda uow: uow.lines.doubtful(PHONE, NOW))
    _meet(desk)
    assert desk.run(lambda uow: uow.lines.doubtful(PHONE, NOW + timedelta(days=days))) is doubtful
    _share(desk, "Rosa")
    assert desk.run(lambda uow: uow.lines.doubtful(PHONE, NOW))


def test_what_waits_for_one_of_several_is_given_to_nobody_else(desk: Desk) -> None:
    rosa, luz = _share(desk, "Rosa", "Luz")
    desk.run(lambda uow: uow.people.meet(WHATSAPP, NOW))
    for number, owner in enumerate((rosa.id, luz.id, None)):
        waiting = message(number, WHATSAPP)
        desk.run(lambda uow, m=waiting, o=owner: (uow.outbox.add([m], o), uow.outbox.hold(m, None, NOW)))
    assert desk.run(lambda uow: uow.outbox.held([WHATSAPP], luz.id)) == ["m1", "m2"]
    assert desk.run(lambda uow: uow.outbox.held([WHATSAPP], "")) == ["m2"]


def test_whom_a_new_owner_put_out_is_found_by_the_hash_of_her_number_while_she_is_kept(desk: Desk) -> None:
    person = _enrol(desk, PHONE)
    line = _line(desk).id
    desk.run(lambda uow: uow.lines.hand_over(line, Person("n" * 32, NOW), NOW))
    assert [each.person_id for each in desk.run(lambda uow: uow.lines.lost(WHATSAPP))] == [person.id]
    assert desk.run(lambda uow: uow.lines.lost(TELEGRAM)) == []
    _meet(desk, TELEGRAM)
    desk.run(lambda uow: uow.lines.recover(person.id, uow.lines.find(TELEGRAM), NOW))
    assert (_meet(desk, TELEGRAM).id, _meet(desk, PHONE).id) == (person.id, "n" * 32)
    assert desk.run(lambda uow: uow.lines.forget_unreachable(NOW + timedelta(days=99))) == 0
    assert desk.rows("SELECT count(*) FROM lost_line") == [(0,)]


def test_who_is_forgotten_is_found_by_no_number(desk: Desk) -> None:
    _enrol(desk, PHONE)
    line = _line(desk).id
    desk.run(lambda uow: uow.lines.hand_over(line, Person("n" * 32, NOW), NOW))
    assert desk.run(lambda uow: uow.lines.forget_unreachable(NOW + timedelta(days=31))) == 1
    assert desk.run(lambda uow: uow.lines.lost(PHONE)) == []
