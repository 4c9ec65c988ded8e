"""Telephone calls: Twilio's webhooks as captured, and the TwiML that is said."""

from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest
from channels.captured import captured
from channels.requests_made import NOW, settings, twilio_request

from bot.channels.registry import build_channel
from bot.domain.call import CallState
from bot.domain.errors import PayloadError
from bot.domain.message import Address, ChannelName, Choice, Clip, InboundKind, MessageState, Reply, Speech
from bot.domain.ports import WebhookRequest

CASES = captured("twilio_voice")["cases"]
CHANNEL = build_channel("call", settings())
PERSON = Address(ChannelName.CALL, "+573001112222")
ENDS = {"CallSid": "CA1", "From": "+573001112222", "To": "+15005550008", "Direction": "inbound"}
OURS = {"CallSid": "CA1", "From": "+15005550008", "To": "+573001112222", "Direction": "outbound-api"}


def parse(headers=None, **fields):
    return CHANNEL.parse(twilio_request(fields, "/webhooks/twilio/call", headers=headers), NOW)


def said(reply, url=None):
    clip = Clip("abc", "/clips/abc.wav", "audio/wav", 3.0) if url else None
    (call,) = CHANNEL.render(reply, PERSON, clip, url)
    return ET.fromstring(call.twiml)


@pytest.mark.parametrize("case", CASES, ids=[f"{n}-{case['name']}" for n, case in enumerate(CASES)])
def test_every_captured_webhook_is_read_or_called_unreadable(case):
    request = WebhookRequest("POST", "", {}, urlencode([tuple(pair) for pair in case["form"]]).encode())
    if not dict(case["form"]).get("CallSid"):
        with pytest.raises(PayloadError):
            CHANNEL.parse(request, NOW)
        return
    events = CHANNEL.parse(request, NOW)
    assert len(events.inbound) + len(events.statuses) == 1


def test_a_call_that_rings_is_a_missed_call():
    (call,) = parse(**ENDS, CallStatus="ringing").inbound
    assert (call.kind, call.sender, call.vendor_id) == (InboundKind.MISSED_CALL, PERSON, "CA1")


def test_a_call_of_ours_that_is_taken_is_an_answered_call_by_that_person():
    (call,) = parse(**OURS, CallStatus="in-progress").inbound
    assert (call.kind, call.sender) == (InboundKind.ANSWERED_CALL, PERSON)


@pytest.mark.parametrize("ends", [ENDS, OURS])
@pytest.mark.parametrize("digits", ["2", "*", "#", "12"])
def test_a_key_is_a_key_whoever_called(ends, digits):
    (press,) = parse(**ends, CallStatus="in-progress", Digits=digits).inbound
    assert (press.kind, press.key, press.sender) == (InboundKind.KEY, digits, PERSON)


def test_the_same_key_pressed_twice_is_two_presses_and_a_repeated_request_is_one():
    def press(token):
        return parse({"i-twilio-idempotency-token": token}, **OURS, CallStatus="in-progress", Digits="2").inbound[0].vendor_id

    assert press("a") == press("a")
    assert press("a") != press("b")


@pytest.mark.parametrize("digits", ["x", "1" * 30, "٣"])
def test_what_is_no_key_is_not_heard(digits):
    assert not parse(**OURS, CallStatus="in-progress", Digits=digits).inbound


@pytest.mark.parametrize("number", ["anonymous", "", "+266696687", "Restricted"])
def test_a_hidden_number_is_nobody_to_call_back(number):
    assert not parse(**{**ENDS, "From": number}, CallStatus="ringing").inbound


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("completed", MessageState.DELIVERED),
        ("busy", MessageState.FAILED),
        ("no-answer", MessageState.FAILED),
        ("failed", MessageState.FAILED),
        ("canceled", MessageState.CANCELLED),
    ],
)
def test_a_call_that_ended_is_a_status(status, state):
    (update,) = parse(**OURS, CallStatus=status).statuses
    assert (update.vendor_id, update.state) == ("CA1", state)


@pytest.mark.parametrize(("said_s", "lasted_s"), [("37", 37), ("0", 0), ("", 0), ("-3", 0), ("1e9", 0)])
def test_how_long_it_lasted_is_told_with_its_end(said_s, lasted_s):
    fields = {**OURS, "CallStatus": "completed", "CallDuration": said_s}
    event = CHANNEL.read(twilio_request(fields, "/webhooks/twilio/call"), NOW)
    assert (event.state, event.lasted_s) == (CallState.COMPLETED, lasted_s)


def test_progress_is_a_status_and_no_answered_call():
    events = parse(**OURS, CallStatus="in-progress", CallbackSource="call-progress-events")
    assert events.statuses[0].state is MessageState.SENT
    assert not events.inbound


def test_nothing_is_said_to_an_answering_machine():
    events = parse(**OURS, CallStatus="in-progress", AnsweredBy="machine_start")
    assert not events.inbound
    assert events.statuses[0].error_code == "machine"


def test_a_clip_plays_inside_a_gather_so_that_a_key_interrupts_it():
    gather = said(Reply("x", "Hola"), "https://bot.example.org/media/abc.wav").find("Gather")
    assert gather.attrib == {
        "input": "dtmf",
        "numDigits": "1",
        "finishOnKey": "",
        "timeout": "8",
        "action": "https://bot.example.org/webhooks/twilio/call",
        "method": "POST",
    }
    assert gather.find("Play").text == "https://bot.example.org/media/abc.wav"


def test_without_a_clip_the_text_is_read_with_its_options():
    say = said(Reply("x", "¿Qué <quiere>?", choices=(Choice("1", "a", "Aprender"),))).find("Gather/Say")
    assert say.text == "¿Qué <quiere>?\n1. Aprender"
    assert say.attrib["language"] == "es-MX"


def test_speech_is_read_as_it_should_sound():
    assert said(Reply("x", "1.", Speech("Uno."))).find("Gather/Say").text == "Uno."
