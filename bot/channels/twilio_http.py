"""The HTTP client under twilio's own: it can aim anywhere, waits a bounded time, logs nothing, and says what a failure means.

Source: twilio 9.13 keeps its domains fixed; its documented way out is a custom HttpClient (channels.md, read November 2026).
"""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from requests import Response as RequestsResponse
from requests import exceptions as http
from requests.adapters import HTTPAdapter
from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from urllib3 import exceptions as sockets
from urllib3.util import Timeout

from bot.domain.errors import AmbiguousSendError, PassingSendError, SenderConfigurationError, SendError

CONNECT_S: Final = 5.0
TOTAL_S: Final = 15.0
MOST_CONNECTIONS: Final = 48
"""As many threads as send at once; more than these would open a connection for every message."""
_REDIRECTED: Final = 300
_TOO_MANY: Final = 429
_SERVER_FAILED: Final = 500
# Asking for an approval gives a status and no SID, and may be asked again.
_NAMELESS: Final = "/ApprovalRequests/whatsapp"
# Asked twice they do no more than once, and what they give may be empty.
_REPEATABLE: Final = frozenset({"GET", "DELETE"})


class AimedHttpClient(TwilioHttpClient):  # type: ignore[misc]
    """Sends what is meant for Twilio's hosts to another address, `https://host[:port][/prefix]`; '' leaves them alone."""

    def __init__(self, base_url: str = "") -> None:
        super().__init__()
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, HTTPAdapter(pool_maxsize=MOST_CONNECTIONS))
        # What requests hands on to urllib3, which alone can bound the whole.
        self.timeout: Any = Timeout(connect=CONNECT_S, total=TOTAL_S)
        self._base = urlsplit(base_url) if base_url else None

    def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002 - twilio passes none; the bound is ours
        allow_redirects: bool = False,
    ) -> Response:
        """Make a request. Raises PassingSendError, AmbiguousSendError or SenderConfigurationError where no answer can be had."""
        failure: SendError
        try:
            response = super().request(method, self.aimed(url), params, data, headers, auth, None, allow_redirects)
        except http.RequestException as error:
            failure = _meaning(error, harmless=method.upper() in _REPEATABLE)
        else:
            refusal = _refusal(response, harmless=method.upper() in _REPEATABLE or url.endswith(_NAMELESS))
            if refusal is None:
                return response
            failure = refusal
        # Raised here so that no vendor's text, which may hold an address, hangs on it as its context.
        raise failure

    def aimed(self, url: str) -> str:
        """The address that a request really goes to."""
        if self._base is None:
            return url
        parts = urlsplit(url)
        return urlunsplit((self._base.scheme, self._base.netloc, self._base.path.rstrip("/") + parts.path, parts.query, ""))

    def log_request(self, kwargs: dict[str, Any]) -> None:
        """Nothing: a query may hold a person's number."""

    def log_response(self, status_code: int, response: RequestsResponse) -> None:
        """Nothing."""

    def close(self) -> None:
        """Let go of the connections."""
        if self.session is not None:
            self.session.close()


def _meaning(error: http.RequestException, *, harmless: bool) -> SendError:
    """What a request without an answer means: whether anything can have left."""
    if isinstance(error, http.InvalidURL | http.MissingSchema | http.InvalidSchema):
        return SenderConfigurationError("BATEA_TWILIO_API_URL is no address", code="url")
    reason = getattr(error.args[0], "reason", None) if error.args else None
    never_left = isinstance(error, http.ConnectTimeout | http.SSLError | http.ProxyError) or isinstance(
        reason, sockets.NewConnectionError
    )
    if never_left or harmless:
        return PassingSendError("Twilio cannot be reached", code="network")
    return AmbiguousSendError("Twilio's answer was lost", code="network")


def _refusal(response: Response, *, harmless: bool) -> SendError | None:
    """A failure that Twilio's client could not tell apart, or whose headers it drops; None where it may go on."""
    status = int(response.status_code)
    if status == _TOO_MANY:
        return PassingSendError("Twilio asks to wait", code=code_in(response, "20429"), retry_after_s=_retry_after(response))
    if status >= _SERVER_FAILED:
        code = code_in(response, str(status))
        if harmless:
            return PassingSendError("Twilio has an outage", code=code)
        return AmbiguousSendError("Twilio failed while it took the message", code=code)
    if status < _REDIRECTED and not harmless and not isinstance(_fields(response).get("sid"), str):
        return AmbiguousSendError("Twilio's answer names no message", code="answer")
    return None


def _fields(response: Response) -> dict[str, Any]:
    try:
        fields = json.loads(response.text)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def code_in(response: Response, default: str = "") -> str:
    """Twilio's code in an answer, else the default."""
    code = _fields(response).get("code")
    return str(code) if isinstance(code, int) else default


def _retry_after(response: Response) -> float | None:
    seconds = (response.headers or {}).get("Retry-After", "")
    return float(seconds) if seconds.isascii() and seconds.isdecimal() else None
