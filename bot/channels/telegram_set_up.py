"""Telling Telegram where to post, and learning our name there: tried again until Telegram can be reached."""

from __future__ import annotations

import threading
from typing import Final

from bot.channels.telegram import TelegramChannel
from bot.domain.errors import AmbiguousSendError, ConfigurationError, PassingSendError, SendError
from bot.domain.ports import Channel, Notebook

FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0
LONGEST_STOP_S: Final = 2.0


class TelegramSetUp:
    """Works in a thread of its own from the moment it is made until it is done, or until `stop`.

    With `webhook` Telegram is told where to post. What it refuses is not tried again.
    """

    def __init__(self, channel: Channel, notebook: Notebook, *, webhook: bool, first_pause_s: float = FIRST_PAUSE_S) -> None:
        if not isinstance(channel, TelegramChannel):
            raise ConfigurationError("only Telegram is set up like that")
        self._bot = channel.bot
        self._notebook = notebook
        self._left = [*([self._bot.register_webhook] if webhook else []), self._bot.learn_name]
        self._first_pause_s = first_pause_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="telegram-set-up", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Try no more. A try that is being made is waited for shortly; then it ends with the connections."""
        self._stopping.set()
        self._thread.join(LONGEST_STOP_S)

    def _run(self) -> None:
        pause_s = self._first_pause_s
        while self._left and not self._stopping.is_set():
            try:
                self._left[0]()
            except (PassingSendError, AmbiguousSendError) as error:
                self._told(error)
                if self._stopping.wait(max(pause_s, error.retry_after_s or 0.0)):
                    return
                pause_s = min(LONGEST_PAUSE_S, 2 * pause_s)
            except SendError as error:
                self._told(error)
                self._left.pop(0)
            else:
                self._left.pop(0)

    def _told(self, error: SendError) -> None:
        self._notebook.event("telegram_not_set_up", code=error.code, kind=type(error).__name__)
