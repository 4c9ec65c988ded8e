"""The gate before every staff page: a session, a role that may, and a form that came from a page of ours."""

from __future__ import annotations

import functools
import hmac
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.domain.errors import StorageError
from bot.domain.staff import Role, Session, Stage
from bot.web.staff import cookies
from bot.web.staff.rendering import page, texts_of
from bot.web.staff.visit import Visit, ask, batea_of

Handler = Callable[[Request], Awaitable[Response]]
EVERYBODY: Final = frozenset(Role)
PROGRAMME: Final = frozenset({Role.ADMIN, Role.STAFF})
FIELD: Final = PROGRAMME | {Role.FACILITATOR}
# Where a sign-in that is not finished goes on.
STEPS: Final = {Stage.CODE: "/staff/code", Stage.PASSWORD: "/staff/password"}
SIGN_IN: Final = "/staff/signin"
MOST_FORM_BYTES: Final = 100_000


def allowed(*roles: Role, most_bytes: int = MOST_FORM_BYTES) -> Callable[[Handler], Handler]:
    """Let these roles through, in `request.state.visit`; everybody else is sent to the sign-in or told kindly.

    A request that is no GET must be a form of at most `most_bytes` with the session's `csrf`.
    """

    def decorate(handler: Handler) -> Handler:
        @functools.wraps(handler)
        async def guarded(request: Request) -> Response:
            read_only(request)
            try:
                return await _let_in(request, frozenset(roles), most_bytes) or await handler(request)
            except StorageError:
                batea_of(request).notebook.event("staff_page_failed", kind="StorageError", method=request.method)
                return page(request, "notice.html", title=texts_of(request)("busy.title"), text="busy.text", status=503)
            finally:
                await request.close()

        guarded.roles = frozenset(roles)  # type: ignore[attr-defined] # what the walk over all routes reads
        return guarded

    return decorate


async def _let_in(request: Request, roles: frozenset[Role], most_bytes: int) -> Response | None:
    """None where she may go on; else what she is told."""
    session = await current(request)
    if session is None or session.stage is not Stage.OPEN:
        response = RedirectResponse(STEPS.get(session.stage, SIGN_IN) if session else SIGN_IN, 303)
        cookies.put_next(request, response)
        return response
    request.state.visit = Visit(session, batea_of(request).clock.now())
    if session.member.role not in roles:
        return denied(request)
    if request.method == "GET":
        return None
    if not small(request, most_bytes):
        return too_large(request)
    return None if await form_fits(request, session) else stale(request)


def read_only(request: Request) -> None:
    """HEAD is GET without a body: whoever asks `is it GET` must not take it for a form, which nobody would have checked."""
    if request.method == "HEAD":
        request.scope["method"] = "GET"


async def current(request: Request) -> Session | None:
    """The session of a browser, finished or not; None where there is none."""
    token = cookies.take(request, cookies.SESSION)
    if not token:
        return None
    now = batea_of(request).clock.now()
    return await ask(request, lambda uow: uow.sessions.find(token, now))


async def form_fits(request: Request, session: Session) -> bool:
    """Whether a form carries what only our pages of this session carry."""
    given = (await request.form()).get("csrf")
    return isinstance(given, str) and hmac.compare_digest(given.encode(), session.csrf.encode())


def small(request: Request, most_bytes: int) -> bool:
    """Whether a body says how long it is, and is not too long."""
    length = request.headers.get("content-length", "")
    return length.isascii() and length.isdecimal() and int(length) <= most_bytes


def denied(request: Request) -> Response:
    """This is not for her role."""
    return page(request, "notice.html", title=texts_of(request)("denied.title"), text="denied.text", status=403)


def stale(request: Request) -> Response:
    """The form is not from a page of this session."""
    return page(request, "notice.html", title=texts_of(request)("stale.title"), text="stale.text", status=403)


def missing(request: Request) -> Response:
    """There is no such page, or nothing by that name that she may see: the same answer for both."""
    return page(request, "notice.html", title=texts_of(request)("missing.title"), text="missing.text", status=404)


def too_large(request: Request) -> Response:
    """More was sent than the page takes."""
    return page(request, "notice.html", title=texts_of(request)("large.title"), text="large.text", status=413)
