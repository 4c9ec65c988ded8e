"""The table of channels. A new one is a file of its own and one line here."""

from __future__ import annotations

import threading
from collections.abc import Callable
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


class OpenChannels:
    """Each channel is made when it is first needed, once, whichever thread needs it."""

    def __init__(self, make: Callable[[str], Channel]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: dict[str, Channel] = {}

    def get(self, name: str) -> Channel:
        """A channel by its name."""
        with self._lock:
            if name not in self._made:
                self._made[name] = self._make(name)
            return self._made[name]

    def close(self) -> None:
        """Let go of all that were made."""
        with self._lock:
            for channel in self._made.values():
                channel.close()
            self._made.clear()
