"""Telephone calls through Twilio: what is said plays inside a Gather, so that a key interrupts it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from twilio.twiml.voice_response import Gather, VoiceResponse  # type: ignore[import-untyped]

from bot.channels.form import Form, read_form
from bot.channels.layout import numbered, split
from bot.channels.senders import sender_for
from bot.channels.twilio_channel import CALL_PATH, TwilioChannel
from bot.domain.errors import PayloadError
from bot.domain.message import Address, ChannelName, Clip, Inbound, InboundKind, MessageState, Rendered, Reply, StatusUpdate
from bot.domain.ports import WebhookEvents, WebhookRequest

# Source: https://www.twilio.com/docs/voice/api/call-resource#call-status-values
_ENDED: Final = {
    "completed": MessageState.DELIVERED,
    "busy": MessageState.FAILED,
    "no-answer": MessageState.FAILED,
    "failed": MessageState.FAILED,
    "canceled": MessageState.CANCELLED,
}
_GOING_ON: Final = {
    "initiated": MessageState.SENDING,
    "ringing": MessageState.SENDING,
    "answered": MessageState.SENT,
    "in-progress": MessageState.SENT,
}
_E164: Final = re.compile(r"\+[1-9]\d{2,14}", re.ASCII)
_KEYS: Final = re.compile(r"[0-9*#]{1,20}", re.ASCII)
# A hidden number comes as a word spelt on a keypad: ANONYMOUS, BLOCKED, RESTRICTED, UNAVAILABLE, UNKNOWN.
# Source: these five stand in many public programs that take Twilio's calls (seen November 2026).
_HIDDEN: Final = frozenset({"+266696687", "+2562533", "+7378742833", "+86282452253", "+8656696"})
_OUTBOUND: Final = "outbound"
LANGUAGE: Final = "es-MX"
SILENCE_S: Final = 5
# Twilio takes 4,000 characters of TwiML (channels.md, read November 2026); the tags, and letters escaped as XML, need theirs.
MOST_SPOKEN_CHARS: Final = 2_500


class CallChannel(TwilioChannel):
    """The channel of those who listen and press keys."""

    name = ChannelName.CALL.value

    def parse(self, request: WebhookRequest, now: datetime) -> WebhookEvents:
        """Read a webhook of a call: it rings, it was answered, a key was pressed, it ended. Raises PayloadError without CallSid.

        A call that rings here is a missed call: Batea rejects it, at no cost, and calls back.
        """
        form = read_form(request)
        sid = form.get("CallSid")
        if not sid:
            raise PayloadError("the webhook names no call")
        status = form.get("CallStatus").lower()
        if status in _ENDED:
            return WebhookEvents(statuses=(StatusUpdate(sid, _ENDED[status]),))
        if form.get("CallbackSource"):
            state = _GOING_ON.get(status)
            return WebhookEvents(statuses=(StatusUpdate(sid, state),) if state else ())
        if form.get("AnsweredBy").startswith(("machine", "fax")):
            # Nothing personal is said to an answering machine.
            return WebhookEvents(statuses=(StatusUpdate(sid, MessageState.FAILED, "machine"),))
        inbound = _heard(form, sid, request, now)
        return WebhookEvents(inbound=(inbound,) if inbound else ())

    def render(self, reply: Reply, to: Address, clip: Clip | None, clip_url: str | None) -> Sequence[Rendered]:  # noqa: ARG002
        """One TwiML document: the clip (or the text read by Twilio), interrupted by any key."""
        gather = Gather(
            input="dtmf",
            num_digits=1,
            finish_on_key="",
            timeout=SILENCE_S,
            action=self._settings.public_url + CALL_PATH,
            method="POST",
        )
        if clip_url:
            gather.play(clip_url)
        else:
            gather.say(_spoken(reply), language=LANGUAGE)
        response = VoiceResponse()
        response.append(gather)
        params = self.message(to.value, sender_for(self._settings.senders.voice, to))
        return [Rendered("twilio.twiml", params, twiml=str(response))]

    def send(self, rendered: Rendered) -> str:
        """Call the person and say it; returns the call's SID. Raises a SendError."""
        return self._twilio.call({**rendered.params, "twiml": rendered.twiml})


def _heard(form: Form, sid: str, request: WebhookRequest, now: datetime) -> Inbound | None:
    ours_first = form.get("Direction").lower().startswith(_OUTBOUND)
    person, recipient = form.get("From") or form.get("Caller"), form.get("To")
    if ours_first:
        person, recipient = recipient, person
    if not _E164.fullmatch(person) or person in _HIDDEN:
        # A hidden number: nobody to call back.
        return None
    sender = Address(ChannelName.CALL, person)
    if digits := form.get("Digits"):
        if not _KEYS.fullmatch(digits):
            return None
        # A press has no number of its own: Twilio's token is the same when it repeats the request.
        press = request.headers.get("i-twilio-idempotency-token") or form.get("SequenceNumber") or now.isoformat()
        return Inbound(f"{sid}:{press}", sender, InboundKind.KEY, now, key=digits, recipient=recipient)
    if ours_first:
        return Inbound(f"{sid}:answered", sender, InboundKind.ANSWERED_CALL, now, recipient=recipient)
    return Inbound(sid, sender, InboundKind.MISSED_CALL, now, recipient=recipient)


def _spoken(reply: Reply) -> str:
    text = reply.speech.text if reply.speech else "\n".join(filter(None, (reply.text, numbered(reply.choices, "."))))
    return split(text, MOST_SPOKEN_CHARS)[0]
