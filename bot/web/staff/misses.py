"""Messages that were not understood: staff write a new sentence in their manner, with what it means."""

from __future__ import annotations

import asyncio
import functools
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.domain.errors import UsageError
from bot.domain.store import UnitOfWork
from bot.domain.understanding import Miss
from bot.nlu.review import Review, SentenceError
from bot.settings import Settings
from bot.web.staff import cookies
from bot.web.staff.gate import PROGRAMME, allowed
from bot.web.staff.rendering import page, texts_of
from bot.web.staff.section import Section
from bot.web.staff.visit import ask, batea_of, id_of, visit_of

PATH: Final = "/staff/misses"
AT_ONCE: Final = 10


@allowed(*PROGRAMME)
async def misses(request: Request) -> Response:
    """A few messages, the oldest first."""
    return await _page(request)


@allowed(*PROGRAMME)
async def teach(request: Request) -> Response:
    """Keep a new sentence, and forget the message that it was written for."""
    visit, t, form = visit_of(request), texts_of(request), await request.form()
    miss_id, intent, sentence = (str(form.get(name, "")) for name in ("miss", "intent", "sentence"))
    miss = next((each for each in await ask(request, _all) if each.id == miss_id), None)
    if miss is None:
        return cookies.flash(request, RedirectResponse(PATH, 303), "misses.gone")
    try:
        await asyncio.to_thread(_write, await _review(request), intent, sentence, miss.text)
    except SentenceError as error:
        return await _page(request, miss_id, intent, sentence, t(f"misses.refused.{error.code}"))
    except UsageError:
        return await _page(request, miss_id, "", sentence, t("misses.refused.intent"))

    def work(uow: UnitOfWork) -> None:
        uow.misses.delete(miss_id)
        visit.note(uow, "miss.teach", "intent", intent)

    await ask(request, work)
    return cookies.flash(request, RedirectResponse(PATH, 303), "misses.taught")


@allowed(*PROGRAMME)
async def drop(request: Request) -> Response:
    """Forget a message from which there is nothing to learn."""
    visit = visit_of(request)
    miss_id = id_of((await request.form()).get("miss"))

    def work(uow: UnitOfWork) -> None:
        uow.misses.delete(miss_id)
        visit.note(uow, "miss.delete", "miss", miss_id)

    await ask(request, work)
    return cookies.flash(request, RedirectResponse(PATH, 303), "misses.dropped")


async def _page(request: Request, miss_id: str = "", intent: str = "", sentence: str = "", error: str = "") -> Response:
    t = texts_of(request)
    kept, review = await ask(request, _all), await _review(request)
    # What she was just writing stays in sight.
    first = sorted(kept, key=lambda each: each.id != miss_id)[:AT_ONCE]
    intents = sorted(((t.named("intents", name), name) for name in review.intents), key=lambda each: each[0].casefold())
    return page(
        request,
        "misses.html",
        title=t("misses.title"),
        misses=first,
        total=len(kept),
        intents=intents,
        tried=(miss_id, intent, sentence),
        errors=[error] if error else [],
        status=422 if error else 200,
    )


def _all(uow: UnitOfWork) -> list[Miss]:
    return list(uow.misses.all())


async def _review(request: Request) -> Review:
    return await asyncio.to_thread(opened, batea_of(request).settings)


def opened(settings: Settings) -> Review:
    """The sentences that there are."""
    return _opened(settings.intents_dir, settings.data_dir)


@functools.cache
def _opened(intents_dir: Path, data_dir: Path) -> Review:
    """They are read once, since they only change with a new version."""
    return Review(intents_dir, data_dir)


def _write(review: Review, intent: str, sentence: str, original: str) -> None:
    review.add(review.intent(intent), review.new(sentence, original))


SECTION: Final = Section(
    "misses",
    PATH,
    PROGRAMME,
    (Route(PATH, misses), Route(f"{PATH}/teach", teach, methods=["POST"]), Route(f"{PATH}/drop", drop, methods=["POST"])),
)
