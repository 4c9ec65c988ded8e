"""The simulator's telephone: the page plays Twilio, and follows the very documents that Twilio would be given."""

from __future__ import annotations

import asyncio
import secrets

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.channels.voice_thread import silent, thread_in
from bot.domain.call import CallEvent, CallMoment, CallState, CallThread
from bot.domain.message import Address, ChannelName
from bot.running import Batea


class SimulatedStep(BaseModel):
    """What the page does in a call: `step` is the address that the last document named, '' where the call is taken only now."""

    model_config = ConfigDict(extra="forbid")

    address: str = Field(pattern=r"^\+\d{7,15}$")
    step: str = Field(default="", max_length=2_000)
    keys: str = Field(default="", pattern=r"^[0-9*#]{0,20}$")
    over: bool = False

    def event(self) -> CallEvent:
        """The step as a webhook of a call would have told it."""
        person = Address(ChannelName.CALL, self.address, simulated=True)
        once = f"simulator-{secrets.token_hex(8)}"
        if self.over:
            return CallEvent(once, CallMoment.STATUS, person, once, CallThread(), state=CallState.COMPLETED)
        if not self.step:
            return CallEvent(once, CallMoment.ANSWERED, person, once)
        pressed = bool(self.keys) and not silent(self.step)
        moment = CallMoment.KEY if pressed else CallMoment.SILENCE
        return CallEvent(once, moment, person, once, thread_in(self.step), key=self.keys if pressed else "")


async def call(request: Request) -> Response:
    """One step of a call: the document, and in words what it says; 204 once it is over."""
    batea: Batea = request.app.state.batea
    if not request.headers.get("content-type", "").startswith("application/json"):
        return JSONResponse({"error": "json"}, status_code=415)
    try:
        event = SimulatedStep.model_validate_json(await request.body()).event()
    except ValidationError:
        return JSONResponse({"error": "step"}, status_code=422)
    answer = await asyncio.get_running_loop().run_in_executor(batea.talkers, batea.talk.take, event)
    if answer is None:
        return Response(status_code=204)
    said = [{"text": one.text, "choices": [{"key": c.key, "label": c.label} for c in one.choices]} for one in answer.said]
    return JSONResponse({"twiml": answer.document, "said": said, "state": answer.state})
