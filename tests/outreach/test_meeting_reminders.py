"""Reminders of meetings: when, and to whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from standins.meeting_field import BOGOTA, SATURDAY, Field

from bot.domain.meeting import Rsvp
from bot.domain.meeting_notice import later


def test_reminders_come_seven_and_two_days_before_and_that_morning_and_not_to_who_declined(field: Field) -> None:
    field.enrol(1)
    declined = field.enrol(2)
    meeting_id = field.announce()
    assert len(field.sent()) == 2
    field.rsvp(meeting_id, declined, Rsvp.NO)
    assert field.walk(13) == [
        ("28 09h", "meeting.reminder"),
        ("03 09h", "meeting.reminder"),
        ("05 07h", "meeting.reminder_today"),
        ("05 14h", "meeting.came"),
    ]


def test_a_meeting_at_dawn_is_remembered_the_evening_before(field: Field) -> None:
    field.enrol(1)
    field.announce(starts_at=datetime(2026, 12, 5, 6, 0, tzinfo=BOGOTA).astimezone(UTC))
    field.sent()
    assert field.walk(13)[-2:] == [("04 18h", "meeting.reminder"), ("05 11h", "meeting.came")]


def test_who_comes_later_or_asks_is_reminded_and_told_of_changes(field: Field) -> None:
    meeting_id = field.announce()
    meeting = field.run(lambda uow: uow.meetings.get(meeting_id))
    now = field.clock.now()
    newcomer, asked = field.enrol(1), field.enrol(2)
    for person_id, told_at in ((newcomer, None), (asked, now)):
        field.run(lambda uow, p=person_id, t=told_at: uow.meeting_notices.join(meeting_id, p, later(meeting, now), t))
    field.change(meeting_id, place="Casa comunal", landmark="")
    told = {field.person_at(message): message.reply.id for message in field.sent()}
    assert told == {newcomer: "meeting.announced", asked: "meeting.changed_place"}
    assert field.walk(13).count(("03 09h", "meeting.reminder")) == 2


def test_joining_twice_changes_nothing(field: Field) -> None:
    hers = field.enrol(1)
    meeting_id = field.announce()
    field.sent()
    meeting, now = field.run(lambda uow: uow.meetings.get(meeting_id)), field.clock.now()
    for _ in range(2):
        field.run(lambda uow: uow.meeting_notices.join(meeting_id, hers, later(meeting, now), now))
    assert [reply for _, reply in field.walk(13)] == [
        *["meeting.reminder"] * 2,
        "meeting.reminder_today",
        "meeting.came",
    ]


def test_who_comes_is_reminded_however_full_her_week_is(field: Field) -> None:
    comes, silent = field.enrol(1), field.enrol(2)
    meeting_id = field.announce()
    field.sent()
    field.rsvp(meeting_id, comes, Rsvp.YES)
    for number in range(2):
        field.announce(starts_at=SATURDAY + timedelta(days=60 + number))
    field.sent()
    field.at(2026, 11, 28, 8, 30)
    reminded = [field.person_at(message) for message in field.at(2026, 11, 28, 9, 0)]
    assert reminded == [comes]
    later = {field.person_at(message) for message in field.at(2026, 12, 3, 9, 0)}
    assert later == {comes, silent}, "what found no room is not told late: the next reminder says the same"
    assert {field.person_at(message) for message in field.at(2026, 12, 5, 7, 0)} == {comes, silent}
