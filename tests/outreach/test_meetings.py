"""Announcing meetings, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from standins.meeting_field import BOGOTA, DRAFT, MONDAY, SATURDAY, Field

from bot.domain.errors import MeetingError
from bot.domain.gsm7 import fold
from bot.domain.meeting import Agreement, OpenTo, Problem, Trouble
from bot.domain.message import ChannelName, Purpose
from bot.domain.person import Mode, Sex


def test_a_meeting_is_announced_at_once_to_its_community_and_nobody_else(field: Field) -> None:
    hers, _ = field.enrol(1), field.enrol(2, "ananea")
    meeting_id = field.announce()
    (message,) = field.sent()
    assert message.reply.text == (
        "Batea le avisa de una reunión. Es el sábado 5 de diciembre, 9 de la mañana. Tema: agua del río. "
        "Lugar: Escuela El Hato, junto a la cancha. Hay comida. Cuidan a los niños. ¿Va a ir?"
    )
    assert [choice.id for choice in message.reply.choices] == [
        f"meeting:{meeting_id}:{o}" for o in ("yes", "no", "maybe", "more")
    ]
    assert (message.purpose, message.expires_at) == (Purpose.SERVICE, SATURDAY)
    assert message.reply.speech is not None
    assert message.reply.speech.text.count("sábado 5 de diciembre") == 2
    assert field.run(lambda uow: uow.meeting_notices.people(meeting_id)) == [hers]


def test_what_is_announced_at_night_waits_for_the_morning_and_tells_what_holds_by_then(field: Field) -> None:
    field.enrol(1)
    assert field.at(2026, 11, 23, 22, 30) == []
    meeting_id = field.announce()
    assert field.sent() == []
    field.change(meeting_id, place="Casa comunal", landmark="")
    (message,) = field.at(2026, 11, 24, 7, 0)
    assert "Casa comunal" in message.reply.text
    assert message.reply.id == "meeting.announced"


def test_without_the_committees_leave_the_place_is_in_no_message(field: Field) -> None:
    field.enrol(1)
    meeting_id = field.announce(place_told=False)
    (message,) = field.sent()
    field.change(meeting_id, place_told=False, place="Casa comunal", landmark="")
    (news,) = field.sent()
    for reply in (message.reply, news.reply):
        said = f"{reply.text} {reply.sms} {reply.speech and reply.speech.text}"
        assert "Hato" not in said
        assert "comunal" not in said
        assert "El lugar se lo dice doña Rosa, del comité." in said


def test_women_alone_or_members_alone_are_called(field: Field) -> None:
    woman, _, member = field.enrol(1, sex=Sex.WOMAN), field.enrol(2, sex=Sex.MAN), field.enrol(3)
    field.run(lambda uow: uow.tags.put(member, "taraza-management"))
    women = field.announce(open_to=OpenTo.WOMEN)
    members = field.announce(open_to=OpenTo.MEMBERS, starts_at=SATURDAY + timedelta(days=2))
    assert field.run(lambda uow: uow.meeting_notices.people(women)) == [woman]
    assert field.run(lambda uow: uow.meeting_notices.people(members)) == [member]
    said = sorted(message.reply.text for message in field.sent())
    assert "Es para las mujeres." in said[1]
    assert "Es para quienes son del comité." in said[0]


def test_the_facilitators_own_voice_says_it_and_then_the_question_is_asked(field: Field) -> None:
    field.enrol(1, mode=Mode.LISTEN)
    field.announce(voice="team:abc")
    own, question = field.sent()
    assert (own.reply.speech and own.reply.speech.key, own.reply.choices) == ("team:abc", ())
    assert question.reply.id == "meeting.will_you"
    assert len(question.reply.choices) == 4
    assert own.announcement == question.announcement


def test_by_sms_which_carries_no_voice_one_message_says_and_asks_all(field: Field) -> None:
    field.enrol(1, "taraza", ChannelName.SMS, mode=Mode.READ)
    field.announce(voice="team:abc")
    (message,) = field.sent()
    assert message.reply.id == "meeting.announced"
    assert len(message.reply.choices) == 4


def test_the_longest_meeting_fits_in_two_segments_of_sms(field: Field) -> None:
    field.enrol(1, "taraza", ChannelName.SMS)
    late = datetime(2026, 12, 30, 22, 30, tzinfo=BOGOTA).astimezone(UTC)
    agenda = "palabras larguisimas para medir lo que cabe".ljust(60, "s")
    facts = {"agenda": agenda, "place": "x" * 40, "landmark": "y" * 40, "contact": "z" * 30, "transport": True}
    draft = replace(DRAFT, starts_at=late, **facts)  # type: ignore[arg-type]
    assert field.run(lambda uow: field.office.quote(uow, draft)).segments <= 2
    meeting_id = field.announce(starts_at=late, **facts)
    field.change(meeting_id, **{**facts, "starts_at": late - timedelta(hours=24), "place": "w" * 40})
    lines = [Agreement("a" * 60, "b" * 30, date(2026, 12, 30))] * 3
    found = field.sent()
    field.change(meeting_id, **{**facts, "starts_at": late - timedelta(hours=24)})
    found += field.sent()
    field.clock.move(timedelta(days=40))
    field.run(lambda uow: field.office.minute(uow, meeting_id, lines))
    found += field.sent()
    assert {message.reply.id for message in found} >= {"meeting.announced", "meeting.changed_place", "meeting.minutes"}
    for message in found:
        reply = message.reply
        lines_ = [reply.sms or reply.text, *(f"{choice.key} {choice.label}" for choice in reply.choices)]
        assert len(fold("\n".join(lines_))) <= 306, reply.id


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"starts_at": MONDAY - timedelta(minutes=1)}, Problem("starts_at", Trouble.PAST)),
        ({"starts_at": None}, Problem("starts_at", Trouble.MISSING)),
        ({"starts_at": MONDAY + timedelta(days=400)}, Problem("starts_at", Trouble.TOO_FAR)),
        ({"agenda": "una dos tres cuatro cinco seis siete ocho nueve"}, Problem("agenda", Trouble.TOO_LONG)),
        ({"place": "  "}, Problem("place", Trouble.MISSING)),
        ({"contact": "Rosa 300 123 4567"}, Problem("contact", Trouble.NUMBER)),
        ({"place_told": False, "contact": ""}, Problem("contact", Trouble.MISSING)),
        ({"committee_id": "nobody"}, Problem("committee_id", Trouble.UNKNOWN)),
    ],
)
def test_bad_drafts_are_refused_by_field(field: Field, facts: dict[str, Any], problem: Problem) -> None:
    with pytest.raises(MeetingError) as refused:
        field.run(lambda uow: field.office.announce(uow, replace(DRAFT, **facts)))
    assert problem in refused.value.problems


def test_two_meetings_of_one_committee_in_one_hour_are_a_mistake(field: Field) -> None:
    meeting_id = field.announce()
    draft = replace(DRAFT, starts_at=SATURDAY + timedelta(minutes=30))
    assert field.run(lambda uow: field.office.check(uow, draft)) == (Problem("starts_at", Trouble.CLASH),)
    assert field.run(lambda uow: field.office.check(uow, draft, meeting_id)) == ()
    assert field.run(lambda uow: field.office.check(uow, DRAFT, meeting_id)) == (Problem("starts_at", Trouble.SAME),)
    field.run(lambda uow: field.office.cancel(uow, meeting_id))
    assert field.run(lambda uow: field.office.check(uow, draft)) == ()
