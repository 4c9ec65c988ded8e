"""What every channel must do. A new one needs a specimen, and then all of this holds for it too."""

from __future__ import annotations

import contextlib
import logging
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from channels.loopback import LOST, Answer, Loopback, closed_port, loopback
from channels.requests_made import NOW, settings
from contract.specimens import CAPTURED, CHAT, OGG, PERSON, SPECIMENS, Specimen

from bot.channels.registry import CHANNELS, build_channel
from bot.domain.errors import (
    AmbiguousSendError,
    ConfigurationError,
    MediaError,
    OptedOutError,
    PassingSendError,
    PayloadError,
    PermanentSendError,
    SenderConfigurationError,
    SendError,
    SignatureError,
)
from bot.domain.message import Address, ChannelName, Choice, Clip, Inbound, InboundKind, Media, Rendered, Reply, Speech
from bot.domain.ports import Channel, WebhookRequest

CHOICES = tuple(Choice(str(n), f"{n}" * 64, f"Opción {n}, señora") for n in range(1, 6))
SECRET_WORDS = "palabra zafiro"
LONG = " ".join(f"Frase número {n} que dice algo." for n in range(1, 700))


@pytest.fixture(params=CHANNELS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def specimen(name: str) -> Specimen:
    return SPECIMENS[name]


@pytest.fixture
def vendor(specimen: Specimen) -> Iterator[Loopback]:
    with loopback(specimen.taken) as server:
        yield server


@pytest.fixture
def channel(name: str, specimen: Specimen, vendor: Loopback) -> Iterator[Channel]:
    built = build_channel(name, settings(**{specimen.api_url: vendor.url}))
    yield built
    built.close()  # type: ignore[attr-defined]


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    file = tmp_path / "abc.ogg"
    file.write_bytes(b"OggS" + bytes(100))
    return Clip("abc", str(file), "audio/ogg", 3.0)


def render(channel: Channel, specimen: Specimen, reply: Reply, clip: Clip | None = None) -> list[Rendered]:
    url = "https://bot.example.org/media/abc.ogg" if clip else None
    return list(channel.render(reply, Address(ChannelName(channel.name), specimen.address), clip, url))


def said(channel: Channel, request: WebhookRequest) -> Inbound:
    channel.verify(request)
    (inbound,) = channel.parse(request, NOW).inbound
    return inbound


def failure(channel: Channel, specimen: Specimen) -> SendError:
    with pytest.raises(SendError) as caught:
        channel.send(render(channel, specimen, Reply("x", SECRET_WORDS))[0])
    return caught.value


def test_the_table_and_the_specimens_name_the_same_channels():
    assert set(CHANNELS) == set(SPECIMENS) == set(ChannelName)


def test_a_channel_goes_by_the_name_it_has_in_the_table(channel, name):
    assert channel.name == name


def test_an_unknown_channel_is_a_configuration_error():
    with pytest.raises(ConfigurationError):
        build_channel("pigeon", settings())


# Coming in


def test_a_genuine_request_is_believed_and_read(channel, specimen):
    inbound = said(channel, specimen.says("2"))
    assert inbound.sender.channel == channel.name
    assert not inbound.sender.simulated
    assert inbound.received_at == NOW
    assert "2" in (inbound.text, inbound.key)


@pytest.mark.parametrize("signature", ["", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "ñ" * 28, "x" * 5000, "\x00"])
def test_a_bad_signature_is_refused(channel, specimen, signature):
    request = specimen.says("2")
    with pytest.raises(SignatureError):
        channel.verify(replace(request, headers={**request.headers, specimen.signature_header: signature}))


def test_a_missing_signature_is_refused(channel, specimen):
    request = specimen.says("2")
    headers = {name: value for name, value in request.headers.items() if name != specimen.signature_header}
    with pytest.raises(SignatureError):
        channel.verify(replace(request, headers=headers))


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"&" * 2000, b"=%FF", b"[" * 100_000])
def test_what_stands_in_for_a_body_gives_no_other_error(channel, specimen, body):
    for kind in ("application/x-www-form-urlencoded", "application/json", ""):
        request = replace(specimen.says("2"), body=body)
        request = replace(request, headers={**request.headers, "content-type": kind})
        for step in (channel.verify, lambda posted: channel.parse(posted, NOW)):
            with contextlib.suppress(SignatureError, PayloadError):
                step(request)


def test_without_a_secret_nothing_is_believed(name, specimen):
    unset = build_channel(name, settings(**{specimen.secret: ""}))
    with pytest.raises(SignatureError):
        unset.verify(specimen.says("2"))


def test_a_redelivery_has_the_same_id_and_another_message_another(channel, specimen):
    request = specimen.says("2")
    token = {**request.headers, "i-twilio-idempotency-token": "b00cd941"}
    request = replace(request, headers=token)
    again = said(channel, request).vendor_id
    assert said(channel, request).vendor_id == again
    assert said(channel, specimen.says("2")).vendor_id != again


def test_a_field_that_nobody_knows_changes_nothing(channel, specimen):
    plain, odd = (said(channel, make("2")) for make in (specimen.says, specimen.says_with_unknown_field))
    assert replace(odd, vendor_id="") == replace(plain, vendor_id="")


def test_media_of_an_unknown_kind_is_told_as_media(channel, specimen):
    if specimen.unknown_media is None:
        pytest.skip("this channel carries no media")
    assert said(channel, specimen.unknown_media()).kind is InboundKind.MEDIA


def test_an_empty_message_is_still_somebody_who_wrote(channel, specimen):
    if not specimen.reads_text:
        pytest.skip("this channel carries no text")
    assert said(channel, specimen.says("")).kind in {InboundKind.TEXT, InboundKind.MEDIA}


def test_a_very_long_message_is_cut_and_an_unprintable_one_made_fit(channel, specimen):
    if not specimen.reads_text:
        pytest.skip("this channel carries no text")
    assert len(said(channel, specimen.says("a" * 10_000)).text) == 5_000
    assert said(channel, specimen.says("mer\x00curio")).text == "mercurio"


@pytest.mark.parametrize("word", ["BAJA", "ALTO", "PARAR", "SALIR", "CANCELAR", "NO MAS", "STOP"])
def test_a_word_for_opting_out_comes_through_as_it_was_written(channel, specimen, word):
    if not specimen.reads_text:
        pytest.skip("this channel carries no text")
    inbound = said(channel, specimen.says(word))
    assert (inbound.kind, inbound.text) == (InboundKind.TEXT, word)


def test_an_inbound_message_shows_neither_address_nor_text(channel, specimen):
    shown = repr(said(channel, specimen.says("2")))
    assert PERSON not in shown
    assert str(CHAT) not in shown


# Going out


def test_a_long_text_is_cut_into_calls_that_the_vendor_takes_and_no_word_is_lost(channel, specimen):
    calls = render(channel, specimen, Reply("x", LONG))
    texts = [specimen.text_of(call) for call in calls]
    if channel.name == "call":
        assert all(len(str(call.twiml)) <= specimen.most_chars for call in calls)
        return
    assert all(0 < len(text) <= specimen.most_chars for text in texts)
    assert all(text.endswith(".") for text in texts)
    assert " ".join(texts).split() == LONG.replace("ú", "u" if channel.name == "sms" else "ú").split()


def test_every_choice_can_be_answered(channel, specimen):
    calls = render(channel, specimen, Reply("x", "¿Qué quiere?", choices=CHOICES))
    assert specimen.choices_of(calls[-1]) == len(CHOICES)


def test_text_comes_before_voice(channel, specimen, clip):
    calls = render(channel, specimen, Reply("x", "Hola", Speech("Hola"), CHOICES), clip)
    with_voice = [n for n, call in enumerate(calls) if "media" in str(call) or "voice" in call.params or "<Play>" in str(call)]
    assert with_voice == ([len(calls) - 1] if specimen.sends_voice else [])


def test_the_same_reply_is_rendered_the_same_again(channel, specimen, clip):
    reply = Reply("x", LONG, Speech("Hola"), CHOICES)
    assert render(channel, specimen, reply, clip) == render(channel, specimen, reply, clip)


def test_a_reply_can_be_rendered_without_any_account(name, specimen, clip):
    bare = build_channel(name, settings(**dict.fromkeys((specimen.secret, specimen.sender), "")))
    assert render(bare, specimen, Reply("x", "Hola", Speech("Hola"), CHOICES), clip)


def test_each_call_is_made_through_the_vendors_client(channel, specimen, vendor, clip):
    for call in render(channel, specimen, Reply("x", "Hola", Speech("Hola"), CHOICES), clip):
        assert channel.send(call)
    assert len(vendor.calls) == len(render(channel, specimen, Reply("x", "Hola", Speech("Hola"), CHOICES), clip))


def test_a_message_that_can_never_arrive_is_a_permanent_failure(channel, specimen, vendor):
    vendor.answers.append(specimen.permanent)
    assert isinstance(failure(channel, specimen), PermanentSendError)


def test_throttling_is_passing_and_says_how_long(channel, specimen, vendor):
    vendor.answers.append(specimen.throttled)
    error = failure(channel, specimen)
    assert isinstance(error, PassingSendError)
    assert error.retry_after_s == 7
    assert error.code


def test_an_account_that_is_refused_is_our_own_mistake(channel, specimen, vendor):
    vendor.answers.append(specimen.refused)
    assert isinstance(failure(channel, specimen), SenderConfigurationError)


@pytest.mark.parametrize("answer", [LOST, Answer.of(500, {}), Answer.of(503, {}), Answer(502, b"<html>"), Answer(200, b"oops")])
def test_nobody_knows_whether_a_message_left_when_the_answer_is_lost_or_broken(channel, specimen, vendor, answer):
    vendor.answers.append(answer)
    assert isinstance(failure(channel, specimen), AmbiguousSendError)
    assert len(vendor.calls) == 1


def test_a_vendor_who_cannot_be_reached_is_a_passing_failure(name, specimen):
    alone = build_channel(name, settings(**{specimen.api_url: closed_port()}))
    assert isinstance(failure(alone, specimen), PassingSendError)
    alone.close()  # type: ignore[attr-defined]


def test_sending_without_an_account_says_which_setting_is_missing(name, specimen):
    unset = build_channel(name, settings(**dict.fromkeys((specimen.secret, specimen.sender), "")))
    error = failure(unset, specimen)
    assert isinstance(error, SenderConfigurationError)
    assert "BATEA_" in str(error)


def test_no_failure_shows_an_address_or_a_text(channel, specimen, vendor, caplog):
    caplog.set_level(logging.INFO)
    for answer in (specimen.permanent, specimen.refused, LOST, Answer(200, b"oops " + PERSON.encode())):
        vendor.answers.append(answer)
        error = failure(channel, specimen)
        told = "".join(traceback.format_exception(error)) + repr(error) + repr(error.__context__) + caplog.text
        assert "zafiro" not in told.replace("SECRET_WORDS", "")
        assert PERSON not in told
        assert str(CHAT) not in told
        assert settings().telegram_token not in told


def test_a_good_answer_is_fast(channel, specimen):
    call = render(channel, specimen, Reply("x", "Hola"))[0]
    channel.send(call)
    started = time.monotonic()
    for _ in range(10):
        channel.send(call)
    assert time.monotonic() - started < 5


# What a vendor says afterwards, and what people send


def test_statuses_are_read_in_whatever_order_they_come(channel, specimen):
    if specimen.status is None:
        pytest.skip("this vendor sends no statuses")
    told = []
    for word, state in specimen.statuses.items():
        request = specimen.status(word)
        channel.verify(request)
        events = channel.parse(request, NOW)
        assert events.inbound == ()
        assert [update.state for update in events.statuses] == [state]
        told += [update.vendor_id for update in events.statuses]
    assert len(set(told)) == 1


@pytest.mark.parametrize("word", ["", "huh", "DELIVERED ", "\x00", "x" * 5000])
def test_a_status_that_nobody_knows_is_no_error(channel, specimen, word):
    if specimen.status is None:
        pytest.skip("this vendor sends no statuses")
    channel.parse(specimen.status(word), NOW)


def test_every_captured_payload_of_its_vendor_is_read(channel, name):
    requests = CAPTURED[name]()
    assert requests
    for request in requests:
        channel.verify(request)
        with contextlib.suppress(PayloadError):
            channel.parse(request, NOW)


def test_a_voice_note_is_told_as_one_and_can_be_fetched(channel, specimen, vendor):
    if specimen.voice_note is None:
        pytest.skip("this channel carries no voice notes")
    inbound = said(channel, specimen.voice_note())
    assert inbound.kind is InboundKind.VOICE
    (media,) = inbound.media
    vendor.answers.extend(specimen.file_answers)
    assert channel.fetch(media) == OGG


def test_a_picture_is_never_fetched(channel, vendor):
    with pytest.raises(MediaError):
        channel.fetch(Media("https://api.twilio.com/x", "image/jpeg"))
    assert vendor.calls == []


def test_a_carriers_opt_out_is_told_as_one(name, channel, specimen, vendor):
    vendor.answers.append(specimen.opted_out)
    error = failure(channel, specimen)
    assert isinstance(error, PermanentSendError if name == "telegram" else OptedOutError)


def test_a_code_that_nobody_knows_is_passing(name, channel, specimen, vendor):
    if name == "telegram":
        pytest.skip("Telegram has no codes")
    vendor.answers.append(Answer.of(400, {"code": 99999, "message": "x", "status": 400}))
    assert isinstance(failure(channel, specimen), PassingSendError)


def test_what_follows_says_so_only_where_the_vendor_could_change_the_order(channel, name, specimen, clip):
    follows = [call.follows for call in render(channel, specimen, Reply("x", LONG, Speech("Hola"), CHOICES), clip)]
    assert follows == [name == "whatsapp" and n > 0 for n in range(len(follows))]
