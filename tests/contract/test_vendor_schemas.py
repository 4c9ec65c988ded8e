"""Every call that Batea can make, through servers that know nothing but the vendors' schemas."""

from __future__ import annotations

import pytest
from channels.requests_made import settings
from contract.everything_said import CONTENT
from contract.prism import prism

from bot import wiring
from bot.channels.content_sids import ContentSids
from bot.channels.content_sync import ContentShelf
from bot.channels.content_templates import ContentTemplate
from bot.channels.registry import build_channel
from bot.channels.surroundings import Surroundings
from bot.domain.errors import MediaError, SenderConfigurationError, SendError
from bot.domain.message import Address, ChannelName, Choice, Clip, Drawing, Media, Rendered, Reply, Speech
from bot.lessons.drawing import png

CHOICES = tuple(Choice(str(n), f"choice-{n}", f"Opción {n}") for n in range(1, 6))
REPLY = Reply("x", "¿Qué quiere? " * 200, Speech("¿Qué quiere?"), CHOICES)
URL = "https://bot.example.org/media/abc.ogg"
# The token that the schema's paths carry.
TOKEN = "123456:TEST"


@pytest.fixture(scope="module")
def twilio(tmp_path_factory):
    with prism("twilio_api_v2010.patched.json", tmp_path_factory.mktemp("prism") / "twilio.log") as url:
        yield url


@pytest.fixture(scope="module")
def telegram(tmp_path_factory):
    with prism("telegram_bot_api_10_1.json", tmp_path_factory.mktemp("prism") / "telegram.log") as url:
        yield url


@pytest.fixture
def bot(telegram):
    channel = build_channel("telegram", settings(TELEGRAM_API_URL=telegram, TELEGRAM_TOKEN=TOKEN))
    yield channel
    channel.close()


@pytest.fixture
def clip(tmp_path):
    file = tmp_path / "abc.ogg"
    file.write_bytes(b"OggS" + bytes(2000))
    return Clip("abc", str(file), "audio/ogg", 3.0)


@pytest.fixture
def drawing(tmp_path):
    file = tmp_path / "humo.png"
    file.write_bytes(png((CONTENT / "images" / "m1-humo.svg").read_bytes(), "humo.svg"))
    return Drawing(file.name, str(file), url="https://bot.example.org/media/humo.png")


@pytest.mark.parametrize(
    ("name", "to"),
    [("sms", "+573001112222"), ("whatsapp", "+573001112222"), ("whatsapp", "bsuid:CO.1234"), ("call", "+51900111222")],
)
@pytest.mark.parametrize("spoken", [True, False])
def test_twilio_takes_every_call(twilio, clip, drawing, name, to, spoken):
    channel = build_channel(name, settings(TWILIO_API_URL=twilio))
    shown = drawing if spoken else None
    calls = channel.render(REPLY, Address(ChannelName(name), to), clip if spoken else None, URL if spoken else None, shown)
    assert any(call.spare for call in calls) == (spoken and name == "whatsapp")
    try:
        assert all(channel.send(call) for call in calls)
    finally:
        channel.close()


def test_twilio_takes_a_call_that_goes_on_by_webhook(twilio):
    channel = build_channel("call", settings(TWILIO_API_URL=twilio))
    try:
        assert channel.send(channel.ring(Address(ChannelName.CALL, "+573001112222"), "0" * 32)).startswith("CA")
    finally:
        channel.close()


def test_twilio_deletes_a_recording(twilio):
    channel = build_channel("call", settings(TWILIO_API_URL=twilio))
    try:
        channel.delete_recording("RE" + "0" * 32)
        with pytest.raises(SendError):
            channel.delete_recording("nonsense")
    finally:
        channel.close()


def test_twilio_takes_a_messaging_service(twilio):
    channel = build_channel("sms", settings(TWILIO_API_URL=twilio, TWILIO_SMS_FROM="MG" + "0" * 32))
    try:
        assert channel.send(channel.render(REPLY, Address(ChannelName.SMS, "+573001112222"), None, None)[0])
    finally:
        channel.close()


def test_the_schema_is_really_watched(twilio):
    channel = build_channel("sms", settings(TWILIO_API_URL=twilio, TWILIO_ACCOUNT_SID="nonsense"))
    try:
        with pytest.raises(SendError):
            channel.send(channel.render(REPLY, Address(ChannelName.SMS, "+573001112222"), None, None)[0])
    finally:
        channel.close()


def test_telegram_takes_text_buttons_and_an_uploaded_voice_note(bot, clip):
    for call in bot.render(REPLY, Address(ChannelName.TELEGRAM, "8"), clip, URL):
        bot.send(call)


def test_telegram_takes_a_voice_note_by_its_id(bot, clip):
    (voice,) = bot.render(Reply("x", "", Speech("x"), CHOICES), Address(ChannelName.TELEGRAM, "8"), clip, URL)
    for _ in range(2):
        bot.send(voice)


def test_telegram_takes_a_picture_with_words_and_buttons_uploaded_and_by_its_id(bot, drawing):
    (photo,) = bot.render(Reply("x", "Hola", None, CHOICES), Address(ChannelName.TELEGRAM, "8"), None, None, drawing)
    assert photo.api == "telegram.sendPhoto"
    for _ in range(2):
        bot.bot.send(photo)


def test_telegram_takes_the_answer_to_a_button(bot):
    bot.send(Rendered("telegram.answerCallbackQuery", {"callback_query_id": "5"}))


def test_telegram_takes_what_polling_and_webhooks_need(bot):
    bot.bot.register_webhook()
    bot.bot.remove_webhook()
    assert isinstance(bot.bot.updates(None, wait_s=0), list)
    assert isinstance(bot.bot.updates(7, wait_s=0), list)


def test_the_bots_schema_is_really_watched(bot):
    with pytest.raises(SendError) as caught:
        bot.send(Rendered("telegram.sendMessage", {"text": "to nobody"}))
    assert not isinstance(caught.value, SenderConfigurationError)


@pytest.fixture(scope="module")
def content_api(tmp_path_factory):
    with prism("twilio_content_v1.json", tmp_path_factory.mktemp("prism") / "content.log") as url:
        yield url


def test_twilio_takes_every_template_and_the_wish_for_an_approval(content_api, tmp_path):
    shelf = ContentShelf(settings(TWILIO_API_URL=content_api, DATA_DIR=str(tmp_path)), Surroundings())
    try:
        done = list(shelf.sync(wiring.content_templates(settings())))
        assert all(one.sid.startswith("HX") and one.made for one in done)
        assert all(found.sid == "" for found in shelf.look(wiring.content_templates(settings())))
    finally:
        shelf.close()


def test_the_content_schema_is_really_watched(content_api, tmp_path):
    shelf = ContentShelf(settings(TWILIO_API_URL=content_api, DATA_DIR=str(tmp_path)), Surroundings())
    broken = ContentTemplate("x", {"twilio/quick-reply": {"actions": "none"}}, {}, "es")
    try:
        with pytest.raises(SendError):
            list(shelf.sync([broken]))
    finally:
        shelf.close()


def test_twilio_takes_buttons_a_list_and_the_invitation(twilio, tmp_path):
    config = settings(TWILIO_API_URL=twilio, DATA_DIR=str(tmp_path))
    sids = {template.key: f"HX{number:032x}" for number, template in enumerate(wiring.content_templates(config))}
    ContentSids(tmp_path, config.twilio_account_sid).save(sids)
    channel = build_channel("whatsapp", config, Surroundings(invitation_id="invitation"))
    to = Address(ChannelName.WHATSAPP, "bsuid:CO.1234")
    try:
        for reply in (*(Reply("x", "Hola", choices=CHOICES[:n]) for n in range(1, 6)), Reply("invitation", "Conteste")):
            (call,) = channel.render(reply, to, None, None)
            assert call.params["content_sid"]
            assert channel.send(call)
    finally:
        channel.close()


def test_telegram_gives_a_voice_note(bot):
    # The schema's mock names no file that could be fetched; what counts is that it takes the question.
    with pytest.raises(MediaError) as caught:
        bot.fetch(Media("F1", "audio/ogg"))
    assert caught.value.code in {"gone", "network"}
