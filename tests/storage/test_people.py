from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from threading import Event

import pytest

from bot.domain.community import Community
from bot.domain.conversation import State
from bot.domain.errors import StorageError
from bot.domain.learning import LessonRecord
from bot.domain.meeting import Rsvp
from bot.domain.message import Address, ChannelName, MessageState
from bot.domain.person import Consent, Country, Mode, Person
from bot.domain.poll import PollRound
from bot.storage.tables import METADATA
from bot.storage.unit_of_work import SqlUnitOfWork
from tests.storage.conftest import NOW, PHONE, TELEGRAM, WHATSAPP, Desk, meeting, message

CONSENT = Consent("consent-1", NOW, "sms", "SM-consent", "lessons, polls and meetings")


def _meet(desk: Desk, address: Address = PHONE) -> Person:
    return desk.run(lambda uow: uow.people.meet(address, NOW))[0]


def test_first_contact_makes_a_person_at_the_welcome(desk: Desk) -> None:
    person, state = desk.run(lambda uow: uow.people.meet(PHONE, NOW))
    assert person == Person(id=person.id, created_at=NOW)
    assert state == State()
    assert desk.run(lambda uow: uow.people.meet(PHONE, NOW + timedelta(days=1))) == (person, state)


def test_one_number_is_one_person_on_sms_whatsapp_and_calls_but_not_on_telegram(desk: Desk) -> None:
    person = _meet(desk)
    assert _meet(desk, WHATSAPP) == person
    assert _meet(desk, Address(ChannelName.CALL, PHONE.value)) == person
    assert _meet(desk, TELEGRAM) != person
    assert _meet(desk, replace(PHONE, simulated=True)) != person


def test_profile_state_and_times_come_back_as_they_were(desk: Desk, place: Community) -> None:
    bogota = timezone(timedelta(hours=-5))
    person = replace(
        _meet(desk),
        country=Country.PE,
        mode=Mode.LISTEN,
        adult=True,
        community_id=place.id,
        language="qu",
        slow=True,
        last_seen_at=datetime(2026, 11, 23, 10, 30, 1, 250, tzinfo=bogota),
        pictures=False,
    )
    state = State("lesson:m1/humo/s2", bookmark="menu", candidates=("ask_ppe", "ask_retort"), misses=1)
    desk.run(lambda uow: uow.people.save(person, state))
    again, there = desk.run(lambda uow: uow.people.meet(PHONE, NOW))
    assert (again, there) == (person, state)
    assert again.last_seen_at is not None
    assert again.last_seen_at.tzinfo is UTC


def test_a_naive_time_is_refused(desk: Desk) -> None:
    person = _meet(desk)
    with pytest.raises(StorageError):
        desk.run(lambda uow: uow.people.save(replace(person, last_seen_at=NOW.replace(tzinfo=None)), State()))


def test_the_latest_consent_counts_and_the_earlier_proof_stays(desk: Desk) -> None:
    person = _meet(desk)
    revoked = replace(CONSENT, revoked_at=NOW + timedelta(days=2))
    desk.run(lambda uow: uow.people.record_consent(person.id, CONSENT))
    assert _meet(desk).consent == CONSENT
    desk.run(lambda uow: uow.people.record_consent(person.id, revoked))
    assert _meet(desk).consent == revoked
    assert desk.rows("SELECT count(*) FROM consent") == [(2,)]


def test_opting_out_holds_for_one_address_and_can_be_lifted(desk: Desk) -> None:
    _meet(desk)
    desk.run(lambda uow: uow.people.set_opted_out(PHONE, NOW))
    assert desk.run(lambda uow: (uow.people.opted_out(PHONE), uow.people.opted_out(WHATSAPP))) == (True, False)
    assert desk.run(lambda uow: (uow.people.meet(PHONE, NOW), uow.people.opted_out(PHONE))[1])
    desk.run(lambda uow: uow.people.set_opted_out(PHONE, None))
    assert not desk.run(lambda uow: uow.people.opted_out(PHONE))


def test_an_unknown_address_can_be_opted_out_before_it_ever_writes(desk: Desk) -> None:
    desk.run(lambda uow: uow.people.set_opted_out(PHONE, NOW))
    _meet(desk)
    assert desk.run(lambda uow: uow.people.opted_out(PHONE))


def test_the_whatsapp_window_is_kept_per_address(desk: Desk) -> None:
    _meet(desk)
    assert desk.run(lambda uow: uow.people.last_inbound(WHATSAPP)) is None
    for minutes in (0, 5):
        desk.run(lambda uow, m=minutes: uow.people.meet(WHATSAPP, NOW + timedelta(minutes=m)))
    assert desk.run(lambda uow: uow.people.last_inbound(WHATSAPP)) == NOW + timedelta(minutes=5)


def test_progress_comes_newest_last_and_a_finish_is_never_taken_back(desk: Desk) -> None:
    person = _meet(desk)
    finished = LessonRecord("m1", "humo", "s4", NOW)

    def learn(uow: SqlUnitOfWork) -> None:
        uow.people.record_lesson(person.id, finished)
        uow.people.record_lesson(person.id, LessonRecord("m1", "retorta", "s1"))
        uow.people.record_lesson(person.id, LessonRecord("m1", "humo", "s1", NOW + timedelta(days=1)))

    desk.run(learn)
    progress = desk.run(lambda uow: uow.people.progress(person.id))
    assert progress.lessons == (LessonRecord("m1", "retorta", "s1"), replace(finished, step_id="s1"))


def test_asking_for_help_twice_keeps_the_first_place(desk: Desk) -> None:
    person = _meet(desk)
    for hours in (0, 1):
        desk.run(lambda uow, h=hours: uow.people.ask_for_help(person.id, NOW + timedelta(hours=h)))
    [(asked_at,)] = desk.rows("SELECT asked_at FROM help_request")
    assert str(asked_at).startswith("2026-11-23 15:00:00")


def test_two_messages_of_one_person_at_once_are_served_one_after_the_other(desk: Desk) -> None:
    first_has_met, second_may_finish = Event(), Event()

    def count(uow: SqlUnitOfWork, waits: bool) -> int:
        person, state = uow.people.meet(PHONE, NOW)
        if waits:
            first_has_met.set()
            second_may_finish.wait(0.3)  # gives the other one time to read the old state, if it could
        uow.people.save(person, replace(state, misses=state.misses + 1))
        return state.misses

    first: Future[int] = desk.store.submit(lambda uow: count(uow, waits=True))
    assert first_has_met.wait(10)
    others = [desk.store.submit(lambda uow: count(uow, waits=False)) for _ in range(9)]
    assert sorted(f.result(timeout=30) for f in [first, *others]) == list(range(10))


def test_two_first_contacts_at_once_make_one_person(desk: Desk) -> None:
    met = [desk.store.submit(lambda uow: uow.people.meet(PHONE, NOW)[0].id) for _ in range(8)]
    assert len({future.result(timeout=30) for future in met}) == 1


def _live(desk: Desk, person: Person) -> None:
    """Leave a trace in every table."""

    def work(uow: SqlUnitOfWork) -> None:
        uow.people.record_consent(person.id, CONSENT)
        uow.people.record_lesson(person.id, LessonRecord("m1", "humo", "s1"))
        uow.people.record_quiz(person.id, "m1", "q1", "a", right=True, when=NOW)
        uow.people.ask_for_help(person.id, NOW)
        uow.people.meet(WHATSAPP, NOW)
        uow.polls.put_round(PollRound("round", "Q01_v1", NOW, NOW + timedelta(days=7)))
        uow.polls.answer("round", person.id, ["little"], NOW)
        uow.meetings.put(meeting())
        uow.meetings.rsvp("reunion", person.id, Rsvp.YES, NOW)
        uow.outbox.add([message(1), message(2)], person.id)
        uow.outbox.claim(NOW, ids=["m1"])
        uow.outbox.part_sent("m1", "SM1", 1)
        uow.outbox.settle("m1", MessageState.SENT, NOW)

    desk.run(work)


def test_erasing_leaves_nothing_of_a_person(desk: Desk, place: Community) -> None:
    person = _meet(desk)
    _live(desk, person)
    desk.run(lambda uow: uow.people.erase(person.id))
    left = {table: desk.rows(f"SELECT count(*) FROM {table}")[0][0] for table in METADATA.tables}
    kept = {"lookup_key": 1, "community": 1, "committee": 2, "meeting": 1, "poll_round": 1}
    assert {table: number for table, number in left.items() if number} == kept
    assert _meet(desk).id != person.id


def test_erasing_one_person_leaves_the_others_alone(desk: Desk, place: Community) -> None:
    other = _meet(desk, TELEGRAM)
    _live(desk, _meet(desk))
    desk.run(
        lambda uow: (uow.polls.answer("round", other.id, ["much"], NOW), uow.meetings.rsvp("reunion", other.id, Rsvp.YES, NOW))
    )
    desk.run(lambda uow: uow.people.erase(_meet_id(uow)))
    assert _meet(desk, TELEGRAM) == other
    assert desk.run(lambda uow: uow.polls.counts("round")) == {"much": 1}
    assert desk.run(lambda uow: uow.meetings.coming("reunion")) == 1


def _meet_id(uow: SqlUnitOfWork) -> str:
    return uow.people.meet(PHONE, NOW)[0].id


def test_an_opt_out_outlives_its_person_as_a_bare_hash(desk: Desk) -> None:
    person = _meet(desk)
    desk.run(lambda uow: uow.people.set_opted_out(PHONE, NOW))
    desk.run(lambda uow: uow.people.erase(person.id))
    assert desk.rows("SELECT line_id, value_sealed, last_inbound_at FROM address") == [(None, None, None)]
    assert desk.run(lambda uow: uow.people.opted_out(PHONE))
    assert _meet(desk).id != person.id
    assert desk.run(lambda uow: uow.people.opted_out(PHONE))


@pytest.mark.parametrize("goodbye_first", [True, False])
def test_an_ephemeral_goodbye_still_leaves_after_erasing(desk: Desk, goodbye_first: bool) -> None:
    person = _meet(desk)

    def work(uow: SqlUnitOfWork) -> None:
        uow.outbox.add([message("before")], person.id)
        if goodbye_first:
            uow.outbox.add([message("bye", ephemeral=True)], person.id)
        uow.people.erase(person.id)
        if not goodbye_first:
            uow.outbox.add([message("bye", ephemeral=True)], person.id)
        uow.people.save(person, State("opted_out"))

    desk.run(work)
    [claimed] = desk.run(lambda uow: uow.outbox.claim(NOW))
    assert (claimed.id, claimed.to) == ("mbye", PHONE)
    assert desk.rows("SELECT count(*) FROM message WHERE person_id IS NOT NULL") == [(0,)]
