"""python-telegram-bot's client with what Batea needs of it: raw answers, an address to aim at, silence in the logs.

Its own reading of an answer rejects what lacks a field that became mandatory later; a message that Telegram took must not
count as lost for that, so answers stay JSON here.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from typing import Any, Final

import httpx
from telegram import Bot, InputFile
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, TelegramError
from telegram.request import HTTPXRequest

from bot.channels.media import MOST_BYTES, TOTAL_S, bounded, check_answer
from bot.domain.errors import (
    AmbiguousSendError,
    MediaError,
    PassingSendError,
    PermanentSendError,
    SenderConfigurationError,
    SendError,
    UnreachableError,
)

OFFICIAL_API: Final = "https://api.telegram.org"
CONNECT_S: Final = 5.0
READ_S: Final = 10.0
UPLOAD_S: Final = 20.0
# At its own level httpx logs every address it calls, and Telegram's addresses hold the token.
logging.getLogger("httpx").setLevel(logging.WARNING)

_FILE_PATH: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,199}", re.ASCII)
_CONNECTIONS: Final = 32
_THROTTLED: Final = 429
_SHORTEST_WAIT_S: Final = 1.0
_NEVER_LEFT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)


class ThrottledError(TelegramError):
    """Telegram asks to wait; `retry_after_s` in seconds. The library's own error warns about itself when it is made."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("throttled")
        self.retry_after_s = retry_after_s


class QuietRequest(HTTPXRequest):
    """The library's HTTP client, which would write an unreadable answer, addresses and all, into the log."""

    def __init__(self) -> None:
        super().__init__(
            connection_pool_size=_CONNECTIONS,
            connect_timeout=CONNECT_S,
            read_timeout=READ_S,
            write_timeout=READ_S,
            pool_timeout=READ_S,
            media_write_timeout=UPLOAD_S,
        )

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Make one request. Raises ThrottledError for a 429."""
        status, payload = await super().do_request(*args, **kwargs)
        if status == _THROTTLED:
            raise ThrottledError(_retry_after_s(payload))
        return status, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Read an answer. Raises TelegramError where it is no JSON object."""
        try:
            answer = json.loads(payload.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise TelegramError("the answer is no JSON object") from None
        return answer


class RawBot(Bot):
    """A bot whose calls return what Telegram said, unread."""

    def __init__(self, token: str, api_url: str) -> None:
        base = api_url or OFFICIAL_API
        super().__init__(
            token,
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=QuietRequest(),
            get_updates_request=QuietRequest(),
        )

    async def call(self, method: str, params: dict[str, object], read_timeout_s: float = READ_S) -> Any:
        """Call a method of the Bot API by its name; returns its `result`. Raises TelegramError."""
        return await self._post(method, dict(params), read_timeout=read_timeout_s)

    async def disconnect(self) -> None:
        """Close the connections; the library's own `shutdown` does so only after a `getMe`."""
        await asyncio.gather(*(request.shutdown() for request in self._request))


async def download(bot: RawBot, file: object) -> bytes:
    """The file that an answer to getFile points at. Raises MediaError.

    The library's own download takes whatever comes into memory, however much.
    """
    path = file.get("file_path") if isinstance(file, dict) else None
    if not isinstance(path, str) or not _FILE_PATH.fullmatch(path) or ".." in path:
        raise MediaError("Telegram names no file", code="gone")
    try:
        async with httpx.AsyncClient(timeout=httpx.Timeout(READ_S, connect=CONNECT_S), trust_env=False) as client:
            return await asyncio.wait_for(_streamed(client, f"{bot.base_file_url}/{path}"), TOTAL_S)
    except (httpx.HTTPError, TimeoutError):
        pass
    # Raised here so that the library's error, which holds the token, does not hang on it as its context.
    raise MediaError("Telegram cannot be reached", code="network")


async def _streamed(client: httpx.AsyncClient, url: str) -> bytes:
    async with client.stream("GET", url) as answer:
        if answer.status_code == _THROTTLED or answer.is_server_error:
            raise MediaError("Telegram cannot give the file now", code="network")
        if answer.status_code != httpx.codes.OK:
            raise MediaError("Telegram no longer has the file", code="gone")
        check_answer(answer.headers.get("content-type", ""), answer.headers.get("content-length", ""))
        chunks: list[bytes] = []
        size = 0
        async for chunk in answer.aiter_bytes():
            size += len(chunk)
            chunks.append(chunk)
            if size > MOST_BYTES:
                break
        return bounded(chunks)


def upload(content: bytes, filename: str) -> InputFile:
    """A file as a parameter of a call."""
    return InputFile(content, filename=filename, attach=True)


def meaning(error: TelegramError) -> SendError:
    """What an error of the library means for a message. Its text is left behind: it may hold the token or an address."""
    if isinstance(error, ThrottledError):
        return PassingSendError("Telegram asks to wait", code="429", retry_after_s=error.retry_after_s)
    if isinstance(error, Forbidden):
        return UnreachableError("the person blocked the bot, or never wrote to it", code="403")
    if isinstance(error, InvalidToken):
        return SenderConfigurationError("Telegram refuses BATEA_TELEGRAM_TOKEN: ask BotFather for it", code="401")
    if isinstance(error, BadRequest | ChatMigrated):
        return PermanentSendError("Telegram cannot deliver this message to this chat", code="400")
    if isinstance(error, NetworkError) and isinstance(error.__cause__, _NEVER_LEFT):
        return PassingSendError("Telegram cannot be reached", code="network")
    return AmbiguousSendError("Telegram's answer was lost", code="network")


def _retry_after_s(payload: bytes) -> float:
    try:
        seconds = json.loads(payload)["parameters"]["retry_after"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return _SHORTEST_WAIT_S
    return max(float(seconds), _SHORTEST_WAIT_S) if isinstance(seconds, int | float) else _SHORTEST_WAIT_S
