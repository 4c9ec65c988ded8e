"""What only the telephone needs: which numbers are called, the thread of a call in its addresses, its documents."""

from xml.etree import ElementTree as ET

import pytest
from channels.requests_made import settings
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.registry import build_channel
from bot.channels.voice_numbers import callable_number, listening_number, may_call
from bot.channels.voice_thread import query, silent, thread_in
from bot.domain.call import CallThread, Spoken
from bot.domain.message import Address, ChannelName, Choice, Reply

CHANNEL = build_channel("call", settings())
HERS = Address(ChannelName.SMS, "+573001112222")
THREADS = st.builds(
    CallThread,
    call_id=st.sampled_from(["", "0" * 32, "abc123"]),
    step=st.integers(0, 10**9),
    misses=st.integers(0, 9),
    began_s=st.integers(0, 10**11),
    closed=st.booleans(),
    untold=st.booleans(),
    offered=st.lists(st.sampled_from(["meeting:demo-taraza:yes", "poll:Q04_v1/Q04:1", "a"]), max_size=5).map(tuple),
)


@pytest.mark.parametrize(
    "number", ["+573001234567", "+573501234567", "+576012345678", "+51912345678", "+5112345678", "+5184123456"]
)
def test_ordinary_numbers_may_be_called(number):
    assert callable_number(number)


@pytest.mark.parametrize(
    "number",
    [
        "+571900123456",
        "+57900123456",
        "+5780012345",
        "+573001",
        "+57300123456٣",
        "+51800123456",
        "+5180812345",
        "+15005550006",
        "",
        "x",
    ],
)
def test_premium_short_and_foreign_numbers_may_not(number):
    assert not callable_number(number)


def test_who_is_only_answered_needs_no_number_of_ours():
    call = Address(ChannelName.CALL, "+573001112222")
    assert may_call(settings(), call)
    assert not may_call(settings(TWILIO_VOICE_FROM=""), call)
    assert may_call(settings(TWILIO_VOICE_FROM="", CALLS="answer"), call)


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({}, "+15005550008"),
        ({"TWILIO_SMS_FROM": "+15005550008"}, ""),
        ({"TWILIO_VOICE_FROM": ""}, None),
        ({"TWILIO_VOICE_FROM": "", "DEMO": "1"}, ""),
        ({"CALLS": "off"}, None),
        ({"CALLS": "answer"}, None),
    ],
)
def test_where_to_ring_to_be_called_back(changes, number):
    assert listening_number(settings(**changes), HERS) == number


@given(thread=THREADS)
def test_a_thread_comes_back_as_it_went(thread):
    address = f"https://bot.example.org/webhooks/twilio/call?{query(thread)}"
    assert thread_in(address) == thread
    assert not silent(address)
    assert silent(f"https://bot.example.org/x?{query(thread, silent=True)}")


@given(asked=st.text(max_size=80))
def test_any_address_holds_a_thread(asked):
    thread_in(f"https://bot.example.org/webhooks/twilio/call?{asked}")
    thread_in(f"https://bot.example.org/x?call={asked}&step={asked}&offer={asked}&began={asked}")


def test_a_number_of_several_figures_ends_with_hash_or_when_it_is_whole():
    document = ET.fromstring(CHANNEL.listen([Spoken(Reply("x", "Hola"), None)], CallThread(), 6))
    gather = document.find("Gather")
    assert (gather.get("numDigits"), gather.get("finishOnKey")) == ("6", "#")


def test_silence_goes_on_by_a_redirect_behind_the_gather():
    document = ET.fromstring(CHANNEL.listen([Spoken(Reply("x", "Hola"), None)], CallThread("a", 3)))
    assert [verb.tag for verb in document] == ["Gather", "Redirect"]
    assert silent(document.find("Redirect").text)
    assert thread_in(document.find("Redirect").text) == thread_in(document.find("Gather").get("action")) == CallThread("a", 3)


def test_the_end_of_a_call_says_everything_and_hangs_up():
    spoken = [
        Spoken(Reply("x", "Hola"), "https://bot.example.org/media/a"),
        Spoken(Reply("y", "Adiós", None, (Choice("1", "a", "Sí"),)), None),
    ]
    document = ET.fromstring(CHANNEL.hang_up(spoken))
    assert [verb.tag for verb in document] == ["Play", "Say", "Hangup"]


def test_a_call_is_asked_for_with_its_id_in_every_address():
    params = CHANNEL.ring(Address(ChannelName.CALL, "+573001112222"), "abc").params
    assert thread_in(params["url"]).call_id == thread_in(params["status_callback"]).call_id == "abc"
    assert params["machine_detection"] == "Enable"
    assert "twiml" not in params
