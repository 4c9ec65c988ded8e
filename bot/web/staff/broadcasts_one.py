"""One broadcast: how far it has come, stopping it, approving it, and whom it did not reach."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.domain.broadcast import NEXT, Broadcast, BroadcastState, DeadLetter, Recipients
from bot.domain.errors import UsageError
from bot.domain.message import MessageState
from bot.domain.staff import Role
from bot.domain.store import UnitOfWork
from bot.outreach.composing import Refused
from bot.outreach.prices import MICROS
from bot.outreach.quote import micros
from bot.web.staff import cookies
from bot.web.staff.broadcasts_seen import (
    GOING,
    PATH,
    audience_words,
    maker_of,
    may_approve,
    pesos,
    previews,
    share,
    span,
)
from bot.web.staff.gate import FIELD, PROGRAMME, Handler, allowed, missing
from bot.web.staff.polls_seen import words_of
from bot.web.staff.rendering import page, texts_of
from bot.web.staff.visit import ask, batea_of, id_of, look, visit_of

SHOWN: Final = 50
DEEDS: Final = ("approve", "pause", "resume", "cancel", "retry")


@dataclass(frozen=True, slots=True)
class Seen:
    """A broadcast with what the database knows of it."""

    one: Broadcast
    audience: str
    counts: Mapping[MessageState, int]
    letters: Sequence[DeadLetter]
    maker: str
    approver: str
    recipients: Recipients | None


@allowed(*FIELD)
async def one(request: Request) -> Response:
    """Its page."""
    return await _one_page(request)


async def _do(request: Request, name: str) -> Response:
    """Approve, pause, resume, cancel; send once more to somebody, or to all whom it did not reach."""
    visit = visit_of(request)
    form = await request.form()
    message, given = id_of(form.get("message")), str(form.get("budget", "")).strip()
    budget = int(given) if given.isascii() and given.isdecimal() and len(given) < 11 else None  # noqa: PLR2004
    broadcast_id = id_of(request.path_params["broadcast_id"])
    desk, by = batea_of(request).broadcasts.desk, maker_of(visit)

    def work(uow: UnitOfWork) -> None:
        if name == "approve":
            desk.approve(uow, broadcast_id, by, visit.now)
        elif name == "pause":
            desk.pause(uow, broadcast_id, by, visit.now)
        elif name == "resume":
            desk.resume(uow, broadcast_id, by, visit.now, budget)
        elif name == "cancel":
            desk.cancel(uow, broadcast_id, by, visit.now)
        else:
            desk.retry(uow, broadcast_id, by, visit.now, [message] if message else ())

    try:
        await ask(request, work)
    except Refused as refused:
        t = texts_of(request)
        errors = [t(f"broadcasts.faults.{fault.code}", **fault.facts) for fault in refused.faults]
        return await _one_page(request, errors)
    except UsageError:
        return missing(request)
    back = RedirectResponse(f"{PATH}/{broadcast_id}", 303)
    return cookies.flash(request, back, f"broadcasts.done.{name}")


async def _one_page(request: Request, errors: Sequence[str] = ()) -> Response:
    t, visit = texts_of(request), visit_of(request)
    seen = await look(request, lambda uow: _seen(uow, request))
    if seen is None:
        return missing(request)
    found, desk = seen.one, batea_of(request).broadcasts.desk
    following = NEXT[found.state]
    groups = seen.recipients.groups if seen.recipients else ()
    duration = span(t, desk.duration_s(seen.recipients, found.spread_s)) if seen.recipients else ""
    costs = pesos(t, micros(found.content, seen.recipients, desk.pricing)) if seen.recipients else ""
    return page(
        request,
        "broadcast.html",
        would_cost=costs,
        title=found.content.title,
        crumbs=[(t("broadcasts.title"), PATH)],
        errors=errors,
        status=422 if errors else 200,
        seen=seen,
        one=found,
        share=share(seen.counts),
        states=[(state, seen.counts[state]) for state in MessageState if seen.counts.get(state)],
        going=sum(seen.counts.get(state, 0) for state in GOING),
        spent=pesos(t, found.spent),
        budget=pesos(t, found.budget) if found.budget is not None else "",
        more_than=-(-found.spent // MICROS),
        duration=duration,
        previews=await asyncio.to_thread(previews, batea_of(request), found.content, groups),
        approves=found.state is BroadcastState.WAITING_APPROVAL and may_approve(visit, found),
        own=found.made_by == visit.member.id,
        pauses=BroadcastState.PAUSED in following,
        resumes=found.state is BroadcastState.PAUSED,
        cancels=BroadcastState.CANCELLED in following,
        failed=[letter for letter in seen.letters if letter.state is MessageState.FAILED],
    )


def _seen(uow: UnitOfWork, request: Request) -> Seen | None:
    visit, broadcast_id = visit_of(request), id_of(request.path_params["broadcast_id"])
    desk = batea_of(request).broadcasts.desk
    found = desk.get(uow, broadcast_id, maker_of(visit))
    if found is None:
        return None
    names = {member.id: member.email.partition("@")[0] for member in uow.staff.all()}
    begun = found.expanded or found.people > 0
    return Seen(
        found,
        audience_words(texts_of(request), words_of(request), found.audience, uow.communities.all()),
        uow.broadcasts.states(broadcast_id),
        uow.broadcasts.dead_letters(broadcast_id, limit=SHOWN),
        names.get(found.made_by, ""),
        names.get(found.approved_by, ""),
        None if begun else desk.recipients(uow, found, visit.now),
    )


def _doing(name: str, roles: frozenset[Role]) -> Handler:
    @allowed(*roles)
    async def handler(request: Request) -> Response:
        return await _do(request, name)

    return handler


ROUTES: Final = (
    Route(f"{PATH}/{{broadcast_id}}", one),
    *(
        Route(f"{PATH}/{{broadcast_id}}/{name}", _doing(name, PROGRAMME if name == "approve" else FIELD), methods=["POST"])
        for name in DEEDS
    ),
)
