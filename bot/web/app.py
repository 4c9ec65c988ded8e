"""The Starlette application: which address leads where, and what runs beside it."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot import telemetry, wiring
from bot.running import SENDING_THREADS, Batea
from bot.settings import load
from bot.web import calls, health, media, simulator, webhooks
from bot.web.arrivals import Arrivals
from bot.web.lanes import Lanes
from bot.web.security_headers import SecurityHeaders
from bot.web.staff import site
from bot.web.staff.warmth import keep_warm

STATIC: Final = Path(__file__).parent / "static"
SWEEP_EVERY_S: Final = 2.0
DIAL_EVERY_S: Final = 1.0
NOTES_EVERY_S: Final = 20.0
RECORDINGS_EVERY_S: Final = 5.0
ROUNDS_EVERY_S: Final = 5.0
MEETINGS_EVERY_S: Final = 3.0
ANSWERING_EVERY_S: Final = 15.0
STUDYING_EVERY_S: Final = 20.0
BOOK_EVERY_S: Final = 3.0
TIDY_EVERY_S: Final = 3600.0


def serving() -> Starlette:
    """What `batea serve` runs: a Batea made from the settings. Raises a BateaError where that cannot be."""
    telemetry.start_logging()
    return build_app(wiring.build_server(load()), alone=True)


def build_app(batea: Batea, *, alone: bool = False) -> Starlette:
    """The whole web face around one running Batea, which it closes when it ends. `alone`: nothing else runs in this process."""
    routes = [
        Route("/webhooks/twilio/messages", webhooks.twilio_messages, methods=["POST"]),
        Route("/webhooks/twilio/status", webhooks.twilio_status, methods=["POST"]),
        Route("/webhooks/twilio/call", calls.twilio_call, methods=["POST"]),
        Route("/webhooks/telegram", webhooks.telegram, methods=["POST"]),
        Route("/media/{token}", media.clip, methods=["GET"]),
        Route("/livez", health.livez),
        Route("/readyz", health.readyz),
        Route("/metrics", health.metrics),
        Mount("/static", StaticFiles(directory=STATIC)),
        *site.routes(),
        *simulator.routes(enabled=batea.settings.demo),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={Exception: _broken},
        lifespan=_lifespan,
    )
    app.state.batea = batea
    app.state.alone = alone
    site.prepare(app)
    app.state.arrivals = Arrivals()
    free = asyncio.Semaphore(SENDING_THREADS)
    app.state.lanes = Lanes(functools.partial(_send, batea, app.state.arrivals, free))
    return app


async def _send(batea: Batea, arrivals: Arrivals, free: asyncio.Semaphore, message_ids: Sequence[str]) -> int:
    """Send rows, claimed only once a thread is free for them; gives how many have left.

    The thread makes the vendor's calls; the loop waits for the database, which costs less than waking a thread each time.
    """
    async with free:
        claimed = await arrivals.wait(batea.sender.claim(message_ids))
        if not claimed:
            return 0
        batea.sender.keep(claimed)
        done, recorded = await asyncio.get_running_loop().run_in_executor(batea.senders, batea.sender.deliver, claimed)
        if recorded:
            await arrivals.wait(recorded)
        return done


@contextlib.asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    batea: Batea = app.state.batea
    beside = [
        asyncio.create_task(_again(batea, "sweep", batea.sender.sweep, SWEEP_EVERY_S)),
        asyncio.create_task(_again(batea, "notes", batea.notes.sweep, NOTES_EVERY_S)),
        asyncio.create_task(_again(batea, "recordings", batea.recordings.sweep, RECORDINGS_EVERY_S)),
        asyncio.create_task(_again(batea, "rounds", batea.rounds.sweep, ROUNDS_EVERY_S)),
        asyncio.create_task(_again(batea, "meetings", batea.meetings.telling.sweep, MEETINGS_EVERY_S)),
        asyncio.create_task(_again(batea, "studying", batea.studying.sweep, STUDYING_EVERY_S)),
        asyncio.create_task(_again(batea, "answering", batea.answering.sweep, ANSWERING_EVERY_S)),
        asyncio.create_task(_again(batea, "book", batea.book, BOOK_EVERY_S)),
        asyncio.create_task(_again(batea, "tidy", batea.tidy, TIDY_EVERY_S)),
    ]
    beside.append(asyncio.create_task(keep_warm(app)))
    if batea.settings.telephones:
        beside.append(asyncio.create_task(_again(batea, "dial", batea.dialler.sweep, DIAL_EVERY_S)))
    polling = batea.start_telegram()
    if batea.engine is not None:
        batea.engine.start()
    if app.state.alone:
        # What was made up to here stays: the collector need not walk through it ever again.
        gc.collect()
        gc.freeze()
    try:
        yield
    finally:
        beside += app.state.staff_beside
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await asyncio.to_thread(batea.close, polling)


async def _again(batea: Batea, name: str, work: Callable[[], int | None], every_s: float) -> None:
    """Do a work every so often, at once again while it says that there was something to do.

    A failing round is noted and the next one tried: it outlives a database that is away for a while.
    """
    while True:
        try:
            while await asyncio.get_running_loop().run_in_executor(batea.senders, work):
                pass
        except Exception as error:  # noqa: BLE001 - whatever it is, the next round may go well
            batea.notebook.event(f"{name}_failed", kind=type(error).__name__)
        await asyncio.sleep(every_s)


async def _broken(request: Request, error: Exception) -> Response:
    """An error nobody expected: its kind is noted, nothing of it is shown."""
    request.app.state.batea.notebook.event("request_failed", kind=type(error).__name__, method=request.method)
    return PlainTextResponse("error", status_code=500)
