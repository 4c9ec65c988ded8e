"""Who of the team is on duty when, and where each is alerted."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import time
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.domain.community import Community
from bot.domain.duty import Duty, Shift, duty_of
from bot.domain.home import ZONES
from bot.domain.message import Address, ChannelName
from bot.domain.staff import Role, StaffMember
from bot.domain.store import UnitOfWork
from bot.web.staff import cookies
from bot.web.staff.gate import FIELD, allowed
from bot.web.staff.rendering import page, texts_of
from bot.web.staff.visit import Visit, ask, batea_of, id_of, visit_of

PATH: Final = "/staff/inbox/duty"
CHANNELS: Final = (ChannelName.WHATSAPP, ChannelName.SMS, ChannelName.TELEGRAM)
DAYS: Final = range(7)
_HOUR: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_NUMBER: Final = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_CHAT: Final = re.compile(r"[1-9]\d{0,19}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands in one community now: who is there, or when somebody is next, as a clock shows it there."""

    place: Community
    duty: Duty
    names: tuple[str, ...]
    zone: str


@dataclass(frozen=True, slots=True)
class Table:
    """What the page shows: the shifts of each community by day, who may have one, and where she herself is alerted."""

    places: list[Community]
    shifts: dict[str, dict[int, list[Shift]]]
    members: list[StaffMember]
    contact: Address | None
    alerted: frozenset[str]


@allowed(*FIELD)
async def duty(request: Request) -> Response:
    """The weekly table."""
    return await _duty_page(request)


@allowed(*FIELD)
async def add(request: Request) -> Response:
    """One more shift; a facilitator's own community only."""
    visit, t, form = visit_of(request), texts_of(request), await request.form()
    begins, ends, day = (str(form.get(name, "")) for name in ("begins", "ends", "weekday"))
    community_id, member_id = id_of(form.get("community")), id_of(form.get("member"))
    if not (_HOUR.fullmatch(begins) and _HOUR.fullmatch(ends) and begins < ends and day in {str(each) for each in DAYS}):
        return await _duty_page(request, error=t("duty.wrong_hours"))
    shift = Shift(uuid.uuid4().hex, community_id, member_id, int(day), time.fromisoformat(begins), time.fromisoformat(ends))

    def work(uow: UnitOfWork) -> str:
        places = {place.id for place in visit.communities(uow)}
        if community_id not in places or member_id not in {each.id for each in _members(uow, community_id)}:
            return "duty.wrong_person"
        if not uow.roster.add(shift):
            return "duty.overlaps"
        visit.note(uow, "duty.add", "community", community_id)
        return ""

    refused = await ask(request, work)
    if refused:
        return await _duty_page(request, error=t(refused))
    return cookies.flash(request, RedirectResponse(PATH, 303), "duty.added")


@allowed(*FIELD)
async def drop(request: Request) -> Response:
    """Take a shift away."""
    visit, shift_id = visit_of(request), id_of((await request.form()).get("shift"))

    def work(uow: UnitOfWork) -> None:
        known = next((each for each in uow.roster.shifts() if each.id == shift_id), None)
        if known and visit.sees(known.community_id):
            uow.roster.drop(shift_id)
            visit.note(uow, "duty.drop", "community", known.community_id)

    await ask(request, work)
    return cookies.flash(request, RedirectResponse(PATH, 303), "duty.dropped")


@allowed(*FIELD)
async def contact(request: Request) -> Response:
    """Where she herself is alerted: an address from which she uses Batea, so that nobody else is woken up."""
    visit, t, form = visit_of(request), texts_of(request), await request.form()
    if form.get("do") == "forget":

        def forget(uow: UnitOfWork) -> None:
            uow.roster.set_contact(visit.member.id, None)
            visit.note(uow, "duty.contact", "staff", visit.member.id)

        await ask(request, forget)
        return cookies.flash(request, RedirectResponse(PATH, 303), "duty.contact_gone")
    tried = _addresses(str(form.get("channel", "")), str(form.get("address", "")), simulator=batea_of(request).settings.demo)

    def keep(uow: UnitOfWork) -> bool:
        for address in tried:
            line = uow.lines.find(address)
            met = uow.people.get(uow.lines.writes(line.id)) if line and not line.shared else None
            if met and met[0].enrolled and not uow.people.opted_out(address):
                uow.roster.set_contact(visit.member.id, address)
                visit.note(uow, "duty.contact", "staff", visit.member.id)
                return True
        # Whoever tries one number after another to see which of them use Batea is seen.
        visit.note(uow, "duty.contact_refused", "staff", visit.member.id)
        return False

    if not await ask(request, keep):
        return await _duty_page(request, error=t("duty.not_enrolled"))
    return cookies.flash(request, RedirectResponse(PATH, 303), "duty.contact_kept")


def standings(uow: UnitOfWork, visit: Visit) -> list[Standing]:
    """How it stands now, community by community."""
    names = {member.id: member.email.partition("@")[0] for member in uow.staff.all()}
    found = []
    for place in visit.communities(uow):
        now = duty_of(uow, place, visit.now)
        shown = tuple(names.get(each, "?") for each in now.now or now.following)
        found.append(Standing(place, now, shown, ZONES[place.country]))
    return found


async def _duty_page(request: Request, error: str = "") -> Response:
    visit, t = visit_of(request), texts_of(request)

    def work(uow: UnitOfWork) -> Table:
        places = visit.communities(uow)
        shifts = {
            place.id: {day: [each for each in uow.roster.shifts(place.id) if each.weekday == day] for day in DAYS}
            for place in places
        }
        members = [
            each for each in uow.staff.all() if _answers(each) and (visit.community_id is None or visit.sees(each.community_id))
        ]
        alerted = frozenset(each.id for each in members if uow.roster.contact(each.id))
        return Table(places, shifts, members, uow.roster.contact(visit.member.id), alerted)

    return page(
        request,
        "inbox_duty.html",
        title=t("duty.title"),
        crumbs=[(t("inbox.title"), "/staff/inbox")],
        errors=[error] if error else [],
        status=422 if error else 200,
        table=await ask(request, work),
        days=DAYS,
        channels=CHANNELS,
    )


def _answers(member: StaffMember) -> bool:
    return member.disabled_at is None and member.role is not Role.PME


def _members(uow: UnitOfWork, community_id: str) -> list[StaffMember]:
    """Who may answer the people of a community: its facilitators, and the staff."""
    return [each for each in uow.staff.all() if _answers(each) and each.community_id in {None, community_id}]


def _addresses(channel: str, typed: str, *, simulator: bool) -> list[Address]:
    if channel not in set(CHANNELS):
        return []
    bare = re.sub(r"[\s().-]", "", typed)
    form = _CHAT if channel == ChannelName.TELEGRAM else _NUMBER
    simulated = (False, True) if simulator else (False,)
    return [Address(ChannelName(channel), bare, simulated=each) for each in simulated] if form.fullmatch(bare) else []


ROUTES: Final = (
    Route(PATH, duty),
    Route(f"{PATH}/add", add, methods=["POST"]),
    Route(f"{PATH}/drop", drop, methods=["POST"]),
    Route(f"{PATH}/contact", contact, methods=["POST"]),
)
