"""How a staff page is drawn."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.domain.staff import Session
from bot.web.staff import cookies
from bot.web.staff.texts import LANGUAGES, Texts, texts
from bot.web.staff.visit import Visit, batea_of

TEMPLATES: Final = Path(__file__).parents[1] / "templates"
# What is on a page is for whoever is signed in now: no cache keeps it, and going back asks again.
PRIVATE: Final = {"cache-control": "no-store"}


def page(
    request: Request,
    template: str,
    *,
    title: str,
    crumbs: Sequence[tuple[str, str]] = (),
    status: int = 200,
    errors: Sequence[str] = (),
    **values: Any,
) -> Response:
    """Draw `templates/staff/<template>`.

    `title` is said at the top and in the browser's tab. `crumbs` are the pages above it, as text and address. `errors` are
    sentences about what was typed. Templates find `t`, `visit` (None while nobody is signed in) and `values`.
    """
    visit: Visit | None = getattr(request.state, "visit", None)
    t = texts_of(request)
    flash = cookies.take(request, cookies.FLASH)
    drawn = (
        environment()
        .get_template(f"staff/{template}")
        .render(
            t=t,
            visit=visit,
            title=title,
            crumbs=crumbs,
            errors=errors,
            flash=flash if flash in t else "",
            here=request.url.path,
            navigation=_navigation(request, visit),
            timezone=batea_of(request).settings.timezone,
            languages=LANGUAGES,
            **values,
        )
    )
    response = HTMLResponse(drawn, status_code=status, headers=PRIVATE)
    if flash:
        cookies.drop(request, response, cookies.FLASH)
    return response


def texts_of(request: Request) -> Texts:
    """The sentences of her language: her account's; before there is one `?lang=`, else what the browser prefers."""
    visit: Visit | None = getattr(request.state, "visit", None)
    if visit is not None:
        return texts(visit.member.language)
    session: Session | None = getattr(request.state, "session", None)
    if session is not None:
        return texts(session.member.language)
    asked = request.query_params.get("lang", "")
    if asked in LANGUAGES:
        return texts(asked)
    for part in request.headers.get("accept-language", "").lower().split(","):
        if (language := part.strip()[:2]) in LANGUAGES:
            return texts(language)
    return texts(LANGUAGES[0])


def _navigation(request: Request, visit: Visit | None) -> list[tuple[str, str, str]]:
    """Name, address, and where she is (`page`: there; `true`: below it; '' elsewhere) of the sections that her role sees."""
    if visit is None:
        return []
    path = request.url.path
    seen = [section for section in request.app.state.staff_sections if visit.role in section.roles]
    return [
        (
            section.name,
            section.path,
            "page" if path == section.path else "true" if path.startswith(f"{section.path}/") else "",
        )
        for section in seen
    ]


@functools.cache
def environment() -> Environment:
    """The templates, escaping everything."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def compile_all() -> None:
    """Translate all templates to Python, which each would else be when its first page is drawn."""
    for name in environment().list_templates(filter_func=lambda name: name.startswith("staff/")):
        environment().get_template(name)
