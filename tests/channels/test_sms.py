"""What is sent by SMS."""

import pytest
from channels.requests_made import settings

from bot.channels.registry import build_channel
from bot.channels.surroundings import Surroundings
from bot.domain.message import Address, ChannelName, Choice, Reply, Speech

COLOMBIA = Address(ChannelName.SMS, "+573001112222")
PERU = Address(ChannelName.SMS, "+51900111222")
CHOICES = (Choice("1", "si", "Sí"), Choice("2", "no", "No"))


def render(reply, to=COLOMBIA, hint="", **environ):
    return build_channel("sms", settings(**environ), Surroundings(listen_hint=hint)).render(reply, to, None, None)


def body(reply, **facts):
    (call,) = render(reply, **facts)
    return call.params["body"]


def test_the_short_wording_is_taken_and_the_options_follow_it():
    reply = Reply("x", "Una frase larga.", choices=CHOICES, sms="¿Mañana vendrá?")
    (call,) = render(reply)
    assert call.params == {
        "to": "+573001112222",
        "from_": "+15005550006",
        "body": "¿Mañana vendra?\n1 Si\n2 No",
        "status_callback": "https://bot.example.org/webhooks/twilio/status",
    }
    assert (call.api, call.segments, call.encoding) == ("twilio.messages", 1, "GSM-7")


def test_a_country_has_its_own_sender():
    assert render(Reply("x", "Hola"), PERU)[0].params["from_"] == "+51150055500"


def test_a_messaging_service_is_no_number():
    params = render(Reply("x", "Hola"), TWILIO_SMS_FROM="MG123")[0].params
    assert params["messaging_service_sid"] == "MG123"
    assert "from_" not in params


def test_a_status_is_not_asked_for_where_twilio_could_not_bring_it():
    assert "status_callback" not in render(Reply("x", "Hola"), PUBLIC_URL="http://127.0.0.1:8000")[0].params


@pytest.mark.parametrize(
    ("text", "hint", "expected"),
    [
        ("Hola", "Para oír: {number}", "Hola\nPara oir: +15005550008"),
        ("a" * 150, "Para oír: {number}", "a" * 150),
        ("a" * 170, "Para oír: {number}", "a" * 170 + "\nPara oir: +15005550008"),
        ("Hola", "", "Hola"),
    ],
)
def test_how_to_listen_is_said_where_that_costs_no_further_segment(text, hint, expected):
    assert body(Reply("x", text, Speech("x")), hint=hint) == expected


def test_nobody_is_told_to_ring_where_there_is_no_number_or_nothing_to_hear():
    assert body(Reply("x", "Hola", Speech("x")), hint="Marque {number}", TWILIO_VOICE_FROM="") == "Hola"
    assert body(Reply("x", "Hola"), hint="Marque {number}") == "Hola"


WAYS_BACK = {"whatsapp": "Conteste por WhatsApp al {number}.", "telegram": "Conteste por Telegram a {name}."}
ASKING = Reply("x", "¿Va a ir?", choices=CHOICES)


def peruvian(reply, names=None, **environ):
    around = Surroundings(ways_back=WAYS_BACK, names=names or {})
    (call,) = build_channel("sms", settings(**environ), around).render(reply, PERU, None, None)
    return call.params["body"]


def test_who_cannot_answer_by_sms_is_told_where_to_instead_of_the_options():
    assert peruvian(ASKING) == "¿Va a ir?\nConteste por WhatsApp al +15005550007."
    assert peruvian(ASKING, {"telegram": "@batea_bot"}).endswith("+15005550007.\nConteste por Telegram a @batea_bot.")


@pytest.mark.parametrize("sender", ["", "MG" + "0" * 32])
def test_where_there_is_no_way_back_nothing_is_asked_at_all(sender):
    assert peruvian(ASKING, TWILIO_WHATSAPP_FROM=sender) == "¿Va a ir?"


def test_who_is_asked_nothing_needs_no_way_back():
    assert peruvian(Reply("x", "Anotado.")) == "Anotado."


def test_the_country_has_its_own_number_there_too():
    assert "+51150055501" in peruvian(ASKING, TWILIO_WHATSAPP_FROM_PE="whatsapp:+51150055501")
