"""The simulator's voice notes: recorded or chosen on the page, then on the very way of one that a vendor keeps."""

from __future__ import annotations

import secrets

from starlette.requests import ClientDisconnect, Request

from bot.channels.media import MOST_BYTES, check_answer
from bot.domain.errors import MediaError
from bot.domain.message import Address, Inbound, InboundKind, Media
from bot.running import Batea


async def sound(request: Request) -> bytes:
    """The sound file that a request brings. Raises MediaError: `type` where it is no sound, `size` where it is too much."""
    kind = request.headers.get("content-type", "")
    if not kind:
        # Without a type a page of somebody else could send one, unasked by the browser.
        raise MediaError("the request does not say what it brings", code="type")
    check_answer(kind, request.headers.get("content-length", ""))
    content = bytearray()
    try:
        async for chunk in request.stream():
            content += chunk
            if len(content) > MOST_BYTES:
                raise MediaError(f"the file is larger than {MOST_BYTES} bytes", code="size")
    except ClientDisconnect:
        content.clear()
    if not content:
        raise MediaError("the file is empty", code="gone")
    return bytes(content)


def note(batea: Batea, sender: Address, content: bytes, mime: str) -> Inbound:
    """The voice note as a channel would have parsed it. Where nobody listens its sound is not kept."""
    reference = batea.sender.phones.record(content) if batea.listener else ""
    once = f"simulator-{secrets.token_hex(8)}"
    return Inbound(once, sender, InboundKind.VOICE, batea.clock.now(), media=(Media(reference, mime),))
