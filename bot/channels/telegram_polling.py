"""Fetching Telegram's updates ourselves: for a first try without a public address."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Protocol

from bot.channels import telegram_updates
from bot.channels.telegram import TelegramChannel
from bot.domain.errors import ConfigurationError, SenderConfigurationError, SendError, StorageError
from bot.domain.message import Rendered
from bot.domain.ports import Channel, Clock, Notebook, WebhookEvents
from bot.domain.turn import Receiver

FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0
_MOST_TRIES: Final = 3
_SENDING_THREADS: Final = 4


class Postman(Protocol):
    """Sends rows of the ledger."""

    def send(self, message_ids: Sequence[str]) -> int:
        """Send those rows now."""
        ...


class TelegramPolling:
    """Polls in a thread of its own from the moment it is made until `stop`. An unreachable Telegram only makes it wait."""

    def __init__(self, channel: Channel, receiver: Receiver, sender: Postman, clock: Clock, notebook: Notebook) -> None:
        if not isinstance(channel, TelegramChannel):
            raise ConfigurationError("only Telegram can be polled")
        self._channel = channel
        self._receiver = receiver
        self._sender = sender
        self._clock = clock
        self._notebook = notebook
        self._stopping = threading.Event()
        self._done: int | None = None
        self._tries = 0
        self._senders = ThreadPoolExecutor(_SENDING_THREADS, "telegram-send")
        self._thread = threading.Thread(target=self._run, name="telegram-poll", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the wait for updates, finish what is being sent, let go of the connections."""
        self._stopping.set()
        while self._thread.is_alive():
            # Again and again: the thread may be about to begin a wait just now.
            self._channel.bot.interrupt()
            self._thread.join(0.1)
        self._senders.shutdown(wait=True)
        self._channel.close()

    def _run(self) -> None:
        pause_s = FIRST_PAUSE_S
        webhook_removed = False
        while not self._stopping.is_set():
            try:
                if not webhook_removed:
                    self._channel.bot.remove_webhook()
                    webhook_removed = True
                updates = self._channel.bot.updates(self._done)
            except SenderConfigurationError as error:
                self._notebook.event("telegram_polling_ended", channel="telegram", code=error.code)
                return
            except SendError as error:
                if self._stopping.wait(max(pause_s, error.retry_after_s or 0.0)):
                    return
                self._notebook.event("telegram_unreachable", channel="telegram", code=error.code)
                pause_s = min(LONGEST_PAUSE_S, 2 * pause_s)
                continue
            pause_s = FIRST_PAUSE_S
            if not self._take(updates):
                self._stopping.wait(FIRST_PAUSE_S)

    def _take(self, updates: Sequence[dict[str, Any]]) -> bool:
        """Hand updates on, in order; False where one has to come again."""
        for update in updates:
            number = telegram_updates.update_id(update)
            if number is None or self._stopping.is_set():
                continue
            if not self._handled(update):
                return False
            self._done, self._tries = number, 0
        return True

    def _handled(self, update: dict[str, Any]) -> bool:
        """Whether an update is done with. A database that cannot be used keeps it waiting; a fault of ours only so often."""
        try:
            self._receive(telegram_updates.parse(update, self._clock.now()))
        except StorageError:
            self._notebook.event("webhook_not_stored", channel="telegram")
            return False
        except Exception as error:  # noqa: BLE001 - one update that breaks us must not keep all others from coming
            self._tries += 1
            self._notebook.event("update_failed", channel="telegram", kind=type(error).__name__)
            return self._tries >= _MOST_TRIES
        return True

    def _receive(self, events: WebhookEvents) -> None:
        message_ids: list[str] = []
        for inbound in events.inbound:
            message_ids += self._receiver.receive(inbound).result().message_ids
        for call in events.acknowledgements:
            self._senders.submit(self._acknowledge, call)
        if message_ids:
            self._senders.submit(self._send, message_ids)

    def _send(self, message_ids: Sequence[str]) -> None:
        try:
            self._sender.send(message_ids)
        except StorageError:
            # The rows stand in the ledger: the sweep takes them.
            self._notebook.event("reply_left_to_sweep", channel="telegram")

    def _acknowledge(self, call: Rendered) -> None:
        try:
            self._channel.send(call)
        except SendError as error:
            self._notebook.event("acknowledgement_failed", channel="telegram", code=error.code)
