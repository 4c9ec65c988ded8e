"""What is sent to Telegram, and how its refusals are met; the library's client talks to a loopback."""

import re
import time
from email import message_from_bytes
from email.policy import HTTP
from pathlib import Path

import pytest
from channels.loopback import Answer, loopback
from channels.requests_made import settings

from bot.channels.registry import build_channel
from bot.channels.surroundings import Surroundings
from bot.domain.errors import PassingSendError, PermanentSendError, SenderConfigurationError
from bot.domain.message import Address, ChannelName, Choice, Clip, Drawing, Rendered, Reply, Speech

TO = Address(ChannelName.TELEGRAM, "8")
DONE = Answer.of(200, {"ok": True, "result": {"message_id": 7}})
UPLOADED = Answer.of(200, {"ok": True, "result": {"message_id": 7, "voice": {"file_id": "FILE1"}}})
TEXT = Rendered("telegram.sendMessage", {"chat_id": 8, "text": "hola"})


@pytest.fixture
def vendor():
    with loopback(DONE) as server:
        yield server


@pytest.fixture
def file_ids():
    return {}


@pytest.fixture
def channel(vendor, file_ids):
    built = build_channel("telegram", settings(TELEGRAM_API_URL=vendor.url), Surroundings(file_ids=file_ids))
    yield built
    built.close()


@pytest.fixture
def voice(tmp_path):
    file = tmp_path / "abc.ogg"
    file.write_bytes(b"OggS" + bytes(5000))
    return Rendered("telegram.sendVoice", {"chat_id": 8, "voice": str(file)})


def methods(vendor):
    return [call.path.rpartition("/")[2] for call in vendor.calls]


def refusal(status, text="Bad Request", **parameters):
    return Answer.of(status, {"ok": False, "error_code": status, "description": text, "parameters": parameters})


def test_buttons_stand_under_the_text_one_a_row(channel):
    choices = (Choice("1", "lesson", "Aprender"), Choice("0", "menu", "Menú"))
    (call,) = channel.render(Reply("x", "¿Qué quiere?", Speech("x"), choices), TO, None, None)
    assert call.params == {
        "chat_id": 8,
        "text": "¿Qué quiere?",
        "reply_markup": {
            "inline_keyboard": [
                [{"text": "1. Aprender", "callback_data": "lesson"}],
                [{"text": "0. Menú", "callback_data": "menu"}],
            ]
        },
    }


def test_a_voice_note_alone_carries_the_buttons(channel):
    choices = (Choice("1", "lesson", "Aprender"),)
    (call,) = channel.render(Reply("x", "", Speech("x"), choices), TO, Clip("a", "/a.ogg", "audio/ogg", 1), None)
    assert call.api == "telegram.sendVoice"
    assert "reply_markup" in call.params


def test_a_message_goes_to_the_configured_address_with_the_token(channel, vendor):
    assert channel.send(TEXT) == "7"
    assert vendor.calls[0].path == f"/bot{settings().telegram_token}/sendMessage"
    assert vendor.calls[0].form == {"chat_id": "8", "text": "hola"}


def test_a_voice_note_is_uploaded_once_and_then_sent_by_its_id(channel, vendor, voice, file_ids):
    vendor.usual = UPLOADED
    for _ in range(3):
        channel.send(voice)
    first, second, third = vendor.calls
    posted = message_from_bytes(b"content-type: " + first.headers["content-type"].encode() + b"\n\n" + first.body, policy=HTTP)
    assert any(part.get_payload(decode=True).startswith(b"OggS") for part in posted.iter_parts())
    assert second.form["voice"] == third.form["voice"] == "FILE1"
    assert file_ids == {"abc.ogg": "FILE1"}


def test_a_file_id_that_telegram_forgot_is_uploaded_anew(channel, vendor, voice, file_ids):
    file_ids["abc.ogg"] = "OLD"
    vendor.answers.extend([refusal(400, "wrong file identifier"), UPLOADED])
    assert channel.send(voice) == "7"
    assert file_ids == {"abc.ogg": "FILE1"}


def test_a_block_is_not_mistaken_for_a_forgotten_file(channel, vendor, voice, file_ids):
    file_ids["abc.ogg"] = "OLD"
    vendor.answers.append(refusal(403, "Forbidden: bot was blocked by the user"))
    with pytest.raises(PermanentSendError):
        channel.send(voice)
    assert file_ids == {"abc.ogg": "OLD"}


def test_a_voice_note_that_is_gone_from_disk_never_leaves(channel, voice):
    gone = Rendered(voice.api, {**voice.params, "voice": "/nowhere/abc.ogg"})
    with pytest.raises(PermanentSendError):
        channel.send(gone)


CHOICES = (Choice("9", "lesson:m1/humo/s1:next", "Seguir"),)
PHOTOGRAPHED = Answer.of(200, {"ok": True, "result": {"message_id": 7, "photo": [{"file_id": "SMALL"}, {"file_id": "LARGE"}]}})


@pytest.fixture
def drawing(tmp_path):
    file = tmp_path / "humo-0123.png"
    file.write_bytes(b"\x89PNG" + bytes(5000))
    return Drawing(file.name, str(file), url="https://bot.example.org/media/x")


def test_words_stand_under_the_picture_with_their_buttons(channel, drawing):
    clip = Clip("a", "/a.ogg", "audio/ogg", 1)
    photo, voice = channel.render(Reply("x", "Hola", Speech("x"), CHOICES), TO, clip, None, drawing)
    assert photo.api == "telegram.sendPhoto"
    assert photo.params["photo"] == drawing.path
    assert photo.params["caption"] == "Hola"
    assert photo.params["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == "lesson:m1/humo/s1:next"
    assert voice.api == "telegram.sendVoice"
    assert "reply_markup" not in voice.params


def test_words_that_are_too_long_for_a_caption_go_without_the_picture(channel, drawing):
    (call,) = channel.render(Reply("x", "palabra " * 200), TO, None, None, drawing)
    assert call.api == "telegram.sendMessage"


def test_a_picture_is_uploaded_once_and_then_sent_by_its_id(channel, vendor, drawing, file_ids):
    vendor.usual = PHOTOGRAPHED
    (photo,) = channel.render(Reply("x", "Hola"), TO, None, None, drawing)
    for _ in range(2):
        assert channel.send(photo) == "7"
    assert vendor.calls[1].form["photo"] == "LARGE"
    assert vendor.calls[1].form["caption"] == "Hola"
    assert file_ids == {drawing.name: "LARGE"}


def test_where_telegram_refuses_a_picture_its_words_and_buttons_go_alone(channel, vendor, drawing):
    vendor.answers.append(refusal(400, "PHOTO_INVALID_DIMENSIONS"))
    (photo,) = channel.render(Reply("x", "Hola", None, CHOICES), TO, None, None, drawing)
    assert channel.send(photo) == "7"
    assert methods(vendor) == ["sendPhoto", "sendMessage"]
    assert vendor.calls[1].form["text"] == "Hola"
    assert "Seguir" in vendor.calls[1].form["reply_markup"]


def test_a_picture_that_is_gone_from_disk_loses_no_words(channel, vendor, drawing):
    (photo,) = channel.render(Reply("x", "Hola"), TO, None, None, drawing)
    Path(drawing.path).unlink()
    assert channel.send(photo) == "7"
    assert methods(vendor) == ["sendMessage"]


def test_after_a_throttling_the_whole_bot_is_silent_for_as_long_as_it_was_told(channel, vendor):
    vendor.answers.append(refusal(429, "Too Many Requests", retry_after=1))
    for _ in range(3):
        with pytest.raises(PassingSendError) as caught:
            channel.send(TEXT)
        assert 0 < caught.value.retry_after_s <= 1
    assert len(vendor.calls) == 1
    time.sleep(1.05)
    assert channel.send(TEXT) == "7"


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"parameters": {"retry_after": "x"}}'])
def test_a_throttling_that_does_not_say_how_long_is_a_second(channel, vendor, body):
    vendor.answers.append(Answer(429, body))
    with pytest.raises(PassingSendError) as caught:
        channel.send(TEXT)
    assert caught.value.retry_after_s == 1


@pytest.mark.parametrize("status", [400, 403])
def test_a_chat_that_cannot_be_reached_is_permanent(channel, vendor, status):
    vendor.answers.append(refusal(status))
    with pytest.raises(PermanentSendError):
        channel.send(TEXT)


def test_a_chat_that_moved_is_permanent(channel, vendor):
    vendor.answers.append(refusal(400, "group chat was upgraded", migrate_to_chat_id=-100))
    with pytest.raises(PermanentSendError):
        channel.send(TEXT)


@pytest.mark.parametrize("result", [True, {}, {"message_id": "x"}, {"message_id": 7, "chat": 5}, [], None])
def test_a_message_that_was_taken_is_sent_whatever_else_the_answer_says(channel, vendor, result):
    vendor.usual = Answer.of(200, {"ok": True, "result": result})
    assert channel.send(TEXT) in {"", "7"}


def test_a_callback_is_answered(channel, vendor):
    vendor.usual = Answer.of(200, {"ok": True, "result": True})
    assert channel.send(Rendered("telegram.answerCallbackQuery", {"callback_query_id": "5"})) == ""
    assert methods(vendor) == ["answerCallbackQuery"]


def test_the_webhook_is_registered_with_the_secret(channel, vendor):
    channel.bot.register_webhook()
    form = vendor.calls[0].form
    assert form["url"] == "https://bot.example.org/webhooks/telegram"
    assert form["secret_token"] == settings().telegram_webhook_secret
    assert re.findall(r"\w+", form["allowed_updates"]) == ["message", "callback_query", "my_chat_member"]


def test_without_a_secret_no_webhook_is_registered(vendor):
    bare = build_channel("telegram", settings(TELEGRAM_API_URL=vendor.url, TELEGRAM_WEBHOOK_SECRET=""))
    with pytest.raises(SenderConfigurationError):
        bare.bot.register_webhook()


def test_it_can_be_closed_before_and_after_use_and_used_again(channel, vendor):
    channel.close()
    channel.send(TEXT)
    channel.close()
    assert channel.send(TEXT) == "7"


@pytest.mark.parametrize(("me", "names"), [({"username": "batea_bot"}, {"telegram": "@batea_bot"}), ({}, {}), ([], {})])
def test_the_bots_name_is_learnt_for_the_other_channels(vendor, me, names):
    around = Surroundings()
    bot = build_channel("telegram", settings(TELEGRAM_API_URL=vendor.url), around)
    vendor.answers.append(Answer.of(200, {"ok": True, "result": me}))
    try:
        bot.bot.learn_name()
    finally:
        bot.close()
    assert around.names == names
