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
from bot.domain.message import Address, ChannelName, Inbound, InboundKind
from bot.running import Batea
from bot.web import simulated_calls

HERE: Final = Path(__file__).parent
MOST_TEXT: Final = 10_000


class SimulatedMessage(BaseModel):
    """What the page sends: who, on which channel, and what she did."""

    model_config = ConfigDict(extra="forbid")

    channel: ChannelName
    address: str = Field(pattern=r"^(\+\d{7,15}|\d{1,20})$")
    kind: InboundKind
    value: str = Field(default="", max_length=MOST_TEXT)

    def inbound(self, batea: Batea) -> Inbound:
        """The message as a channel would have parsed it."""
        return Inbound(
            vendor_id=f"simulator-{secrets.token_hex(8)}",
            sender=Address(self.channel, self.address, simulated=True),
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
    receipt = await asyncio.wrap_future(batea.reception.receive(inbound))
    await asyncio.get_running_loop().run_in_executor(batea.senders, batea.sender.send, receipt.message_ids)
    understood = receipt.understood
    return JSONResponse(
        {
            "state": receipt.state,
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


async def inbox(request: Request) -> Response:
    """What came unasked since the page last looked."""
    batea: Batea = request.app.state.batea
    try:
        probe = SimulatedMessage.model_validate(
            {
                "channel": request.query_params.get("channel"),
                "address": request.query_params.get("address"),
                "kind": InboundKind.TEXT,
            }
        )
    except ValidationError:
        return JSONResponse({"error": "address"}, status_code=422)
    return JSONResponse({"replies": _replies(batea, probe.inbound(batea).sender)})


def _replies(batea: Batea, address: Address) -> list[dict[str, Any]]:
    return [_reply(batea, arrival) for arrival in batea.sender.phones.take(address)]


def _reply(batea: Batea, arrival: Arrival) -> dict[str, Any]:
    clip = arrival.clip
    segments = [call.segments for call in arrival.rendered if call.segments]
    return {
        "text": arrival.reply.text,
        "body": _body(arrival),
        "voice": {"url": batea.clip_links.path(clip), "duration_s": round(clip.duration_s, 1)} if clip else None,
        "choices": [{"key": c.key, "id": c.id, "label": c.label} for c in arrival.reply.choices],
        "segments": sum(segments) or None,
        "encoding": next((call.encoding for call in arrival.rendered if call.encoding), None),
        "calls": [call.api for call in arrival.rendered],
    }


def _body(arrival: Arrival) -> str:
    """The text as the vendor would have been given it."""
    for call in arrival.rendered:
        body = call.params.get("body") or call.params.get("text")
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
