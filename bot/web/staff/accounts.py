"""Accounts of those who work with Batea: who has one, a new one, new codes, and letting somebody in no more."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import segno
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.access import Enrolment, is_email
from bot.domain.community import Community
from bot.domain.errors import UsageError
from bot.domain.staff import Role, StaffMember
from bot.domain.store import UnitOfWork
from bot.web.staff import cookies, phones
from bot.web.staff.gate import allowed, missing
from bot.web.staff.rendering import page, texts_of
from bot.web.staff.section import Section
from bot.web.staff.texts import LANGUAGES
from bot.web.staff.visit import ask, batea_of, id_of, visit_of

PATH: Final = "/staff/accounts"
ADMINS: Final = frozenset({Role.ADMIN})
LONGEST_EMAIL: Final = 200


@dataclass(frozen=True, slots=True)
class Wish:
    """The form as it was filled in."""

    email: str = ""
    role: str = Role.STAFF.value
    community: str = ""
    language: str = LANGUAGES[0]


@allowed(*ADMINS)
async def accounts(request: Request) -> Response:
    """Every account, and the form for a new one."""
    return await _page(request, Wish())


@allowed(*ADMINS)
async def add(request: Request) -> Response:
    """Make an account; shown once is what its owner begins with."""
    form, visit = await request.form(), visit_of(request)
    wish = Wish(*(str(form.get(name, "")).strip()[:LONGEST_EMAIL] for name in ("email", "role", "community", "language")))
    places = await ask(request, lambda uow: {place.id for place in uow.communities.all()})
    wrong = _wrong(wish, places)
    if wrong:
        return await _page(request, wish, wrong)
    community = wish.community if wish.role == Role.FACILITATOR else None
    try:
        made = await asyncio.to_thread(
            batea_of(request).access.enrol, wish.email, Role(wish.role), community, wish.language, by=visit.member.id
        )
    except UsageError:
        return await _page(request, wish, "accounts.refused.known")
    return _shown_once(request, made)


@allowed(*ADMINS)
async def renew(request: Request) -> Response:
    """A new temporary password and new codes: she lost hers, or was disabled and is back."""
    other = await _other(request)
    if other is None:
        return missing(request)
    made = await asyncio.to_thread(batea_of(request).access.renew, other.email, by=visit_of(request).member.id)
    return _shown_once(request, made)


@allowed(*ADMINS)
async def disable(request: Request) -> Response:
    """Let somebody in no more; her sessions end at once."""
    other = await _other(request)
    if other is None:
        return missing(request)
    await asyncio.to_thread(batea_of(request).access.disable, other.email, by=visit_of(request).member.id)
    return cookies.flash(request, RedirectResponse(PATH, 303), "accounts.disabled_now")


async def _other(request: Request) -> StaffMember | None:
    """The account of an address, unless it is her own: so at least one administrator always remains."""
    member_id, mine = id_of(request.path_params["member_id"]), visit_of(request).member.id
    everybody = await ask(request, lambda uow: uow.staff.all())
    return next((one for one in everybody if one.id == member_id and one.id != mine), None)


def _wrong(wish: Wish, places: set[str]) -> str:
    """The key of what is wrong; empty where nothing is."""
    if not is_email(wish.email):
        return "accounts.refused.email"
    if wish.role not in set(Role) or wish.language not in LANGUAGES:
        return "accounts.refused.role"
    return "accounts.refused.community" if wish.role == Role.FACILITATOR and wish.community not in places else ""


def _shown_once(request: Request, made: Enrolment) -> Response:
    t = texts_of(request)
    drawn = segno.make(made.uri, error="m").svg_inline(svgclass="code", lineclass=None, omitsize=True, border=4)
    return page(
        request,
        "account_made.html",
        title=t("accounts.made.title"),
        crumbs=[(t("accounts.title"), PATH)],
        made=made,
        code=Markup(drawn),  # noqa: S704 - segno writes numbers and path commands only
    )


async def _page(request: Request, wish: Wish, error: str = "") -> Response:
    visit, t = visit_of(request), texts_of(request)

    def work(uow: UnitOfWork) -> tuple[Sequence[StaffMember], Sequence[Community]]:
        visit.note(uow, "staff.list")
        return uow.staff.all(), uow.communities.all()

    members, places = await ask(request, work)
    return page(
        request,
        "accounts.html",
        title=t("accounts.title"),
        members=sorted(members, key=lambda one: (one.disabled_at is not None, one.email.casefold())),
        places={place.id: place.name for place in places},
        roles=list(Role),
        wish=wish,
        errors=[t(error)] if error else [],
        status=422 if error else 200,
    )


SECTION: Final = Section(
    "accounts",
    PATH,
    ADMINS,
    (
        Route(PATH, accounts),
        Route(f"{PATH}/add", add, methods=["POST"]),
        Route(f"{PATH}/{{member_id}}/renew", renew, methods=["POST"]),
        Route(f"{PATH}/{{member_id}}/disable", disable, methods=["POST"]),
        *phones.ROUTES,
    ),
)
