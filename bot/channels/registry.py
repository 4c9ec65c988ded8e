"""The table of channels. A new one is a file of its own and one line here."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from bot.channels.surroundings import Surroundings
from bot.domain.errors import ConfigurationError
from bot.domain.ports import Channel
from bot.settings import Settings

# Imported on first use: nobody pays for a vendor's library whose channel is not in use.
CHANNELS: Final = {
    "sms": "bot.channels.sms.SmsChannel",
    "whatsapp": "bot.channels.whatsapp.WhatsAppChannel",
    "telegram": "bot.channels.telegram.TelegramChannel",
    "call": "bot.channels.call.CallChannel",
}


def build_channel(name: str, settings: Settings, surroundings: Surroundings | None = None) -> Channel:
    """A channel by its name. Raises ConfigurationError for one that there is not. Needs no credentials until it sends."""
    if name not in CHANNELS:
        raise ConfigurationError(f"there is no channel {name!r}: use one of {', '.join(CHANNELS)}")
    module, _, class_name = CHANNELS[name].rpartition(".")
    channel: Channel = getattr(import_module(module), class_name)(settings, surroundings or Surroundings())
    return channel
