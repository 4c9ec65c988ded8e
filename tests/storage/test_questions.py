"""Questions asked by voice: what is kept of whom, until when, and what is left to be deleted at the vendor's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.community import Community
from bot.domain.message import Address, ChannelName
from bot.domain.person import Person
from bot.domain.voice_question import KEPT, Asker, Recording
from bot.storage.retention import sweep
from bot.storage.rounds import RoundKeyFiles
from bot.storage.uniting import merge
from tests.storage.conftest import NOW, PHONE, TELEGRAM, Desk

CALL = Address(ChannelName.CALL, PHONE.value)
SID = "RE0123456789abcdef0123456789abcdef"
SOUND = b"OggS planted voice of a neighbour" * 40


def opened(desk: Desk, name: str = "q1", asker: Asker | None = None) -> None:
    desk.run(lambda uow: uow.questions.open(name, "voice_question.consent@1", asker or Asker(CALL), NOW))


def recorded(desk: Desk, name: str = "q1", sid: str = SID, seconds: int = 5) -> bool:
    return desk.run(lambda uow: uow.questions.recorded(name, Recording(sid, seconds), NOW))


def ids(desk: Desk) -> list[str]:
    return [question.id for question in desk.run(lambda uow: uow.questions.all())]


def met(desk: Desk, address: Address = CALL) -> Person:
    return desk.run(lambda uow: uow.people.meet(address, NOW))[0]


def test_a_question_is_shown_once_it_was_recorded_and_heard_once_it_came(desk: Desk, place: Community) -> None:
    opened(desk, asker=Asker(CALL, met(desk).id, place.id))
    assert ids(desk) == []
    assert recorded(desk)
    (question,) = desk.run(lambda uow: uow.questions.all())
    assert (question.community, question.seconds, question.here) == (place.name, 5, False)
    assert question.deletes_on - question.asked_on == KEPT
    desk.run(lambda uow: uow.questions.keep("q1", SOUND, 4))
    (question,) = desk.run(lambda uow: uow.questions.all())
    assert (question.seconds, question.here) == (4, True)
    assert desk.run(lambda uow: uow.questions.sound("q1")) == SOUND


def test_the_same_recording_counts_once(desk: Desk) -> None:
    opened(desk)
    assert [recorded(desk) for _ in range(3)] == [True] * 3
    assert desk.run(lambda uow: uow.questions.at_vendor()) == 1


def test_a_second_recording_of_one_question_is_only_deleted(desk: Desk) -> None:
    opened(desk)
    recorded(desk)
    assert recorded(desk, sid=SID.replace("0", "1"), seconds=9)
    wanted = [each.question_id for each in desk.run(lambda uow: uow.questions.due(NOW))]
    assert sorted(wanted, key=str) == [None, "q1"]


@pytest.mark.parametrize(("name", "seconds"), [("q1", 0), ("nobody's", 5)])
def test_what_is_too_short_or_nobodys_is_only_deleted(desk: Desk, name: str, seconds: int) -> None:
    opened(desk)
    assert not recorded(desk, name, seconds=seconds)
    (recording,) = desk.run(lambda uow: uow.questions.due(NOW))
    assert (recording.sid, recording.question_id) == (SID, None)


def test_a_recording_is_taken_up_by_one_at_a_time(desk: Desk) -> None:
    opened(desk)
    recorded(desk)
    futures = [desk.store.submit(lambda uow: len(uow.questions.due(NOW))) for _ in range(4)]
    assert sum(future.result(timeout=30) for future in futures) == 1
    assert desk.run(lambda uow: uow.questions.due(NOW + timedelta(minutes=2))) == []
    (again,) = desk.run(lambda uow: uow.questions.due(NOW + timedelta(minutes=4)))
    assert again.attempts == 1


def test_what_is_dropped_is_gone_and_still_to_be_deleted_at_the_vendors(desk: Desk) -> None:
    opened(desk)
    recorded(desk)
    desk.run(lambda uow: uow.questions.drop("q1"))
    desk.run(lambda uow: uow.questions.keep("q1", SOUND, 4))
    assert desk.rows("SELECT * FROM voice_question") == []
    (recording,) = desk.run(lambda uow: uow.questions.due(NOW))
    assert recording.question_id is None
    desk.run(lambda uow: uow.questions.gone(recording.id))
    assert desk.run(lambda uow: uow.questions.at_vendor()) == 0


def test_an_answered_question_says_so(desk: Desk) -> None:
    opened(desk)
    recorded(desk)
    assert desk.run(lambda uow: uow.questions.answered("q1", NOW.date()))
    assert not desk.run(lambda uow: uow.questions.answered("q2", NOW.date()))
    assert [each.answered_on for each in desk.run(lambda uow: uow.questions.all())] == [NOW.date()]


def test_it_goes_on_its_day_and_a_consent_that_nothing_followed_after_an_hour(desk: Desk, round_keys: RoundKeyFiles) -> None:
    for name in ("q1", "q2"):
        opened(desk, name)
    recorded(desk)
    assert sweep(desk.store, round_keys, NOW + timedelta(minutes=59)).questions == 0
    assert sweep(desk.store, round_keys, NOW + timedelta(minutes=61)).questions == 1
    assert sweep(desk.store, round_keys, NOW + KEPT - timedelta(days=1)).questions == 0
    assert sweep(desk.store, round_keys, NOW + KEPT).questions == 1
    assert desk.rows("SELECT * FROM voice_question") == []


def test_who_is_erased_takes_hers_along_and_nobody_elses(desk: Desk) -> None:
    person, other = met(desk), met(desk, TELEGRAM)
    elsewhere = Address(ChannelName.CALL, "+573009998877")
    opened(desk, "hers", Asker(CALL, person.id))
    opened(desk, "before she was known", Asker(CALL))
    opened(desk, "another's", Asker(elsewhere, other.id))
    opened(desk, "another number's", Asker(elsewhere))
    opened(desk, "nobody's", Asker())
    for number, name in enumerate(("hers", "before she was known", "another's", "another number's", "nobody's")):
        recorded(desk, name, f"RE{number:032x}")
    desk.run(lambda uow: uow.people.erase(person.id))
    assert sorted(ids(desk)) == ["another number's", "another's", "nobody's"]
    assert desk.run(lambda uow: uow.questions.at_vendor()) == 5


def test_who_only_hung_up_keeps_what_she_agreed_to(desk: Desk) -> None:
    person = met(desk)
    opened(desk)
    recorded(desk)
    desk.run(lambda uow: uow.people.erase(person.id, questions=False))
    assert ids(desk) == ["q1"]
    assert desk.run(lambda uow: uow.questions.left_from(PHONE))
    assert not desk.run(lambda uow: uow.questions.left_from(TELEGRAM))


def test_where_a_number_is_somebody_elses_now_nobody_is_answered_there(desk: Desk) -> None:
    person = met(desk)
    line = desk.run(lambda uow: (uow.people.meet(CALL, NOW), uow.people.line(CALL))[1])
    opened(desk, asker=Asker(CALL, person.id))
    recorded(desk)
    desk.run(lambda uow: uow.lines.hand_over(line.id, Person("newcomer", NOW), NOW))
    assert desk.rows("SELECT callback_sealed, identity_hash, person_id FROM voice_question") == [(None, None, person.id)]


def test_where_two_turn_out_to_be_one_her_questions_are_hers(desk: Desk) -> None:
    person, chat = met(desk), met(desk, TELEGRAM)
    opened(desk, asker=Asker(CALL, person.id))
    recorded(desk)
    desk.run(lambda uow: merge(uow.people._tx, person.id, chat.id))
    assert desk.rows("SELECT person_id FROM voice_question") == [(chat.id,)]
