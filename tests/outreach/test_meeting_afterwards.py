"""After a meeting: who is missing, how many came, what was agreed, and what stays of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from standins.meeting_field import SATURDAY, Field

from bot.domain.errors import MeetingError
from bot.domain.meeting import Agreement, Coming, Need, Rsvp, Stage
from bot.domain.meeting_notice import Kind


def test_who_is_missing_is_forgotten_a_day_after_the_meeting(field: Field) -> None:
    field.enrol(1)
    meeting_id = field.announce()
    field.sent()
    field.change(meeting_id, place="Casa comunal")
    field.sent()
    field.at(2026, 12, 6, 8, 0)
    assert field.run(lambda uow: field.office.missing(uow, meeting_id)).people == 1
    field.at(2026, 12, 6, 9, 0)
    assert field.run(lambda uow: field.office.missing(uow, meeting_id)).people == 0


def test_minutes_are_told_once_and_again_before_the_next_meeting(field: Field) -> None:
    field.enrol(1)
    meeting_id = field.announce()
    field.sent()
    field.at(2026, 12, 7, 9, 0)
    lines = [Agreement("arreglar el filtro", "la presidenta", date(2026, 12, 20)), Agreement("medir el agua")]
    field.run(lambda uow: field.office.minute(uow, meeting_id, lines))
    (told,) = [message for message in field.sent() if message.reply.id == "meeting.minutes"]
    assert told.reply.text == (
        "Esto se acordó en la reunión del sábado 5 de diciembre, 9 de la mañana. Acuerdo: arreglar el filtro. "
        "Lo hace la presidenta. Es para el domingo 20 de diciembre. Acuerdo: medir el agua."
    )
    field.announce(starts_at=SATURDAY + timedelta(days=14))
    field.sent()
    field.at(2026, 12, 16, 12, 0)
    (reminder,) = field.at(2026, 12, 17, 9, 0)
    assert "La vez pasada se acordó: arreglar el filtro." in reminder.reply.text
    assert field.run(lambda uow: uow.meetings.get(meeting_id)).stage(field.clock.now()) is Stage.MINUTED


def test_the_funnel_and_what_stays_of_it(field: Field) -> None:
    hers, other = field.enrol(1), field.enrol(2)
    meeting_id = field.announce()
    field.sent()
    field.rsvp(meeting_id, hers, Rsvp.YES)
    field.run(lambda uow: uow.meetings.need(meeting_id, hers, frozenset({Need.CARE})))
    field.rsvp(meeting_id, other, Rsvp.MAYBE)
    field.run(lambda uow: uow.meeting_notices.answered(meeting_id, hers, Kind.ANNOUNCED, field.clock.now()))
    coming = Coming(yes=1, maybe=1, care=1)
    counts = field.run(lambda uow: field.office.counts(uow, meeting_id))
    assert (counts.told, counts.reached, counts.heard, counts.coming) == (2, 2, 1, coming)
    with pytest.raises(MeetingError):
        field.run(lambda uow: field.office.attended(uow, meeting_id, 7))
    field.at(2026, 12, 6, 9, 1)
    field.run(lambda uow: field.office.attended(uow, meeting_id, 7))
    assert field.run(lambda uow: uow.meetings.forget_rsvps(SATURDAY + timedelta(minutes=1))) == 2
    counts = field.run(lambda uow: field.office.counts(uow, meeting_id))
    assert (counts.came, counts.coming) == (7, coming)
    assert field.run(lambda uow: uow.meetings.answer(meeting_id, hers)) is None
    field.run(lambda uow: uow.meeting_notices.forget_notices(field.clock.now(), field.clock.now()))
    counts = field.run(lambda uow: field.office.counts(uow, meeting_id))
    assert (counts.told, counts.reached, counts.heard) == (2, 2, 1)
