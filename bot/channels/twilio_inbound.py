"""Twilio's messaging webhooks. SMS and WhatsApp share an address, so each channel reads both: the prefix tells them apart.

Source: https://www.twilio.com/docs/messaging/guides/webhook-request (channels.md, read November 2026). Fields are added
there without notice; only those named here are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.channels.form import Form, read_form
from bot.channels.letters import legible
from bot.channels.twilio_errors import OPTED_OUT, OUTSIDE_WINDOW, UNREACHABLE
from bot.domain.errors import PayloadError
from bot.domain.message import Address, ChannelName, Inbound, InboundKind, Media, MessageState, StatusUpdate
from bot.domain.ports import WebhookEvents, WebhookRequest

WHATSAPP_PREFIX: Final = "whatsapp:"
# Source: https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
STATES: Final = {
    "accepted": MessageState.SENDING,
    "scheduled": MessageState.SENDING,
    "queued": MessageState.SENDING,
    "sending": MessageState.SENDING,
    "sent": MessageState.SENT,
    "partially_delivered": MessageState.SENT,
    "delivered": MessageState.DELIVERED,
    "read": MessageState.READ,
    "failed": MessageState.FAILED,
    "undelivered": MessageState.FAILED,
    "canceled": MessageState.CANCELLED,
}
_OF_INBOUND: Final = frozenset({"", "receiving", "received"})
_IDS: Final = ("MessageSid", "SmsMessageSid", "SmsSid")
_E164: Final = re.compile(r"\+[1-9]\d{2,14}", re.ASCII)
# Source: channels.md: two letters of a country, a dot, an id, of which no length is told [?]; 128 is generous.
_BSUID: Final = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,128}", re.ASCII)
_REACTION: Final = "reaction"
_MOST_MEDIA: Final = 10
_MOST_ID_CHARS: Final = 128
_MOST_BUTTON_CHARS: Final = 256


def parse(request: WebhookRequest, now: datetime) -> WebhookEvents:
    """Read a verified webhook: one message of a person, or what became of one of ours.

    A sender that nobody could answer (a short code, a name) gives no event, nor does a reaction: a thumb under some message of
    ours would else be a yes to whatever is asked now. Raises PayloadError where no message id stands.
    """
    form = read_form(request)
    vendor_id = message_id(form) or request.headers.get("i-twilio-idempotency-token", "")
    if not vendor_id:
        raise PayloadError("the webhook names no message")
    vendor_id = vendor_id[:_MOST_ID_CHARS]
    status = form.get("MessageStatus").lower()
    if status not in _OF_INBOUND:
        return _status(form, vendor_id, status, now)
    known = addresses(form) if form.get("MessageType").lower() != _REACTION else []
    return WebhookEvents(inbound=(_message(form, vendor_id, known, now),)) if known else WebhookEvents()


def message_id(form: Form) -> str:
    """The id of the message that a form is about, '' where it names none."""
    return next(filter(None, (form.get(name) for name in _IDS)), "")


def address_of(value: str, external_id: str = "") -> list[Address]:
    """The addresses in a From or To, the one to keep her by first: a business-scoped id before a number."""
    if not value.startswith(WHATSAPP_PREFIX):
        return [Address(ChannelName.SMS, value)] if _E164.fullmatch(value) else []
    bare = value.removeprefix(WHATSAPP_PREFIX)
    scoped = next((one for one in (external_id.removeprefix(WHATSAPP_PREFIX), bare) if _BSUID.fullmatch(one)), "")
    found = [f"bsuid:{scoped}"] if scoped else []
    if _E164.fullmatch(bare):
        found.append(bare)
    return [Address(ChannelName.WHATSAPP, one) for one in found]


def addresses(form: Form) -> list[Address]:
    """Who wrote: usually one address, two where WhatsApp gave both the number and the business-scoped id."""
    sender = form.get("From")
    if form.get("To").startswith(WHATSAPP_PREFIX) and not sender.startswith(WHATSAPP_PREFIX):
        sender = WHATSAPP_PREFIX + sender
    return address_of(sender, form.get("ExternalUserId"))


def _status(form: Form, vendor_id: str, status: str, now: datetime) -> WebhookEvents:
    state = STATES.get(status)
    if state is None:
        return WebhookEvents()
    code = form.get("ErrorCode")
    code = code if code.isdecimal() and code.isascii() else ""
    known = {"outside_window": code in OUTSIDE_WINDOW, "nobody": code in UNREACHABLE}
    update = StatusUpdate(vendor_id, state, code if code != "0" else "", **known)
    refused = address_of(form.get("To")) if code in OPTED_OUT else []
    stopped = tuple(Inbound(f"{vendor_id}:{code}", address, InboundKind.BLOCKED, now) for address in refused)
    return WebhookEvents(inbound=stopped, statuses=(update,))


def _message(form: Form, vendor_id: str, known: Sequence[Address], now: datetime) -> Inbound:
    sender, *aliases = known
    media = _media(form)
    whatsapp = sender.channel is ChannelName.WHATSAPP
    text = legible((form.get("ButtonText") if whatsapp else "") or form.get("Body"))
    # What was picked from a list comes under names of its own [?]: no stored source shows such a webhook.
    button = legible(form.get("ButtonPayload") or form.get("ListId"))[:_MOST_BUTTON_CHARS] if whatsapp else ""
    return Inbound(
        vendor_id=vendor_id,
        sender=sender,
        kind=_kind(form, text, button, media),
        received_at=now,
        text=text,
        button=button,
        media=media,
        recipient=form.get("To").removeprefix(WHATSAPP_PREFIX),
        aliases=tuple(aliases),
    )


def _kind(form: Form, text: str, button: str, media: tuple[Media, ...]) -> InboundKind:
    opted = _OPT_OUT_TYPES.get(form.get("OptOutType").upper())
    if opted:
        return opted
    if button:
        return InboundKind.BUTTON
    if any(one.mime.startswith("audio/") for one in media):
        return InboundKind.VOICE
    if text:
        # What is said counts more than the picture it came with.
        return InboundKind.TEXT
    if form.get("Latitude") and form.get("Longitude"):
        return InboundKind.LOCATION
    other = media or form.get("MessageType").lower() not in {"", "text"}
    return InboundKind.MEDIA if other else InboundKind.TEXT


# Set where Twilio itself has taken the word for an opt-out, answered it, and now refuses (or allows again) what we send.
# Source: https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out
_OPT_OUT_TYPES: Final = {"STOP": InboundKind.BLOCKED, "START": InboundKind.UNBLOCKED}


def _media(form: Form) -> tuple[Media, ...]:
    number = form.get("NumMedia")
    stated = int(number) if number.isascii() and number.isdecimal() and len(number) < 3 else 0  # noqa: PLR2004 - two digits
    found = ((form.get(f"MediaUrl{i}"), form.get(f"MediaContentType{i}")) for i in range(min(stated, _MOST_MEDIA)))
    return tuple(Media(url, mime.lower()) for url, mime in found if url)
