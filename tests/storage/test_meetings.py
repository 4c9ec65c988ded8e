from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.domain.community import Committee, CommitteeKind, Community
from bot.domain.meeting import Agreement, Answer, Coming, MeetingDraft, Need, OpenTo, Rsvp
from bot.domain.meeting_notice import Kind, Notice
from bot.domain.message import MessageState
from bot.domain.person import Country
from bot.storage.retention import sweep
from bot.storage.rounds import RoundKeyFiles
from bot.storage.unit_of_work import SqlUnitOfWork
from tests.storage.conftest import NOW, PHONE, WHATSAPP, Desk, meeting, message


def test_the_next_meeting_is_the_first_to_come_that_is_not_cancelled(desk: Desk, place: Community) -> None:
    soon = meeting("soon", starts_at=NOW + timedelta(hours=1), contact="Doña Luz", landmark="la cancha", food=True)
    for one in (
        meeting("late", starts_at=NOW + timedelta(days=9)),
        soon,
        meeting("past", starts_at=NOW - timedelta(hours=1)),
        meeting("cancelled", starts_at=NOW + timedelta(minutes=1), cancelled=True),
    ):
        desk.run(lambda uow, m=one: uow.meetings.put(m))
    assert desk.run(lambda uow: uow.meetings.next_for(place.id, NOW)) == soon
    assert desk.run(lambda uow: uow.meetings.next_for("elsewhere", NOW)) is None
    moved = replace(soon, place="Casa comunal", version=2)
    desk.run(lambda uow: uow.meetings.put(moved))
    assert desk.run(lambda uow: uow.meetings.get("soon")) == moved
    assert desk.run(lambda uow: uow.meetings.get("none")) is None


def test_who_comes_is_a_number_and_each_counts_once(desk: Desk, place: Community) -> None:
    desk.run(lambda uow: uow.meetings.put(meeting()))
    for person, says in (("a", Rsvp.YES), ("b", Rsvp.MAYBE), ("b", Rsvp.YES), ("c", Rsvp.YES), ("c", Rsvp.NO)):
        desk.run(lambda uow, p=person, s=says: uow.meetings.rsvp("reunion", p, s, NOW))
    assert desk.run(lambda uow: uow.meetings.coming("reunion")) == 2


def test_the_database_does_not_tell_who_comes_nor_where(desk: Desk, place: Community) -> None:
    person = desk.run(lambda uow: uow.people.meet(PHONE, NOW))[0]
    desk.run(lambda uow: uow.meetings.put(meeting()))
    desk.run(lambda uow: uow.meetings.rsvp("reunion", person.id, Rsvp.YES, NOW))
    stored = str(desk.rows("SELECT * FROM rsvp") + desk.rows("SELECT * FROM meeting"))
    for secret in (person.id, "yes", "El Hato"):
        assert secret not in stored


def test_rsvps_are_a_number_a_day_after_their_meeting(desk: Desk, place: Community, round_keys: RoundKeyFiles) -> None:
    desk.run(lambda uow: uow.meetings.put(meeting()))
    desk.run(lambda uow: uow.meetings.rsvp("reunion", "a", Rsvp.YES, NOW))
    assert sweep(desk.store, round_keys, NOW + timedelta(days=5)).rsvps == 0
    assert sweep(desk.store, round_keys, NOW + timedelta(days=6)).rsvps == 1
    assert desk.rows("SELECT * FROM rsvp") == []
    assert desk.run(lambda uow: uow.meetings.counted("reunion")) == Coming(yes=1)


def test_communities_come_by_name_and_are_replaced(desk: Desk, place: Community) -> None:
    puno = Community("ananea", "Ananea", Country.PE, "puno")
    renamed = replace(place, name="Tarazá (cabecera)")
    body = Committee("ananea-pme", "ananea", CommitteeKind.PME, "Comité")
    desk.run(lambda uow: uow.communities.put([puno, renamed], [body]))
    assert desk.run(lambda uow: uow.communities.all()) == [puno, renamed]
    assert desk.run(lambda uow: uow.communities.all(Country.CO)) == [renamed]
    assert desk.run(lambda uow: uow.communities.get("taraza")) == renamed
    assert desk.run(lambda uow: uow.communities.get("nowhere")) is None
    assert desk.run(lambda uow: uow.communities.committees("ananea")) == [body]
    assert [c.id for c in desk.run(lambda uow: uow.communities.committees("taraza"))] == ["taraza-management", "taraza-pme"]


def told(desk: Desk, kind: Kind, person_id: str, message_id: str, at: datetime = NOW) -> None:
    """Something about the meeting has reached her."""

    def work(uow: SqlUnitOfWork) -> None:
        uow.meeting_notices.plan("reunion", kind, [person_id], at)
        uow.outbox.add([message(message_id, WHATSAPP)], person_id)
        notice = Notice("reunion", person_id, kind)
        uow.meeting_notices.told(notice, f"m{message_id}", at, again_at=at + timedelta(hours=1), receipts=True)
        uow.outbox.claim(at)
        uow.outbox.settle(f"m{message_id}", MessageState.SENT, at)

    desk.run(work)


def test_what_has_reached_her_is_asked_once_and_the_newest_counts(desk: Desk, place: Community) -> None:
    desk.run(lambda uow: uow.meetings.put(meeting()))
    hers = desk.run(lambda uow: uow.people.meet(PHONE, NOW))[0].id
    told(desk, Kind.ANNOUNCED, hers, "1")
    told(desk, Kind.NEWS, hers, "2", NOW + timedelta(minutes=5))
    waiting = desk.run(lambda uow: uow.meeting_notices.waiting_for(hers, NOW + timedelta(hours=1)))
    assert waiting == Notice("reunion", hers, Kind.NEWS, 1)
    assert desk.run(lambda uow: uow.meeting_notices.waiting_for(hers, NOW + timedelta(hours=1))) is None


def test_what_is_over_asks_nothing_but_whether_she_was_there(desk: Desk, place: Community) -> None:
    desk.run(lambda uow: uow.meetings.put(meeting()))
    hers = desk.run(lambda uow: uow.people.meet(PHONE, NOW))[0].id
    told(desk, Kind.MORNING, hers, "1")
    assert desk.run(lambda uow: uow.meeting_notices.waiting_for(hers, NOW + timedelta(days=9))) is None
    told(desk, Kind.CAME, hers, "2")
    waiting = desk.run(lambda uow: uow.meeting_notices.waiting_for(hers, NOW + timedelta(days=9)))
    assert waiting is not None
    assert waiting.kind is Kind.CAME


def test_news_are_due_until_she_has_reacted_and_begin_anew_with_the_next(desk: Desk, place: Community) -> None:
    desk.run(lambda uow: uow.meetings.put(meeting()))
    hers = desk.run(lambda uow: uow.people.meet(PHONE, NOW))[0].id
    told(desk, Kind.NEWS, hers, "1")
    later = NOW + timedelta(hours=2)
    assert desk.run(lambda uow: uow.meeting_notices.due(later)) == [Notice("reunion", hers, Kind.NEWS, 1)]
    assert desk.run(lambda uow: uow.meeting_notices.unconfirmed("reunion")) == [(hers, "")]
    assert desk.run(lambda uow: uow.meeting_notices.answered("reunion", hers, Kind.NEWS, later))
    assert not desk.run(lambda uow: uow.meeting_notices.answered("reunion", hers, Kind.NEWS, later))
    assert desk.run(lambda uow: uow.meeting_notices.due(later)) == []
    desk.run(lambda uow: uow.meeting_notices.plan("reunion", Kind.NEWS, [hers], later))
    assert desk.run(lambda uow: uow.meeting_notices.due(later)) == [Notice("reunion", hers, Kind.NEWS, 0)]


def test_needs_are_kept_with_a_yes_alone_and_her_own_answer_can_be_read(desk: Desk, place: Community) -> None:
    desk.run(lambda uow: uow.meetings.put(meeting()))
    for person_id, says in (("a", Rsvp.YES), ("b", Rsvp.NO)):
        desk.run(lambda uow, p=person_id, s=says: uow.meetings.rsvp("reunion", p, s, NOW))
        desk.run(lambda uow, p=person_id: uow.meetings.need("reunion", p, frozenset({Need.CARE, Need.RIDE})))
    assert desk.run(lambda uow: uow.meetings.answer("reunion", "a")) == Answer(Rsvp.YES, frozenset({Need.CARE, Need.RIDE}))
    assert desk.run(lambda uow: uow.meetings.answer("reunion", "b")) == Answer(Rsvp.NO)
    assert desk.run(lambda uow: uow.meetings.counted("reunion")) == Coming(yes=1, no=1, care=1, ride=1)
    desk.run(lambda uow: uow.meetings.rsvp("reunion", "a", Rsvp.MAYBE, NOW))
    assert desk.run(lambda uow: uow.meetings.counted("reunion")) == Coming(no=1, maybe=1)


def test_all_facts_of_a_meeting_come_back_as_they_were(desk: Desk, place: Community) -> None:
    lines = (Agreement("medir el agua", "la tesorera", date(2026, 12, 20)), Agreement("reunirse"))
    facts = {"open_to": OpenTo.WOMEN, "children": False, "place_told": False, "voice": "team:x", "quorum": 9, "held_back": True}
    before = MeetingDraft(starts_at=NOW, place="Casa comunal", landmark="la cancha", place_told=False)
    whole = meeting(minutes=lines, before=before, came=12, announced_at=NOW, **facts)
    desk.run(lambda uow: uow.meetings.put(whole))
    assert desk.run(lambda uow: uow.meetings.get("reunion")) == whole
    assert "medir el agua" not in str(desk.rows("SELECT * FROM meeting"))


def test_who_is_erased_is_told_nothing_more(desk: Desk, place: Community) -> None:
    desk.run(lambda uow: uow.meetings.put(meeting()))
    hers = desk.run(lambda uow: uow.people.meet(PHONE, NOW))[0].id
    told(desk, Kind.ANNOUNCED, hers, "1")
    desk.run(lambda uow: uow.people.erase(hers))
    assert desk.rows("SELECT * FROM meeting_notice") == []


def test_minutes_keep_the_voice_that_tells_them(desk: Desk, place: Community) -> None:
    told = meeting(minutes=(Agreement("medir el agua"),), minutes_voice="team:abc", language="quz")
    desk.run(lambda uow: uow.meetings.put(told))
    assert desk.run(lambda uow: uow.meetings.get("reunion")) == told
