"""Changes, cancellations and what is held back: nobody is told what does not hold any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from standins.meeting_field import DRAFT, SATURDAY, Field

from bot.domain.meeting import Rsvp, needs_second_person
from bot.domain.meeting_notice import Kind
from bot.domain.message import ChannelName, Purpose


def test_a_change_goes_at_once_names_old_and_new_and_is_repeated_by_other_ways_until_confirmed(field: Field) -> None:
    hers = field.enrol(1, "taraza", ChannelName.WHATSAPP, ChannelName.SMS)
    meeting_id = field.announce()
    field.sent()
    field.change(meeting_id, place="Casa comunal", landmark="")
    (first,) = field.sent()
    assert first.reply.text.startswith("CAMBIO")
    assert "Ya no es en Escuela El Hato. Lugar: Casa comunal." in first.reply.text
    assert [choice.label for choice in first.reply.choices] == ["Ya supe"]
    assert first.purpose is Purpose.URGENT
    assert first.reply.template == ""
    told = [first.to.channel]
    for _ in range(6):
        field.clock.move(timedelta(hours=1))
        told += [message.to.channel for message in field.sent()]
    assert told == [ChannelName.WHATSAPP, ChannelName.SMS, ChannelName.CALL]
    missing = field.run(lambda uow: field.office.missing(uow, meeting_id))
    assert (missing.first_names, missing.unnamed) == ((), 1)
    assert field.run(lambda uow: uow.meeting_notices.answered(meeting_id, hers, Kind.NEWS, field.clock.now()))
    assert field.run(lambda uow: field.office.missing(uow, meeting_id)).people == 0


def test_outside_whatsapps_window_a_change_is_an_approved_text_unless_the_place_is_kept(field: Field) -> None:
    field.enrol(1)
    meeting_id = field.announce()
    field.sent()
    field.clock.move(timedelta(days=2))
    field.change(meeting_id, place="Casa comunal", landmark="")
    (news,) = field.sent()
    approved = (("cuando", "sábado 5 de diciembre, 9 de la mañana"), ("lugar", "Casa comunal"))
    assert (news.reply.template, news.reply.variables) == ("reunion_cambia", approved)
    field.change(meeting_id, place="Casa comunal", landmark="", place_told=False)
    assert [message.reply.template for message in field.sent()] == [""]
    field.run(lambda uow: field.office.cancel(uow, meeting_id))
    assert [message.reply.template for message in field.sent()] == ["reunion_cancelada"]


def test_who_confirms_is_not_told_again(field: Field) -> None:
    hers = field.enrol(1, "taraza", ChannelName.WHATSAPP, ChannelName.SMS)
    meeting_id = field.announce()
    field.sent()
    field.run(lambda uow: field.office.cancel(uow, meeting_id))
    (told,) = field.sent()
    assert told.reply.text.startswith("CANCELADA")
    field.run(lambda uow: uow.meeting_notices.answered(meeting_id, hers, Kind.NEWS, field.clock.now()))
    assert field.walk(14) == []


def test_another_day_forgets_who_said_that_they_come(field: Field) -> None:
    hers = field.enrol(1)
    meeting_id = field.announce()
    field.sent()
    field.rsvp(meeting_id, hers, Rsvp.YES)
    field.change(meeting_id, place="Casa comunal")
    assert field.run(lambda uow: uow.meetings.coming(meeting_id)) == 1
    field.change(meeting_id, place="Casa comunal", starts_at=SATURDAY + timedelta(days=1))
    assert field.run(lambda uow: uow.meetings.coming(meeting_id)) == 0
    texts = [message.reply.text for message in field.sent()]
    assert texts[-1].startswith("CAMBIO de la reunión. Era el sábado 5 de diciembre, 9 de la mañana. Ahora es el domingo 6")


def test_a_change_at_night_waits_unless_the_meeting_is_near(field: Field) -> None:
    field.enrol(1, "taraza", ChannelName.SMS)
    meeting_id = field.announce()
    field.sent()
    field.at(2026, 12, 2, 23, 0)
    field.change(meeting_id, place="Casa comunal")
    assert field.sent() == []
    assert [m.reply.id for m in field.at(2026, 12, 3, 5, 0)] == ["meeting.changed_place"]
    field.at(2026, 12, 4, 23, 0)
    field.run(lambda uow: field.office.cancel(uow, meeting_id))
    assert [m.reply.id for m in field.sent()] == ["meeting.cancelled"]


def test_what_is_held_back_leaves_when_it_is_let_go(field: Field) -> None:
    field.enrol(1)
    meeting_id = field.announce()
    field.run(lambda uow: field.office.hold_back(uow, meeting_id, held=True))
    assert field.sent() == []
    field.run(lambda uow: field.office.hold_back(uow, meeting_id, held=False))
    assert [message.reply.id for message in field.sent()] == ["meeting.announced"]


def test_a_late_change_of_place_needs_two_people(field: Field) -> None:
    meeting = field.run(lambda uow: field.office.announce(uow, DRAFT))
    moved = replace(DRAFT, place="Casa comunal")
    assert not needs_second_person(meeting, moved, SATURDAY - timedelta(hours=25))
    assert needs_second_person(meeting, moved, SATURDAY - timedelta(hours=23))
    assert not needs_second_person(meeting, replace(DRAFT, food=False), SATURDAY - timedelta(hours=23))


def waiting(field: Field) -> list[str]:
    """What stands in the ledger and has not left."""

    def look(unit: Any) -> list[str]:
        query = "SELECT id FROM message WHERE state IN ('queued', 'held')"
        return [row[0] for row in unit.people._tx.connection.exec_driver_sql(query)]

    return list(field.run(look))


@pytest.mark.parametrize("until", ["held", "queued"])
def test_an_announcement_that_waits_is_taken_back_when_the_meeting_changes_and_told_anew(field: Field, until: str) -> None:
    field.enrol(1)
    meeting_id = field.announce(voice="team:abc")
    field.queued()
    if until == "held":
        assert len(field.hold()) == 2
    old = waiting(field)
    assert len(old) == 2
    field.change(meeting_id, place="Casa comunal", landmark="")
    assert waiting(field) == []
    (told,) = field.sent()
    assert told.reply.id == "meeting.announced", "whoever was not told of it is told what holds, not what has changed"
    assert "Casa comunal" in told.reply.text
    assert "Hato" not in told.reply.text


def test_who_was_never_told_of_a_meeting_hears_nothing_of_its_being_called_off(field: Field) -> None:
    field.enrol(1)
    meeting_id = field.announce()
    field.queued()
    field.hold()
    field.run(lambda uow: field.office.cancel(uow, meeting_id))
    assert waiting(field) == []
    assert field.walk(14) == []


def test_news_that_waits_is_replaced_by_later_news(field: Field) -> None:
    field.enrol(1)
    meeting_id = field.announce()
    field.sent()
    field.change(meeting_id, place="Casa comunal", landmark="", place_told=False)
    field.queued()
    field.hold()
    field.run(lambda uow: field.office.cancel(uow, meeting_id))
    assert [message.reply.id for message in field.sent()] == ["meeting.cancelled"]
    assert waiting(field) == []


def test_what_has_left_is_not_taken_back(field: Field) -> None:
    field.enrol(1)
    meeting_id = field.announce()
    field.sent()
    assert field.run(lambda uow: uow.meeting_notices.withdraw(meeting_id, field.clock.now())) == 0
    field.run(lambda uow: field.office.cancel(uow, meeting_id))
    assert [message.reply.id for message in field.sent()] == ["meeting.cancelled"]


def test_holding_back_takes_back_what_waits_until_it_is_let_go(field: Field) -> None:
    field.enrol(1)
    meeting_id = field.announce()
    field.queued()
    field.hold()
    field.run(lambda uow: field.office.hold_back(uow, meeting_id, held=True))
    assert waiting(field) == []
    assert field.sent() == []
    field.run(lambda uow: field.office.hold_back(uow, meeting_id, held=False))
    assert [message.reply.id for message in field.sent()] == ["meeting.announced"]


def test_a_recording_that_tells_the_old_place_is_not_heard_after_a_change(field: Field) -> None:
    meeting_id = field.announce(voice="team:abc")
    field.change(meeting_id, place="Casa comunal", landmark="", voice="team:abc")
    field.enrol(1)
    assert field.run(lambda uow: uow.meetings.get(meeting_id)).voice == ""
    field.change(meeting_id, place="Escuela El Hato", voice="team:new")
    assert field.run(lambda uow: uow.meetings.get(meeting_id)).voice == "team:new"
