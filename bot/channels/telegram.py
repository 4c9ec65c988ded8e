"""Telegram: text with buttons under it, beneath the picture where there is one, then the voice note."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.channels import telegram_updates
from bot.channels.layout import split, utf16_units
from bot.channels.media import check_declared
from bot.channels.surroundings import Surroundings
from bot.channels.telegram_bot import TelegramBot
from bot.domain.errors import PermanentSendError, SignatureError, UnreachableError
from bot.domain.message import Address, ChannelName, Clip, Drawing, Media, Rendered, Reply
from bot.domain.ports import WebhookEvents, WebhookRequest
from bot.settings import Settings

PHOTO: Final = "telegram.sendPhoto"
HEADER: Final = "x-telegram-bot-api-secret-token"
# Source: https://core.telegram.org/bots/api#sendmessage, counted in UTF-16 units.
MOST_UNITS: Final = 4_096
# Source: https://core.telegram.org/bots/api#sendphoto (channels.md, read November 2026).
MOST_CAPTION_UNITS: Final = 1_024


class TelegramChannel:
    """The channel of one bot. `bot` speaks to Telegram: sending, polling, registering the webhook."""

    name = ChannelName.TELEGRAM.value

    def __init__(self, settings: Settings, surroundings: Surroundings) -> None:
        self._secret = settings.telegram_webhook_secret
        self._surroundings = surroundings
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

    def render(
        self,
        reply: Reply,
        to: Address,
        clip: Clip | None,
        clip_url: str | None,  # noqa: ARG002
        drawing: Drawing | None = None,
    ) -> Sequence[Rendered]:
        """Text (with the buttons under its last piece), as the caption of the picture where it fits there; then voice."""
        chat_id = int(to.value)
        pieces = [piece for piece in split(reply.text, MOST_UNITS) if piece]
        calls = [Rendered("telegram.sendMessage", {"chat_id": chat_id, "text": piece}) for piece in pieces]
        if drawing is not None and len(pieces) == 1 and utf16_units(reply.text) <= MOST_CAPTION_UNITS:
            calls = [Rendered(PHOTO, {"chat_id": chat_id, "photo": drawing.path, "caption": pieces[0]})]
        if clip is not None:
            calls.append(Rendered("telegram.sendVoice", {"chat_id": chat_id, "voice": clip.path}))
        if calls and reply.choices:
            buttons = [[{"text": f"{one.key}. {one.label}", "callback_data": one.id}] for one in reply.choices]
            calls[max(len(pieces) - 1, 0)].params["reply_markup"] = {"inline_keyboard": buttons}
        return calls

    def send(self, rendered: Rendered) -> str:
        """Make one call; returns the message's number in its chat. Raises a SendError.

        Where Telegram does not take the picture, its words go without it.
        """
        try:
            return self.bot.send(rendered)
        except PermanentSendError as error:
            if rendered.api != PHOTO or isinstance(error, UnreachableError):
                raise
            self._surroundings.notebook.event("picture_refused", channel=self.name, code=error.code)
        words = {name: value for name, value in rendered.params.items() if name not in {"photo", "caption"}}
        return self.bot.send(Rendered("telegram.sendMessage", {**words, "text": rendered.params["caption"]}))

    def fetch(self, media: Media) -> bytes:
        """The voice note that came with a message. Raises MediaError."""
        check_declared(media)
        return self.bot.download(media.reference)

    def close(self) -> None:
        """Let go of the connections and the thread."""
        self.bot.close()
