"""One bot, spoken to from threads: sends, polls, registers its webhook."""

from __future__ import annotations

import threading
import time
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot.channels.event_loop import EventLoopThread
from bot.channels.media import TOTAL_S
from bot.channels.surroundings import Surroundings
from bot.channels.telegram_updates import ALLOWED
from bot.domain.errors import (
    AmbiguousSendError,
    MediaError,
    PassingSendError,
    PermanentSendError,
    SenderConfigurationError,
    SendError,
)
from bot.domain.message import Rendered
from bot.settings import Settings

if TYPE_CHECKING:
    # Half a second and 30 MB, which only a Batea that speaks to Telegram pays.
    from bot.channels.telegram_client import RawBot

WEBHOOK_PATH: Final = "/webhooks/telegram"
_MOST_S: Final = 15.0
_MOST_UPLOAD_S: Final = 40.0
_POLL_S: Final = 25
_POLLING: Final = "getUpdates"
_FILES: Final = {"sendVoice": "voice", "sendPhoto": "photo"}
"""The methods that send a file, and their parameter for it."""


class TelegramBot:
    """Made without a connection; the library is loaded and the thread started at the first call."""

    def __init__(self, settings: Settings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._file_ids = surroundings.file_ids
        self._names = surroundings.names
        self._thread = EventLoopThread("telegram")
        self._lock = threading.Lock()
        self._client: RawBot | None = None
        self._polling: Future[Any] | None = None
        self._silent_until = 0.0

    def send(self, rendered: Rendered) -> str:
        """Make one rendered call; returns the message's number in its chat, '' for what is no message. Raises a SendError."""
        self._obey_silence()
        method = rendered.api.removeprefix("telegram.")
        if method in _FILES:
            return self._send_file(method, rendered.params)
        return _number(self.call(method, rendered.params))

    def call(self, method: str, params: dict[str, object], most_s: float = _MOST_S, read_s: float = _MOST_S) -> Any:
        """Call a method of the Bot API; returns its result as JSON. Raises a SendError."""
        client = self._connected()
        from telegram.error import TelegramError  # noqa: PLC0415 - see above

        from bot.channels.telegram_client import meaning  # noqa: PLC0415 - see above

        failure: SendError
        try:
            waiting = self._thread.start(client.call(method, params, read_s), most_s)
            if method == _POLLING:
                self._polling = waiting
            return waiting.result()
        except TelegramError as error:
            failure = meaning(error)
        except TimeoutError:
            failure = AmbiguousSendError("Telegram took too long", code="timeout")
        except CancelledError:
            failure = PassingSendError("the call was given up", code="stopped")
        if isinstance(failure, PassingSendError) and failure.retry_after_s and method != _POLLING:
            self._silent_until = max(self._silent_until, time.monotonic() + failure.retry_after_s)
        # Raised here so that the library's error, which may hold the token, does not hang on it as its context.
        raise failure

    def download(self, file_id: str) -> bytes:
        """A file that somebody sent, at most 16 MB. Raises MediaError."""
        from bot.channels.telegram_client import download  # noqa: PLC0415 - see above

        try:
            file = self.call("getFile", {"file_id": file_id})
        except SendError as error:
            code = "gone" if isinstance(error, PermanentSendError) else "network"
            raise MediaError("Telegram does not give the file", code=code) from None
        try:
            return self._thread.start(download(self._connected(), file), TOTAL_S + 1).result()
        except (TimeoutError, CancelledError):
            raise MediaError("the file comes too slowly", code="network") from None

    def updates(self, after: int | None, wait_s: int = _POLL_S) -> list[dict[str, Any]]:
        """Fetch updates, waiting for one at most that long; those up to `after` are done with. Raises a SendError."""
        params: dict[str, object] = {"timeout": wait_s, "allowed_updates": list(ALLOWED)}
        if after is not None:
            params["offset"] = after + 1
        found = self.call(_POLLING, params, most_s=wait_s + _MOST_S, read_s=wait_s + _MOST_S / 2)
        return [update for update in found if isinstance(update, dict)] if isinstance(found, list) else []

    def interrupt(self) -> None:
        """End the wait of `updates`, from another thread."""
        if self._polling is not None:
            self._polling.cancel()

    def learn_name(self) -> None:
        """Ask Telegram under which name people find the bot, for the other channels to tell. Raises a SendError."""
        me = self.call("getMe", {})
        name = me.get("username") if isinstance(me, dict) else None
        if isinstance(name, str) and name:
            self._names["telegram"] = f"@{name}"

    def register_webhook(self) -> None:
        """Tell Telegram where to post updates, and with which secret. Raises a SendError."""
        if not self._settings.telegram_webhook_secret:
            raise SenderConfigurationError("set BATEA_TELEGRAM_WEBHOOK_SECRET to receive updates by webhook", code="secret")
        self.call(
            "setWebhook",
            {
                "url": self._settings.public_url + WEBHOOK_PATH,
                "secret_token": self._settings.telegram_webhook_secret,
                "allowed_updates": list(ALLOWED),
            },
        )

    def remove_webhook(self) -> None:
        """Make polling possible: Telegram refuses it while a webhook is registered. Raises a SendError."""
        self.call("deleteWebhook", {})

    def close(self) -> None:
        """Let go of the connections and the thread."""
        with self._lock:
            if self._client is not None:
                self._thread.start(self._client.disconnect(), _MOST_S).result()
                self._client = None
        self._thread.close()

    def _connected(self) -> RawBot:
        with self._lock:
            if self._client is None:
                if not self._settings.telegram_token:
                    raise SenderConfigurationError("set BATEA_TELEGRAM_TOKEN to speak to Telegram", code="credentials")
                from bot.channels.telegram_client import RawBot  # noqa: PLC0415 - see above

                self._client = RawBot(self._settings.telegram_token, self._settings.telegram_api_url)
            return self._client

    def _obey_silence(self) -> None:
        """One 429 counts for the whole bot: going on would only lengthen it."""
        left = self._silent_until - time.monotonic()
        if left > 0:
            raise PassingSendError("Telegram asked to wait", code="429", retry_after_s=left)

    def _send_file(self, method: str, params: dict[str, object]) -> str:
        """Send a file by the id that Telegram gave it; upload it where there is none, or where it is no longer known."""
        field = _FILES[method]
        path = Path(str(params[field]))
        known = self._file_ids.get(path.name)
        if known:
            try:
                return _number(self.call(method, {**params, field: known}))
            except PermanentSendError as error:
                if error.code != "400":
                    raise
                self._file_ids.pop(path.name, None)
        try:
            content = path.read_bytes()
        except OSError:
            content = b""
        if not content:
            raise PermanentSendError("the file is no longer on disk", code="clip")
        from bot.channels.telegram_client import upload  # noqa: PLC0415 - see above

        sent = self.call(method, {**params, field: upload(content, path.name)}, most_s=_MOST_UPLOAD_S)
        if file_id := _file_id(sent):
            self._file_ids[path.name] = file_id
        return _number(sent)


def _number(result: object) -> str:
    number = result.get("message_id") if isinstance(result, dict) else None
    return str(number) if isinstance(number, int) else ""


def _file_id(result: object) -> str:
    """Of a photo Telegram names several sizes, the largest last."""
    for kind in ("voice", "audio", "document", "photo"):
        file = result.get(kind) if isinstance(result, dict) else None
        file = file[-1] if isinstance(file, list) and file else file
        if isinstance(file, dict) and isinstance(file.get("file_id"), str):
            return str(file["file_id"])
    return ""
