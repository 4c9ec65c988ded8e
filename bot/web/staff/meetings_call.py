"""Meetings on the web: called, changed, called off, confirmed by a second person; looked at first, sent by a one-time code."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.domain.errors import AudioError, MeetingError, SilentError, TooLongError
from bot.domain.facilitator import Asked, Facilitator
from bot.domain.field_desk import Work
from bot.domain.home import ZONES
from bot.domain.meeting import LANGUAGES, MOST_CHARS, MOST_PEOPLE, Meeting, MeetingDraft, OpenTo, Problem, needs_second_person
from bot.domain.meeting_desk import MeetingQuote
from bot.domain.message import Reply
from bot.domain.store import UnitOfWork
from bot.web.staff import cookies
from bot.web.staff.gate import FIELD, allowed, missing
from bot.web.staff.rendering import page, texts_of
from bot.web.staff.visit import ask, batea_of, id_of, visit_of

PATH: Final = "/staff/meetings"
MOST_BYTES: Final = 12_000_000
"""Five minutes of plain sound: whoever uploads that is told that it is too long."""
OFFERS: Final = ("food", "childcare", "transport", "children", "place_told")
_VOICE: Final = re.compile(r"team:[0-9a-f]{32}", re.ASCII)
_NUMBER: Final = re.compile(r"\d{1,4}", re.ASCII)


class RefusedError(Exception):
    """What is wrong with a form, by the name of its sentence."""


@dataclass(frozen=True, slots=True)
class Bodies:
    """The committees that she calls meetings of: what they are called, and the time that holds where they are."""

    names: Mapping[str, str]
    zones: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """A draft as people get it, and how many they are."""

    reply: Reply
    quote: MeetingQuote


@allowed(*FIELD, most_bytes=MOST_BYTES)
async def call(request: Request) -> Response:
    """A new meeting."""
    bodies = await ask(request, lambda uow: _bodies(uow, request))
    if not bodies.names:
        return missing(request)
    blank = MeetingDraft(committee_id=next(iter(bodies.names)))
    return await _form(request, bodies, blank)


@allowed(*FIELD, most_bytes=MOST_BYTES)
async def change(request: Request) -> Response:
    """Other facts for one that lies ahead."""
    found = await ask(request, lambda uow: _ahead(uow, request))
    if found is None:
        return missing(request)
    bodies = await ask(request, lambda uow: _bodies(uow, request))
    return await _form(request, bodies, replace(MeetingDraft.of(found), voice=""), found)


@allowed(*FIELD)
async def cancel(request: Request) -> Response:
    """Call one off."""
    found, desk = await ask(request, lambda uow: _ahead(uow, request)), batea_of(request).meetings.desk
    if found is None:
        return missing(request)
    if not await _proved(request, await request.form()):
        return cookies.flash(request, RedirectResponse(f"{PATH}/{found.id}", 303), "meetings.call.refused.code")

    def work(uow: UnitOfWork) -> None:
        desk.cancel(uow, found.id)
        visit_of(request).note(uow, "meeting.cancelled", "meeting", found.id)

    await ask(request, work)
    return cookies.flash(request, RedirectResponse(f"{PATH}/{found.id}", 303), "meetings.call.cancelled")


@allowed(*FIELD)
async def confirm(request: Request) -> Response:
    """The second person's word on a change of place: yes, or that it is dropped."""
    form, field = await request.form(), batea_of(request).meetings.field
    asked_by, visit = id_of(request.path_params["member_id"]), visit_of(request)
    if field is None or not await ask(request, lambda uow: any(one.member_id == asked_by for one in waiting(uow, request))):
        return missing(request)
    if not await _proved(request, form):
        return cookies.flash(request, RedirectResponse(PATH, 303), "meetings.call.refused.code")

    def work(uow: UnitOfWork) -> bool:
        found = next((one for one in waiting(uow, request) if one.member_id == asked_by), None)
        if found is None:
            return False
        if form.get("do") == "drop":
            uow.facilitators.keep(found.member_id, {}, visit.now)
            visit.note(uow, "phone.dropped", "staff", found.member_id)
            return True
        who = Facilitator(visit.member.id, found.community_id)
        draft = {**found.draft, "work": Work.CONFIRM.value}
        if field.snag(uow, who, draft):
            return False
        field.send(uow, who, draft)
        return True

    done = await ask(request, work)
    said = (
        "meetings.call.gone" if not done else "meetings.call.dropped" if form.get("do") == "drop" else "meetings.call.confirmed"
    )
    return cookies.flash(request, RedirectResponse(PATH, 303), said)


def waiting(uow: UnitOfWork, request: Request) -> list[Asked]:
    """What waits for somebody else than who asked, where she sees that."""
    visit = visit_of(request)
    return [
        one for one in uow.facilitators.waiting(visit.now) if visit.sees(one.community_id) and one.member_id != visit.member.id
    ]


async def _form(request: Request, bodies: Bodies, draft: MeetingDraft, found: Meeting | None = None) -> Response:
    if request.method == "GET":
        return await _page(request, bodies, draft, found)
    form = await request.form()
    try:
        draft = _read(form, bodies, draft)
        draft = replace(draft, voice=await _voice(request, form))
        seen = await ask(request, lambda uow: _seen(uow, request, draft, found))
        if form.get("step") != "send":
            return await _page(request, bodies, draft, found, seen=seen)
        late = found is not None and needs_second_person(found, draft, visit_of(request).now)
        if late or not await _proved(request, form):
            why = "meetings.call.refused.second" if late else "meetings.call.refused.code"
            return await _page(request, bodies, draft, found, seen=seen, errors=[why])
        return await _sent(request, draft, found)
    except RefusedError as error:
        return await _page(request, bodies, draft, found, errors=[f"meetings.call.refused.{error}"])
    except MeetingError as error:
        return await _page(request, bodies, draft, found, errors=[_why(request, one) for one in error.problems])


async def _sent(request: Request, draft: MeetingDraft, found: Meeting | None) -> Response:
    visit, desk = visit_of(request), batea_of(request).meetings.desk

    def work(uow: UnitOfWork) -> Meeting:
        made = desk.change(uow, found.id, draft) if found else desk.announce(uow, draft)
        visit.note(uow, "meeting.changed" if found else "meeting.announced", "meeting", made.id)
        return made

    made = await ask(request, work)
    said = "meetings.call.changed" if found else "meetings.call.announced"
    return cookies.flash(request, RedirectResponse(f"{PATH}/{made.id}", 303), said)


def _seen(uow: UnitOfWork, request: Request, draft: MeetingDraft, found: Meeting | None) -> Seen:
    """As people get it. Raises MeetingError."""
    desk = batea_of(request).meetings.desk
    problems = desk.check(uow, draft, found.id if found else "")
    if problems:
        raise MeetingError(*problems)
    place = next(one for one in visit_of(request).communities(uow) if _is_of(uow, one.id, draft.committee_id))
    quote = (
        desk.quote(uow, draft) if found is None else replace(_none(visit_of(request).now), people=desk.counts(uow, found.id).told)
    )
    return Seen(desk.preview(draft, place.country), quote)


def _none(now: datetime) -> MeetingQuote:
    return MeetingQuote(0, {}, now, 1)


def _is_of(uow: UnitOfWork, community_id: str, committee_id: str) -> bool:
    return any(body.id == committee_id for body in uow.communities.committees(community_id))


def _read(form: FormData, bodies: Bodies, before: MeetingDraft) -> MeetingDraft:
    """What stood in the form. Raises RefusedError."""

    def said(name: str) -> str:
        given = form.get(name, "")
        return given.replace("\x00", "").strip()[:100] if isinstance(given, str) else ""

    committee = before.committee_id if said("committee") not in bodies.names else said("committee")
    if said("committee") and said("committee") not in bodies.names:
        raise RefusedError("rights")
    if said("quorum") and not (_NUMBER.fullmatch(said("quorum")) and 0 < int(said("quorum")) <= MOST_PEOPLE):
        raise RefusedError("quorum")
    offered = {name: bool(form.get(name)) for name in OFFERS}
    return MeetingDraft(
        committee_id=committee,
        agenda=said("agenda"),
        place=said("place"),
        landmark=said("landmark"),
        contact=said("contact"),
        starts_at=_moment(said("day"), said("hour"), bodies.zones[committee]),
        open_to=OpenTo(said("open_to")) if said("open_to") in set(OpenTo) else OpenTo.ALL,
        language=said("language") if said("language") in LANGUAGES else before.language,
        quorum=int(said("quorum")) if said("quorum") else None,
        food=offered["food"],
        childcare=offered["childcare"],
        transport=offered["transport"],
        children=offered["children"],
        place_told=offered["place_told"],
    ).tidied()


def _moment(day: str, hour: str, zone: str) -> datetime:
    """By the clock of the place. Raises RefusedError for a day that there is not, and for no hour."""
    try:
        local = datetime.fromisoformat(f"{day}T{hour}")
    except ValueError as error:
        raise RefusedError("day" if not _is_day(day) else "hour") from error
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _is_day(written: str) -> bool:
    try:
        datetime.fromisoformat(written)
    except ValueError:
        return False
    return True


async def _voice(request: Request, form: FormData) -> str:
    """What was recorded or uploaded now, or before. Raises RefusedError."""
    sound, kept = form.get("sound"), str(form.get("voice", ""))
    content = await sound.read() if isinstance(sound, UploadFile) else b""
    if form.get("no_voice") or not content:
        return kept if _VOICE.fullmatch(kept) and not form.get("no_voice") else ""
    try:
        return await asyncio.to_thread(batea_of(request).clips.record, content)
    except TooLongError as error:
        raise RefusedError("voice_long") from error
    except SilentError as error:
        raise RefusedError("voice_silent") from error
    except AudioError as error:
        raise RefusedError("voice_broken") from error


async def _proved(request: Request, form: FormData) -> bool:
    """Whether she has typed her code of this moment: a session that stands open moves nobody."""
    where = request.client.host if request.client else ""
    code, access = str(form.get("code", ""))[:20], batea_of(request).access
    return await asyncio.to_thread(access.proves, visit_of(request).member, code, where)


def _why(request: Request, problem: Problem) -> str:
    named, plain = f"meetings.call.refused.{problem.field}_{problem.why}", f"meetings.call.refused.{problem.why}"
    return named if named in texts_of(request) else plain


def _bodies(uow: UnitOfWork, request: Request) -> Bodies:
    places = visit_of(request).communities(uow)
    found = [(body, place) for place in places for body in uow.communities.committees(place.id)]
    return Bodies({body.id: body.name for body, _ in found}, {body.id: ZONES[place.country] for body, place in found})


def _ahead(uow: UnitOfWork, request: Request) -> Meeting | None:
    wanted = id_of(request.path_params["meeting_id"])
    found = uow.meetings.get(wanted) if wanted else None
    visible = found is not None and visit_of(request).sees(found.community_id) and found.lies_ahead(visit_of(request).now)
    return found if visible else None


async def _page(
    request: Request,
    bodies: Bodies,
    draft: MeetingDraft,
    found: Meeting | None,
    *,
    seen: Seen | None = None,
    errors: Sequence[str] = (),
) -> Response:
    t = texts_of(request)
    local = draft.starts_at.astimezone(ZoneInfo(bodies.zones[draft.committee_id])) if draft.starts_at else None
    crumbs: list[Any] = [(t("meetings.title"), PATH), *([(found.agenda, f"{PATH}/{found.id}")] if found else [])]
    return page(
        request,
        "meeting_call.html",
        title=t("meetings.call.change" if found else "meetings.call.new"),
        crumbs=crumbs,
        errors=[t(one) for one in errors],
        status=422 if errors else 200,
        bodies=bodies,
        draft=draft,
        local=local,
        found=found,
        seen=seen,
        most=MOST_CHARS,
        offers=OFFERS,
        open_to=list(OpenTo),
        tongues=LANGUAGES,
    )


ROUTES: Final = (
    Route(f"{PATH}/new", call, methods=["GET", "POST"]),
    Route(f"{PATH}/asked/{{member_id}}", confirm, methods=["POST"]),
    Route(f"{PATH}/{{meeting_id}}/change", change, methods=["GET", "POST"]),
    Route(f"{PATH}/{{meeting_id}}/cancel", cancel, methods=["POST"]),
)
