"""Opening a round, once it was shown whom it asks; closing one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.domain.community import Community
from bot.domain.errors import UsageError
from bot.domain.figures import SMALLEST_GROUP
from bot.domain.poll import Poll
from bot.domain.store import UnitOfWork
from bot.outreach.rounds import DAYS, MOST_DAYS, Asking
from bot.web.staff import cookies
from bot.web.staff.gate import PROGRAMME, allowed, missing
from bot.web.staff.polls_seen import PATH, around, question_of, words_of
from bot.web.staff.rendering import page, texts_of
from bot.web.staff.visit import batea_of, id_of, look, visit_of

MOST_PEOPLE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Wish:
    """What was chosen, as it stood in the form."""

    poll: str = ""
    to: str = ""
    days: str = str(DAYS)
    population: str = ""
    panel: bool = False

    @property
    def asking(self) -> Asking:
        """How the round is asked. Call it once nothing is wrong."""
        return Asking(int(self.days), int(self.population) if self.population else None, self.panel)


@allowed(*PROGRAMME)
async def opening(request: Request) -> Response:
    """The form; then how many would be asked; then it is done."""
    if request.method == "GET":
        return await _form(request, Wish(poll=id_of(request.query_params.get("poll"))))
    form = await request.form()
    wish = Wish(
        id_of(form.get("poll")),
        str(form.get("to", ""))[:120],
        str(form.get("days", "")).strip(),
        str(form.get("population", "")).strip().replace(".", ""),
        bool(form.get("panel")),
    )
    errors, people = await _checked(request, wish)
    if errors:
        return await _form(request, wish, errors)
    if form.get("step") != "open":
        return await _confirm(request, wish, people)
    visit = visit_of(request)

    def noted(uow: UnitOfWork, round_id: str) -> None:
        visit.note(uow, "round.open", "round", round_id)

    try:
        await asyncio.to_thread(batea_of(request).rounds.open, wish.poll, wish.to, wish.asking, noted)
    except UsageError:
        return await _form(request, wish, ["polls.open.refused.busy"])
    return cookies.flash(request, RedirectResponse(PATH, 303), "polls.open.done")


@allowed(*PROGRAMME)
async def closing(request: Request) -> Response:
    """Ask whether she is sure, then close it for good."""
    t, found = texts_of(request), await around(request)
    if found is None or found.record.closed_at is not None:
        return missing(request)
    if request.method == "GET":
        crumbs = [(t("polls.title"), PATH)]
        question = question_of(found.record)
        return page(
            request, "poll_close.html", title=t("polls.close.title"), crumbs=crumbs, record=found.record, question=question
        )
    visit, round_id = visit_of(request), found.record.round.id

    def noted(uow: UnitOfWork, closed: str) -> None:
        visit.note(uow, "round.close", "round", closed)

    await asyncio.to_thread(batea_of(request).rounds.close, round_id, noted)
    return cookies.flash(request, RedirectResponse(f"{PATH}/rounds/{round_id}", 303), "polls.close.done")


async def _checked(request: Request, wish: Wish) -> tuple[list[str], int]:
    """The keys of what is wrong, and how many people would be asked."""
    errors = []
    if not wish.days.isdecimal() or not wish.days.isascii() or not 1 <= int(wish.days[:9]) <= MOST_DAYS:
        errors.append("polls.open.refused.days")
    population = wish.population
    if population and not (population.isascii() and population.isdecimal() and 0 < int(population[:9]) <= MOST_PEOPLE):
        errors.append("polls.open.refused.population")
    try:
        people = await look(request, lambda uow: batea_of(request).rounds.quote(uow, wish.poll, wish.to))
    except UsageError:
        return [*errors, "polls.open.refused.choose"], 0
    if not errors and population and int(population) < people:
        errors.append("polls.open.refused.fewer")
    poll = await _poll(request, wish.poll)
    if wish.panel and poll is not None and poll.sensitive:
        errors.append("polls.open.refused.panel")
    return errors, people


async def _poll(request: Request, poll_id: str) -> Poll | None:
    return batea_of(request).library.poll(poll_id) or await look(request, lambda uow: uow.composed.get(poll_id))


async def _form(request: Request, wish: Wish, errors: list[str] | None = None) -> Response:
    t, batea = texts_of(request), batea_of(request)
    places, composed = await look(request, lambda uow: (list(uow.communities.all()), list(uow.composed.all())))
    polls = [poll for poll in (*batea.library.polls(), *composed) if poll.enabled]
    return page(
        request,
        "poll_open.html",
        title=t("polls.open.title"),
        crumbs=[(t("polls.title"), PATH)],
        polls=polls,
        audiences=_audiences(places),
        wish=wish,
        most_days=MOST_DAYS,
        errors=[t(key, most=MOST_DAYS) for key in errors or ()],
        status=422 if errors else 200,
    )


def _audiences(places: list[Community]) -> dict[str, list[tuple[str, str]]]:
    """What may be chosen, by kind: the expression and what it is called."""
    territories = sorted({place.territory for place in places})
    return {
        "territory": [(f"territory:{name}", name) for name in territories],
        "community": [(f"community:{place.id}", place.name) for place in places],
    }


async def _confirm(request: Request, wish: Wish, people: int) -> Response:
    t = texts_of(request)
    poll = await _poll(request, wish.poll)
    places = await look(request, lambda uow: list(uow.communities.all()))
    names = {expression: name for kind in _audiences(places).values() for expression, name in kind}
    return page(
        request,
        "poll_confirm.html",
        title=t("polls.open.confirm"),
        crumbs=[(t("polls.title"), PATH), (t("polls.open.title"), f"{PATH}/open")],
        poll=poll,
        wish=wish,
        where=names.get(wish.to, t("polls.everybody")),
        people=people,
        too_few=people < SMALLEST_GROUP,
        smallest=SMALLEST_GROUP,
        words=words_of(request),
    )


ROUTES: Final = (
    Route(f"{PATH}/open", opening, methods=["GET", "POST"]),
    Route(f"{PATH}/rounds/{{round_id}}/close", closing, methods=["GET", "POST"]),
)
