"""Marking a person, to reach those of a mark together."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.domain.audience import TAG
from bot.domain.store import UnitOfWork
from bot.web.staff import cookies
from bot.web.staff.gate import FIELD, allowed, missing
from bot.web.staff.visit import ask, id_of, visit_of

PEOPLE: Final = "/staff/people"


@allowed(*FIELD)
async def tag(request: Request) -> Response:
    """Put a tag on her, or take one away."""
    visit, person_id, form = visit_of(request), id_of(request.path_params["person_id"]), await request.form()
    put, drop = (str(form.get(name, "")).strip().lower() for name in ("put", "drop"))

    def work(uow: UnitOfWork) -> str:
        record = uow.register.record(person_id)
        if record is None or not visit.sees(record.community_id):
            return ""
        if drop:
            uow.tags.drop(person_id, drop)
            visit.note(uow, "tag.drop", "person", person_id)
            return "tags.done"
        if not TAG.fullmatch(put):
            return "tags.wrong"
        uow.tags.put(person_id, put)
        visit.note(uow, "tag.put", "person", person_id)
        return "tags.done"

    done = await ask(request, work)
    if not done:
        return missing(request)
    return cookies.flash(request, RedirectResponse(f"{PEOPLE}/{person_id}", 303), done)


ROUTES: Final = (Route(f"{PEOPLE}/{{person_id}}/tags", tag, methods=["POST"]),)
