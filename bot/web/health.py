"""Whether Batea lives and is ready, and its metrics."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

READY_WITHIN_S = 5.0


async def livez(_: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("ok")


async def readyz(request: Request) -> Response:
    """The database takes a transaction; else 503."""
    store = request.app.state.batea.store
    try:
        # A table of a few rows: counting the ledger would keep those waiting who are being answered.
        await asyncio.wait_for(asyncio.wrap_future(store.submit(lambda uow: uow.pauses.all())), READY_WITHIN_S)
    except Exception:  # noqa: BLE001 - whatever is wrong, the answer is that Batea is not ready
        return PlainTextResponse("not ready", status_code=503)
    return PlainTextResponse("ok")


async def metrics(request: Request) -> Response:
    """The Prometheus text form: counts and times only."""
    return Response(request.app.state.batea.notebook.metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")
