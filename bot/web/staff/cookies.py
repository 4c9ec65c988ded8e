"""The cookies of the staff side. All of them are for this site alone, out of reach of scripts, and over https where we are."""

from __future__ import annotations

import hmac
import secrets
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from bot.domain.staff import SESSION_LASTS, SIGN_IN_LASTS
from bot.web.staff.visit import batea_of

SESSION: Final = "batea_staff"
FORM: Final = "batea_form"
FLASH: Final = "batea_flash"
NEXT: Final = "batea_next"
_FLASH_S: Final = 60
HOME: Final = "/staff/"


def secure(request: Request) -> bool:
    """Whether browsers reach us over https."""
    return batea_of(request).settings.public_url.startswith("https://")


def _name(request: Request, name: str) -> str:
    # A browser takes a name that begins so only from us, over https, and for no other host.
    return f"__Host-{name}" if secure(request) else name


def put(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    """Set a cookie."""
    response.set_cookie(
        _name(request, name), value, max_age=seconds, path="/", secure=secure(request), httponly=True, samesite="strict"
    )


def take(request: Request, name: str) -> str:
    """What a cookie says, '' where there is none."""
    return request.cookies.get(_name(request, name), "")


def drop(request: Request, response: Response, name: str) -> None:
    """Delete a cookie."""
    response.delete_cookie(_name(request, name), path="/", secure=secure(request), httponly=True, samesite="strict")


def put_session(request: Request, response: Response, token: str) -> None:
    """The browser is the session's from now on."""
    put(request, response, SESSION, token, int(SESSION_LASTS.total_seconds()))


def form_token(request: Request) -> str:
    """What the sign-in form carries before there is a session: the same as its cookie."""
    return take(request, FORM) or secrets.token_urlsafe(24)


def put_form(request: Request, response: Response, token: str) -> None:
    """Keep what the form carries."""
    put(request, response, FORM, token, int(SIGN_IN_LASTS.total_seconds()) * 6)


def form_fits(request: Request, given: str) -> bool:
    """Whether a sign-in form came from a page of ours."""
    kept = take(request, FORM)
    return bool(kept) and hmac.compare_digest(kept.encode(), given.encode())


def flash(request: Request, response: Response, key: str) -> Response:
    """Say a sentence, `<key>` of the translations, on the next page. Gives the response."""
    put(request, response, FLASH, key, _FLASH_S)
    return response


def put_next(request: Request, response: Response) -> None:
    """Go on to the page that was asked for once she is in."""
    if request.method == "GET" and request.url.path.startswith(HOME):
        put(request, response, NEXT, request.url.path, int(SIGN_IN_LASTS.total_seconds()))


def next_of(request: Request) -> str:
    """Where to go after signing in: a page of ours, and nothing else."""
    return own_page(take(request, NEXT))


def own_page(path: str) -> str:
    """A page of the staff side, and no other address: that of the overview where it is none."""
    ours = path.startswith(HOME) and "//" not in path and "\\" not in path and path.isprintable()
    return path if ours else HOME
