"""All addresses of the staff side."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.web.staff import cookies, signing_in
from bot.web.staff.gate import EVERYBODY, allowed, missing
from bot.web.staff.sections import SECTIONS, section_routes


def routes() -> list[BaseRoute]:
    """Sign-in, the sections, and a kind word for every other address below `/staff/`."""
    return [
        Route("/staff", _home),
        *signing_in.ROUTES,
        *section_routes(),
        Route("/staff/{rest:path}", _nothing, methods=["GET", "POST"]),
    ]


def prepare(app: Starlette) -> None:
    """Give the application what the pages look for in it."""
    app.state.staff_sections = SECTIONS
    app.state.staff_counts = {}
    app.state.staff_beside = set()
    app.state.staff_expected = False


async def _home(_: Request) -> Response:
    return RedirectResponse(cookies.HOME, 307)


@allowed(*EVERYBODY)
async def _nothing(request: Request) -> Response:
    return missing(request)
