"""Coming in and going out: password, one-time code, a password of her own at the first time."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.access import Entry
from bot.domain.errors import AccessError
from bot.domain.staff import SHORTEST_PASSWORD, Refusal, Session, Stage
from bot.domain.store import UnitOfWork
from bot.web.staff import cookies, warmth
from bot.web.staff.gate import EVERYBODY, SIGN_IN, STEPS, Handler, allowed, current, form_fits, read_only, small, stale, too_large
from bot.web.staff.rendering import page, texts_of
from bot.web.staff.texts import LANGUAGES
from bot.web.staff.visit import ask, batea_of, visit_of

MOST_BYTES: Final = 10_000
_STATUS: Final = {Refusal.THROTTLED: 429}


async def sign_in(request: Request) -> Response:
    """E-mail address and password."""
    read_only(request)
    if request.method == "GET":
        session = await current(request)
        if session is not None and session.stage is Stage.OPEN:
            return RedirectResponse(cookies.HOME, 303)
        return _sign_in_page(request)
    if not small(request, MOST_BYTES):
        return too_large(request)
    form = await request.form()
    if not cookies.form_fits(request, _text(form.get("csrf"))):
        return _sign_in_page(request, "stale.text", 403)
    email, password = _text(form.get("email")), _text(form.get("password"))
    try:
        entry = await asyncio.to_thread(batea_of(request).access.sign_in, email, password, _where(request))
    except AccessError as error:
        return _sign_in_page(request, f"sign_in.refused.{error.why}", _STATUS.get(error.why, 401), email)
    return _on(request, entry)


def _at(stage: Stage) -> Callable[[Handler], Handler]:
    """Let through whoever has come to that step of a sign-in, in `request.state.session`; everybody else goes to her own."""

    def decorate(handler: Handler) -> Handler:
        @functools.wraps(handler)
        async def guarded(request: Request) -> Response:
            read_only(request)
            session = await current(request)
            if session is None or session.stage is not stage:
                return RedirectResponse(STEPS.get(session.stage, cookies.HOME) if session else SIGN_IN, 303)
            request.state.session = session
            if request.method != "GET":
                if not small(request, MOST_BYTES):
                    return too_large(request)
                if not await form_fits(request, session):
                    return stale(request)
            return await handler(request)

        return guarded

    return decorate


@_at(Stage.CODE)
async def code(request: Request) -> Response:
    """The code of her telephone's application."""
    if request.method == "GET":
        return _step_page(request, "code")
    given = _text((await request.form()).get("code"))
    token = cookies.take(request, cookies.SESSION)
    try:
        entry = await asyncio.to_thread(batea_of(request).access.confirm, token, given, _where(request))
    except AccessError as error:
        return _refused(request, "code", error.why)
    return _on(request, entry)


@_at(Stage.PASSWORD)
async def password(request: Request) -> Response:
    """A password of her own, at the first sign-in."""
    if request.method == "GET":
        return _step_page(request, "password")
    form = await request.form()
    first, again = _text(form.get("password")), _text(form.get("again"))
    if first != again:
        return _step_page(request, "password", "password.refused.differ", 422)
    token = cookies.take(request, cookies.SESSION)
    try:
        entry = await asyncio.to_thread(batea_of(request).access.choose_password, token, first)
    except AccessError as error:
        return _refused(request, "password", error.why)
    return _on(request, entry)


@allowed(*EVERYBODY)
async def sign_out(request: Request) -> Response:
    """End the session."""
    visit, token = visit_of(request), cookies.take(request, cookies.SESSION)

    def work(uow: UnitOfWork) -> None:
        uow.sessions.end(token)
        visit.note(uow, "staff.sign_out", "staff", visit.member.id)

    await ask(request, work)
    response = cookies.flash(request, RedirectResponse(SIGN_IN, 303), "sign_in.left")
    cookies.drop(request, response, cookies.SESSION)
    return response


@allowed(*EVERYBODY)
async def language(request: Request) -> Response:
    """Switch the language of her pages."""
    visit = visit_of(request)
    form = await request.form()
    wanted, back = _text(form.get("language")), _text(form.get("back"))
    if wanted in LANGUAGES:
        await ask(request, lambda uow: uow.staff.set_language(visit.member.id, wanted))
    return RedirectResponse(cookies.own_page(back), 303)


def _on(request: Request, entry: Entry) -> Response:
    """The next step of a sign-in, under a new token."""
    finished = entry.stage is Stage.OPEN
    warmth.expect(request.app)
    response = RedirectResponse(cookies.next_of(request) if finished else STEPS[entry.stage], 303)
    cookies.put_session(request, response, entry.token)
    if finished:
        for name in (cookies.NEXT, cookies.FORM):
            cookies.drop(request, response, name)
    return response


def _sign_in_page(request: Request, error: str = "", status: int = 200, email: str = "") -> Response:
    t, token = texts_of(request), cookies.form_token(request)
    errors = [t(error)] if error else []
    response = page(request, "sign_in.html", title=t("sign_in.title"), csrf=token, email=email, errors=errors, status=status)
    cookies.put_form(request, response, token)
    return response


def _refused(request: Request, step: str, why: Refusal) -> Response:
    if why is Refusal.EXPIRED:
        return RedirectResponse(SIGN_IN, 303)
    return _step_page(request, step, f"{step}.refused.{why}", _STATUS.get(why, 422))


def _step_page(request: Request, step: str, error: str = "", status: int = 200) -> Response:
    session: Session = request.state.session
    t, shortest = texts_of(request), SHORTEST_PASSWORD
    errors = [t(error, n=shortest)] if error else []
    return page(
        request, f"{step}.html", title=t(f"{step}.title"), csrf=session.csrf, shortest=shortest, errors=errors, status=status
    )


def _where(request: Request) -> str:
    return request.client.host if request.client else ""


def _text(value: object) -> str:
    """What stood in a field; '' for a file or nothing."""
    return value if isinstance(value, str) else ""


ROUTES: Final = (
    Route(SIGN_IN, sign_in, methods=["GET", "POST"]),
    Route(STEPS[Stage.CODE], code, methods=["GET", "POST"]),
    Route(STEPS[Stage.PASSWORD], password, methods=["GET", "POST"]),
    Route("/staff/signout", sign_out, methods=["POST"]),
    Route("/staff/language", language, methods=["POST"]),
)
