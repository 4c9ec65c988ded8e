"""The first page: what runs, and what needs somebody."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.web.staff.gate import EVERYBODY, allowed
from bot.web.staff.rendering import page, texts_of
from bot.web.staff.section import Section


@allowed(*EVERYBODY)
async def overview(request: Request) -> Response:
    """What runs and what needs her, as far as her role goes."""
    return page(request, "overview.html", title=texts_of(request)("overview.title"))


SECTION: Final = Section("overview", "/staff/", EVERYBODY, (Route("/staff/", overview),))
