"""Telegram's updates, read from their JSON directly.

The library's own reading rejects an update whose sender lacks a field that became mandatory later (39 of the 93 captured
ones); a message is too dear for that. What is not understood is passed over, never an error.

Source: https://core.telegram.org/bots/api#update (Bot API 10.1; channels.md, read November 2026).
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any, Final

from bot.channels.letters import legible
from bot.domain.errors import PayloadError
from bot.domain.message import Address, ChannelName, Inbound, InboundKind, Media, Rendered
from bot.domain.ports import WebhookEvents

# What Batea asks Telegram for; everything else never arrives.
ALLOWED: Final = ("message", "callback_query", "my_chat_member")
_MOST_BUTTON_BYTES: Final = 64
_AUDIBLE: Final = ("voice", "audio")
# Messages that Telegram writes by itself in a private chat: nobody said anything.
_SERVICE: Final = frozenset(
    """
    new_chat_members left_chat_member new_chat_title new_chat_photo delete_chat_photo group_chat_created
    supergroup_chat_created channel_chat_created message_auto_delete_timer_changed migrate_to_chat_id migrate_from_chat_id
    pinned_message successful_payment refunded_payment users_shared chat_shared connected_website write_access_allowed
    passport_data proximity_alert_triggered boost_added chat_background_set forum_topic_created forum_topic_edited
    forum_topic_closed forum_topic_reopened general_forum_topic_hidden general_forum_topic_unhidden giveaway_created giveaway
    giveaway_winners giveaway_completed paid_message_price_changed direct_message_price_changed video_chat_scheduled
    video_chat_started video_chat_ended video_chat_participants_invited suggested_post_approved
    suggested_post_approval_failed suggested_post_declined suggested_post_paid suggested_post_refunded
    """.split()  # noqa: SIM905 - a list of names, not forty quoted ones
)
_MEMBER: Final = "member"
# Whoever opens the bot by a link sends "/start PAYLOAD", at most 64 of these characters.
# Source: https://core.telegram.org/bots/features#deep-linking (read November 2026).
_STARTED: Final = re.compile(r"(/start)(?:@\w+)?(?:\s+(.*))?", re.ASCII | re.DOTALL)
_MARK: Final = re.compile(r"(?=.*[A-Za-z_])(?=.*[\d_-])[\w-]{1,64}", re.ASCII)
_GONE: Final = frozenset({"kicked", "left"})


def read_json(body: bytes) -> dict[str, Any]:
    """An update as posted. Raises PayloadError for what is no JSON object with an update_id."""
    try:
        update = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise PayloadError("the body is no JSON") from None
    if not isinstance(update, dict) or update_id(update) is None:
        raise PayloadError("the body is no update")
    return update


def update_id(update: dict[str, Any]) -> int | None:
    """The number of an update (it needs more than 32 bits), None where it carries none."""
    number = update.get("update_id")
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def parse(update: dict[str, Any], now: datetime) -> WebhookEvents:
    """Read one update. Groups, channels, edits and service messages give no event: Batea stays silent there."""
    vendor_id = str(update_id(update))
    if callback := _object(update, "callback_query"):
        return _pressed(callback, vendor_id, now)
    if message := _object(update, "message"):
        inbound = _said(message, vendor_id, now)
    else:
        inbound = _joined(_object(update, "my_chat_member"), vendor_id, now)
    return WebhookEvents(inbound=(inbound,) if inbound else ())


def _object(parent: dict[str, Any], name: str) -> dict[str, Any]:
    child = parent.get(name)
    return child if isinstance(child, dict) else {}


def _text(parent: dict[str, Any], name: str) -> str:
    value = parent.get(name)
    return value if isinstance(value, str) else ""


def _chat(parent: dict[str, Any]) -> Address | None:
    """The private chat that something happened in."""
    chat = _object(parent, "chat")
    return _address(chat.get("id")) if chat.get("type") == "private" else None


def _address(chat_id: object) -> Address | None:
    if isinstance(chat_id, int) and not isinstance(chat_id, bool) and chat_id > 0:
        return Address(ChannelName.TELEGRAM, str(chat_id))
    return None


def _pressed(callback: dict[str, Any], vendor_id: str, now: datetime) -> WebhookEvents:
    query_id = _text(callback, "id")
    answered = (Rendered("telegram.answerCallbackQuery", {"callback_query_id": query_id}),) if query_id else ()
    message = _object(callback, "message")
    sender = _chat(message) if message else _address(_object(callback, "from").get("id"))
    button = legible(_text(callback, "data"))
    if sender is None or not button or len(button.encode()) > _MOST_BUTTON_BYTES:
        return WebhookEvents(acknowledgements=answered)
    return WebhookEvents(inbound=(Inbound(vendor_id, sender, InboundKind.BUTTON, now, button=button),), acknowledgements=answered)


def _joined(change: dict[str, Any], vendor_id: str, now: datetime) -> Inbound | None:
    """A person blocked the bot, or took the block away."""
    sender = _chat(change)
    if sender is None:
        return None
    before = _text(_object(change, "old_chat_member"), "status")
    after = _text(_object(change, "new_chat_member"), "status")
    if after in _GONE:
        return Inbound(vendor_id, sender, InboundKind.BLOCKED, now)
    if after == _MEMBER and before in _GONE:
        return Inbound(vendor_id, sender, InboundKind.UNBLOCKED, now)
    return None


def _said(message: dict[str, Any], vendor_id: str, now: datetime) -> Inbound | None:
    sender = _chat(message)
    by_bot = _object(message, "from").get("is_bot") is True
    if sender is None or by_bot or not _SERVICE.isdisjoint(message):
        return None
    text = _started(legible(_text(message, "text") or _text(message, "caption")))
    sounds = tuple(media for name in _AUDIBLE if (media := _file(message, name)))
    if sounds:
        return Inbound(vendor_id, sender, InboundKind.VOICE, now, text=text, media=sounds[:1])
    if text:
        return Inbound(vendor_id, sender, InboundKind.TEXT, now, text=text)
    if _object(message, "location"):
        return Inbound(vendor_id, sender, InboundKind.LOCATION, now)
    return Inbound(vendor_id, sender, InboundKind.MEDIA, now)


def _started(text: str) -> str:
    """A start by a link: with the figures of a code, or with words; a mark that only says where the link stood is left out."""
    found = _STARTED.fullmatch(text)
    if found is None:
        return text
    start, payload = found.group(1), (found.group(2) or "").strip()
    return f"{start} {payload}" if payload and not _MARK.fullmatch(payload) else start


def _file(message: dict[str, Any], name: str) -> Media | None:
    file = _object(message, name)
    file_id = _text(file, "file_id")
    return Media(file_id, _text(file, "mime_type").lower() or "audio/ogg") if file_id else None
