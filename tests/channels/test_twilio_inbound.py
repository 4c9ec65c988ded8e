"""Twilio's messages and statuses as captured, through either channel."""

import itertools
from urllib.parse import urlencode

import pytest
from channels.captured import captured
from channels.requests_made import NOW, twilio_request

from bot.channels.twilio_inbound import parse
from bot.domain.errors import PayloadError
from bot.domain.message import Address, ChannelName, InboundKind, MessageState, moves_forward
from bot.domain.ports import WebhookRequest

CASES = {case["name"]: case for file in ("twilio_sms_inbound", "twilio_whatsapp_inbound") for case in captured(file)["cases"]}
STATUSES = {case["name"]: case for case in captured("twilio_status_callbacks")["cases"]}
SMS, WHATSAPP = ChannelName.SMS, ChannelName.WHATSAPP


def replay(case):
    signed = case["signed"]
    body = urlencode([tuple(pair) for pair in case["form"]]).encode()
    return parse(WebhookRequest("POST", signed["url"], case.get("headers", {}), body), NOW)


def inbound(name):
    (one,) = replay(CASES[name]).inbound
    return one


def message(**fields):
    return parse(twilio_request({"MessageSid": "SM1", "From": "+573001112222", "To": "+15005550006", **fields}), NOW)


def status(state, **fields):
    return parse(twilio_request({"MessageSid": "SM1", "MessageStatus": state, "To": "+573001112222", **fields}), NOW)


@pytest.mark.parametrize("name", CASES)
def test_every_captured_message_is_somebody_who_wrote(name):
    (one,) = replay(CASES[name]).inbound
    assert one.vendor_id
    assert one.sender.value


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("courier_receiveValid", InboundKind.TEXT, "Msg"),
        ("courier_receiveButtonIgnored", InboundKind.TEXT, "Msg"),
        ("courier_receiveMedia", InboundKind.MEDIA, ""),
        ("courier_receiveMediaWithMsg", InboundKind.TEXT, "Msg"),
        ("cw_null_bytes", InboundKind.TEXT, "remove null bytes"),
        ("cw_body_absent", InboundKind.TEXT, ""),
        ("cw_two_images", InboundKind.TEXT, "testing multiple media"),
        ("cw_location", InboundKind.LOCATION, ""),
        ("courier_waReceiveButtonValid", InboundKind.TEXT, "Confirm"),
        ("capture_quick_reply_session", InboundKind.BUTTON, "Konfirmasi"),
        ("twilio_doc_capture_interactive", InboundKind.BUTTON, "VOICE_CALL_REQUEST"),
        ("public_voice_note", InboundKind.VOICE, ""),
    ],
)
def test_what_people_did_is_told_apart(name, kind, text):
    assert (inbound(name).kind, inbound(name).text) == (kind, text)


def test_a_button_brings_its_payload_not_its_label():
    assert inbound("twilio_doc_capture_interactive").button == "REJECTED"


def test_a_voice_note_brings_where_it_lies():
    (media,) = inbound("public_voice_note").media
    assert media.mime == "audio/ogg"
    assert media.reference.startswith("https://api.twilio.com/")


@pytest.mark.parametrize(
    ("name", "address", "aliases"),
    [
        ("courier_receiveValid", Address(SMS, "+14133881111"), ()),
        ("courier_waReceiveValid", Address(WHATSAPP, "+14133881111"), ()),
        ("courier_waReceiveBSUIDValid", Address(WHATSAPP, "bsuid:US.1234"), (Address(WHATSAPP, "+14133881111"),)),
        ("courier_waReceiveFromBSUID", Address(WHATSAPP, "bsuid:US.1234"), ()),
        ("courier_waReceiveBSUIDInvalid", Address(WHATSAPP, "+14133881111"), ()),
        ("cw_bsuid_only", Address(WHATSAPP, "bsuid:IN.2081978709342942"), ()),
        ("cw_phone_and_bsuid", Address(WHATSAPP, "bsuid:IN.2081978709342942"), (Address(WHATSAPP, "+910000000000"),)),
    ],
)
def test_whatsapp_people_are_known_by_their_scoped_id_first(name, address, aliases):
    assert (inbound(name).sender, inbound(name).aliases) == (address, aliases)


def test_one_person_with_and_without_her_number_is_one():
    assert inbound("cw_bsuid_only").sender.identity == inbound("cw_phone_and_bsuid").sender.identity


@pytest.mark.parametrize("sender", ["85594", "BANCO", "", "whatsapp:", "whatsapp:x", "messenger:123", "+0123456", "+57 300"])
def test_a_sender_nobody_could_answer_gives_no_event(sender):
    assert not message(From=sender).inbound


def test_twilios_own_opt_out_is_a_block_and_its_opt_in_the_end_of_it():
    assert message(Body="STOP", OptOutType="STOP").inbound[0].kind is InboundKind.BLOCKED
    assert message(Body="START", OptOutType="START").inbound[0].kind is InboundKind.UNBLOCKED
    assert message(Body="HELP", OptOutType="HELP").inbound[0].kind is InboundKind.TEXT


def test_a_message_without_any_id_goes_by_the_idempotency_token():
    request = twilio_request({"From": "+573001112222"}, headers={"i-twilio-idempotency-token": "b00cd941"})
    assert parse(request, NOW).inbound[0].vendor_id == "b00cd941"
    with pytest.raises(PayloadError):
        parse(twilio_request({"From": "+573001112222"}), NOW)


@pytest.mark.parametrize("number", ["-1", "x", "99999", "1e3", "²", ""])
def test_an_absurd_number_of_media_is_no_error(number):
    assert message(NumMedia=number, Body="hola").inbound[0].text == "hola"


@pytest.mark.parametrize(
    ("name", "state", "code"),
    [
        ("courier_statusStop", MessageState.FAILED, "21610"),
        ("courier_statusValid", MessageState.DELIVERED, ""),
        ("courier_statusRead", MessageState.READ, ""),
        ("courier_statusRateLimit", MessageState.FAILED, "63018"),
        ("courier_tmsStatusExtra", MessageState.SENT, ""),
    ],
)
def test_captured_statuses_are_read(name, state, code):
    (update,) = replay(STATUSES[name]).statuses
    assert (update.state, update.error_code) == (state, code)


def test_an_unknown_status_changes_nothing():
    assert replay(STATUSES["courier_statusInvalid"]) == parse(twilio_request({"MessageSid": "S", "MessageStatus": "huh"}), NOW)
    assert not replay(STATUSES["courier_statusInvalid"]).statuses


def test_the_carriers_opt_out_in_a_status_is_told_as_a_block_by_that_person():
    (blocked,) = status("failed", ErrorCode="21610").inbound
    assert (blocked.kind, blocked.sender) == (InboundKind.BLOCKED, Address(SMS, "+573001112222"))
    assert blocked.vendor_id != status("failed").statuses[0].vendor_id
    assert not status("failed", ErrorCode="30003").inbound


def test_statuses_in_any_order_end_at_the_furthest():
    for order in itertools.permutations(("queued", "sent", "delivered", "read")):
        state = MessageState.SENDING
        for word in order:
            (update,) = status(word).statuses
            if moves_forward(state, update.state):
                state = update.state
        assert state is MessageState.READ


@pytest.mark.parametrize("body", ["\U0001f44d", "", "1"])
def test_a_reaction_answers_nothing(body):
    sent = {"From": "whatsapp:+573001112222", "To": "whatsapp:+15005550007", "MessageType": "reaction", "Body": body}
    assert message(**sent).inbound == ()


@pytest.mark.parametrize("scoped", ["CO.1", "CO." + "9" * 128, "CO.ENT.11815799212886844830"])
def test_a_scoped_id_may_be_long(scoped):
    (one,) = message(From=f"whatsapp:{scoped}", To="whatsapp:+15005550007", Body="hola").inbound
    assert one.sender == Address(WHATSAPP, f"bsuid:{scoped}")
