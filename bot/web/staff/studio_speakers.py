"""Who lends her voice, under what; and how she takes it back."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.domain.folding import clean
from bot.domain.recording import LICENCES, Speaker
from bot.domain.store import UnitOfWork
from bot.web.staff import cookies
from bot.web.staff.gate import PROGRAMME, allowed, missing
from bot.web.staff.rendering import page, texts_of
from bot.web.staff.visit import ask, batea_of, id_of, look, visit_of

PATH: Final = "/staff/studio/speakers"
LONGEST_ALIAS: Final = 40


def lending(uow: UnitOfWork) -> list[Speaker]:
    """Those whose voice may be recorded now."""
    return [one for one in uow.voices.speakers() if one.withdrawn_on is None and one.alias]


@allowed(*PROGRAMME)
async def speakers(request: Request) -> Response:
    """Who they are, and a form for the next one."""
    if request.method == "GET":
        return await _page(request)
    visit, studio, t, form = visit_of(request), batea_of(request).studio, texts_of(request), await request.form()
    alias, licence = clean(str(form.get("alias", ""))).strip(), str(form.get("licence", ""))
    if not alias or len(alias) > LONGEST_ALIAS:
        return await _page(request, t("studio.speakers.wrong_alias", most=LONGEST_ALIAS))
    if licence not in LICENCES or form.get("adult") != "yes" or form.get("agrees") != "yes":
        return await _page(request, t("studio.speakers.not_agreed"))

    def work(uow: UnitOfWork) -> None:
        made = studio.add_speaker(uow, alias, licence, paid=form.get("paid") == "yes")
        visit.note(uow, "studio.speaker", "speaker", made.id)

    await ask(request, work)
    return cookies.flash(request, RedirectResponse(PATH, 303), "studio.speakers.added")


@allowed(*PROGRAMME)
async def withdraw(request: Request) -> Response:
    """She takes her voice back: from the next reply on nobody hears it."""
    visit, studio = visit_of(request), batea_of(request).studio
    speaker_id = id_of(request.path_params["speaker"])

    def work(uow: UnitOfWork) -> tuple[str, ...] | None:
        gone = studio.withdraw(uow, speaker_id)
        if gone is not None:
            visit.note(uow, "studio.withdraw", "speaker", speaker_id)
        return gone

    gone = await ask(request, work)
    if gone is None:
        return missing(request)
    await asyncio.to_thread(studio.publish, gone)
    return cookies.flash(request, RedirectResponse(PATH, 303), "studio.speakers.withdrawn")


async def _page(request: Request, error: str = "") -> Response:
    t = texts_of(request)
    known, recordings = await look(request, lambda uow: (uow.voices.speakers(), uow.voices.all()))
    form = await request.form() if request.method == "POST" else {}
    return page(
        request,
        "studio_speakers.html",
        title=t("studio.speakers.title"),
        crumbs=[(t("studio.title"), "/staff/studio")],
        errors=[error] if error else [],
        status=422 if error else 200,
        speakers=known,
        counts=Counter(one.speaker_id for one in recordings),
        licences=LICENCES,
        longest=LONGEST_ALIAS,
        typed={name: str(form.get(name, "")) for name in ("alias", "licence", "paid", "adult", "agrees")},
    )


ROUTES: Final = (
    Route(PATH, speakers, methods=["GET", "POST"]),
    Route(f"{PATH}/{{speaker}}/withdraw", withdraw, methods=["POST"]),
)
