"""WhatsApp through Twilio: text with numbered options, then the voice note as a message of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.channels.layout import numbered, split
from bot.channels.senders import sender_for
from bot.channels.twilio_channel import TwilioChannel
from bot.channels.twilio_inbound import WHATSAPP_PREFIX
from bot.domain.message import Address, ChannelName, Clip, Rendered, Reply

# Source: Twilio error 21617 (channels.md, read November 2026).
MOST_CHARS: Final = 1_600
_API: Final = "twilio.messages"


class WhatsAppChannel(TwilioChannel):
    """Messages to a number (`whatsapp:+57...`) or to a business-scoped user id (`whatsapp:CO.<id>`)."""

    name = ChannelName.WHATSAPP.value

    def render(self, reply: Reply, to: Address, clip: Clip | None, clip_url: str | None) -> Sequence[Rendered]:  # noqa: ARG002
        """Text first, then voice: one message cannot hold both."""
        recipient = WHATSAPP_PREFIX + to.value.removeprefix("bsuid:")
        sender = self._sender(to)
        said = self._said(reply)
        calls = [Rendered(_API, self.message(recipient, sender, **content)) for content in said]
        if clip_url:
            calls.append(Rendered(_API, self.message(recipient, sender, media_url=[clip_url])))
        return calls

    def _said(self, reply: Reply) -> list[dict[str, object]]:
        """What each text message holds."""
        text = "\n\n".join(filter(None, (reply.text, numbered(reply.choices, "."))))
        return [{"body": piece} for piece in split(text, MOST_CHARS) if piece]

    def _sender(self, to: Address) -> str:
        number = sender_for(self._settings.senders.whatsapp, to)
        return WHATSAPP_PREFIX + number if number.startswith("+") else number
