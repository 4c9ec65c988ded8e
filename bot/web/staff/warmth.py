"""What staff pages need and what takes its time, made ready in the background: nobody waits for it, not even the first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from starlette.applications import Starlette

from bot.domain.errors import BateaError
from bot.domain.store import UnitOfWork
from bot.running import Batea
from bot.web.staff import donors, misses, modules, overview
from bot.web.staff.visit import count

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


async def warm(app: Starlette) -> None:
    """Do it once; what fails now is done by the page that needs it."""
    batea: Batea = app.state.batea
    try:
        for key, work in COUNTS.items():
            await count(app, key, work)
        await asyncio.to_thread(misses.opened, batea.settings)
    except BateaError as error:
        batea.notebook.event("staff_pages_not_warmed", kind=type(error).__name__)
