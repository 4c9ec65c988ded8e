"""Webhooks as the vendors make them: signed, encoded, addressed to the public URL."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from standins.signing import ACCOUNT, AUTH_TOKEN, PUBLIC_URL, TELEGRAM_SECRET, TELEGRAM_TOKEN
from twilio.request_validator import RequestValidator

from bot.channels.form import Form
from bot.domain.ports import WebhookRequest
from bot.settings import Settings, load

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
FORM = "application/x-www-form-urlencoded"


def settings(**changes: str) -> Settings:
    """Settings with every credential; names without the prefix."""
    environ = {
        "PUBLIC_URL": PUBLIC_URL,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_SMS_FROM": "+15005550006",
        "TWILIO_SMS_FROM_PE": "+51150055500",
        "TWILIO_WHATSAPP_FROM": "+15005550007",
        "TWILIO_VOICE_FROM": "+15005550008",
        "TELEGRAM_TOKEN": TELEGRAM_TOKEN,
        "TELEGRAM_WEBHOOK_SECRET": TELEGRAM_SECRET,
        **changes,
    }
    return load({f"BATEA_{name}": value for name, value in environ.items()})


def twilio_request(
    pairs: Sequence[tuple[str, str]] | Mapping[str, str],
    path: str = "/webhooks/twilio/messages",
    *,
    token: str = AUTH_TOKEN,
    headers: Mapping[str, str] | None = None,
) -> WebhookRequest:
    """A form, signed."""
    listed = list(pairs.items()) if isinstance(pairs, Mapping) else list(pairs)
    url = PUBLIC_URL + path
    signature = RequestValidator(token).compute_signature(url, Form(listed))
    all_headers = {"content-type": FORM, "x-twilio-signature": signature, **(headers or {})}
    return WebhookRequest("POST", url, all_headers, urlencode(listed).encode())


def telegram_request(update: object, secret: str = TELEGRAM_SECRET) -> WebhookRequest:
    """An update with the secret."""
    headers = {"content-type": "application/json", "x-telegram-bot-api-secret-token": secret}
    body = update if isinstance(update, bytes) else json.dumps(update).encode()
    return WebhookRequest("POST", PUBLIC_URL + "/webhooks/telegram", headers, body)
