"""Polls: what runs, what was published, which questions there are."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.domain.errors import BateaError
from bot.domain.pause import Pause
from bot.domain.poll import Poll, RoundRecord
from bot.domain.staff import Role
from bot.domain.store import UnitOfWork
from bot.web.staff import polls_compose, polls_open, polls_results, polls_tally, polls_told
from bot.web.staff.gate import EVERYBODY, FIELD, PROGRAMME, allowed
from bot.web.staff.polls_seen import PATH, audience_text, question_of, results_of, sees_round, share, tens, words_of
from bot.web.staff.rendering import page, texts_of
from bot.web.staff.section import Section
from bot.web.staff.visit import batea_of, look, visit_of

MOST_CLOSED: Final = 60
WARMED: Final = 3
"""So many of the newest results are worked out while the list is being read: they are what is opened next."""


@dataclass(frozen=True, slots=True)
class RoundRow:
    """A round as the list shows it; an open one with two counts, rounded down to tens."""

    id: str
    poll_id: str
    question: str
    name: str
    audience: str
    opened: date
    closes: date
    answered: int | None = 0
    invited: int = 0

    @property
    def share(self) -> int:
        """How many of a hundred have answered, for the length of a bar."""
        return share(self.answered, self.invited)


@dataclass(frozen=True, slots=True)
class Listed:
    """What the database says for this page."""

    open: Sequence[RoundRow]
    closed: Sequence[RoundRow]
    records: Sequence[RoundRecord]
    composed: Sequence[Poll]
    pauses: Sequence[Pause]


@allowed(*EVERYBODY)
async def polls(request: Request) -> Response:
    """Open rounds, published results, and the questions."""
    visit, t, chosen = visit_of(request), texts_of(request), request.query_params.get("poll", "")
    seen = await look(request, lambda uow: _listed(uow, request))
    questions = sorted({(row.poll_id, row.question) for row in seen.closed})
    known = chosen if any(poll_id == chosen for poll_id, _ in questions) else ""
    composed = {poll.id for poll in seen.composed}
    response = page(
        request,
        "polls.html",
        title=t("polls.title"),
        seen=seen,
        closed=[row for row in seen.closed if not known or row.poll_id == known][:MOST_CLOSED],
        questions=questions,
        chosen=known,
        polls=[*batea_of(request).library.polls(), *seen.composed] if visit.role in PROGRAMME else [],
        composed=composed,
        may_open=visit.role in PROGRAMME,
        may_tally=visit.role in FIELD,
        reads=visit.role is Role.PME,
    )
    newest = [record for record in seen.records if record.closed_at is not None][-WARMED:]
    response.background = BackgroundTask(_warm, request, newest)
    return response


async def _warm(request: Request, records: Sequence[RoundRecord]) -> None:
    with contextlib.suppress(BateaError, ValueError):
        for record in records:
            await results_of(request, record)
        if records:
            await asyncio.to_thread(polls_results.prepare_to_draw)


def _listed(uow: UnitOfWork, request: Request) -> Listed:
    visit, t, words = visit_of(request), texts_of(request), words_of(request)
    places = uow.communities.all()
    records = [record for record in uow.polls.rounds() if sees_round(visit, record, places)]
    territories = {place.territory for place in visit.communities(uow)}

    def row(record: RoundRecord) -> RoundRow:
        asked, running = record.round, record.closed_at is None
        answered, invited = tens(record) if running else (0, 0)
        audience = audience_text(t, words, record, places)
        days = (asked.opens_at.date(), min(asked.closes_at, record.closed_at or asked.closes_at).date())
        name = words.round(asked.number)
        return RoundRow(asked.id, asked.poll_id, question_of(record), name, audience, *days, answered, invited)

    return Listed(
        [row(record) for record in records if record.closed_at is None],
        [row(record) for record in reversed(records) if record.closed_at is not None],
        records,
        uow.composed.all(),
        [pause for pause in uow.pauses.all() if not pause.territory or pause.territory in territories],
    )


SECTION: Final = Section(
    "polls",
    PATH,
    EVERYBODY,
    (
        Route(PATH, polls),
        *polls_open.ROUTES,
        *polls_compose.ROUTES,
        *polls_tally.ROUTES,
        *polls_told.ROUTES,
        *polls_results.ROUTES,
    ),
)
