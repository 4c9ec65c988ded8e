"""`batea doctor`'s questions to the vendors, answered by a loopback."""

from datetime import UTC, datetime, timedelta

import pytest
from channels.loopback import Answer, loopback

from bot.channels.checkup import examine_telegram, examine_twilio
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
    findings = list(examine_telegram(settings(vendor)))
    assert len(findings) == len(expected)
    assert all(part in finding for part, finding in zip(expected, findings, strict=True))


def test_a_refused_telegram_token_is_told(vendor):
    vendor.usual = Answer.of(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
    assert "BATEA_TELEGRAM_TOKEN" in next(iter(examine_telegram(settings(vendor))))
