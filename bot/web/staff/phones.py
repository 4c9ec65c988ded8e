"""A facilitator's phones and her PIN: which she works from, whether it is locked; given, taken away, made anew."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.domain.errors import UsageError
from bot.domain.masking import masked_address
from bot.domain.message import Address, ChannelName
from bot.domain.staff import Role, StaffMember
from bot.domain.store import UnitOfWork
from bot.outreach.personal_pin import Pins
from bot.web.staff import cookies
from bot.web.staff.gate import allowed, missing
from bot.web.staff.rendering import page, texts_of
from bot.web.staff.visit import ask, batea_of, id_of, visit_of

ACCOUNTS: Final = "/staff/accounts"
ADMINS: Final = frozenset({Role.ADMIN})
_SHAPES: Final = {
    ChannelName.WHATSAPP: re.compile(r"\+\d{7,15}", re.ASCII),
    ChannelName.TELEGRAM: re.compile(r"\d{1,20}", re.ASCII),
}
"""What an address looks like. A number is the same on WhatsApp and on calls; nothing is done by SMS."""

_Deed = Callable[[Pins, str, str], str]


@dataclass(frozen=True, slots=True)
class Standing:
    """A facilitator, her phones (masked, with their channels), and how many wrong PINs are left; None: she has none yet."""

    member: StaffMember
    phones: Sequence[tuple[str, str]]
    tries_left: int | None


@allowed(*ADMINS)
async def phones(request: Request) -> Response:
    """What she has."""
    return await _page(request)


@allowed(*ADMINS)
async def add(request: Request) -> Response:
    """Her role for a phone; with the first one her PIN, shown once."""
    form, batea = await request.form(), batea_of(request)
    channel, typed = str(form.get("channel", "")), re.sub(r"[\s().-]", "", str(form.get("address", "")))
    shape = _SHAPES.get(ChannelName(channel)) if channel in set(ChannelName) else None
    if shape is None or not shape.fullmatch(typed):
        return await _page(request, error="phones.refused.address")
    simulated = batea.settings.demo and form.get("simulated") == "yes"
    given = await _done(
        request, lambda pins, email, by: pins.enrol(email, Address(ChannelName(channel), typed, simulated), by=by)
    )
    if given is None:
        return await _page(request, error="phones.refused.taken")
    return await _page(request, pin=given, said="phones.added")


@allowed(*ADMINS)
async def remove(request: Request) -> Response:
    """A phone was lost or stolen: she works from none any more, and what she was preparing is dropped."""
    if await _done(request, lambda pins, email, by: str(pins.withdraw(email, by=by))) is None:
        return missing(request)
    where = f"{ACCOUNTS}/{id_of(request.path_params['member_id'])}/phones"
    return cookies.flash(request, RedirectResponse(where, 303), "phones.removed")


@allowed(*ADMINS)
async def renew(request: Request) -> Response:
    """A new PIN, shown once; one that was locked is open again."""
    given = await _done(request, lambda pins, email, by: pins.renew(email, by=by))
    return missing(request) if given is None else await _page(request, pin=given)


async def _done(request: Request, work: _Deed) -> str | None:
    """Do it to the facilitator of the address, off the event loop, for it hashes; None where it is refused."""
    found, batea = await ask(request, lambda uow: _standing(uow, request)), batea_of(request)
    if found is None:
        return None
    pins, by = Pins(batea.store, batea.clock), visit_of(request).member.id
    try:
        return await asyncio.to_thread(work, pins, found.member.email, by)
    except UsageError:
        return None


def _standing(uow: UnitOfWork, request: Request) -> Standing | None:
    wanted = id_of(request.path_params["member_id"])
    member = next((one for one in uow.staff.all() if one.id == wanted), None)
    if member is None or member.role is not Role.FACILITATOR or member.disabled_at:
        return None
    hers = [(to.channel.value, masked_address(to.value)) for to in uow.facilitators.phones(member.id)]
    return Standing(member, hers, uow.facilitators.tries_left(member.id))


async def _page(request: Request, *, pin: str = "", said: str = "", error: str = "") -> Response:
    t = texts_of(request)

    def work(uow: UnitOfWork) -> tuple[Standing, str] | None:
        found = _standing(uow, request)
        place = uow.communities.get(found.member.community_id or "") if found else None
        if found:
            visit_of(request).note(uow, "phone.list", "staff", found.member.id)
        return (found, place.name if place else "") if found else None

    shown = await ask(request, work)
    if shown is None:
        return missing(request)
    return page(
        request,
        "phones.html",
        title=t("phones.title"),
        crumbs=[(t("accounts.title"), ACCOUNTS)],
        found=shown[0],
        place=shown[1],
        pin=pin,
        said=said,
        channels=list(_SHAPES),
        simulator=batea_of(request).settings.demo,
        errors=[t(error)] if error else [],
        status=422 if error else 200,
    )


ROUTES: Final = (
    Route(f"{ACCOUNTS}/{{member_id}}/phones", phones),
    Route(f"{ACCOUNTS}/{{member_id}}/phones/add", add, methods=["POST"]),
    Route(f"{ACCOUNTS}/{{member_id}}/phones/remove", remove, methods=["POST"]),
    Route(f"{ACCOUNTS}/{{member_id}}/phones/pin", renew, methods=["POST"]),
)
