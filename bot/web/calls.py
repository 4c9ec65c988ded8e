"""Telephone calls: Twilio asks what a call does next, and waits for the answer."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.domain.call import CallAnswer, CallEvent
from bot.domain.errors import BateaError, PayloadError, SignatureError
from bot.running import Batea
from bot.web.lanes import LaneFullError, Lanes
from bot.web.webhooks import received

XML: Final = "text/xml"


async def twilio_call(request: Request) -> Response:
    """One webhook of a call: a TwiML document, or 204 where none is waited for.

    Whatever fails after the signature, she hears that she may call again: Twilio would read out an error in English.
    """
    batea: Batea = request.app.state.batea
    incoming = await received(request)
    if incoming is None:
        return PlainTextResponse("too large", status_code=413)
    channel = batea.telephone()
    try:
        channel.verify(incoming)
        event = channel.read(incoming, batea.clock.now())
    except SignatureError:
        batea.notebook.event("webhook_refused", channel=channel.name)
        return PlainTextResponse("forbidden", status_code=403)
    except PayloadError:
        batea.notebook.event("webhook_unreadable", channel=channel.name)
        return Response(status_code=204)
    if event is None:
        return Response(channel.hang_up(), media_type=XML)
    try:
        answer = await _answer(request, event)
    except (BateaError, LaneFullError) as error:
        batea.notebook.event("call_failed", channel=channel.name, kind=type(error).__name__)
        answer = await asyncio.get_running_loop().run_in_executor(batea.talkers, batea.talk.apologise)
    return Response(answer.document, media_type=XML) if answer else Response(status_code=204)


async def _answer(request: Request, event: CallEvent) -> CallAnswer | None:
    """One turn at a time for each person, off the event loop: a clip may have to be made."""
    batea: Batea = request.app.state.batea
    lanes: Lanes = request.app.state.lanes
    started = time.perf_counter()
    async with lanes.turn(event.person.identity if event.person else event.sid):
        answer = await asyncio.get_running_loop().run_in_executor(batea.talkers, batea.talk.take, event)
    batea.notebook.turn_took(time.perf_counter() - started)
    return answer
