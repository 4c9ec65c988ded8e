"""Webhooks that nobody would send: whatever comes, only two errors may."""

from __future__ import annotations

import json
from contextlib import suppress
from urllib.parse import urlencode

import pytest
from channels.mutation import spoilt
from channels.requests_made import FORM, NOW, settings, telegram_request, twilio_request
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from bot.channels.registry import CHANNELS, build_channel
from bot.domain.errors import PayloadError, SignatureError
from bot.domain.ports import WebhookRequest

BUILT = {name: build_channel(name, settings()) for name in CHANNELS}
NAMES = [
    "MessageSid",
    "SmsSid",
    "From",
    "To",
    "Body",
    "NumMedia",
    "MediaUrl0",
    "MediaContentType0",
    "ButtonPayload",
    "ButtonText",
    "ExternalUserId",
    "Latitude",
    "Longitude",
    "MessageStatus",
    "ErrorCode",
    "OptOutType",
    "MessageType",
    "CallSid",
    "CallStatus",
    "Direction",
    "Digits",
    "AnsweredBy",
    "CallbackSource",
    "Caller",
]
VALUES = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["+573001112222", "whatsapp:+573001112222", "whatsapp:CO.1", "1", "failed", "21610", "ringing", "audio/ogg", "STOP"]
    ),
    st.integers(0, 9000).map(lambda n: "á" * n),
)
PAIRS = st.lists(st.tuples(st.one_of(st.sampled_from(NAMES), st.text(max_size=10)), VALUES), max_size=30)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(
                st.sampled_from(
                    [
                        "message",
                        "callback_query",
                        "my_chat_member",
                        "chat",
                        "from",
                        "id",
                        "type",
                        "text",
                        "caption",
                        "voice",
                        "audio",
                        "file_id",
                        "data",
                        "location",
                        "new_chat_member",
                        "old_chat_member",
                        "status",
                        "mime_type",
                        "update_id",
                    ]
                ),
                st.text(max_size=8),
            ),
            inner,
            max_size=6,
        ),
    ),
    max_leaves=30,
)


@pytest.mark.parametrize("name", ["sms", "whatsapp", "call"])
@given(pairs=PAIRS)
def test_any_signed_form_is_believed_and_read_or_called_unreadable(name, pairs):
    request = twilio_request(
        [(key.encode("utf-8", "replace").decode(), value.encode("utf-8", "replace").decode()) for key, value in pairs]
    )
    BUILT[name].verify(request)
    with suppress(PayloadError):
        BUILT[name].parse(request, NOW)


@pytest.mark.parametrize("name", CHANNELS)
@given(body=st.binary(max_size=400), kind=st.sampled_from([FORM, "application/json", "", "text/plain; charset=utf-16"]))
def test_any_bytes_are_refused_or_called_unreadable(name, body, kind):
    headers = {"content-type": kind, "x-twilio-signature": "AAAA", "x-telegram-bot-api-secret-token": "x"}
    request = WebhookRequest("POST", "https://bot.example.org/webhooks/x?bodySHA256=x", headers, body)
    with pytest.raises(SignatureError):
        BUILT[name].verify(request)
    with suppress(PayloadError):
        BUILT[name].parse(request, NOW)


@given(update=JSON, number=st.integers(-(2**70), 2**70))
def test_any_update_is_read(update, number):
    if isinstance(update, dict):
        update["update_id"] = number
    with suppress(PayloadError):
        BUILT["telegram"].parse(telegram_request(json.dumps(update).encode()), NOW)


# One drawn webhook is worth a hundred: a thousand draws, each spoilt in as many ways, are done in a minute or two.
MUTANTS = 100
THOROUGHLY = effort(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.soak
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("name", ["sms", "whatsapp", "call"])
@THOROUGHLY
@given(pairs=PAIRS, seed=st.integers(0, 2**32))
def test_a_hundred_thousand_forms(name, pairs, seed):
    for body in spoilt(urlencode(pairs, errors="replace").encode(), b"&", seed, MUTANTS):
        with suppress(PayloadError):
            BUILT[name].parse(WebhookRequest("POST", "", {"content-type": FORM}, body), NOW)


@pytest.mark.soak
@pytest.mark.timeout(1_200)
@THOROUGHLY
@given(update=JSON, seed=st.integers(0, 2**32))
def test_a_hundred_thousand_updates(update, seed):
    for body in spoilt(json.dumps({"update_id": 1, "message": update}).encode(), b",", seed, MUTANTS):
        with suppress(PayloadError):
            BUILT["telegram"].parse(telegram_request(body), NOW)


@given(pairs=PAIRS, seed=st.integers(0, 2**32))
@effort(max_examples=8, deadline=None)
def test_a_spoilt_form_is_read_or_called_unreadable(pairs, seed):
    for body in spoilt(urlencode(pairs, errors="replace").encode(), b"&", seed, MUTANTS):
        for name in ("sms", "whatsapp", "call"):
            with suppress(PayloadError):
                BUILT[name].parse(WebhookRequest("POST", "", {"content-type": FORM}, body), NOW)
