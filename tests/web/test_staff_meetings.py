"""The staff pages of meetings: the month, each in numbers, a poster, a calendar file, holding back, and what came of it."""

import contextlib
import html
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from icalendar import Calendar
from standins.staff_side import StaffSide

from bot.domain.errors import MeetingError
from bot.domain.meeting import MeetingDraft
from bot.domain.meeting_notice import Kind, Notice
from bot.domain.staff import Role

PATH = "/staff/meetings"


@pytest.fixture(scope="module")
def side(tmp_path_factory):
    running = StaffSide(tmp_path_factory.mktemp("meetings"))
    yield running
    running.close()


@pytest.fixture(scope="module")
def members(side):
    made = {role: side.member(role, "taraza" if role is Role.FACILITATOR else None) for role in Role}
    return {**made, "elsewhere": side.member(Role.FACILITATOR, "puno")}


@pytest.fixture
def browser(side, members):
    return lambda role: side.browser(members[role])


@pytest.fixture
def meeting(side):
    """A new one each time, at an hour that the committee has free."""
    desk, now = side.batea.meetings.desk, side.batea.clock.now().replace(microsecond=0)
    for hours in range(0, 500, 5):
        starts_at = now + timedelta(days=3, hours=hours)
        draft = MeetingDraft("taraza-management", "agua <del> río", starts_at, "Escuela El Hato", food=True, quorum=9)
        with contextlib.suppress(MeetingError):
            return side.submit(lambda uow, draft=draft: desk.announce(uow, draft))
    raise AssertionError("there is no free hour")


def over(side, meeting):
    past = replace(meeting, starts_at=side.batea.clock.now() - timedelta(hours=30))
    side.submit(lambda uow: uow.meetings.put(past))


def shown(answer):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def test_the_month_shows_it_to_whom_it_concerns(browser, meeting):
    month = f"{PATH}?month={meeting.starts_at:%Y-%m}"
    for role in (Role.ADMIN, Role.STAFF, Role.FACILITATOR):
        answer = browser(role).get(month)
        assert answer.status_code == 200
        assert f'href="{PATH}/{meeting.id}"' in answer.text
    assert f"{PATH}/{meeting.id}" not in browser("elsewhere").get(month).text
    assert browser("elsewhere").get(f"{PATH}/{meeting.id}").status_code == 404
    assert browser(Role.PME).get(month).status_code == 403
    for odd in ("2026-13", "x", "%00", "9999-99"):
        assert browser(Role.STAFF).get(f"{PATH}?month={odd}").status_code == 200


def test_one_meeting_is_seen_in_numbers_and_never_in_names(side, browser, meeting):
    text = shown(browser(Role.STAFF).get(f"{PATH}/{meeting.id}"))
    assert "Avisadas" in text
    assert "Van, de las que hacen falta 0 / 9" in text
    assert "agua <del> río" in text
    people = side.submit(lambda uow: uow.meeting_notices.people(meeting.id))
    assert people
    assert not any(person_id in text for person_id in people)


def test_whom_to_tell_in_person_is_for_the_facilitator_of_that_community_alone(side, browser, meeting):
    desk, now = side.batea.meetings.desk, side.batea.clock.now()
    known = side.submit(lambda uow: uow.meeting_notices.people(meeting.id))[0]
    notice = Notice(meeting.id, known, Kind.NEWS)

    def changed(uow):
        uow.meeting_notices.told(Notice(meeting.id, known, Kind.ANNOUNCED), "m1", now, again_at=None, receipts=False)
        desk.change(uow, meeting.id, replace(MeetingDraft.of(meeting), place="Casa comunal"))
        uow.meeting_notices.told(notice, "m2", now, again_at=None, receipts=False)

    side.submit(changed)
    assert "Avisar en persona 1 persona sin nombre" in shown(browser(Role.FACILITATOR).get(f"{PATH}/{meeting.id}"))
    assert side.rows("SELECT action FROM audit_log ORDER BY number DESC LIMIT 1") == [("meeting.missing",)]
    for role in (Role.ADMIN, Role.STAFF):
        text = shown(browser(role).get(f"{PATH}/{meeting.id}"))
        assert "Avisar en persona" not in text
        assert "0 ya supieron, 1 no han contestado" in text


def test_a_focal_point_holds_back_and_lets_go(side, browser, meeting):
    mine = browser(Role.FACILITATOR)
    assert mine.post(f"{PATH}/{meeting.id}/hold", do="hold").status_code == 303
    assert side.submit(lambda uow: uow.meetings.get(meeting.id)).held_back
    assert "Aviso detenido" in shown(mine.get(f"{PATH}/{meeting.id}"))
    assert mine.post(f"{PATH}/{meeting.id}/hold", do="let").status_code == 303
    assert not side.submit(lambda uow: uow.meetings.get(meeting.id)).held_back
    assert browser("elsewhere").post(f"{PATH}/{meeting.id}/hold", do="hold").status_code == 404
    assert [row[0] for row in side.rows("SELECT action FROM audit_log WHERE action LIKE 'meeting.%' ORDER BY number")][-2:] == [
        "meeting.hold",
        "meeting.let_go",
    ]


def test_how_many_came_and_what_was_agreed(side, browser, meeting):
    mine = browser(Role.FACILITATOR)
    early = mine.post(f"{PATH}/{meeting.id}/attendance", count="7")
    assert early.status_code == 422
    assert "todavía no ha empezado" in shown(early)
    over(side, meeting)
    for wrong in ("", "muchas", "-1", "99999", "1e3"):
        assert mine.post(f"{PATH}/{meeting.id}/attendance", count=wrong).status_code == 422
    assert mine.post(f"{PATH}/{meeting.id}/attendance", count="7").status_code == 303
    assert mine.post(f"{PATH}/{meeting.id}/minutes", what1="").status_code == 422
    assert mine.post(f"{PATH}/{meeting.id}/minutes", what1="a" * 90).status_code == 422
    told = mine.post(f"{PATH}/{meeting.id}/minutes", what1="arreglar el filtro", who1="la presidenta", by1="2030-01-05", by2="x")
    assert told.status_code == 303
    kept = side.submit(lambda uow: uow.meetings.get(meeting.id))
    assert (kept.came, [(line.what, line.who) for line in kept.minutes]) == (7, [("arreglar el filtro", "la presidenta")])
    assert "Fueron 7" in shown(mine.get(f"{PATH}/{meeting.id}"))


def test_the_calendar_file_can_be_read_and_keeps_a_place_that_is_not_told(side, browser, meeting):
    answer = browser(Role.STAFF).get(f"{PATH}/{meeting.id}/calendar.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert event.start == meeting.starts_at
    assert (event["uid"], event["sequence"], event["status"]) == (f"{meeting.id}@batea", 0, "CONFIRMED")
    assert event["location"] == "Escuela El Hato"
    side.submit(lambda uow: uow.meetings.put(replace(meeting, place_told=False, contact="doña Rosa", cancelled=True, version=2)))
    answer = browser(Role.STAFF).get(f"{PATH}/{meeting.id}/calendar.ics")
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert (event["sequence"], event["status"]) == (1, "CANCELLED")
    assert b"Hato" not in answer.content


def test_the_poster_is_in_plain_words_with_a_code(side, browser, meeting):
    text = shown(browser(Role.FACILITATOR).get(f"{PATH}/{meeting.id}/poster"))
    assert "Reunión: agua <del> río" in text
    assert "Lugar: Escuela El Hato." in text
    side.submit(lambda uow: uow.meetings.put(replace(meeting, place_told=False, contact="doña Rosa")))
    text = shown(browser(Role.FACILITATOR).get(f"{PATH}/{meeting.id}/poster"))
    assert "El lugar se lo dice doña Rosa." in text
    assert "Hato" not in text
