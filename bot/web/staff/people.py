"""People: masked, one community at a time if wanted; an address in full only for a reason, which is written down."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.domain.community import Community
from bot.domain.learning import Progress
from bot.domain.message import Address, ChannelName
from bot.domain.person import Country
from bot.domain.register import MOST_COUNTED, Record, Standing
from bot.domain.store import UnitOfWork
from bot.running import Batea
from bot.web.staff.gate import FIELD, allowed, missing
from bot.web.staff.rendering import page, texts_of
from bot.web.staff.section import Section
from bot.web.staff.tags import ROUTES as TAG_ROUTES
from bot.web.staff.visit import ask, batea_of, id_of, look, visit_of

PATH: Final = "/staff/people"
REASONS: Final = ("call_back", "she_asked", "correct", "safety", "technical")
_NUMBER: Final = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_CHAT: Final = re.compile(r"[1-9]\d{0,19}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Learning:
    """How far somebody is in one module."""

    title: str
    finished: int
    lessons: int


@allowed(*FIELD)
async def people(request: Request) -> Response:
    """A list, the newest people first."""
    visit = visit_of(request)
    community_id = request.query_params.get("community", "")
    standing = _standing(request.query_params.get("standing", ""))
    after = request.query_params.get("after", "")[:80]

    def note(uow: UnitOfWork) -> tuple[list[Community], str]:
        places = visit.communities(uow)
        known = community_id if any(place.id == community_id for place in places) else ""
        visit.note(uow, "person.list", "community", visit.community_id or known)
        return places, known

    places, chosen = await ask(request, note)
    wanted = visit.community_id if visit.community_id is not None else chosen or None
    found = await look(request, lambda uow: uow.register.page(community_id=wanted, standing=standing, after=after))
    query = urlencode({"community": chosen, "standing": standing or "", "after": found.after})
    return page(
        request,
        "people.html",
        title=texts_of(request)("people.title"),
        places={place.id: place for place in places},
        chosen=chosen,
        standing=standing or "",
        standings=list(Standing),
        found=found,
        older=f"{PATH}?{query}" if found.after else "",
        later=bool(after),
        most_counted=MOST_COUNTED,
    )


@allowed(*FIELD)
async def person(request: Request) -> Response:
    """One person."""
    return await _person_page(request)


@allowed(*FIELD)
async def reveal(request: Request) -> Response:
    """One address in full, for a reason. It is shown once, and stands in no address and no cookie."""
    t, form = texts_of(request), await request.form()
    ref, reason = str(form.get("ref", "")), str(form.get("reason", ""))
    if reason not in REASONS:
        return await _person_page(request, error=t("people.reveal.refused"))
    return await _person_page(request, ref=ref, reason=reason)


@allowed(*FIELD)
async def find(request: Request) -> Response:
    """Whoever has an address that staff were told: she is on the telephone, or wrote a letter."""
    visit, t = visit_of(request), texts_of(request)
    typed = str((await request.form()).get("address", ""))
    tried = _addresses(typed, simulator=batea_of(request).settings.demo)

    def work(uow: UnitOfWork) -> str | None:
        line = next((line for address in tried if (line := uow.lines.find(address))), None)
        record = uow.register.record(uow.lines.writes(line.id)) if line else None
        if record is None or not visit.sees(record.community_id):
            visit.note(uow, "person.find")
            return None
        visit.note(uow, "person.find", "person", record.id)
        return record.id

    person_id = await ask(request, work)
    if person_id is None:
        crumbs = [(t("people.title"), PATH)]
        return page(
            request, "notice.html", title=t("people.find.nobody"), text="people.find.nobody_text", crumbs=crumbs, status=404
        )
    return RedirectResponse(f"{PATH}/{person_id}", 303)


async def _person_page(request: Request, *, ref: str = "", reason: str = "", error: str = "") -> Response:
    visit, t, batea = visit_of(request), texts_of(request), batea_of(request)
    person_id = id_of(request.path_params["person_id"])

    def work(uow: UnitOfWork) -> tuple[Record, Progress, Community | None, Address | None, Sequence[str]] | None:
        record = uow.register.record(person_id)
        if record is None or not visit.sees(record.community_id):
            return None
        visit.note(uow, "person.read", "person", record.id)
        address = uow.register.reveal(record.id, ref) if ref else None
        if address:
            visit.note(uow, "person.reveal", "person", record.id, reason)
        place = uow.communities.get(record.community_id) if record.community_id else None
        return record, uow.people.progress(record.id), place, address, uow.tags.of(record.id)

    found = await ask(request, work)
    if found is None:
        return missing(request)
    record, progress, place, address, tags = found
    return page(
        request,
        "person.html",
        title=t("people.person", code=record.id[:6]),
        crumbs=[(t("people.title"), PATH)],
        errors=[error] if error else [],
        status=422 if error else 200,
        record=record,
        place=place,
        learning=_learning(batea, record.country, progress),
        revealed={ref: address.value} if address else {},
        tags=tags,
        reasons=REASONS,
    )


def _learning(batea: Batea, country: Country | None, progress: Progress) -> list[Learning]:
    """The modules that somebody has begun, in their order."""
    begun = {record.module_id for record in progress.lessons}
    return [
        Learning(module.title, len(progress.finished(module.id) & {lesson.id for lesson in module.lessons}), len(module.lessons))
        for module in batea.library.modules(country or Country.CO)
        if module.id in begun
    ]


def _standing(value: str) -> Standing | None:
    return Standing(value) if value in set(Standing) else None


def _addresses(typed: str, *, simulator: bool) -> list[Address]:
    """The addresses that somebody may mean by what she types; in a demonstration also those of the simulator's phones."""
    bare = re.sub(r"[\s().-]", "", typed)
    simulated = (False, True) if simulator else (False,)
    if _NUMBER.fullmatch(bare):
        return [Address(ChannelName.SMS, bare, simulated=each) for each in simulated]
    if _CHAT.fullmatch(bare):
        return [Address(ChannelName.TELEGRAM, bare, simulated=each) for each in simulated]
    return []


SECTION: Final = Section(
    "people",
    PATH,
    FIELD,
    (
        Route(PATH, people),
        Route(f"{PATH}/find", find, methods=["POST"]),
        Route(f"{PATH}/{{person_id}}", person),
        Route(f"{PATH}/{{person_id}}/reveal", reveal, methods=["POST"]),
        *TAG_ROUTES,
    ),
)
