"""What vendors post to us: verified, parsed, taken in one transaction, answered, and only then replied to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from bot.domain.errors import PayloadError, SendError, SignatureError, StorageError
from bot.domain.message import Inbound, Rendered, StatusUpdate
from bot.domain.ports import Channel, WebhookRequest
from bot.running import Batea
from bot.web.arrivals import Arrivals
from bot.web.lanes import LaneFullError, Lanes

# Ten times the largest update seen; Twilio's forms stay under 10 kB.
MOST_BYTES: Final = 1_000_000


async def twilio_messages(request: Request) -> Response:
    """SMS and WhatsApp messages from people."""
    return await _take(request, "twilio/messages")


async def twilio_status(request: Request) -> Response:
    """What became of messages that were handed to Twilio."""
    return await _take(request, "twilio/status")


async def telegram(request: Request) -> Response:
    """Telegram updates."""
    return await _take(request, "telegram")


async def _take(request: Request, endpoint: str) -> Response:
    batea: Batea = request.app.state.batea
    incoming = await received(request)
    if incoming is None:
        return PlainTextResponse("too large", status_code=413)
    channel: Channel = batea.channel_for(endpoint, incoming)
    try:
        channel.verify(incoming)
        events = channel.parse(incoming, batea.clock.now())
    except SignatureError:
        batea.notebook.event("webhook_refused", channel=channel.name)
        return PlainTextResponse("forbidden", status_code=403)
    except PayloadError:
        # Acknowledged: the vendor would only send the same again.
        batea.notebook.event("webhook_unreadable", channel=channel.name)
        return Response(status_code=204)
    try:
        message_ids = await _receive(request, events.inbound)
        message_ids += await _advance(request, events.statuses)
    except StorageError:
        # Not acknowledged: the vendor shall try again.
        batea.notebook.event("webhook_not_stored", channel=channel.name)
        return PlainTextResponse("try again", status_code=503)
    except LaneFullError:
        batea.notebook.event("webhook_flood", channel=channel.name)
        return PlainTextResponse("too many from one sender", status_code=503)
    whose = events.inbound[0].sender.identity if events.inbound else "".join(message_ids[:1])
    answer = BackgroundTask(_answer, request, channel, events.acknowledgements, whose, message_ids)
    return Response(status_code=204, background=answer)


async def received(request: Request) -> WebhookRequest | None:
    """The request as channels read it, None where it is too large to be a vendor's."""
    batea: Batea = request.app.state.batea
    body = await _body(request)
    if body is None:
        return None
    return WebhookRequest(
        method=request.method,
        url=batea.settings.public_url + request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in request.headers.raw},
        body=body,
    )


async def _body(request: Request) -> bytes | None:
    """The body, None where it is too large to be a vendor's."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                return None
    except ClientDisconnect:
        return None
    return bytes(body)


async def _receive(request: Request, inbound: Sequence[Inbound]) -> list[str]:
    batea: Batea = request.app.state.batea
    lanes: Lanes = request.app.state.lanes
    arrivals: Arrivals = request.app.state.arrivals
    message_ids: list[str] = []
    for message in inbound:
        started = time.perf_counter()
        async with lanes.turn(message.sender.identity):
            receipt = await arrivals.wait(batea.reception.receive(message))
        batea.notebook.turn_took(time.perf_counter() - started)
        message_ids += receipt.message_ids
    return message_ids


async def _advance(request: Request, statuses: Sequence[StatusUpdate]) -> list[str]:
    """Gives the rows that waited for this."""
    batea: Batea = request.app.state.batea
    arrivals: Arrivals = request.app.state.arrivals
    return await arrivals.wait(batea.sender.heard(statuses)) if statuses else []


async def _answer(request: Request, channel: Channel, calls: Sequence[Rendered], whose: str, message_ids: Sequence[str]) -> None:
    """What the vendor waits for, then the replies; off the event loop, which takes the next webhook meanwhile."""
    batea: Batea = request.app.state.batea
    lanes: Lanes = request.app.state.lanes
    loop = asyncio.get_running_loop()
    for call in calls:
        loop.run_in_executor(batea.senders, _acknowledge, batea, channel, call)
    await lanes.answer(whose, message_ids)


def _acknowledge(batea: Batea, channel: Channel, call: Rendered) -> None:
    try:
        channel.send(call)
    except SendError as error:
        batea.notebook.event("acknowledgement_failed", channel=channel.name, code=error.code)
