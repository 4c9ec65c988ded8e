"""Signed webhooks against a running server, answered by the vendors' own clients through a stand-in."""

import itertools
import json
import time
import urllib.parse

import pytest
from standins.signing import AUTH_TOKEN, PUBLIC_URL, TELEGRAM_SECRET
from twilio.request_validator import RequestValidator

NUMBERS = itertools.count(1)


def twilio(server, fields, path="/webhooks/twilio/messages", *, signature=None):
    signed = RequestValidator(AUTH_TOKEN).compute_signature(PUBLIC_URL + path, fields)
    headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature or signed}
    return server.request(path, urllib.parse.urlencode(fields).encode(), headers)


def sms(body, sender="+573001110001", **fields):
    number = next(NUMBERS)
    return {"MessageSid": f"SM{number:032d}", "From": sender, "To": "+15005550006", "Body": body, "NumMedia": "0", **fields}


def telegram(server, update, secret=TELEGRAM_SECRET):
    return server.post_json("/webhooks/telegram", update, {"x-telegram-bot-api-secret-token": secret} if secret else {})


def update(text, chat=3527065):
    number = next(NUMBERS)
    person = {"id": chat, "first_name": "Nora"}
    return {
        "update_id": 174114000 + number,
        "message": {
            "message_id": number,
            "from": {**person, "is_bot": False},
            "chat": {**person, "type": "private"},
            "date": 1454119029,
            "text": text,
        },
    }


def test_a_signed_sms_is_answered_by_sms(server, vendor):
    status, _ = twilio(server, sms("ola", "+573001110002"))
    assert status in {200, 204}
    sent = [fields for fields in vendor.sent("/Messages.json") if fields["To"] == "+573001110002"]
    assert sent
    assert sent[0]["From"] == "+15005550006"
    assert sent[0]["Body"].isascii() or "ñ" in sent[0]["Body"] or "¿" in sent[0]["Body"]
    assert "MediaUrl" not in sent[0]
    assert sent[0]["StatusCallback"] == PUBLIC_URL + "/webhooks/twilio/status"


def test_a_whatsapp_message_is_answered_by_text_and_then_a_voice_note_that_can_be_fetched(server, vendor):
    twilio(server, sms("ola", "whatsapp:+573001110003", To="whatsapp:+15005550007"))
    mine = _to(vendor, "whatsapp:+573001110003", count=2)
    assert mine[0]["Body"]
    assert "MediaUrl" in mine[1]
    status, body = server.request(urllib.parse.urlparse(mine[1]["MediaUrl"]).path)
    assert status == 200
    assert body.startswith(b"OggS")


@pytest.mark.parametrize("signature", ["AAAA", ""])
def test_a_bad_signature_gets_403_and_changes_nothing(server, vendor, signature):
    before = len(vendor.calls)
    status, _ = twilio(server, sms("ola", "+573001110004"), signature=signature or "none")
    assert status == 403
    assert not [fields for _, fields in vendor.calls[before:] if fields.get("To") == "+573001110004"]


def test_a_redelivered_webhook_changes_nothing(server, vendor):
    twilio(server, sms("ola", "+573001110006"))
    once = len(_to(vendor, "+573001110006"))
    fields = sms("ola", "+573001110005")
    assert {twilio(server, fields)[0] for _ in range(3)} <= {200, 204}
    assert len(_to(vendor, "+573001110005")) == once


def test_status_callbacks_are_taken_in_any_order(server):
    for state in ("delivered", "sent", "huh", "delivered"):
        fields = {"MessageSid": "SM" + "1" * 32, "MessageStatus": state, "To": "+573001110001"}
        assert twilio(server, fields, "/webhooks/twilio/status")[0] in {200, 204}


def test_a_telegram_update_is_answered_with_text_and_voice(server, vendor):
    status, _ = telegram(server, update("ola"))
    assert status in {200, 204}
    text = vendor.sent("/sendMessage")[0]
    assert str(text["chat_id"]) == "3527065"
    assert vendor.sent("/sendVoice")[0]["ogg"]


@pytest.mark.parametrize("secret", ["wrong", None])
def test_telegram_without_the_secret_gets_403(server, secret):
    assert telegram(server, update("ola"), secret)[0] == 403


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"update_id": "x"}', json.dumps({"update_id": 1}).encode()]
)
def test_a_telegram_update_nobody_understands_is_acknowledged(server, body):
    headers = {"content-type": "application/json", "x-telegram-bot-api-secret-token": TELEGRAM_SECRET}
    assert server.request("/webhooks/telegram", body, headers)[0] in {200, 204}


def test_danger_is_answered_with_the_number_even_before_consent(server, vendor):
    twilio(server, sms("mi ermano se desmayo en el socabon no respira", "+573001110007"))
    vendor.sent("/Messages.json")
    texts = [f["Body"] for f in _to(vendor, "+573001110007")]
    assert any("123" in text for text in texts)


def test_after_opting_out_only_the_way_back_is_told(server, vendor):
    for body in ("ola", "BAJA"):
        twilio(server, sms(body, "+573001110008"))
    before = len(_to(vendor, "+573001110008"))
    twilio(server, sms("que hubo", "+573001110008"))
    told = _to(vendor, "+573001110008", count=before + 1)[before:]
    assert len(told) == 1
    assert "hola" in told[0]["Body"]


def test_no_address_and_no_text_in_the_log_or_the_metrics(server, vendor):
    twilio(server, sms("palabra secreta zafiro", "+573001110009"))
    _to(vendor, "+573001110009")
    seen = server.log.read_text() + server.request("/metrics")[1].decode()
    assert "3001110009" not in seen
    assert "zafiro" not in seen


def test_an_oversized_body_is_refused(server):
    assert server.request("/webhooks/telegram", b"x" * 1_000_001, {"content-type": "application/json"})[0] == 413


def _to(vendor, address, count=1):
    """What was sent to an address, once there is enough and a second has passed without more."""
    until, quiet, seen = time.monotonic() + 20, time.monotonic(), []
    while time.monotonic() < until:
        found = [fields for _, fields in list(vendor.calls) if fields.get("To") == address]
        if len(found) != len(seen):
            seen, quiet = found, time.monotonic()
        if len(seen) >= count and time.monotonic() - quiet > 1:
            return seen
        time.sleep(0.05)
    raise AssertionError(f"{len(seen)} messages were sent to {address}")
