"""Twilio's signature, against its own vectors and every captured webhook."""

import json
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from channels.captured import captured
from channels.requests_made import FORM, twilio_request

from bot.channels.twilio_signature import verify
from bot.domain.errors import SignatureError
from bot.domain.ports import WebhookRequest

VECTORS = captured("twilio_signature_vectors")["vectors"]
FILES = ("twilio_sms_inbound", "twilio_whatsapp_inbound", "twilio_status_callbacks", "twilio_voice")
SIGNED = [case for file in FILES for case in captured(file)["cases"] if "signed" in case]


def genuine(request, token):
    try:
        verify(request, token)
    except SignatureError:
        return False
    return True


def request_of(url, signature, pairs=(), body=None):
    kind = "application/json; charset=utf-8" if body is not None else FORM
    raw = body.encode() if body is not None else urlencode([tuple(pair) for pair in pairs]).encode()
    return WebhookRequest("POST", url, {"content-type": kind, "x-twilio-signature": signature}, raw)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_every_vector_of_twilio(vector):
    request = request_of(vector["url"], vector["signature"], vector.get("params", ()), vector.get("body"))
    assert genuine(request, vector["token"]) is vector["valid"]


@pytest.mark.parametrize("case", SIGNED, ids=[case["name"] for case in SIGNED])
def test_every_captured_webhook_is_believed_and_a_changed_one_is_not(case):
    signed = case["signed"]
    request = request_of(signed["url"], signed["x_twilio_signature"], case["form"])
    assert genuine(request, signed["auth_token"])
    assert not genuine(replace(request, body=request.body + b"&Extra=1"), signed["auth_token"])
    assert not genuine(request, signed["auth_token"] + "6")


@pytest.mark.parametrize(("public", "signed"), [(":443", ""), ("", ":443"), (":8443", ""), ("", "")])
def test_the_port_may_stand_on_either_side(public, signed):
    request = twilio_request({"MessageSid": "SM1", "Body": "ñ"})
    moved = replace(request, url=request.url.replace("example.org", "example.org" + public))
    if signed:
        signature = twilio_request({"MessageSid": "SM1", "Body": "ñ"}).headers["x-twilio-signature"]
        assert genuine(replace(moved, headers={**request.headers, "x-twilio-signature": signature}), "12345")
    assert genuine(moved, "12345")


def test_another_path_or_query_is_another_request():
    request = twilio_request({"MessageSid": "SM1"})
    assert not genuine(replace(request, url=request.url + "?x=1"), "12345")
    assert not genuine(replace(request, url=request.url + "/"), "12345")


def test_a_json_body_counts_only_where_the_url_carries_its_hash():
    vector = next(vector for vector in VECTORS if "body" in vector)
    request = request_of(vector["url"], vector["signature"], body=vector["body"])
    assert not genuine(replace(request, body=json.dumps({"property": "other"}).encode()), vector["token"])
    assert not genuine(replace(request, url=vector["url"].partition("&bodySHA256")[0]), vector["token"])


def test_a_form_cannot_hide_behind_a_json_header():
    request = twilio_request({"MessageSid": "SM1"})
    assert not genuine(replace(request, headers={**request.headers, "content-type": "application/json"}), "12345")


@pytest.mark.parametrize("url", ["https://bot.example.org:port/x", "nonsense", "https://[::1/x", ""])
def test_an_impossible_url_is_refused(url):
    assert not genuine(replace(twilio_request({"MessageSid": "SM1"}), url=url), "12345")
