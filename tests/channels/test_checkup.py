"""`batea doctor`'s questions to the vendors, answered by a loopback."""

from datetime import UTC, datetime, timedelta

import pytest
from channels.content_api import ContentApi
from channels.loopback import Answer, loopback

from bot.channels.checkup import examine_telegram, examine_templates, examine_twilio
from bot.channels.content_sync import ContentShelf
from bot.channels.content_templates import ContentTemplate
from bot.channels.surroundings import Surroundings
from bot.settings import load

HOOK = "https://bot.example.org/webhooks/twilio/messages"


@pytest.fixture
def vendor():
    with loopback(Answer.of(200, {})) as running:
        yield running


def settings(vendor, **changes):
    return load(
        {
            **changes,
            "BATEA_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "BATEA_TWILIO_AUTH_TOKEN": "12345",
            "BATEA_TWILIO_SMS_FROM": "+15005550006",
            "BATEA_TWILIO_API_URL": vendor.url,
            "BATEA_TELEGRAM_TOKEN": "1:a",
            "BATEA_TELEGRAM_API_URL": vendor.url,
            "BATEA_PUBLIC_URL": "https://bot.example.org",
        }
    )


def account(**fields):
    return Answer.of(200, {"status": "active"} | fields)


def number(url=HOOK):
    return Answer.of(200, {"incoming_phone_numbers": [{"sms_url": url}]})


def told(vendor, *answers, now=None):
    vendor.answers.extend(answers)
    return list(examine_twilio(settings(vendor), now or datetime.now(UTC)))


def test_a_sound_account_has_no_findings(vendor):
    assert told(vendor, account(), number()) == []


def test_refused_credentials_are_named_and_nothing_more_is_asked(vendor):
    findings = told(vendor, Answer.of(401, {"code": 20003}))
    assert len(findings) == len(vendor.calls) == 1
    assert "BATEA_TWILIO_AUTH_TOKEN" in findings[0]


def test_a_suspended_account_is_named(vendor):
    assert "suspended" in told(vendor, account(status="suspended"), number())[0]


def test_a_wrong_clock_is_measured(vendor):
    findings = told(vendor, account(), number(), now=datetime.now(UTC) + timedelta(minutes=5))
    assert "ahead" in findings[0]


def test_a_number_of_another_account_is_named_by_its_end_only(vendor):
    findings = told(vendor, account(), Answer.of(200, {"incoming_phone_numbers": []}))
    assert "0006" in findings[0]
    assert "+15005550006" not in findings[0]


def test_a_webhook_elsewhere_is_told_with_the_right_address(vendor):
    assert HOOK in told(vendor, account(), number("https://elsewhere.example.org"))[0]


@pytest.mark.parametrize(
    ("voice_url", "findings"),
    [("https://bot.example.org/webhooks/twilio/call", 0), ("https://demo.twilio.com/welcome/voice/", 1)],
)
def test_the_webhook_of_calls_is_looked_at_where_there_are_calls(vendor, voice_url, findings):
    calls = Answer.of(200, {"incoming_phone_numbers": [{"voice_url": voice_url}]})
    vendor.answers.extend([account(), number(), calls])
    told_of = list(examine_twilio(settings(vendor, BATEA_TWILIO_VOICE_FROM="+15005550008"), datetime.now(UTC)))
    assert len(told_of) == findings
    assert all("/webhooks/twilio/call" in one for one in told_of)


def test_an_outage_is_told(vendor):
    assert "cannot be asked" in told(vendor, Answer.of(503, {}))[0]


@pytest.mark.parametrize(
    ("hook", "expected"),
    [
        ({"url": "https://bot.example.org/webhooks/telegram"}, []),
        ({"url": ""}, ["does not post"]),
        (
            {"url": "https://bot.example.org/webhooks/telegram", "last_error_message": "x", "pending_update_count": 3},
            ["3 updates"],
        ),
    ],
)
def test_telegrams_webhook_is_looked_at(vendor, hook, expected):
    me = {"id": 1, "is_bot": True, "first_name": "Batea", "username": "batea_bot"}
    vendor.answers.extend([Answer.of(200, {"ok": True, "result": me}), Answer.of(200, {"ok": True, "result": hook})])
    findings = list(examine_telegram(settings(vendor), datetime.now(UTC)))
    assert len(findings) == len(expected)
    assert all(part in finding for part, finding in zip(expected, findings, strict=True))


def test_a_refused_telegram_token_is_told(vendor):
    vendor.usual = Answer.of(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
    assert "BATEA_TELEGRAM_TOKEN" in next(iter(examine_telegram(settings(vendor), datetime.now(UTC))))


def test_a_clock_that_is_wrong_is_told_where_there_is_only_telegram(vendor):
    vendor.usual = Answer.of(200, {"ok": True, "result": {"url": "https://bot.example.org/webhooks/telegram"}})
    (finding,) = examine_telegram(settings(vendor), datetime.now(UTC) - timedelta(minutes=5))
    assert "behind" in finding


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("BATEA_TWILIO_SMS_FROM_PE", "15005550006"),
        ("BATEA_TWILIO_SMS_FROM_PE", "Batea"),
        ("BATEA_TWILIO_SMS_FROM_PE", "MG1"),
        ("BATEA_TWILIO_VOICE_FROM_PE", "abc"),
        ("BATEA_TWILIO_WHATSAPP_FROM", "15005550007"),
        ("BATEA_TWILIO_WHATSAPP_FROM", "whatsapp:15005550007"),
    ],
)
def test_a_sender_that_is_none_is_told(vendor, setting, value):
    vendor.answers.extend([account(), number()])
    (finding,) = examine_twilio(settings(vendor, **{setting: value}), datetime.now(UTC))
    assert setting.removesuffix("_PE") in finding


@pytest.mark.parametrize("value", ["+15005550007", "whatsapp:+15005550007", "MG" + "0" * 32])
def test_a_whatsapp_sender_may_be_a_number_or_a_service(vendor, value):
    vendor.answers.extend([account(), number()])
    assert list(examine_twilio(settings(vendor, BATEA_TWILIO_WHATSAPP_FROM=value), datetime.now(UTC))) == []


def test_a_webhook_by_get_is_told(vendor):
    listed = {"incoming_phone_numbers": [{"sms_url": HOOK, "sms_method": "GET"}]}
    (finding,) = told(vendor, account(), Answer.of(200, listed))
    assert "HTTP POST" in finding


@pytest.mark.parametrize(
    ("service", "said"),
    [
        (Answer.of(200, {"inbound_request_url": HOOK}), ""),
        (Answer.of(200, {"use_inbound_webhook_on_number": True, "inbound_request_url": None}), ""),
        (Answer.of(200, {"inbound_request_url": "https://elsewhere.example.org"}), HOOK),
        (Answer.of(404, {"code": 20404}), "not in this Twilio account"),
    ],
)
def test_the_webhook_of_a_messaging_service_is_looked_at(vendor, service, said):
    vendor.answers.extend([account(), number(), service])
    findings = list(examine_twilio(settings(vendor, BATEA_TWILIO_SMS_FROM_PE="MG" + "0" * 32), datetime.now(UTC)))
    assert [said in finding for finding in findings] == ([True] if said else [])


TEMPLATES = (
    ContentTemplate("buttons_1", {"twilio/quick-reply": {"body": "x"}}, {}, "es"),
    ContentTemplate("invitation", {"twilio/quick-reply": {"body": "y"}}, {}, "es", "UTILITY"),
)


@pytest.fixture
def content():
    with loopback(server=ContentApi()) as server:
        yield server


def looked(content, folder):
    return list(examine_templates(settings(content, BATEA_DATA_DIR=str(folder)), TEMPLATES))


def sync(content, folder):
    shelf = ContentShelf(settings(content, BATEA_DATA_DIR=str(folder)), Surroundings())
    list(shelf.sync(TEMPLATES))
    shelf.close()


def test_templates_that_were_never_made_are_told_in_one_line(content, tmp_path):
    ((broken, finding),) = looked(content, tmp_path)
    assert broken
    assert "2 of 2" in finding
    assert "batea channels sync" in finding


@pytest.mark.parametrize(
    ("status", "broken", "todo"),
    [("pending", False, "look again in a day"), ("unsubmitted", True, "channels sync"), ("rejected", True, "change its words")],
)
def test_whether_whatsapp_has_approved_the_invitation_is_told(content, tmp_path, status, broken, todo):
    sync(content, tmp_path)
    content.status = status
    ((mend, finding),) = looked(content, tmp_path)
    assert mend is broken
    assert todo in finding


def test_of_an_approved_invitation_there_is_nothing_to_say(content, tmp_path):
    sync(content, tmp_path)
    content.status = "approved"
    assert looked(content, tmp_path) == []


def test_templates_that_only_another_machine_made_are_told(content, tmp_path):
    sync(content, tmp_path)
    content.status = "approved"
    assert "not known here" in looked(content, tmp_path / "elsewhere")[0][1]


def test_templates_that_cannot_be_listed_are_told(content, tmp_path):
    content.answers.append(Answer.of(401, {"code": 20003}))
    assert "cannot be listed" in looked(content, tmp_path)[0][1]
