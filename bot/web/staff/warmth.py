"""What staff pages need and what takes its time, made ready in the background: nobody waits for it, not even the first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from starlette.applications import Starlette

from bot.domain.errors import BateaError
from bot.domain.store import UnitOfWork
from bot.running import Batea
from bot.web.staff import donors, misses, modules, overview, polls_results
from bot.web.staff.rendering import compile_all
from bot.web.staff.visit import beside, count

# Not while a server that has just started is answering those who waited for it; then often enough for what is shown.
WARM_AFTER_S: Final = 10.0
WARM_EVERY_S: Final = 600.0

COUNTS: Final[dict[str, Callable[[UnitOfWork], Any]]] = {
    overview.counted(None): overview.enrolled(None),
    modules.counted(None): modules.learnt(None),
    donors.COUNTED: donors.seen_by_donors,
}


async def keep_warm(app: Starlette) -> None:
    """Do it some seconds after the start, and again and again."""
    await asyncio.sleep(WARM_AFTER_S)
    while True:
        await warm(app)
        await asyncio.sleep(WARM_EVERY_S)


def expect(app: Starlette) -> None:
    """Somebody of the staff gave the right password and is looking for her code: what her pages draw with is loaded meanwhile.

    Not before: a server that only talks does not hold the 100 MB of the libraries that count and draw.
    """
    if not app.state.staff_expected:
        app.state.staff_expected = True
        beside(app, _loaded(app))


async def _loaded(app: Starlette) -> None:
    for load in (compile_all, polls_results.prepare_to_publish, polls_results.prepare_to_draw):
        await asyncio.to_thread(load)
    await warm(app)


async def warm(app: Starlette) -> None:
    """Do it once; what fails now is done by the page that needs it."""
    batea: Batea = app.state.batea
    try:
        for key, work in COUNTS.items():
            await count(app, key, work)
        await asyncio.to_thread(misses.opened, batea.settings)
    except BateaError as error:
        batea.notebook.event("staff_pages_not_warmed", kind=type(error).__name__)
