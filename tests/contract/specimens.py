"""What the contract suite needs to know of a channel: how its vendor asks, and how it answers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from channels.captured import captured
from channels.loopback import Answer
from channels.requests_made import telegram_request, twilio_request

from bot.domain.message import MessageState, Rendered
from bot.domain.ports import WebhookRequest

NUMBERS = itertools.count(1)
PERSON = "+573001112222"
CHAT = 3527065
OGG = b"OggS" + bytes(500)
FILE = Answer(200, OGG, {"content-type": "audio/ogg"})


@dataclass(frozen=True)
class Specimen:
    """One channel, seen from its vendor."""

    address: str
    # A person says this: a genuine request, new each time.
    says: Callable[[str], WebhookRequest]
    # The same with a field nobody knows.
    says_with_unknown_field: Callable[[str], WebhookRequest]
    # A picture of an unknown kind, None where the channel can carry none.
    unknown_media: Callable[[], WebhookRequest] | None
    signature_header: str
    # The settings without which nothing can be believed, and without which nothing can be sent.
    secret: str
    sender: str
    taken: Answer
    permanent: Answer
    throttled: Answer
    refused: Answer
    opted_out: Answer
    # Longest text of one call, and how to read it.
    most_chars: int
    text_of: Callable[[Rendered], str]
    choices_of: Callable[[Rendered], int]
    reads_text: bool = True
    sends_voice: bool = True
    api_url: str = "TWILIO_API_URL"
    # What the vendor tells of one of our messages, by its own words; None where it tells nothing.
    status: Callable[[str], WebhookRequest] | None = None
    statuses: Mapping[str, MessageState] = field(default_factory=dict)
    # Somebody speaks, and what the vendor then answers to whoever fetches it.
    voice_note: Callable[[], WebhookRequest] | None = None
    file_answers: tuple[Answer, ...] = ()


def _sid() -> str:
    return f"SM{next(NUMBERS):032x}"


def _message(person: str, ours: str) -> dict[str, Any]:
    def says(text: str, **more: str) -> WebhookRequest:
        fields = {"MessageSid": _sid(), "From": person, "To": ours, "NumMedia": "0", "Body": text, **more}
        return twilio_request(fields)

    def media() -> WebhookRequest:
        return says("", NumMedia="1", MediaUrl0="https://api.twilio.com/x", MediaContentType0="application/x-unheard-of")

    def voice_note() -> WebhookRequest:
        return says("", NumMedia="1", MediaUrl0="https://api.twilio.com/x", MediaContentType0="audio/ogg")

    def status(word: str) -> WebhookRequest:
        return twilio_request({"MessageSid": "SM" + "7" * 32, "MessageStatus": word, "To": person}, "/webhooks/twilio/status")

    return {
        "voice_note": voice_note,
        "status": status,
        "says": says,
        "says_with_unknown_field": lambda text: says(text, NewIn2027="x", **{"": ""}),
        "unknown_media": media,
    }


def _call_status(word: str) -> WebhookRequest:
    facts = {"CallSid": "CA" + "7" * 32, "CallStatus": word, "CallbackSource": "call-progress-events", "To": PERSON}
    return twilio_request(facts, "/webhooks/twilio/status")


# Late, twice and backwards, as they come.
MESSAGE_STATUSES = {
    "delivered": MessageState.DELIVERED,
    "sent": MessageState.SENT,
    "read": MessageState.READ,
    "queued": MessageState.SENDING,
    "undelivered": MessageState.FAILED,
    "canceled": MessageState.CANCELLED,
}
CALL_STATUSES = {"completed": MessageState.DELIVERED, "ringing": MessageState.SENDING, "no-answer": MessageState.FAILED}


def _call(digits: str, **more: str) -> WebhookRequest:
    fields = {"CallSid": f"CA{next(NUMBERS):032x}", "CallStatus": "in-progress", "Direction": "outbound-api"}
    fields |= {"From": "+15005550008", "To": PERSON, "Digits": digits, **more}
    return twilio_request(fields, "/webhooks/twilio/call")


def _update(text: str, **more: object) -> WebhookRequest:
    number = next(NUMBERS)
    person = {"id": CHAT, "first_name": "Nora"}
    message = {"message_id": number, "date": 1454119029, "from": person, "chat": {**person, "type": "private"}, **more}
    return telegram_request({"update_id": 2**33 + number, "message": {**message, "text": text} if text else message})


def _twilio_refusal(status: int, code: int, **headers: str) -> Answer:
    # What Twilio really says: its sentence holds the number.
    said = {"code": code, "message": f"The 'To' number {PERSON} cannot be reached", "status": status}
    return Answer.of(status, said, **headers)


def _telegram_refusal(status: int, text: str, **parameters: int) -> Answer:
    said = {"ok": False, "error_code": status, "description": f"{text} {CHAT}"}
    return Answer.of(status, {**said, "parameters": parameters} if parameters else said)


TWILIO = {
    "signature_header": "x-twilio-signature",
    "secret": "TWILIO_AUTH_TOKEN",
    "taken": Answer.of(201, {"sid": "SM" + "7" * 32, "status": "queued", "to": PERSON}),
    "permanent": _twilio_refusal(400, 21211),
    "throttled": _twilio_refusal(429, 20429, Retry_After="7"),
    "refused": _twilio_refusal(401, 20003),
    "opted_out": _twilio_refusal(400, 21610),
    "text_of": lambda rendered: str(rendered.params.get("body", "")),
}

SPECIMENS = {
    "sms": Specimen(
        address=PERSON,
        **_message(PERSON, "+15005550006"),
        **TWILIO,
        statuses=MESSAGE_STATUSES,
        file_answers=(FILE,),
        sender="TWILIO_SMS_FROM",
        most_chars=1600,
        choices_of=lambda rendered: sum(line[:2] in {f"{n} " for n in range(1, 6)} for line in _lines(rendered)),
        sends_voice=False,
    ),
    "whatsapp": Specimen(
        address="bsuid:CO.1234",
        **_message("whatsapp:" + PERSON, "whatsapp:+15005550007"),
        **TWILIO,
        statuses=MESSAGE_STATUSES,
        file_answers=(FILE,),
        sender="TWILIO_WHATSAPP_FROM",
        most_chars=1600,
        choices_of=lambda rendered: sum(line[:3] in {f"{n}. " for n in range(1, 6)} for line in _lines(rendered)),
    ),
    "telegram": Specimen(
        address=str(CHAT),
        says=_update,
        says_with_unknown_field=lambda text: _update(text, new_in_2027={"x": [1]}),
        unknown_media=lambda: _update("", hologram={"file_id": "x"}),
        signature_header="x-telegram-bot-api-secret-token",
        secret="TELEGRAM_WEBHOOK_SECRET",
        sender="TELEGRAM_TOKEN",
        taken=Answer.of(200, {"ok": True, "result": {"message_id": 7, "voice": {"file_id": "V1"}}}),
        permanent=_telegram_refusal(403, "Forbidden: bot was blocked by the user"),
        throttled=_telegram_refusal(429, "Too Many Requests: retry after 7", retry_after=7),
        refused=_telegram_refusal(401, "Unauthorized"),
        opted_out=_telegram_refusal(403, "Forbidden: bot was blocked by the user"),
        voice_note=lambda: _update("", voice={"file_id": "F1", "file_unique_id": "U1", "duration": 3, "mime_type": "audio/ogg"}),
        file_answers=(Answer.of(200, {"ok": True, "result": {"file_id": "F1", "file_path": "voice/file_7.oga"}}), FILE),
        most_chars=4096,
        text_of=lambda rendered: str(rendered.params.get("text", "")),
        choices_of=lambda rendered: len(rendered.params.get("reply_markup", {}).get("inline_keyboard", ())),  # type: ignore[attr-defined]
        api_url="TELEGRAM_API_URL",
    ),
    "call": Specimen(
        address=PERSON,
        says=_call,
        says_with_unknown_field=lambda text: _call(text, NewIn2027="x"),
        unknown_media=None,
        **TWILIO,
        status=_call_status,
        statuses=CALL_STATUSES,
        sender="TWILIO_VOICE_FROM",
        most_chars=4000,
        choices_of=lambda rendered: 5 if "<Gather" in str(rendered.twiml) else 0,
        reads_text=False,
    ),
}


def _lines(rendered: Rendered) -> list[str]:
    return str(rendered.params.get("body", "")).splitlines()


def _captured_forms(*names: str) -> list[WebhookRequest]:
    return [twilio_request([(key, value) for key, value in case["form"]]) for name in names for case in captured(name)["cases"]]


CAPTURED: Mapping[str, Callable[[], list[WebhookRequest]]] = {
    "sms": lambda: _captured_forms("twilio_sms_inbound", "twilio_status_callbacks"),
    "whatsapp": lambda: _captured_forms("twilio_whatsapp_inbound", "twilio_status_callbacks"),
    "call": lambda: _captured_forms("twilio_voice"),
    "telegram": lambda: [telegram_request(case["update"]) for case in captured("telegram_updates")["cases"]],
}
