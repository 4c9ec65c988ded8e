from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.community import Committee, CommitteeKind, Community
from bot.domain.meeting import Coming, Rsvp
from bot.domain.person import Country
from bot.storage.retention import sweep
from bot.storage.rounds import RoundKeyFiles
from tests.storage.conftest import NOW, PHONE, Desk, meeting


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
