"""Telegram: text with buttons under it, then the voice note."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.channels import telegram_updates
from bot.channels.layout import split
from bot.channels.media import check_declared
from bot.channels.surroundings import Surroundings
from bot.channels.telegram_bot import TelegramBot
from bot.domain.errors import SignatureError
from bot.domain.message import Address, ChannelName, Clip, Media, Rendered, Reply
from bot.domain.ports import WebhookEvents, WebhookRequest
from bot.settings import Settings

HEADER: Final = "x-telegram-bot-api-secret-token"
# Source: https://core.telegram.org/bots/api#sendmessage, counted in UTF-16 units.
MOST_UNITS: Final = 4_096


class TelegramChannel:
    """The channel of one bot. `bot` speaks to Telegram: sending, polling, registering the webhook."""

    name = ChannelName.TELEGRAM.value

    def __init__(self, settings: Settings, surroundings: Surroundings) -> None:
        self._secret = settings.telegram_webhook_secret
        self.bot = TelegramBot(settings, surroundings)

    def verify(self, request: WebhookRequest) -> None:
        """Raise SignatureError unless the request carries the secret that the webhook was registered with."""
        if not self._secret:
            raise SignatureError("BATEA_TELEGRAM_WEBHOOK_SECRET is not set: no request can be believed")
        given = request.headers.get(HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self._secret.encode("utf-8", "replace")):
            raise SignatureError("the secret token does not fit: register the webhook anew")

    def parse(self, request: WebhookRequest, now: datetime) -> WebhookEvents:
        """Read an update. Raises PayloadError only for what is no update at all."""
        return telegram_updates.parse(telegram_updates.read_json(request.body), now)

    def render(self, reply: Reply, to: Address, clip: Clip | None, clip_url: str | None) -> Sequence[Rendered]:  # noqa: ARG002
        """Text (with the buttons under its last piece), then voice."""
        chat_id = int(to.value)
        pieces = [piece for piece in split(reply.text, MOST_UNITS) if piece]
        calls = [Rendered("telegram.sendMessage", {"chat_id": chat_id, "text": piece}) for piece in pieces]
        if clip is not None:
            calls.append(Rendered("telegram.sendVoice", {"chat_id": chat_id, "voice": clip.path}))
        if calls and reply.choices:
            buttons = [[{"text": f"{one.key}. {one.label}", "callback_data": one.id}] for one in reply.choices]
            calls[max(len(pieces) - 1, 0)].params["reply_markup"] = {"inline_keyboard": buttons}
        return calls

    def send(self, rendered: Rendered) -> str:
        """Make one call; returns the message's number in its chat. Raises a SendError."""
        return self.bot.send(rendered)

    def fetch(self, media: Media) -> bytes:
        """The voice note that came with a message. Raises MediaError."""
        check_declared(media)
        return self.bot.download(media.reference)

    def close(self) -> None:
        """Let go of the connections and the thread."""
        self.bot.close()
