"""Broadcasts: what waits, what runs, what has been sent, and what the month has cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.domain.broadcast import Broadcast, BroadcastState
from bot.domain.pause import Pause
from bot.domain.store import UnitOfWork
from bot.outreach.spending import WARNS_AT
from bot.web.staff import broadcasts_compose, broadcasts_one
from bot.web.staff.broadcasts_seen import ARRIVED, PATH, audience_words, maker_of, pesos
from bot.web.staff.gate import FIELD, allowed
from bot.web.staff.polls_seen import words_of
from bot.web.staff.rendering import page, texts_of
from bot.web.staff.section import Section
from bot.web.staff.visit import batea_of, look, visit_of

COUNTED: Final = 10
GOING_ON: Final = frozenset({BroadcastState.RUNNING, BroadcastState.PAUSED})


@dataclass(frozen=True, slots=True)
class Row:
    """A broadcast as the list shows it; how many of its people it has `arrived` at, None where nobody counted."""

    one: Broadcast
    audience: str
    arrived: int | None


@dataclass(frozen=True, slots=True)
class Listed:
    """What the database says for this page; amounts in millionths of a peso."""

    rows: Sequence[Row]
    pauses: Sequence[Pause]
    spent: int
    cap: int


@allowed(*FIELD)
async def broadcasts(request: Request) -> Response:
    """The list."""
    t = texts_of(request)
    seen = await look(request, lambda uow: _listed(uow, request))
    used = seen.spent / seen.cap if seen.cap else 0.0
    return page(
        request,
        "broadcasts.html",
        title=t("broadcasts.title"),
        seen=seen,
        waiting=[row for row in seen.rows if row.one.state == "waiting_approval"],
        others=[row for row in seen.rows if row.one.state != "waiting_approval"],
        spent=pesos(t, seen.spent),
        cap=pesos(t, seen.cap) if seen.cap else "",
        used=min(100, round(100 * used)),
        warns=bool(seen.cap) and used >= WARNS_AT,
        full=bool(seen.cap) and used >= 1,
    )


def _listed(uow: UnitOfWork, request: Request) -> Listed:
    visit, t, words = visit_of(request), texts_of(request), words_of(request)
    desk = batea_of(request).broadcasts.desk
    places = uow.communities.all()
    spent, cap = desk.month(uow, visit.now)

    def row(number: int, one: Broadcast) -> Row:
        # Rows of the ledger are counted for what is new or under way: older ones would take too long.
        counts = uow.broadcasts.states(one.id) if number < COUNTED or one.state in GOING_ON else None
        arrived = None if counts is None else sum(counts.get(state, 0) for state in ARRIVED)
        return Row(one, audience_words(t, words, one.audience, places), arrived)

    territories = {place.territory for place in visit.communities(uow)}
    pauses = [pause for pause in uow.pauses.all() if not pause.territory or pause.territory in territories]
    return Listed([row(*numbered) for numbered in enumerate(desk.all(uow, maker_of(visit)))], pauses, spent, cap)


SECTION: Final = Section("broadcasts", PATH, FIELD, (Route(PATH, broadcasts), *broadcasts_compose.ROUTES, *broadcasts_one.ROUTES))
