"""How often and when people get something unasked: planned, and looked at once more before it leaves; on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from delivery.test_sender import ALBA, NORA, START, OneClip, Silence, Vendor, clock, store, vendor  # noqa: F401 - fixtures

from bot.delivery.announcing import Announcements
from bot.delivery.call_times import CallHours
from bot.delivery.gate import Gate
from bot.delivery.phones import SimulatedPhones
from bot.delivery.sender import Sender
from bot.delivery.window import ReplyWindow
from bot.domain.errors import PassingSendError, PermanentSendError
from bot.domain.message import Address, ChannelName, MessageState, OutboundMessage, Purpose, Reply
from bot.domain.person import Country
from bot.domain.unasked import WEEK, Admission, free_from

SMS = Address(ChannelName.SMS, "+573001234567")
WHATSAPP = Address(ChannelName.WHATSAPP, "+573001234567")
EVENING = START + timedelta(hours=11)  # 9 o'clock there
A_DAY = timedelta(days=1)


class Office:
    """One person, Nora, reached in several ways, and what is said to her."""

    def __init__(self, store, vendor, clock):  # noqa: F811 - the fixtures above
        self.store, self.vendor, self.clock = store, vendor, clock
        self.notebook = Silence()
        self.nora = self.run(lambda uow: uow.people.meet(SMS, START)[0])
        self.nora = replace(self.nora, country=Country.CO)
        window = ReplyWindow(Reply("invitation", "Conteste"), self.notebook)
        gate = Gate(self.notebook, CallHours())
        phones, url = SimulatedPhones(), "https://x/clip"
        self.sender = Sender(store, lambda _: vendor, OneClip(), lambda _: url, clock, self.notebook, phones, window, gate=gate)
        self.announcements = Announcements(self.notebook)

    def run(self, work):
        return self.store.submit(work).result(timeout=30)

    def add(self, name, to=SMS, purpose=Purpose.SERVICE, **facts):
        """A row, as a feature that does not plan would write it."""
        message = OutboundMessage(name, to, Reply("r", name), self.clock.now(), purpose=purpose, **facts)
        self.run(lambda uow: uow.outbox.add([message], self.nora.id))
        return name

    def put(self, name, to=SMS, purpose=Purpose.SERVICE, **facts):
        now = self.clock.now()
        message = OutboundMessage(name, to, Reply("r", name), now, purpose=purpose, **facts)
        return self.run(lambda uow: self.announcements.put(uow, message, self.nora, now))

    def later(self, **time):
        self.clock.move(timedelta(**time))
        self.sender.sweep()

    def rows(self):
        query = "SELECT id, state, error_code FROM message ORDER BY seq"
        found = self.run(lambda uow: uow.people._tx.connection.exec_driver_sql(query).all())
        return {row[0]: (row[1], row[2]) for row in found}


@pytest.fixture
def office(store, vendor, clock):  # noqa: F811
    return Office(store, vendor, clock)


def test_a_fourth_announcement_within_a_week_is_not_sent_but_counted(office):
    for number in range(4):
        office.add(f"a{number}")
        office.later(days=1)
    assert office.vendor.sent == ["a0", "a1", "a2"]
    assert office.rows()["a3"] == ("cancelled", "week_full")
    assert office.run(lambda uow: uow.unasked.refused(START - A_DAY)) == {"week_full": 1}
    assert ("message_cancelled", {"channel": "sms", "reason": "week_full"}) in office.notebook.events
    office.later(days=4, seconds=1)
    office.add("a4")
    office.later(seconds=1)
    assert office.vendor.sent == ["a0", "a1", "a2", "a4"], "a week after the first there is room again"


def test_it_counts_persons_and_not_their_addresses(office):
    office.run(lambda uow: uow.people.meet(WHATSAPP, START))
    for name, to in (("sms", SMS), ("chat", NORA), ("whatsapp", replace(WHATSAPP, simulated=True)), ("once more", NORA)):
        office.add(name, to)
        office.later(seconds=1)
    assert office.rows()["once more"] == ("cancelled", "week_full")
    other = OutboundMessage("hers", ALBA, Reply("r", "hers"), office.clock.now(), purpose=Purpose.SERVICE)
    alba = office.run(lambda uow: uow.people.meet(ALBA, START)[0])
    office.run(lambda uow: uow.outbox.add([other], alba.id))
    office.later(seconds=1)
    assert office.rows()["hers"] == ("sent", "")


def test_all_of_one_announcement_counts_once_however_often_it_takes(office):
    office.vendor.failures = [PermanentSendError("gone")]
    for number in range(3):
        office.add(f"tried{number}", (SMS, NORA, SMS)[number], announcement="meeting")
        office.later(seconds=1)
    for number in range(3):
        office.add(f"other{number}")
        office.later(seconds=1)
    assert [state for state, _ in office.rows().values()] == ["failed", "sent", "sent", "sent", "sent", "cancelled"]


def test_what_did_not_arrive_does_not_count_and_a_retry_counts_once(office):
    office.vendor.failures = [PermanentSendError("gone"), PassingSendError("busy")]
    for number in range(4):
        office.add(f"a{number}")
        office.later(minutes=1)
    assert office.vendor.sent == ["a1", "a2", "a3"]


@pytest.mark.parametrize("purpose", [Purpose.REPLY, Purpose.DANGER, Purpose.CHOSEN, Purpose.URGENT])
def test_answers_what_she_asked_for_and_urgent_changes_do_not_count(office, purpose):
    for number in range(3):
        office.add(f"a{number}")
    office.later(seconds=1)
    for number in range(3):
        office.add(f"b{number}", purpose=purpose)
    office.later(seconds=1)
    assert len(office.vendor.sent) == 6
    assert office.run(lambda uow: len(uow.unasked.taken(office.nora.id, START - WEEK))) == 3


def test_no_statement_is_spent_on_a_reply(office):
    class Nothing:
        def __getattr__(self, name):
            raise AssertionError(name)

    gate = Gate(office.notebook)
    for purpose in (Purpose.REPLY, Purpose.DANGER):
        message = OutboundMessage("r", SMS, Reply("r", "Hola"), START, purpose=purpose)
        assert gate.lets_through(Nothing(), [message], EVENING) == [message]


def test_at_the_last_step_a_text_waits_for_the_morning(office):
    office.clock.move(EVENING - START)
    office.add("news")
    office.sender.sweep()
    answer = office.add("answer", purpose=Purpose.REPLY)
    office.sender.send([answer])
    assert office.vendor.sent == ["answer"]
    office.later(hours=9, minutes=59)
    assert office.vendor.sent == ["answer"]
    office.later(minutes=1)
    assert office.vendor.sent == ["answer", "news"]


def test_what_would_be_too_late_by_then_is_not_sent_but_counted(office):
    office.clock.move(EVENING - START)
    office.add("news", expires_at=EVENING + timedelta(hours=10))
    office.sender.sweep()
    assert office.rows()["news"] == ("expired", "out_of_hours")
    planned = office.put("planned", expires_at=EVENING + timedelta(hours=10))
    assert planned.state is MessageState.EXPIRED
    assert office.rows()["planned"] == ("expired", "out_of_hours")
    office.later(hours=12)
    assert office.vendor.sent == []


def test_what_waited_too_long_while_nothing_ran_still_keeps_to_the_hours(office):
    office.put("news", not_before=START + timedelta(hours=1))
    office.later(hours=12)
    assert office.vendor.sent == []
    office.later(hours=9)
    assert office.vendor.sent == ["news"]


def test_planning_counts_what_is_planned_already(office):
    planned = [office.put(f"a{number}", not_before=START + A_DAY * number) for number in range(4)]
    assert [one.state for one in planned] == [*[MessageState.QUEUED] * 3, MessageState.CANCELLED]
    assert office.rows()["a3"] == ("cancelled", "week_full")


def test_the_patient_wait_until_there_is_room(office):
    for number in range(3):
        office.put(f"a{number}", not_before=START + A_DAY * number)
    waits = office.put("patient", patient=True)
    assert waits.not_before == START + WEEK
    late = office.put("late", patient=True, expires_at=START + WEEK)
    assert (late.state, office.rows()["late"]) == (MessageState.EXPIRED, ("expired", "week_full"))
    for _ in range(7):
        office.later(days=1)
    assert office.vendor.sent == ["a0", "a1", "a2"], "the first left a day late: it waits on"
    office.later(days=1)
    assert office.vendor.sent == ["a0", "a1", "a2", "patient"]


def test_where_nothing_is_wanted_unasked_nothing_leaves(office):
    never = Announcements(office.notebook, most=0)
    message = OutboundMessage("n", SMS, Reply("r", "n"), START, purpose=Purpose.SERVICE, patient=True)
    put = office.run(lambda uow: never.put(uow, message, office.nora, START))
    assert put.state is MessageState.CANCELLED


def test_an_invitation_counts_instead_of_what_it_invites_to(office):
    for number in range(3):
        office.add(f"held{number}", WHATSAPP)
        office.later(seconds=1)
        office.later(seconds=1)
    assert office.vendor.sent == ["Conteste"], "one a week; what waits has not reached her"
    taken = office.run(lambda uow: uow.unasked.admit(["held0"], START, 1)["held0"])
    assert taken is Admission.LET, "the invitation and what it stands for are one"
    for number in range(2):
        office.add(f"sms{number}")
    office.later(seconds=1)
    assert [state for state, _ in list(office.rows().values())[-2:]] == ["sent", "sent"]


def test_what_she_wrote_for_comes_at_any_hour_and_counts_no_more(office):
    office.add("held", WHATSAPP)
    for _ in range(2):
        office.later(seconds=1)
    office.clock.move(EVENING - office.clock.now())
    office.run(lambda uow: uow.people.meet(WHATSAPP, EVENING))
    released = office.run(lambda uow: uow.outbox.held([WHATSAPP]))
    office.run(lambda uow: uow.outbox.release(released, EVENING))
    office.sender.send(list(released))
    assert "held" in office.vendor.sent


def test_two_at_once_do_not_both_take_the_last_place(office):
    for number in range(2):
        office.add(f"a{number}")
    office.later(seconds=1)
    channels = (SMS, NORA)
    names = [office.add(f"b{number}", channels[number % 2]) for number in range(8)]

    def try_it(name):
        while True:
            found = office.run(lambda uow: uow.unasked.admit([name], START, 3)[name])
            if found is not Admission.BUSY:
                return found

    with ThreadPoolExecutor(4) as hands:
        found = list(hands.map(try_it, names))
    assert found.count(Admission.LET) == 1


def test_the_next_free_moment_is_a_week_after_what_makes_room():
    days = [START + A_DAY * n for n in range(5)]
    now = days[-1] + timedelta(hours=1)
    assert free_from([], now, 3) == now
    assert free_from(days[:2], now, 3) == now
    assert free_from(days, now, 3) == days[2] + WEEK
    assert free_from([START - WEEK], START, 1) == START
    assert free_from([], now, 0) is None
