"""What Twilio's three channels have in common."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from bot.channels import twilio_inbound, twilio_signature
from bot.channels.surroundings import Surroundings
from bot.channels.twilio_client import TwilioSender
from bot.domain.message import Media, Rendered
from bot.domain.ports import WebhookEvents, WebhookRequest
from bot.settings import Settings

STATUS_PATH: Final = "/webhooks/twilio/status"
CALL_PATH: Final = "/webhooks/twilio/call"
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_MESSAGING_SERVICE: Final = "MG"


class TwilioChannel:
    """A channel that speaks through Twilio; what differs is how it renders."""

    def __init__(self, settings: Settings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._surroundings = surroundings
        self._twilio = TwilioSender(settings, surroundings)

    def verify(self, request: WebhookRequest) -> None:
        """Raise SignatureError unless Twilio signed the request."""
        twilio_signature.verify(request, self._settings.twilio_auth_token)

    def parse(self, request: WebhookRequest, now: datetime) -> WebhookEvents:
        """Read a message or a status; SMS and WhatsApp arrive at one address, and either channel reads both."""
        return twilio_inbound.parse(request, now)

    def send(self, rendered: Rendered) -> str:
        """Make one call; returns the message's SID. Raises a SendError."""
        return self._twilio.message(rendered.params)

    def trace(self, rendered: Rendered, since: datetime) -> Sequence[str]:
        """The SIDs of messages like that one, to the same recipient, made from then on. Raises a SendError."""
        return self._twilio.alike(rendered.params, since)

    def fetch(self, media: Media) -> bytes:
        """The voice note that came with a message. Raises MediaError."""
        # Only who listens pays for it.
        from bot.channels.twilio_media import TwilioMedia  # noqa: PLC0415

        return TwilioMedia(self._settings).fetch(media)

    def close(self) -> None:
        """Let go of the connections."""
        self._twilio.close()

    def message(self, to: str, sender: str, **content: object) -> dict[str, object]:
        """Parameters of `messages.create`: `sender` is a number, a channel address or a messaging service (MG...)."""
        params: dict[str, object] = {"to": to}
        if sender:
            params["messaging_service_sid" if sender.startswith(_MESSAGING_SERVICE) else "from_"] = sender
        params.update(content)
        if self._called_back():
            params["status_callback"] = self._settings.public_url + STATUS_PATH
        return params

    def _called_back(self) -> bool:
        """Whether a status can reach us: Twilio refuses (21609) an address that only this machine knows; a stand-in does not."""
        host = urlsplit(self._settings.public_url).hostname
        return bool(self._settings.twilio_api_url) or host not in _LOOPBACK
