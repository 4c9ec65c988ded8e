"""Each captured update, the ones that the library rejects included."""

import pytest
from channels.captured import captured
from channels.requests_made import NOW, settings, telegram_request

from bot.channels.registry import build_channel
from bot.domain.errors import PayloadError
from bot.domain.message import Address, ChannelName, InboundKind, Media

CASES = {case["name"]: case for case in captured("telegram_updates")["cases"]}
CHANNEL = build_channel("telegram", settings())


def parse(update):
    request = telegram_request(update)
    CHANNEL.verify(request)
    return CHANNEL.parse(request, NOW)


def private(**content):
    return {"update_id": 1, "message": {"message_id": 1, "date": 1, "chat": {"id": 8, "type": "private"}, **content}}


def test_there_are_ninety_three():
    assert len(CASES) == 93


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("form", ["update", "update_modern"])
def test_an_update_is_read_without_an_error_and_the_same_in_its_older_form(name, form):
    case = CASES[name]
    if form not in case:
        form = "update"
    events = parse(case[form])
    assert events == parse(case["update"])
    assert all(one.vendor_id == str(case["update"]["update_id"]) for one in events.inbound)


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("courier_helloMsg", InboundKind.TEXT, "Hello World"),
        ("courier_startMsg", InboundKind.TEXT, "/start"),
        ("courier_stickerMsg", InboundKind.MEDIA, ""),
        ("courier_photoMsg", InboundKind.TEXT, "Photo Caption"),
        ("courier_voiceMsg", InboundKind.VOICE, ""),
        ("courier_documentMsg", InboundKind.MEDIA, ""),
        ("courier_locationMsg", InboundKind.LOCATION, ""),
        ("courier_venueMsg", InboundKind.LOCATION, ""),
        ("courier_contactMsg", InboundKind.MEDIA, ""),
        ("courier_webAppDataMsg", InboundKind.MEDIA, ""),
        ("tgdoc_audio", InboundKind.VOICE, ""),
        ("telegrambots_update_all_in_one", InboundKind.BUTTON, ""),
        ("cw_caption_only", InboundKind.TEXT, "test"),
        ("cw_voice", InboundKind.VOICE, ""),
        ("tgdoc_callback", InboundKind.BUTTON, ""),
        ("capture_blocked", InboundKind.BLOCKED, ""),
        ("capture_unblocked", InboundKind.UNBLOCKED, ""),
    ],
)
def test_what_people_did_is_told_apart(name, kind, text):
    if name == "courier_photoMsg":
        text = CASES[name]["update"]["message"].get("caption", "")
        kind = InboundKind.TEXT if text else InboundKind.MEDIA
    (one,) = parse(CASES[name]["update"]).inbound
    assert (one.kind, one.text) == (kind, text)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if {"group", "channel", "edited"} & set(case["tags"])])
def test_groups_channels_and_edits_are_met_with_silence(name):
    assert not parse(CASES[name]["update"]).inbound


def test_an_update_number_may_need_more_than_32_bits():
    assert parse(CASES["cw_text"]["update"]).inbound[0].vendor_id == "2342342343242"


def test_a_button_comes_with_the_call_that_stops_it_spinning():
    events = parse(CASES["ha_callback"]["update"])
    (pressed,) = events.inbound
    (answer,) = events.acknowledgements
    assert (pressed.button, pressed.sender) == ("Data from button callback", Address(ChannelName.TELEGRAM, "12345678"))
    assert (answer.api, answer.params) == ("telegram.answerCallbackQuery", {"callback_query_id": "4382bfdwdsb323b2d9"})


def test_a_button_in_a_group_or_of_absurd_length_is_acknowledged_and_nothing_more():
    for change in ({"message": {"chat": {"id": -5, "type": "group"}}}, {"data": "x" * 65}, {"data": None}):
        update = {"update_id": 1, "callback_query": {"id": "7", "from": {"id": 8}, "data": "x", **change}}
        assert not parse(update).inbound
        assert parse(update).acknowledgements


def test_a_voice_note_brings_its_file_id():
    (media,) = parse(CASES["courier_voiceMsg"]["update"]).inbound[0].media
    assert media == Media("AwADAQADCQADgtFRRGn8KrC-0D_MAg", "audio/ogg")


def test_becoming_a_member_for_the_first_time_is_not_the_end_of_a_block():
    change = {
        "chat": {"id": 8, "type": "private"},
        "old_chat_member": {"status": "member"},
        "new_chat_member": {"status": "member"},
    }
    assert not parse({"update_id": 1, "my_chat_member": change}).inbound


def test_what_telegram_writes_by_itself_is_met_with_silence():
    assert not parse(private(pinned_message={"message_id": 2})).inbound
    assert not parse(private(text="hola", **{"from": {"id": 9, "is_bot": True}})).inbound


@pytest.mark.parametrize("chat", [0, -1, True, "8", None, 1.5, {}])
def test_an_impossible_chat_is_met_with_silence(chat):
    assert not parse(private(text="hola", chat={"id": chat, "type": "private"})).inbound


@pytest.mark.parametrize("field", ["text", "caption", "voice", "location", "from", "photo", "chat"])
@pytest.mark.parametrize("value", [None, 1, "x", [], {}, {"file_id": 5}, [1]])
def test_a_field_of_the_wrong_type_is_no_error(field, value):
    parse(private(**{field: value}))


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"1", b"\xff", b'{"update_id": "1"}', b'{"update_id": true}', b"[" * 100_000]
)
def test_what_is_no_update_cannot_be_read(body):
    with pytest.raises(PayloadError):
        CHANNEL.parse(telegram_request(body), NOW)


def test_half_a_surrogate_pair_and_a_nul_do_not_come_through():
    request = telegram_request(
        b'{"update_id": 1, "message": {"chat": {"id": 8, "type": "private"}, "text": "ho\\ud83d\\u0000la"}}'
    )
    assert CHANNEL.parse(request, NOW).inbound[0].text == "hola"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("/start 483920", "/start 483920"),
        ("/start@batea_bot 483920", "/start 483920"),
        ("/start 48-39-20", "/start 48-39-20"),
        ("/start@batea_bot", "/start"),
        ("/start", "/start"),
        ("/start radio_3", "/start"),
        ("/start r7hX-", "/start"),
        ("/start me ahogo", "/start me ahogo"),
        ("/start auxilio", "/start auxilio"),
        ("/started 5", "/started 5"),
    ],
)
def test_a_start_by_a_link_keeps_a_code_and_words_but_no_mark(sent, read):
    assert parse(private(text=sent)).inbound[0].text == read
