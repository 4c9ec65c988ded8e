"""What is sent by WhatsApp."""

import pytest
from channels.requests_made import settings

from bot.channels.registry import build_channel
from bot.domain.message import Address, ChannelName, Choice, Clip, Drawing, Reply, Speech

CLIP = Clip("abc", "/clips/abc.ogg", "audio/ogg", 3.0)
URL = "https://bot.example.org/media/abc.ogg"
CALLBACK = {"status_callback": "https://bot.example.org/webhooks/twilio/status"}


def render(reply, to="+573001112222", clip=None, drawing=None, **environ):
    address = Address(ChannelName.WHATSAPP, to)
    return build_channel("whatsapp", settings(**environ)).render(reply, address, clip, URL if clip else None, drawing)


def test_the_text_with_its_options_comes_first_and_the_voice_note_is_a_message_of_its_own():
    reply = Reply("x", "¿Qué quiere?", Speech("x"), (Choice("1", "a", "Aprender"), Choice("0", "b", "Menú")))
    ends = {"to": "whatsapp:+573001112222", "from_": "whatsapp:+15005550007"}
    assert [call.params for call in render(reply, clip=CLIP)] == [
        {**ends, "body": "¿Qué quiere?\n\n1. Aprender\n0. Menú", **CALLBACK},
        {**ends, "media_url": [URL], **CALLBACK},
    ]


def test_a_picture_is_a_message_of_its_own_that_takes_no_words_with_it_where_it_fails():
    picture = Drawing("a.png", "/pictures/a.png", url="https://bot.example.org/media/a.png")
    shown, said, voice = render(Reply("x", "Hola", Speech("x")), clip=CLIP, drawing=picture)
    assert shown.params == {"to": said.params["to"], "from_": said.params["from_"], "media_url": [picture.url], **CALLBACK}
    assert (shown.spare, said.spare, voice.spare) == (True, False, False)
    assert [said.follows, voice.follows] == [False, True]


@pytest.mark.parametrize(("to", "sent"), [("bsuid:CO.12", "whatsapp:CO.12"), ("+51900111222", "whatsapp:+51900111222")])
def test_a_person_without_a_number_is_reached_by_her_scoped_id(to, sent):
    assert render(Reply("x", "Hola"), to)[0].params["to"] == sent


@pytest.mark.parametrize("sender", ["+15005550009", "whatsapp:+15005550009"])
def test_the_sender_may_be_written_with_or_without_its_prefix(sender):
    assert render(Reply("x", "Hola"), TWILIO_WHATSAPP_FROM=sender)[0].params["from_"] == "whatsapp:+15005550009"


def test_a_scoped_id_is_answered_by_the_sender_of_its_country():
    params = render(Reply("x", "Hola"), "bsuid:PE.12", TWILIO_WHATSAPP_FROM_PE="+51150055501")[0].params
    assert params["from_"] == "whatsapp:+51150055501"


def test_a_voice_note_may_stand_alone():
    (call,) = render(Reply("x", "", Speech("x")), clip=CLIP)
    assert call.params["media_url"] == [URL]
