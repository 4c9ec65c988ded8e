"""Fetching what people sent from Twilio, which keeps it behind our own credentials and redirects to a store elsewhere."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

import requests

from bot.channels.media import TOTAL_S, bounded, check_answer, check_declared
from bot.channels.twilio_http import CONNECT_S, AimedHttpClient
from bot.channels.twilio_http import TOTAL_S as READ_S
from bot.domain.errors import MediaError
from bot.domain.message import Media
from bot.settings import Settings

# Source: https://www.twilio.com/docs/messaging/api/media-resource: media live below api.twilio.com (read November 2026).
_TWILIO: Final = ".twilio.com"
_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9.:-]+/[!-~]{1,2000}", re.ASCII)
_MOST_REDIRECTS: Final = 5
_CHUNK_BYTES: Final = 65_536
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_OK: Final = 200
_TOO_MANY: Final = 429
_SERVER_FAILED: Final = 500


class TwilioMedia:
    """Gives credentials to Twilio's hosts only (and to the stand-in of BATEA_TWILIO_API_URL), and to none over plain HTTP.

    The stand-in may be plain, and so may then be what its own host redirects to.
    """

    def __init__(self, settings: Settings) -> None:
        self._auth = (settings.twilio_account_sid, settings.twilio_auth_token)
        self._stand_in = urlsplit(settings.twilio_api_url) if settings.twilio_api_url else None
        self._aim = AimedHttpClient(settings.twilio_api_url).aimed

    def fetch(self, media: Media) -> bytes:
        """The file, at most 16 MB. Raises MediaError."""
        check_declared(media)
        url = self._kept(media.reference)
        end = time.monotonic() + TOTAL_S
        with requests.Session() as session:
            # Nothing of this machine's own configuration: no .netrc, no proxy that would see the credentials.
            session.trust_env = False
            try:
                return self._followed(session, url, end)
            except requests.RequestException:
                pass
            except ValueError:
                raise MediaError("the file is redirected to what is no address", code="gone") from None
        # Raised here so that the library's error, which holds the address, does not hang on it as its context.
        raise MediaError("Twilio cannot be reached", code="network")

    def _kept(self, reference: str) -> str:
        """Where to ask for a file. Raises MediaError for an address that is neither Twilio's nor the stand-in's."""
        if _ADDRESS.fullmatch(reference):
            parts = urlsplit(reference)
            if _is_twilios(parts):
                return self._aim(reference)
            if self._stand_in is not None and self._trusted(parts):
                return reference
        # Whoever could make us fetch what they like could make us ask within our own network.
        raise MediaError("the file is not kept by Twilio", code="host")

    def _followed(self, session: requests.Session, url: str, end: float) -> bytes:
        for _ in range(_MOST_REDIRECTS + 1):
            self._check(urlsplit(url))
            auth = self._auth if self._trusted(urlsplit(url)) else None
            with session.get(url, auth=auth, stream=True, allow_redirects=False, timeout=(CONNECT_S, READ_S)) as answer:
                if answer.status_code not in _REDIRECTS:
                    return _read(answer, end)
                url = urljoin(url, answer.headers.get("location", ""))
        raise MediaError("the file is redirected for ever", code="gone")

    def _check(self, parts: SplitResult) -> None:
        plain_allowed = self._stand_in is not None and self._stand_in.scheme == "http"
        own = self._stand_in is not None and parts.hostname == self._stand_in.hostname
        if parts.scheme != "https" and not (parts.scheme == "http" and plain_allowed and own):
            raise MediaError("the file is redirected to an address that is not secure", code="host")

    def _trusted(self, parts: SplitResult) -> bool:
        """Whether that server may see the credentials."""
        if self._stand_in is not None:
            return (parts.scheme, parts.netloc) == (self._stand_in.scheme, self._stand_in.netloc)
        return _is_twilios(parts)


def _is_twilios(parts: SplitResult) -> bool:
    return parts.scheme == "https" and "@" not in parts.netloc and parts.netloc.removesuffix(":443").endswith(_TWILIO)


def _read(answer: requests.Response, end: float) -> bytes:
    if answer.status_code == _TOO_MANY or answer.status_code >= _SERVER_FAILED:
        raise MediaError("Twilio cannot give the file now", code="network")
    if answer.status_code != _OK:
        raise MediaError("Twilio no longer has the file, or refuses it", code="gone")
    check_answer(answer.headers.get("content-type", ""), answer.headers.get("content-length", ""))
    return bounded(_until(answer, end))


def _until(answer: requests.Response, end: float) -> Iterator[bytes]:
    """The chunks of an answer; MediaError where they drip too slowly."""
    for chunk in answer.iter_content(_CHUNK_BYTES):
        if time.monotonic() > end:
            raise MediaError("the file comes too slowly", code="network")
        yield chunk
