"""Everything Batea can say, on every channel: nothing is longer than its vendor takes, and every choice can be answered."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from channels.requests_made import settings
from contract.everything_said import CONTENT, catalogue, everything, places, shown, words
from contract.prism import prism

from bot.channels import segments
from bot.channels.content_sids import ContentSids
from bot.channels.content_templates import key_for, read_file, templates
from bot.channels.registry import CHANNELS, build_channel
from bot.channels.surroundings import Surroundings
from bot.dialogue.answers import KEYS, either, pick
from bot.domain.conversation import PlaceKind
from bot.domain.gsm7 import fits, fold
from bot.domain.message import Address, ChannelName, Clip, Rendered, Reply
from bot.domain.person import Country
from bot.domain.ports import Channel
from bot.lessons.source import read_document
from bot.settings import Settings

NUMBERS = {Country.CO: "+573001112222", Country.PE: "+51900111222"}
CLIP_URL = "https://bot.example.org/media/" + "x" * 200
WAYS_BACK = {
    name: catalogue().reply(f"ways_back.{name}", number="{number}", name="{name}").text for name in ("whatsapp", "telegram")
}
HINT = catalogue().reply("ways_back.listen", number="{number}", name="{name}").text
TWILIO_CHARS = 1_600
COUNTRIES = pytest.mark.parametrize("country", list(Country))


@cache
def said(country: Country) -> tuple[tuple[str, Reply], ...]:
    return tuple(everything(country))


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a Batea whose templates were synced."""
    folder = tmp_path_factory.mktemp("synced")
    file = read_file(read_document(CONTENT / "templates.yml", CONTENT).data)
    made = templates(file, catalogue().reply(file.invitation.reply))
    config = settings(DATA_DIR=str(folder))
    ContentSids(folder, config.twilio_account_sid).save({one.key: f"HX{n:032x}" for n, one in enumerate(made)})
    return config


def channel(name: str, config: Settings) -> Channel:
    return build_channel(
        name,
        config,
        Surroundings(HINT, ways_back=WAYS_BACK, names={"telegram": "@batea_bot"}, invitation_id="window.invitation"),
    )


def rendered(spoken_by: Channel, reply: Reply, country: Country) -> list[Rendered]:
    name = ChannelName(spoken_by.name)
    value = "3527065" if name is ChannelName.TELEGRAM else NUMBERS[country]
    heard = name is not ChannelName.SMS and reply.speech is not None
    clip = Clip("abc", "/clips/abc.ogg", "audio/ogg", 3.0) if heard else None
    return list(spoken_by.render(reply, Address(name, value), clip, CLIP_URL if clip else None))


@COUNTRIES
def test_the_walk_reaches_every_kind_of_place(country):
    assert {place.kind for place in places(country)} >= {PlaceKind.LESSON, PlaceKind.QUIZ, PlaceKind.POLL, PlaceKind.MEETING}
    assert all(shown(place, country, simpler=False) for place in places(country))
    assert len(said(country)) > 300


@COUNTRIES
def test_every_choice_can_be_answered_by_its_key_its_words_and_its_button(country):
    for where, reply in said(country):
        keys = [choice.key for choice in reply.choices]
        assert len(set(keys)) == len(keys) <= 5, where
        assert len({choice.id for choice in reply.choices}) == len(keys), where
        for choice in reply.choices:
            assert choice.key in set("0123456789*"), where
            assert 1 <= len(choice.id.encode("ascii")) <= 64, where
            assert choice.key in KEYS or pick(choice.key, reply.choices, words()) == choice, (where, choice)
            # What stands on a button of WhatsApp, or in an SMS, sent back as it is.
            for line in (f"{choice.key} {choice.label}", f"{choice.key}. {choice.label}", f"{choice.key}){choice.label.upper()}"):
                assert pick(line, reply.choices, words()) == choice, (where, line)
            # A word that is also a number ("Uno" as the second option) is asked back.
            said_back = pick(choice.label, reply.choices, words()) or either(choice.label, reply.choices, words())
            assert said_back == choice or choice in (said_back or ()), (where, choice)


@COUNTRIES
def test_everything_that_is_asked_is_also_spoken_with_its_keys(country):
    for where, reply in said(country):
        assert reply.speech is not None, where
        assert reply.speech.text.strip(), where


@COUNTRIES
def test_by_sms_it_is_gsm_7_and_a_lesson_never_more_than_two_segments(country, config):
    sms = channel("sms", config)
    for where, reply in said(country):
        (call,) = rendered(sms, reply, country)
        body = str(call.params["body"])
        cost = segments.count(body)
        assert (call.encoding, call.segments) == ("GSM-7", cost.segments), where
        assert fits(body), where
        assert len(body) <= TWILIO_CHARS, where
        assert cost.segments <= (2 if where.startswith(("lesson:", "quiz:", "poll:", "meeting:")) else 3), (where, body)


def test_by_sms_it_is_told_how_to_listen_without_cost_where_that_costs_no_segment(config):
    told = [str(rendered(channel("sms", config), reply, Country.CO)[0].params["body"]) for _, reply in said(Country.CO)]
    hinted = [body for body in told if "+15005550008" in body]
    assert len(hinted) > len(told) / 2
    without = [body.rpartition("\n")[0] for body in hinted]
    assert [segments.count(body).segments for body in hinted] == [segments.count(body).segments for body in without]


@pytest.mark.parametrize("notice", ["profile.joined", "profile.gone"])
def test_a_notice_by_sms_to_peru_asks_for_no_key_but_says_where_to_answer(config, notice):
    body = str(rendered(channel("sms", config), catalogue().reply(notice, Country.PE), Country.PE)[0].params["body"])
    assert "marque" not in body
    assert "@batea_bot" in body


def test_by_sms_a_colombian_sees_every_key_and_a_peruvian_where_to_answer(config):
    sms = channel("sms", config)
    for where, reply in said(Country.CO):
        lines = str(rendered(sms, reply, Country.CO)[0].params["body"]).splitlines()
        assert all(fold(f"{choice.key} {choice.label}") in lines for choice in reply.choices), where
    for where, reply in said(Country.PE):
        body = str(rendered(sms, reply, Country.PE)[0].params["body"])
        assert ("+15005550007" in body and "@batea_bot" in body) == bool(reply.choices), where
        assert not any(fold(f"{choice.key} {choice.label}") in body.splitlines() for choice in reply.choices), where


@COUNTRIES
@pytest.mark.parametrize("synced", [True, False])
def test_by_whatsapp_text_comes_first_and_nothing_is_too_long(country, config, synced):
    whatsapp = channel("whatsapp", config if synced else settings(DATA_DIR="nowhere"))
    for where, reply in said(country):
        if reply.id == "window.invitation" and synced:
            continue
        *texts, voice = rendered(whatsapp, reply, country)
        assert voice.params["media_url"] == [CLIP_URL], where
        assert [call.follows for call in (*texts, voice)] == [n > 0 for n in range(len(texts) + 1)], where
        (text,) = texts
        if "content_sid" in text.params:
            filled = json.loads(str(text.params["content_variables"]))
            assert "body" not in text.params
            assert filled["1"] == reply.text
            assert len(filled["1"]) <= 255
            assert {choice.id for choice in reply.choices} <= set(filled.values())
            kind, shown_at = key_for(reply.choices).partition("_")[0], 3 if "described" in key_for(reply.choices) else 2
            titles = list(filled.values())[1::shown_at]
            assert all(0 < len(title) <= (20 if kind == "buttons" else 24) for title in titles), where
            assert len(titles) == len(reply.choices) <= (3 if kind == "buttons" else 10)
            assert len(set(titles)) == len(titles), where
        else:
            body = str(text.params["body"])
            assert len(body) <= TWILIO_CHARS, where
            assert all(f"{choice.key}. {choice.label}" in body.splitlines() for choice in reply.choices), where
            assert not synced or not reply.choices, f"{where}: its options fit neither buttons nor a list"


@COUNTRIES
def test_by_telegram_text_comes_first_with_a_button_for_every_choice(country, config):
    telegram = channel("telegram", config)
    for where, reply in said(country):
        text, voice = rendered(telegram, reply, country)
        assert (text.api, voice.api) == ("telegram.sendMessage", "telegram.sendVoice"), where
        assert 0 < len(str(text.params["text"])) <= 4_096, where
        markup = text.params.get("reply_markup", {"inline_keyboard": []})
        buttons = [button for row in markup["inline_keyboard"] for button in row]  # type: ignore[index]
        assert [button["callback_data"] for button in buttons] == [choice.id for choice in reply.choices], where
        assert all(1 <= len(button["callback_data"].encode()) <= 64 for button in buttons), where


@COUNTRIES
@pytest.mark.parametrize("spoken", [True, False])
def test_by_call_it_plays_or_is_read_out_and_a_key_interrupts_it(country, config, spoken):
    call = channel("call", config)
    for where, reply in said(country):
        clip = Clip("abc", "/clips/abc.wav", "audio/wav", 3.0) if spoken else None
        (made,) = call.render(reply, Address(ChannelName.CALL, NUMBERS[country]), clip, CLIP_URL if spoken else None)
        twiml = str(made.twiml)
        assert len(twiml) <= 4_000, where
        gather = ET.fromstring(twiml).find("Gather")
        assert gather is not None
        assert (gather.get("input"), gather.get("numDigits")) == ("dtmf", "1"), where
        assert gather.find("Play" if spoken else "Say") is not None, where


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory):
    logs: Path = tmp_path_factory.mktemp("prism")
    with (
        prism("twilio_api_v2010.patched.json", logs / "twilio.log") as twilio,
        prism("telegram_bot_api_10_1.json", logs / "telegram.log") as telegram,
    ):
        yield {"TWILIO_API_URL": twilio, "TELEGRAM_API_URL": telegram, "TELEGRAM_TOKEN": "123456:TEST"}


@pytest.mark.parametrize("name", CHANNELS)
def test_a_sample_is_taken_by_servers_that_know_only_the_vendors_schemas(name, vendors, config, tmp_path):
    clip = tmp_path / "abc.ogg"
    clip.write_bytes(b"OggS" + bytes(2000))
    speaking = channel(name, settings(**vendors, DATA_DIR=str(config.data_dir)))
    sample = said(Country.CO)[::40] + said(Country.PE)[7::40]
    try:
        for _, reply in sample:
            for call in rendered(speaking, reply, Country.CO):
                if call.api == "telegram.sendVoice":
                    call.params["voice"] = str(clip)
                speaking.send(call)
    finally:
        speaking.close()
    assert len(sample) > 20
