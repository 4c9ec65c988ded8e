"""What is wrong with an account, as the vendor itself tells it. Sends nothing to anybody and changes nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import requests

from bot.channels.content_sids import ContentSids
from bot.channels.content_sync import ContentShelf
from bot.channels.content_templates import ContentTemplate
from bot.channels.surroundings import Surroundings
from bot.channels.telegram_bot import WEBHOOK_PATH as TELEGRAM_PATH
from bot.channels.telegram_bot import TelegramBot
from bot.channels.twilio_channel import CALL_PATH
from bot.channels.twilio_http import CONNECT_S, AimedHttpClient
from bot.domain.errors import SendError
from bot.settings import Settings

MESSAGES_PATH: Final = "/webhooks/twilio/messages"
TELEGRAM_API: Final = "https://api.telegram.org"


@dataclass(frozen=True, slots=True)
class _Use:
    """What one of our numbers is for, and where that stands in Twilio's list."""

    setting: str
    path: str
    field: str
    what: str
    hook: str
    method: str


_MESSAGES: Final = _Use("TWILIO_SMS_FROM", MESSAGES_PATH, "sms_url", "messages", "messaging", "sms_method")
_CALLS: Final = _Use("TWILIO_VOICE_FROM", CALL_PATH, "voice_url", "calls", "voice", "voice_method")
# Signed addresses and one-time codes allow about that much.
MOST_SKEW_S: Final = 30.0
_API: Final = "https://api.twilio.com/2010-04-01/Accounts"
_SERVICES: Final = "https://messaging.twilio.com/v1/Services"
_NUMBER: Final = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_SERVICE: Final = re.compile(r"MG[0-9a-f]{32}", re.ASCII)
_APPROVED: Final = "approved"
_WAITING: Final = frozenset({"pending", "received", "in_review"})
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
        for sender in sorted({sender for sender in settings.senders.sms.values() if sender}):
            yield from _sms_sender(http, settings, sender)
        for sender in sorted({sender for sender in settings.senders.whatsapp.values() if sender}):
            if not (_NUMBER.fullmatch(sender.removeprefix("whatsapp:")) or _SERVICE.fullmatch(sender)):
                yield "BATEA_TWILIO_WHATSAPP_FROM is no sender: write the number as +573001234567, or a messaging service MG..."
        if settings.telephones:
            for number in sorted({number for number in settings.senders.voice.values() if number}):
                if _NUMBER.fullmatch(number):
                    yield from _number(http, settings, number, _CALLS)
                else:
                    yield "BATEA_TWILIO_VOICE_FROM is no number: write it as +573001234567"
    except SendError as error:
        yield f"Twilio cannot be asked ({error})"
    finally:
        http.close()


def examine_templates(settings: Settings, wanted: Sequence[ContentTemplate]) -> Iterator[tuple[bool, str]]:
    """What there is to say of WhatsApp's templates, and whether it must be mended.

    They are to be made at Twilio, known here, and approved where that is needed; while WhatsApp looks nobody can do anything.
    """
    shelf = ContentShelf(settings, Surroundings())
    sids = ContentSids(settings.data_dir, settings.twilio_account_sid)
    try:
        found = list(shelf.look(wanted))
    except SendError as error:
        yield True, f"Twilio's templates cannot be listed ({error})"
        return
    finally:
        shelf.close()
    unknown = [one.template.key for one in found if not one.sid or sids.get(one.template.key) != one.sid]
    if unknown:
        yield True, f"{len(unknown)} of {len(found)} WhatsApp templates are not made, or not known here: run batea channels sync"
    for one in found:
        if one.sid and one.template.category and one.approval != _APPROVED:
            waiting = one.approval in _WAITING
            todo = "look again in a day" if waiting else "change its words and run batea channels sync"
            yield (
                not waiting,
                f"WhatsApp has not approved the template {one.template.name} ({one.approval or 'not asked'}): {todo}",
            )


def examine_telegram(settings: Settings, now: datetime) -> Iterator[str]:
    """What must be mended at Telegram: the token, the secret, the webhook where there is a public address, the clock."""
    bot = TelegramBot(settings, Surroundings())
    try:
        bot.call("getMe", {})
        yield from _webhook(bot, settings)
        yield from _skewed(_date_at(settings.telegram_api_url or TELEGRAM_API), now)
    except SendError as error:
        yield f"Telegram refuses or cannot be reached ({error}): check BATEA_TELEGRAM_TOKEN"
    finally:
        bot.close()


def _webhook(bot: TelegramBot, settings: Settings) -> Iterator[str]:
    """Telegram's webhook; without a public address there is none."""
    if not settings.public_url.startswith("https://"):
        return
    hook: dict[str, Any] = bot.call("getWebhookInfo", {})
    wanted = settings.public_url + TELEGRAM_PATH
    if hook.get("url") != wanted:
        yield f"Telegram does not post to {wanted}: start batea serve, which registers it"
    if hook.get("last_error_message"):
        waiting = hook.get("pending_update_count", 0)
        yield f"Telegram's last post failed, {waiting} updates wait: see that {wanted} can be reached"


def _date_at(url: str) -> str:
    """What time it is at a server, '' where it does not say."""
    try:
        return requests.head(url, timeout=CONNECT_S).headers.get("date", "")
    except requests.RequestException:
        return ""


def _sms_sender(http: AimedHttpClient, settings: Settings, sender: str) -> Iterator[str]:
    if _NUMBER.fullmatch(sender):
        yield from _number(http, settings, sender, _MESSAGES)
    elif not _SERVICE.fullmatch(sender):
        yield "BATEA_TWILIO_SMS_FROM is no sender: write the number as +573001234567, or a messaging service MG..."
    else:
        yield from _service(http, settings, sender)


def _service(http: AimedHttpClient, settings: Settings, sid: str) -> Iterator[str]:
    """A messaging service has a webhook of its own, unless it leaves that to its numbers."""
    found = _fetched(http, settings, f"{_SERVICES}/{sid}")
    wanted = settings.public_url + _MESSAGES.path
    if found is None:
        yield f"the messaging service ending in {sid[-4:]} is not in this Twilio account: check BATEA_{_MESSAGES.setting}"
    elif not found[0].get("use_inbound_webhook_on_number") and found[0].get("inbound_request_url") != wanted:
        yield f"messages to the service ending in {sid[-4:]} go elsewhere: set its inbound webhook to {wanted}"


def _asked(http: AimedHttpClient, settings: Settings, path: str, **query: object) -> tuple[dict[str, Any], str] | None:
    """What Twilio says of our account, as below."""
    return _fetched(http, settings, f"{_API}/{settings.twilio_account_sid}{path}", **query)


def _fetched(http: AimedHttpClient, settings: Settings, url: str, **query: object) -> tuple[dict[str, Any], str] | None:
    """An answer's JSON and its date; None where there is none, for want of the thing or of credentials."""
    auth = (settings.twilio_account_sid, settings.twilio_auth_token)
    answer = http.request("GET", url, query or None, auth=auth)
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
    elif listed[0].get(use.method, "POST") != "POST":
        yield f"{use.what} to {ending} come by {listed[0][use.method]}: set its {use.hook} webhook to HTTP POST"
