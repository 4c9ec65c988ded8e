"""Meetings: the month, the list, and each meeting in numbers; a poster, a calendar file, holding back, and what came of it."""

from __future__ import annotations

import calendar as months
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.domain.community import Community
from bot.domain.enrolment import keyword
from bot.domain.errors import MeetingError
from bot.domain.facilitator import Facilitator
from bot.domain.field_desk import Work
from bot.domain.meeting import MOST_PEOPLE, Agreement, Meeting
from bot.domain.meeting_desk import Funnel, Missing
from bot.domain.meeting_words import offers, when, where
from bot.domain.staff import Role
from bot.domain.store import UnitOfWork
from bot.outreach.meeting_calendar import calendar
from bot.outreach.meetings import MOST_MINUTE_CHARS, MOST_MINUTES
from bot.web.staff import cookies, meetings_call
from bot.web.staff.enrolment import ways_in
from bot.web.staff.gate import FIELD, allowed, missing
from bot.web.staff.rendering import page, texts_of
from bot.web.staff.section import Section
from bot.web.staff.visit import Visit, ask, batea_of, id_of, visit_of

PATH: Final = "/staff/meetings"
_MONTH: Final = re.compile(r"20\d\d-(0[1-9]|1[0-2])", re.ASCII)
_COUNT: Final = re.compile(r"\d{1,4}", re.ASCII)
_ICS: Final = "text/calendar; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Row:
    """A meeting as the pages show it: with its place on the map of committees, and in numbers."""

    meeting: Meeting
    committee: str
    place: str
    at: datetime
    stage: str
    funnel: Funnel


@allowed(*FIELD)
async def meetings(request: Request) -> Response:
    """One month, as a calendar and as a list."""
    visit, t = visit_of(request), texts_of(request)
    zone = ZoneInfo(batea_of(request).settings.timezone)
    first = _month(request.query_params.get("month", ""), visit.now.astimezone(zone).date())
    after = (first + timedelta(days=32)).replace(day=1)

    def work(uow: UnitOfWork) -> list[Row]:
        since, until = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, after))
        found = uow.meetings.between(since, until)
        places = {place.id: place for place in visit.communities(uow)}
        return [_row(uow, request, one, places[one.community_id]) for one in found if one.community_id in places]

    rows = await ask(request, work)
    asked = await ask(request, lambda uow: _asked(uow, request))
    by_day: dict[date, list[Row]] = {}
    for row in rows:
        by_day.setdefault(row.at.date(), []).append(row)
    before = (first - timedelta(days=1)).replace(day=1)
    return page(
        request,
        "meetings.html",
        title=t("meetings.title"),
        rows=rows,
        asked=asked,
        by_day=by_day,
        weeks=months.Calendar().monthdatescalendar(first.year, first.month),
        first=first,
        before=f"{before:%Y-%m}",
        after=f"{after:%Y-%m}",
        today=visit.now.astimezone(zone).date(),
    )


@allowed(*FIELD)
async def meeting(request: Request) -> Response:
    """One meeting in numbers."""
    return await _page(request)


@allowed(*FIELD)
async def hold(request: Request) -> Response:
    """Keep back what has not left, or let it go."""
    held = (await request.form()).get("do") == "hold"
    desk = batea_of(request).meetings.desk

    def work(uow: UnitOfWork, found: Meeting) -> str:
        desk.hold_back(uow, found.id, held=held)
        return "meeting.hold" if held else "meeting.let_go"

    return await _deed(request, work, "meetings.held" if held else "meetings.let_go")


@allowed(*FIELD)
async def attendance(request: Request) -> Response:
    """How many came."""
    typed, desk = str((await request.form()).get("count", "")).strip(), batea_of(request).meetings.desk
    if not _COUNT.fullmatch(typed) or int(typed) > MOST_PEOPLE:
        return await _page(request, texts_of(request)("meetings.wrong_count"))

    def work(uow: UnitOfWork, found: Meeting) -> str:
        desk.attended(uow, found.id, int(typed))
        return "meeting.attendance"

    return await _deed(request, work, "meetings.counted")


@allowed(*FIELD)
async def minutes(request: Request) -> Response:
    """What was agreed: told to everybody concerned."""
    form, desk = await request.form(), batea_of(request).meetings.desk
    lines = []
    for n in range(1, MOST_MINUTES + 1):
        what, who, by = (str(form.get(f"{name}{n}", "")).strip() for name in ("what", "who", "by"))
        if what:
            lines.append(Agreement(what, who, _day(by)))

    def work(uow: UnitOfWork, found: Meeting) -> str:
        desk.minute(uow, found.id, lines)
        return "meeting.minutes"

    return await _deed(request, work, "meetings.told")


@allowed(*FIELD)
async def ics(request: Request) -> Response:
    """The entry for a calendar."""
    found = await ask(request, lambda uow: _seen(uow, request))
    if found is None:
        return missing(request)
    label = _label(request, found[1])
    headers = {"content-disposition": 'attachment; filename="reunion.ics"', "cache-control": "no-store"}
    return Response(calendar(found[0], label, visit_of(request).now), media_type=_ICS, headers=headers)


@allowed(*FIELD)
async def poster(request: Request) -> Response:
    """One page for the wall: the meeting in big letters, and a code that opens Batea."""
    batea, t = batea_of(request), texts_of(request)

    def work(uow: UnitOfWork) -> tuple[Meeting, Community, str] | None:
        found = _seen(uow, request)
        return (*found, keyword(found[1], uow.communities.all())) if found else None

    found = await ask(request, work)
    if found is None:
        return missing(request)
    one, place, word = found
    label = _label(request, place)
    ways = ways_in(batea, place, word)
    wanted = request.query_params.get("by", "")
    lines = [label("poster.meeting_cancelled")] if one.cancelled else [where(one, label), offers(one, label)]
    return page(
        request,
        "meeting_poster.html",
        title=t("meetings.poster"),
        crumbs=[(t("meetings.title"), PATH), (one.agenda, f"{PATH}/{one.id}")],
        place=place,
        heading=label("poster.meeting", agenda=one.agenda),
        moment=label("poster.meeting_when", when=when(one)),
        lines=[line for line in lines if line],
        scan=label("poster.scan"),
        privacy=label("poster.privacy"),
        ways=ways,
        chosen=next((way for way in ways if way.channel == wanted), ways[0] if ways else None),
    )


async def _page(request: Request, error: str = "") -> Response:
    visit, t, desk = visit_of(request), texts_of(request), batea_of(request).meetings.desk

    def work(uow: UnitOfWork) -> tuple[Row, Missing] | None:
        found = _seen(uow, request)
        if found is None:
            return None
        row, missed = _row(uow, request, *found), Missing()
        if _may_know(visit, found[0]):
            missed = desk.missing(uow, found[0].id)
            if missed.people:
                visit.note(uow, "meeting.missing", "meeting", found[0].id)
        return row, missed

    shown = await ask(request, work)
    if shown is None:
        return missing(request)
    row, missed = shown
    return page(
        request,
        "meeting.html",
        title=row.meeting.agenda,
        crumbs=[(t("meetings.title"), PATH)],
        errors=[error] if error else [],
        status=422 if error else 200,
        row=row,
        ahead=row.meeting.lies_ahead(visit.now),
        missed=missed,
        most=MOST_MINUTE_CHARS,
        lines=range(1, MOST_MINUTES + 1),
        began=row.meeting.starts_at <= visit.now,
    )


async def _deed(request: Request, work: Any, done: str) -> Response:
    """Do it to the meeting of the address, with a note in the audit log; what is refused is said above the page."""
    visit = visit_of(request)

    def whole(uow: UnitOfWork) -> str | None:
        found = _seen(uow, request)
        if found is None:
            return None
        action: str = work(uow, found[0])
        visit.note(uow, action, "meeting", found[0].id)
        return found[0].id

    try:
        meeting_id = await ask(request, whole)
    except MeetingError as error:
        t = texts_of(request)
        problem = error.problems[0]
        return await _page(request, t.named("meetings.refused", f"{problem.field}_{problem.why}"))
    if meeting_id is None:
        return missing(request)
    return cookies.flash(request, RedirectResponse(f"{PATH}/{meeting_id}", 303), done)


def _asked(uow: UnitOfWork, request: Request) -> list[tuple[str, str, str]]:
    """What waits for a second person: who asked, her address, and how it would be told."""
    field, members = batea_of(request).meetings.field, {one.id: one.email for one in uow.staff.all()}
    found = []
    for one in meetings_call.waiting(uow, request) if field else ():
        who = Facilitator(visit_of(request).member.id, one.community_id)
        draft = {**one.draft, "work": Work.CONFIRM.value}
        if field and field.snag(uow, who, draft) is None:
            found.append((one.member_id, members[one.member_id], field.show(uow, who, draft).replies[0].text))
    return found


def _may_know(visit: Visit, found: Meeting) -> bool:
    """First names of whom to tell in person: for a facilitator of that very community."""
    return visit.role is Role.FACILITATOR and visit.community_id == found.community_id


def _seen(uow: UnitOfWork, request: Request) -> tuple[Meeting, Community] | None:
    """The meeting of the address with its community, where she sees that."""
    meeting_id = id_of(request.path_params["meeting_id"])
    found = uow.meetings.get(meeting_id) if meeting_id else None
    place = uow.communities.get(found.community_id) if found else None
    return (found, place) if found and place and visit_of(request).sees(place.id) else None


def _row(uow: UnitOfWork, request: Request, found: Meeting, place: Community) -> Row:
    bodies: Sequence[Any] = uow.communities.committees(place.id)
    committee = next((body.name for body in bodies if body.id == found.committee_id), found.committee_id)
    counts = batea_of(request).meetings.desk.counts(uow, found.id)
    return Row(found, committee, place.name, when(found), found.stage(visit_of(request).now).value, counts)


def _label(request: Request, place: Community) -> Any:
    library = batea_of(request).library
    return lambda reply_id, **params: library.reply(reply_id, place.country, **params).text


def _month(asked: str, today: date) -> date:
    chosen = asked if _MONTH.fullmatch(asked) else f"{today:%Y-%m}"
    return date.fromisoformat(f"{chosen}-01")


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


SECTION: Final = Section(
    "meetings",
    PATH,
    FIELD,
    (
        Route(PATH, meetings),
        *meetings_call.ROUTES,
        Route(f"{PATH}/{{meeting_id}}", meeting),
        Route(f"{PATH}/{{meeting_id}}/hold", hold, methods=["POST"]),
        Route(f"{PATH}/{{meeting_id}}/attendance", attendance, methods=["POST"]),
        Route(f"{PATH}/{{meeting_id}}/minutes", minutes, methods=["POST"]),
        Route(f"{PATH}/{{meeting_id}}/poster", poster),
        Route(f"{PATH}/{{meeting_id}}/calendar.ics", ics),
    ),
)
