"""Announcing, reminding, changing and calling off, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from delivery.test_sender import Silence

from bot.delivery.announcing import Announcements
from bot.domain.clock import MovableClock
from bot.domain.community import Committee, CommitteeKind, Community
from bot.domain.conversation import State
from bot.domain.errors import MeetingError
from bot.domain.gsm7 import fold
from bot.domain.meeting import Agreement, Coming, MeetingDraft, Need, OpenTo, Problem, Rsvp, Stage, Trouble, needs_second_person
from bot.domain.meeting_notice import Kind
from bot.domain.message import Address, ChannelName, MessageState, OutboundMessage, Purpose
from bot.domain.person import Consent, Country, Mode, Sex
from bot.lessons.catalogue import load_catalogue
from bot.outreach.meeting_telling import MeetingTelling
from bot.outreach.meetings import MeetingOffice
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault

ROOT = Path(__file__).parents[2]
BOGOTA = ZoneInfo("America/Bogota")
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=BOGOTA).astimezone(UTC)
SATURDAY = datetime(2026, 12, 5, 9, 0, tzinfo=BOGOTA).astimezone(UTC)
PLACES = [Community("taraza", "Tarazá", Country.CO, "bajo-cauca"), Community("ananea", "Ananea", Country.PE, "puno")]
BODIES = [
    Committee("taraza-management", "taraza", CommitteeKind.MANAGEMENT, "Comité de Gestión"),
    Committee("ananea-pme", "ananea", CommitteeKind.PME, "Comité de Monitoreo"),
]
DRAFT = MeetingDraft(
    "taraza-management",
    "agua del río",
    SATURDAY,
    "Escuela El Hato",
    "junto a la cancha",
    food=True,
    childcare=True,
    contact="doña Rosa, del comité",
)


@dataclass
class Field:
    """People of two communities, and the desk."""

    store: Any
    clock: MovableClock
    office: MeetingOffice
    telling: MeetingTelling

    def run(self, work: Callable[[Any], Any]) -> Any:
        return self.store.submit(work).result(timeout=30)

    def enrol(self, number: int, community: str = "taraza", *channels: ChannelName, **facts: Any) -> str:
        """Somebody who agreed; the same number on each channel is one person."""
        prefix = "+57300" if community == "taraza" else "+51900"
        country = Country.CO if community == "taraza" else Country.PE

        def work(unit: Any) -> str:
            for channel in channels or (ChannelName.WHATSAPP,):
                person, _ = unit.people.meet(Address(channel, f"{prefix}{number:07d}"), self.clock.now())
            known = replace(person, country=country, adult=True, community_id=community, **facts)
            unit.people.save(known, State(place="menu"))
            unit.people.record_consent(person.id, Consent("v1", self.clock.now(), "sms", "SM1", "programme"))
            return str(person.id)

        return str(self.run(work))

    def announce(self, **facts: Any) -> str:
        return str(self.run(lambda uow: self.office.announce(uow, replace(DRAFT, **facts))).id)

    def change(self, meeting_id: str, **facts: Any) -> None:
        self.run(lambda uow: self.office.change(uow, meeting_id, replace(DRAFT, **facts)))

    def sent(self) -> list[OutboundMessage]:
        """What is due now, taken out and counted as delivered."""
        while self.telling.sweep():
            pass

        def work(unit: Any) -> list[OutboundMessage]:
            taken = unit.outbox.claim(self.clock.now(), limit=1000)
            for message in taken:
                unit.outbox.settle(message.id, MessageState.DELIVERED, self.clock.now())
            return list(taken)

        return list(self.run(work))

    def at(self, *when: int) -> list[OutboundMessage]:
        self.clock.move(datetime(*when, tzinfo=BOGOTA) - self.clock.now())  # type: ignore[misc,arg-type]
        return self.sent()

    def walk(self, days: int) -> list[tuple[str, str]]:
        """Hour by hour: when each sentence left."""
        found = []
        for _ in range(days * 24):
            self.clock.move(timedelta(hours=1))
            found += [(f"{self.clock.now().astimezone(BOGOTA):%d %Hh}", message.reply.id) for message in self.sent()]
        return found

    def rsvp(self, meeting_id: str, person_id: str, rsvp: Rsvp) -> None:
        self.run(lambda uow: uow.meetings.rsvp(meeting_id, person_id, rsvp, self.clock.now()))


@pytest.fixture
def field(database_url: str, tmp_path: Path) -> Iterator[Field]:
    keys = RoundKeyFiles(tmp_path / "rounds")
    store = open_store(database_url, Vault("a secret of the tests and long enough"), keys)
    clock = MovableClock(MONDAY)
    library = load_catalogue(ROOT / "content", drafts=True, today=MONDAY.date, timezone="America/Bogota")
    announcing = Announcements(Silence())

    def may_call(to: Address) -> bool:
        return to.value.startswith("+57")

    parts = (library, clock, announcing)
    made = Field(store, clock, MeetingOffice(*parts, may_call=may_call), MeetingTelling(store, *parts, may_call=may_call))
    made.run(lambda unit: unit.communities.put(PLACES, BODIES))
    yield made
    store.close()


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


def test_what_is_announced_at_night_waits_for_the_morning_and_tells_what_holds_by_then(field: Field) -> None:
    field.enrol(1)
    assert field.at(2026, 11, 23, 22, 30) == []
    meeting_id = field.announce()
    assert field.sent() == []
    field.change(meeting_id, place="Casa comunal", landmark="")
    (message,) = field.at(2026, 11, 24, 7, 0)
    assert "Casa comunal" in message.reply.text
    assert message.reply.id == "meeting.announced"


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


def test_what_is_held_back_leaves_when_it_is_let_go(field: Field) -> None:
    field.enrol(1)
    meeting_id = field.announce()
    field.run(lambda uow: field.office.hold_back(uow, meeting_id, held=True))
    assert field.sent() == []
    field.run(lambda uow: field.office.hold_back(uow, meeting_id, held=False))
    assert [message.reply.id for message in field.sent()] == ["meeting.announced"]


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


def test_a_late_change_of_place_needs_two_people(field: Field) -> None:
    meeting = field.run(lambda uow: field.office.announce(uow, DRAFT))
    moved = replace(DRAFT, place="Casa comunal")
    assert not needs_second_person(meeting, moved, SATURDAY - timedelta(hours=25))
    assert needs_second_person(meeting, moved, SATURDAY - timedelta(hours=23))
    assert not needs_second_person(meeting, replace(DRAFT, food=False), SATURDAY - timedelta(hours=23))
