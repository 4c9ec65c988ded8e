"""Lessons at a chosen hour, what somebody set out to do, questions that come back; on both databases."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from bot.domain.conversation import Place, PlaceKind
from bot.domain.message import Address, ChannelName, MessageState, Purpose
from bot.domain.poll import PollRound
from bot.domain.repetition import WAITS
from bot.domain.study import Every, Intention, Managed, Rhythm, later_place
from bot.storage import schema
from bot.storage.database import make_engine, read_url
from bot.storage.retention import sweep
from bot.storage.uniting import merge
from tests.storage.conftest import NOW, PHONE, TELEGRAM, Desk, message

DAILY = Rhythm(Every.DAY, time(19), ChannelName.WHATSAPP)
A_DAY = timedelta(days=1)


def come(desk: Desk, address: Address = PHONE) -> str:
    return desk.run(lambda uow: uow.people.meet(address, NOW))[0].id


def answer(desk: Desk, who: str, right: bool, when: datetime, quiz: str = "q") -> None:
    desk.run(lambda uow: uow.people.record_quiz(who, "m", quiz, "o", right, when))
    desk.run(lambda uow: uow.study.answered(who, "m", quiz, right=right, now=when))


def intend(desk: Desk, who: str, option: str = "ropa", due: datetime = NOW) -> Intention:
    intention = Intention(who, "m", option, due, due + 14 * A_DAY)
    desk.run(lambda uow: uow.study.intend(intention))
    return intention


def test_a_rhythm_comes_back_as_it_was_set_and_can_be_stopped(desk: Desk) -> None:
    who = come(desk)
    weekly = Rhythm(Every.WEEK, time(6, 30), ChannelName.CALL, weekday=3)
    for rhythm in (DAILY, weekly):
        desk.run(lambda uow, rhythm=rhythm: uow.study.set_rhythm(who, rhythm, NOW))
        assert desk.run(lambda uow: uow.study.rhythm(who)) == rhythm
    [turn] = desk.run(lambda uow: uow.study.turns(NOW))
    assert (turn.person_id, turn.rhythm, turn.sent_at, turn.unheard) == (who, weekly, None, 0)
    desk.run(lambda uow: uow.study.turned(turn, NOW + A_DAY, NOW, 1))
    assert desk.run(lambda uow: uow.study.turns(NOW)) == []
    assert desk.run(lambda uow: uow.study.turns(NOW + A_DAY))[0].unheard == 1
    desk.run(lambda uow: uow.study.stop_rhythm(who))
    assert desk.run(lambda uow: uow.study.rhythm(who)) is None


def test_what_she_set_out_to_do_is_sealed_and_forgotten_as_soon_as_she_is_asked(desk: Desk) -> None:
    who = come(desk)
    intention = intend(desk, who)
    assert "ropa" not in str(desk.rows("SELECT * FROM practice"))
    assert desk.run(lambda uow: uow.study.intentions(NOW - A_DAY)) == []
    assert desk.run(lambda uow: uow.study.intentions(NOW)) == [intention]
    assert not desk.run(lambda uow: uow.study.is_asked(who, "m"))
    desk.run(lambda uow: uow.study.asked(intention, NOW))
    assert desk.rows("SELECT sealed, due_at FROM practice") == [(None, None)]
    assert desk.run(lambda uow: uow.study.is_asked(who, "m"))


def test_what_became_of_it_is_counted_once_and_leads_to_nobody(desk: Desk) -> None:
    who = come(desk)
    intention = intend(desk, who)
    desk.run(lambda uow: uow.study.managed(who, "m", Managed.MANAGED))
    desk.run(lambda uow: uow.study.asked(intention, NOW))
    for how in (Managed.SOMETIMES, Managed.MANAGED):
        desk.run(lambda uow, how=how: uow.study.managed(who, "m", how))
    assert desk.run(lambda uow: dict(uow.study.practised()["m"])) == {"chosen:ropa": 1, "sometimes": 1}
    assert desk.rows("SELECT count(*) FROM practice") == [(0,)]


def test_baja_forgets_both_and_erasing_everything(desk: Desk) -> None:
    who = come(desk)
    intend(desk, who)
    desk.run(lambda uow: uow.study.set_rhythm(who, DAILY, NOW))
    answer(desk, who, False, NOW)
    desk.run(lambda uow: uow.study.leave(who))
    counted = "SELECT (SELECT count(*) FROM practice), (SELECT count(*) FROM rhythm), (SELECT count(*) FROM review)"
    assert desk.rows(counted) == [(0, 0, 1)]
    intend(desk, who)
    desk.run(lambda uow: uow.study.set_rhythm(who, DAILY, NOW))
    desk.run(lambda uow: uow.people.erase(who))
    assert desk.rows(counted) == [(0, 0, 0)]


def test_a_missed_question_waits_longer_each_time_it_is_known(desk: Desk) -> None:
    who, now = come(desk), NOW
    answer(desk, who, True, now)
    assert desk.run(lambda uow: uow.study.reviews(who)) == []
    answer(desk, who, False, now)
    answer(desk, who, True, now + timedelta(minutes=1))
    for box, wait in enumerate(WAITS):
        assert desk.run(lambda uow, now=now: uow.study.reviews(who, now)) == []
        now += wait
        [review] = desk.run(lambda uow, now=now: uow.study.reviews(who, now))
        assert review.box == box
        answer(desk, who, True, now)
    assert desk.run(lambda uow: uow.study.reviews(who)) == []


def test_missed_again_it_begins_anew(desk: Desk) -> None:
    who = come(desk)
    answer(desk, who, False, NOW)
    answer(desk, who, True, NOW + A_DAY)
    answer(desk, who, False, NOW + 4 * A_DAY)
    [review] = desk.run(lambda uow: uow.study.reviews(who, NOW + 5 * A_DAY))
    assert review.box == 0


def test_of_the_answers_to_a_question_the_first_and_the_last_are_kept(desk: Desk) -> None:
    who = come(desk)
    for day, right in enumerate((False, False, True)):
        answer(desk, who, right, NOW + day * A_DAY)
    kept = desk.rows('SELECT attempt, "right" FROM quiz_answer ORDER BY attempt')
    assert [(attempt, bool(right)) for attempt, right in kept] == [(1, False), (2, True)]
    [quiz] = desk.run(lambda uow: uow.figures.quizzes())
    assert (quiz.people, quiz.missed, quiz.again, quiz.missed_before, quiz.missed_again) == (1, 1, 1, 1, 0)


def test_who_answered_once_is_not_among_those_who_answered_again(desk: Desk) -> None:
    for number, answers in enumerate([(False,), (True, False), (False, True), (False, False)]):
        who = come(desk, Address(ChannelName.SMS, f"+57300999000{number}"))
        for day, right in enumerate(answers):
            answer(desk, who, right, NOW + day * A_DAY)
    [quiz] = desk.run(lambda uow: uow.figures.quizzes())
    assert (quiz.people, quiz.missed, quiz.again, quiz.missed_before, quiz.missed_again) == (4, 3, 3, 2, 2)


def test_a_message_that_reached_her_is_where_she_stands_once(desk: Desk) -> None:
    who = come(desk)
    sent = message("lesson", purpose=Purpose.CHOSEN)
    desk.run(lambda uow: uow.outbox.add([sent], who))
    place = Place(PlaceKind.LESSON, ("m1", "humo", "s1", "sent"))
    desk.run(lambda uow: uow.study.prompted(who, place, sent.id))

    def standing() -> Place | None:
        return desk.run(lambda uow: uow.study.waiting_for(uow.people.meet(PHONE, NOW)[0].id))

    assert standing() is None, "it has not left yet"
    desk.run(lambda uow: uow.outbox.claim(NOW, ids=[sent.id]))
    desk.run(lambda uow: uow.outbox.settle(sent.id, MessageState.SENT, NOW))
    assert standing() == place
    assert standing() is None


def test_a_poll_that_asked_later_comes_first(desk: Desk) -> None:
    who = come(desk)
    for name, when in (("lesson", NOW), ("poll", NOW + A_DAY)):
        sent = message(name)
        desk.run(lambda uow, sent=sent: uow.outbox.add([sent], who))
        desk.run(lambda uow, sent=sent, when=when: uow.outbox.claim(when, ids=[sent.id]))
        desk.run(lambda uow, sent=sent, when=when: uow.outbox.settle(sent.id, MessageState.SENT, when))
    desk.run(lambda uow: uow.polls.put_round(PollRound("round", "Q01_v1", NOW, NOW + 7 * A_DAY)))
    desk.run(lambda uow: uow.polls.invite("round", [who], NOW))
    desk.rows(f"UPDATE poll_invited SET message_id = 'mpoll' WHERE person_id = '{who}' RETURNING round_id")
    desk.run(lambda uow: uow.study.prompted(who, later_place("m1"), "mlesson"))
    assert desk.run(lambda uow: uow.study.waiting_for(who)) is None


def test_what_failed_asks_nothing(desk: Desk) -> None:
    who = come(desk)
    sent = message("lesson")
    desk.run(lambda uow: uow.outbox.add([sent], who))
    desk.run(lambda uow: uow.outbox.claim(NOW, ids=[sent.id]))
    desk.run(lambda uow: uow.outbox.settle(sent.id, MessageState.FAILED, NOW))
    desk.run(lambda uow: uow.study.prompted(who, later_place("m1"), sent.id))
    assert desk.run(lambda uow: uow.study.waiting_for(who)) is None
    assert desk.rows("SELECT prompt_id FROM person") == [(None,)]


def test_retention_forgets_who_did_not_answer(desk: Desk) -> None:
    who = come(desk)
    intention = intend(desk, who)
    desk.run(lambda uow: uow.study.asked(intention, NOW))
    sweep(desk.store, desk.keys, NOW + 29 * A_DAY)
    assert desk.rows("SELECT count(*) FROM practice") == [(1,)]
    sweep(desk.store, desk.keys, NOW + 31 * A_DAY)
    assert desk.rows("SELECT count(*) FROM practice") == [(0,)]
    intend(desk, who)
    sweep(desk.store, desk.keys, NOW + 31 * A_DAY)
    assert desk.rows("SELECT count(*) FROM practice") == [(0,)], "what could not be asked for as long"


def test_two_who_become_one_keep_what_either_had(desk: Desk) -> None:
    keep, gone = come(desk), come(desk, TELEGRAM)
    for who, right, when in ((gone, False, NOW), (keep, False, NOW + A_DAY), (gone, True, NOW + 2 * A_DAY)):
        answer(desk, who, right, when)
    answer(desk, gone, False, NOW, "other")
    intend(desk, gone)
    desk.run(lambda uow: uow.study.set_rhythm(gone, DAILY, NOW))
    desk.run(lambda uow: merge(uow.people._tx, gone, keep))
    kept = desk.rows('SELECT quiz_id, attempt, "right" FROM quiz_answer ORDER BY quiz_id, attempt')
    assert [(quiz, attempt, bool(right)) for quiz, attempt, right in kept] == [
        ("other", 1, False), ("q", 1, False), ("q", 2, True),
    ]  # fmt: skip
    assert desk.run(lambda uow: uow.study.rhythm(keep)) == DAILY
    assert len(desk.run(lambda uow: uow.study.reviews(keep))) == 2
    assert len(desk.run(lambda uow: uow.study.intentions(NOW))) == 1


def test_what_is_kept_of_her_she_may_have(desk: Desk) -> None:
    who = come(desk)
    intend(desk, who)
    desk.run(lambda uow: uow.study.set_rhythm(who, DAILY, NOW))
    answer(desk, who, False, NOW)
    kept = desk.run(lambda uow: uow.personal_data.of(who))
    assert kept is not None
    assert kept["practice"][0]["content"].split()[0] == "ropa"
    assert kept["rhythm"][0]["minute"] == 19 * 60
    assert kept["review"][0]["quiz_id"] == "q"


def test_answers_of_before_are_numbered_both_ways(empty_database_url: str) -> None:
    schema.upgrade(empty_database_url)
    schema.downgrade(empty_database_url, "0020")
    engine = make_engine(read_url(empty_database_url))
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO person (id, created_at, language, slow, state_sealed)"
            " VALUES ('p', '2026-11-01 10:00:00', 'es', false, 'x')"
        )
        for quiz, right in (("a", "false"), ("a", "false"), ("b", "true"), ("a", "true")):
            connection.exec_driver_sql(
                'INSERT INTO quiz_answer (person_id, module_id, quiz_id, option_id, "right", answered_at)'
                f" VALUES ('p', 'm', '{quiz}', 'o', {right}, '2026-11-02 10:00:00')"
            )
    schema.upgrade(empty_database_url)
    with engine.connect() as connection:
        kept = connection.exec_driver_sql('SELECT quiz_id, attempt, "right" FROM quiz_answer ORDER BY quiz_id, attempt').all()
    assert [(quiz, attempt, bool(right)) for quiz, attempt, right in kept] == [
        ("a", 1, False), ("a", 2, True), ("b", 1, True),
    ]  # fmt: skip
    schema.downgrade(empty_database_url, "0020")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM quiz_answer").scalar() == 3
    engine.dispose()
