"""The simulator: a phone on a page, talking through the very turn and ledger that every channel uses."""

from __future__ import annotations

import asyncio
import functools
import secrets
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from bot.delivery.phones import Arrival
from bot.dialogue.whereabouts import whereabouts
from bot.domain.errors import MediaError
from bot.domain.message import Address, ChannelName, Inbound, InboundKind
from bot.running import Batea
from bot.web import simulated_calls, simulated_voice

HERE: Final = Path(__file__).parent
MOST_TEXT: Final = 10_000
_REFUSED: Final = {"type": 415, "size": 413, "gone": 422}


class SimulatedMessage(BaseModel):
    """What the page sends: who, on which channel, and what she did."""

    model_config = ConfigDict(extra="forbid")

    channel: ChannelName
    address: str = Field(pattern=r"^(\+\d{7,15}|\d{1,20})$")
    kind: InboundKind
    value: str = Field(default="", max_length=MOST_TEXT)

    @property
    def sender(self) -> Address:
        """The simulated phone."""
        return Address(self.channel, self.address, simulated=True)

    def inbound(self, batea: Batea) -> Inbound:
        """The message as a channel would have parsed it."""
        return Inbound(
            vendor_id=f"simulator-{secrets.token_hex(8)}",
            sender=self.sender,
            kind=self.kind,
            received_at=batea.clock.now(),
            text=self.value if self.kind is InboundKind.TEXT else "",
            button=self.value if self.kind is InboundKind.BUTTON else "",
            key=self.value if self.kind is InboundKind.KEY else "",
        )


def routes(*, enabled: bool) -> list[Route]:
    """The simulator's addresses; none unless DEMO=1, so that they answer 404."""
    if not enabled:
        return []
    return [
        Route("/", page),
        Route("/simulator/messages", messages, methods=["POST"]),
        Route("/simulator/voice", voice, methods=["POST"]),
        Route("/simulator/inbox", inbox),
        Route("/simulator/call", simulated_calls.call, methods=["POST"]),
    ]


async def page(_: Request) -> Response:
    """The phone."""
    return HTMLResponse(_environment().get_template("simulator.html").render(t=_texts()))


async def messages(request: Request) -> Response:
    """Take what the person did and give what reached her phone."""
    batea: Batea = request.app.state.batea
    if not request.headers.get("content-type", "").startswith("application/json"):
        return JSONResponse({"error": "json"}, status_code=415)
    try:
        inbound = SimulatedMessage.model_validate_json(await request.body()).inbound(batea)
    except ValidationError:
        return JSONResponse({"error": "message"}, status_code=422)
    return await _taken(batea, inbound)


async def voice(request: Request) -> Response:
    """Take a voice note: the sound is the body, who sends it stands in the query."""
    batea: Batea = request.app.state.batea
    sender = _sender(request)
    if sender is None:
        return JSONResponse({"error": "address"}, status_code=422)
    try:
        content = await simulated_voice.sound(request)
    except MediaError as error:
        return JSONResponse({"error": error.code}, status_code=_REFUSED[error.code])
    return await _taken(batea, simulated_voice.note(batea, sender, content, request.headers["content-type"]))


async def inbox(request: Request) -> Response:
    """What came unasked since the page last looked."""
    batea: Batea = request.app.state.batea
    sender = _sender(request)
    if sender is None:
        return JSONResponse({"error": "address"}, status_code=422)
    replies = _replies(batea, sender)
    # Asked only where something came: whoever looks at an empty phone makes nobody known.
    now = batea.clock.now()
    place = batea.store.submit(lambda uow: whereabouts(uow, sender, now)) if replies else None
    return JSONResponse({"replies": replies, "state": await asyncio.wrap_future(place) if place else None})


def _sender(request: Request) -> Address | None:
    """Who the query says, None where that can be nobody."""
    who = {name: request.query_params.get(name) for name in ("channel", "address")}
    try:
        message = SimulatedMessage.model_validate({**who, "kind": InboundKind.TEXT})
    except ValidationError:
        return None
    return message.sender


async def _taken(batea: Batea, inbound: Inbound) -> Response:
    """One turn, and what reached her phone; a voice note that is listened to is answered later, in her inbox."""
    receipt = await asyncio.wrap_future(batea.reception.receive(inbound))
    await asyncio.get_running_loop().run_in_executor(batea.senders, batea.sender.send, receipt.message_ids)
    understood = receipt.understood
    return JSONResponse(
        {
            "state": receipt.state,
            "listening": not receipt.state,
            "understood": {
                "intent": understood.intent,
                "confidence": round(understood.confidence, 3),
                "danger": understood.danger,
                "unsafe": understood.unsafe,
            }
            if understood
            else None,
            "replies": _replies(batea, inbound.sender),
        }
    )


def _replies(batea: Batea, address: Address) -> list[dict[str, Any]]:
    return [_reply(batea, arrival) for arrival in batea.sender.phones.take(address)]


def _reply(batea: Batea, arrival: Arrival) -> dict[str, Any]:
    clip = arrival.clip
    segments = [call.segments for call in arrival.rendered if call.segments]
    return {
        "text": arrival.reply.text,
        "body": _body(arrival),
        "voice": {"url": batea.clip_links.path(clip), "duration_s": round(clip.duration_s, 1)} if clip else None,
        "picture": batea.clip_links.path(arrival.drawing) if arrival.drawing else None,
        "choices": [{"key": c.key, "id": c.id, "label": c.label} for c in arrival.reply.choices],
        "segments": sum(segments) or None,
        "encoding": next((call.encoding for call in arrival.rendered if call.encoding), None),
        "calls": [call.api for call in arrival.rendered],
    }


def _body(arrival: Arrival) -> str:
    """The text as the vendor would have been given it."""
    for call in arrival.rendered:
        body = call.params.get("body") or call.params.get("text") or call.params.get("caption")
        if isinstance(body, str):
            return body
    return arrival.reply.text


@functools.cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined)


@functools.cache
def _texts() -> dict[str, str]:
    with (HERE / "translations" / "simulator.es.yml").open(encoding="utf-8") as file:
        return dict(YAML(typ="safe").load(file))
