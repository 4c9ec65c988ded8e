"""Telephone calls through Twilio: what its webhooks say, and the documents and calls that answer them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.channels import twiml
from bot.channels.form import Form, read_form
from bot.channels.senders import sender_for
from bot.channels.twilio_channel import CALL_PATH, TwilioChannel
from bot.channels.voice_thread import query, silent, thread_in
from bot.domain.call import CallEvent, CallMoment, CallState, CallThread, Spoken
from bot.domain.errors import PayloadError
from bot.domain.message import (
    Address,
    ChannelName,
    Clip,
    Drawing,
    Inbound,
    InboundKind,
    Media,
    MessageState,
    Rendered,
    Reply,
    StatusUpdate,
)
from bot.domain.ports import WebhookEvents, WebhookRequest
from bot.domain.voice_question import Recording

# Source: https://www.twilio.com/docs/voice/api/call-resource#call-status-values
_ENDED: Final = {
    "completed": CallState.COMPLETED,
    "busy": CallState.BUSY,
    "no-answer": CallState.NO_ANSWER,
    "failed": CallState.FAILED,
    "canceled": CallState.CANCELLED,
}
_GOING_ON: Final = {
    "initiated": CallState.DIALLING,
    "ringing": CallState.RINGING,
    "answered": CallState.ANSWERED,
    "in-progress": CallState.ANSWERED,
}
_EVENTS: Final = ("ringing", "answered", "completed")
_LEDGER: Final = {
    CallState.DIALLING: MessageState.SENDING,
    CallState.RINGING: MessageState.SENDING,
    CallState.ANSWERED: MessageState.SENT,
    CallState.COMPLETED: MessageState.DELIVERED,
    CallState.CANCELLED: MessageState.CANCELLED,
}
_E164: Final = re.compile(r"\+[1-9]\d{2,14}", re.ASCII)
_KEYS: Final = re.compile(r"[0-9*#]{1,20}", re.ASCII)
# A hidden number comes as a word spelt on a keypad: ANONYMOUS, BLOCKED, RESTRICTED, UNAVAILABLE, UNKNOWN.
# Source: these five stand in many public programs that take Twilio's calls (seen November 2026).
_HIDDEN: Final = frozenset({"+266696687", "+2562533", "+7378742833", "+86282452253", "+8656696"})
_OUTBOUND: Final = "outbound"
_SECONDS: Final = re.compile(r"\d{1,5}", re.ASCII)
_RECORDING: Final = re.compile(r"RE[0-9a-f]{32}", re.ASCII)
# What the key that ended a recording is called where she hung up.
# Source: https://www.twilio.com/docs/voice/twiml/record (read November 2026).
_HUNG_UP: Final = "hangup"
# The file itself; the address without an ending is the same (twilio.com/docs/voice/api/recording, read November 2026).
_FILE: Final = "https://api.twilio.com/2010-04-01/Accounts/{account}/Recordings/{sid}.wav"
# Long enough for a phone in a bag, too short for most mailboxes.
RINGS_S: Final = 30
_KINDS: Final = {
    CallMoment.RINGING: InboundKind.MISSED_CALL,
    CallMoment.ANSWERED: InboundKind.ANSWERED_CALL,
    CallMoment.SILENCE: InboundKind.ANSWERED_CALL,
    CallMoment.KEY: InboundKind.KEY,
}


class CallChannel(TwilioChannel):
    """The channel of those who listen and press keys. Implements `bot.domain.ports.CallChannel`."""

    name = ChannelName.CALL.value

    def read(self, request: WebhookRequest, now: datetime) -> CallEvent | None:
        """Read a webhook of a call: it rings, was taken, a key was pressed or none, it ended. Raises PayloadError."""
        form = read_form(request)
        sid = form.get("CallSid")
        if not sid:
            raise PayloadError("the webhook names no call")
        thread = thread_in(request.url)
        person, recipient = _ends(form)
        status = form.get("CallStatus").lower()
        if thread.question and form.get("RecordingSid"):
            return _recorded(form, thread, person, recipient)
        if status in _ENDED or form.get("CallbackSource"):
            state = _ENDED.get(status) or _GOING_ON.get(status)
            lasted = form.get("CallDuration")
            lasted_s = int(lasted) if _SECONDS.fullmatch(lasted) else 0
            status_event = CallEvent(sid, CallMoment.STATUS, person, sid, thread, recipient, state=state, lasted_s=lasted_s)
            return status_event if state else None
        moment, key = _moment(form, request.url, thread)
        if key and not _KEYS.fullmatch(key):
            return None
        # A press outside a thread has no number of its own: Twilio's token is the same when it repeats the request.
        token = request.headers.get("i-twilio-idempotency-token") or form.get("SequenceNumber") or now.isoformat()
        unnumbered = token if moment in {CallMoment.KEY, CallMoment.SILENCE} else moment.value
        delivery = f"{sid}:{thread.step or unnumbered}"
        return CallEvent(sid, moment, person, delivery, thread, recipient, key)

    def parse(self, request: WebhookRequest, now: datetime) -> WebhookEvents:
        """The same in every channel's terms. A call that rings here is a missed call."""
        event = self.read(request, now)
        if event is None:
            return WebhookEvents()
        if event.moment is CallMoment.MACHINE:
            return WebhookEvents(statuses=(StatusUpdate(event.sid, MessageState.FAILED, "machine"),))
        if event.state is not None:
            return WebhookEvents(statuses=(StatusUpdate(event.sid, _LEDGER.get(event.state, MessageState.FAILED)),))
        if event.person is None or event.moment not in _KINDS:
            return WebhookEvents()
        vendor_id = event.sid if event.moment is CallMoment.RINGING else event.delivery
        kind = _KINDS[event.moment]
        return WebhookEvents(inbound=(Inbound(vendor_id, event.person, kind, now, key=event.key, recipient=event.recipient),))

    def render(
        self,
        reply: Reply,
        to: Address,
        clip: Clip | None,  # noqa: ARG002
        clip_url: str | None,
        drawing: Drawing | None = None,  # noqa: ARG002
    ) -> Sequence[Rendered]:
        """One TwiML document: the clip (or the text read by Twilio), interrupted by any key."""
        params = self._params(to)
        return [Rendered("twilio.twiml", params, twiml=self.listen([Spoken(reply, clip_url)], CallThread()))]

    def send(self, rendered: Rendered) -> str:
        """Make a call; returns its SID. Raises a SendError."""
        said = {} if rendered.twiml is None else {"twiml": rendered.twiml}
        return self._twilio.call({**rendered.params, **said})

    def reject(self) -> str:
        """Do not take the call: it costs nobody anything."""
        return twiml.reject()

    def hang_up(self, spoken: Sequence[Spoken] = ()) -> str:
        """Say that, then end the call."""
        return twiml.hang_up(spoken, self._settings.twilio_say_voice)

    def listen(self, spoken: Sequence[Spoken], thread: CallThread, keys: int = 1) -> str:
        """Say that, interrupted by any key, and wait for one (or that many, or fewer and #); they come back with the thread."""
        voice = self._settings.twilio_say_voice
        return twiml.listen(spoken, voice, self._address(query(thread)), self._address(query(thread, silent=True)), keys)

    def record(self, spoken: Sequence[Spoken], thread: CallThread, longest_s: int) -> str:
        """Say that, then record what she says; the recording comes back with the thread, and so does silence."""
        voice = self._settings.twilio_say_voice
        return twiml.record(spoken, voice, self._address(query(thread)), self._address(query(thread, silent=True)), longest_s)

    def fetch_recording(self, sid: str) -> bytes:
        """A recording that Twilio keeps, at most 16 MB of it. Raises MediaError."""
        return self.fetch(Media(_FILE.format(account=self._settings.twilio_account_sid, sid=sid), "audio/wav"))

    def delete_recording(self, sid: str) -> None:
        """Have Twilio delete a recording; one that is gone already is no error. Raises a SendError."""
        self._twilio.delete_recording(sid)

    def ring(self, to: Address, call_id: str) -> Rendered:
        """The vendor call that rings a number. Twilio hears first whether a machine takes it, and ends it after its time."""
        address = self._address(query(CallThread(call_id=call_id)))
        params: dict[str, object] = {
            **self._params(to),
            "url": address,
            "method": "POST",
            "machine_detection": "Enable",
            "timeout": RINGS_S,
            # A minute more than is spoken: the goodbye is to be heard.
            "time_limit": (self._settings.call_minutes + 1) * 60,
        }
        if "status_callback" in params:
            params |= {"status_callback": address, "status_callback_method": "POST", "status_callback_event": list(_EVENTS)}
        return Rendered("twilio.calls", params)

    def _params(self, to: Address) -> dict[str, object]:
        return self.message(to.value, sender_for(self._settings.senders.voice, to))

    def _address(self, asked: str) -> str:
        return self._settings.public_url + CALL_PATH + (f"?{asked}" if asked else "")


def _ends(form: Form) -> tuple[Address | None, str]:
    """The person, None where her number is hidden; and our own number."""
    person, recipient = form.get("From") or form.get("Caller"), form.get("To")
    if form.get("Direction").lower().startswith(_OUTBOUND):
        person, recipient = recipient, person
    if not _E164.fullmatch(person) or person in _HIDDEN:
        return None, recipient
    return Address(ChannelName.CALL, person), recipient


def _recorded(form: Form, thread: CallThread, person: Address | None, recipient: str) -> CallEvent | None:
    """A recording: that she has finished and waits, or (she hung up, or it can be fetched now) only that it is there."""
    sid, seconds = form.get("RecordingSid"), form.get("RecordingDuration")
    if not _RECORDING.fullmatch(sid):
        raise PayloadError("the recording has no name that Twilio would give it")
    waits = not form.get("RecordingStatus") and form.get("CallStatus").lower() not in _ENDED and form.get("Digits") != _HUNG_UP
    lasts = int(seconds) if _SECONDS.fullmatch(seconds) else 0
    moment = CallMoment.RECORDED if waits else CallMoment.STORED
    call = form.get("CallSid")
    return CallEvent(call, moment, person, f"{call}:{thread.step}", thread, recipient, recording=Recording(sid, lasts))


def _moment(form: Form, url: str, thread: CallThread) -> tuple[CallMoment, str]:
    """What has just happened, and the key that was pressed."""
    if form.get("AnsweredBy").startswith(("machine", "fax")) and not thread.step:
        # Nothing is said to an answering machine.
        return CallMoment.MACHINE, ""
    key = form.get("Digits")
    if silent(url) or (thread.step and not key):
        return CallMoment.SILENCE, ""
    if key:
        return CallMoment.KEY, key
    ours_first = form.get("Direction").lower().startswith(_OUTBOUND)
    return (CallMoment.ANSWERED if ours_first else CallMoment.RINGING), ""
