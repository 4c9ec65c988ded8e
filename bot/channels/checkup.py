"""What is wrong with an account, as the vendor itself tells it. Sends nothing to anybody and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from bot.channels.surroundings import Surroundings
from bot.channels.telegram_bot import WEBHOOK_PATH as TELEGRAM_PATH
from bot.channels.telegram_bot import TelegramBot
from bot.channels.twilio_channel import CALL_PATH
from bot.channels.twilio_http import AimedHttpClient
from bot.domain.errors import SendError
from bot.settings import Settings

MESSAGES_PATH: Final = "/webhooks/twilio/messages"


@dataclass(frozen=True, slots=True)
class _Use:
    """What one of our numbers is for, and where that stands in Twilio's list."""

    setting: str
    path: str
    field: str
    what: str
    hook: str


_MESSAGES: Final = _Use("TWILIO_SMS_FROM", MESSAGES_PATH, "sms_url", "messages", "messaging")
_CALLS: Final = _Use("TWILIO_VOICE_FROM", CALL_PATH, "voice_url", "calls", "voice")
# Signed addresses and one-time codes allow about that much.
MOST_SKEW_S: Final = 30.0
_API: Final = "https://api.twilio.com/2010-04-01/Accounts"
_OK: Final = 200


def examine_twilio(settings: Settings, now: datetime) -> Iterator[str]:
    """What must be mended at Twilio: credentials, account, clock, the webhook of each number. Nothing: all is well."""
    http = AimedHttpClient(settings.twilio_api_url)
    try:
        account = _asked(http, settings, ".json")
        if account is None:
            yield "Twilio refuses BATEA_TWILIO_ACCOUNT_SID or BATEA_TWILIO_AUTH_TOKEN: copy both from its console"
            return
        fields, date = account
        if fields.get("status") != "active":
            yield f"the Twilio account is {fields.get('status') or 'in no known state'}: open its console"
        yield from _skewed(date, now)
        for number in sorted({number for number in settings.senders.sms.values() if number.startswith("+")}):
            yield from _number(http, settings, number, _MESSAGES)
        if settings.telephones:
            for number in sorted({number for number in settings.senders.voice.values() if number}):
                yield from _number(http, settings, number, _CALLS)
    except SendError as error:
        yield f"Twilio cannot be asked ({error})"
    finally:
        http.close()


def examine_telegram(settings: Settings) -> Iterator[str]:
    """What must be mended at Telegram: the token, and the webhook where there is a public address."""
    bot = TelegramBot(settings, Surroundings())
    try:
        bot.call("getMe", {})
        if not settings.public_url.startswith("https://"):
            return
        hook: dict[str, Any] = bot.call("getWebhookInfo", {})
        wanted = settings.public_url + TELEGRAM_PATH
        if hook.get("url") != wanted:
            yield f"Telegram does not post to {wanted}: start batea serve, which registers it"
        if hook.get("last_error_message"):
            waiting = hook.get("pending_update_count", 0)
            yield f"Telegram's last post failed, {waiting} updates wait: see that {wanted} can be reached"
    except SendError as error:
        yield f"Telegram refuses or cannot be reached ({error}): check BATEA_TELEGRAM_TOKEN"
    finally:
        bot.close()


def _asked(http: AimedHttpClient, settings: Settings, path: str, **query: object) -> tuple[dict[str, Any], str] | None:
    """An answer's JSON and its date; None where the credentials are refused."""
    sid = settings.twilio_account_sid
    answer = http.request("GET", f"{_API}/{sid}{path}", query or None, auth=(sid, settings.twilio_auth_token))
    if answer.status_code != _OK:
        return None
    try:
        fields = json.loads(answer.text)
    except ValueError:
        return None
    return (fields if isinstance(fields, dict) else {}), str((answer.headers or {}).get("date", ""))


def _skewed(date: str, now: datetime) -> Iterator[str]:
    try:
        skew_s = (now - parsedate_to_datetime(date)).total_seconds()
    except (TypeError, ValueError):
        return
    if abs(skew_s) > MOST_SKEW_S:
        yield f"this machine's clock is {abs(skew_s):.0f} s {'ahead' if skew_s > 0 else 'behind'}: let it be set by the network"


def _number(http: AimedHttpClient, settings: Settings, number: str, use: _Use) -> Iterator[str]:
    found = _asked(http, settings, "/IncomingPhoneNumbers.json", PhoneNumber=number)
    listed = found[0].get("incoming_phone_numbers") if found else None
    ending = f"the number ending in {number[-4:]}"
    if not listed:
        yield f"{ending} is not in this Twilio account: check BATEA_{use.setting}"
        return
    wanted = settings.public_url + use.path
    if listed[0].get(use.field) != wanted:
        yield f"{use.what} to {ending} go elsewhere: set its {use.hook} webhook to {wanted}"
