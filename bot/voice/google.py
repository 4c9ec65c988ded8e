"""The online voice, through the service that gTTS speaks to: for catalogue texts only, and only where somebody asked for it.

gTTS cuts a text into requests and packs them; sending is done here, because its own way checks no certificate, waits for ever,
sends the parts without a pause and takes a page of HTML for silence (gTTS 2.5.4, `gtts/tts.py`, read November 2026).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from threading import Lock
from typing import Any, Final

import numpy as np
import requests
from gtts import gTTS

from bot.domain.errors import AudioError, SpeakingError
from bot.voice.loudness import as_pcm
from bot.voice.speaking import MAX_SPEECH_CHARS, Pcm, speakable
from bot.voice.transcoding import decode

_PATH: Final = "/_/TranslateWebserverUi/data/batchexecute"
_RATE_HZ: Final = 24_000
_TIMEOUT_S: Final = (5.0, 10.0)  # to connect, and between two bytes
_PART_LIMIT_S: Final = 20.0
_SPACING_S: Final = 1.0
_REST_S: Final = 600.0
_FAILURES_BEFORE_REST: Final = 3
_LIMIT_BYTES: Final = 2_000_000
_FASTEST_CHARS_PER_S: Final = 40.0  # nobody speaks faster: something is missing
_REFUSALS: Final = frozenset({302, 303, 403, 429})


class Google:
    """Spanish through the service behind gTTS. Rests ten minutes after a refusal, or after three failures in a row."""

    name = "gtts"

    def __init__(
        self,
        address: str,
        *,
        spacing_s: float = _SPACING_S,
        timeout_s: tuple[float, float] = _TIMEOUT_S,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        try:
            self.version = f"{version('gTTS')}-es"
        except PackageNotFoundError:
            self.version = "absent"
        self._url = address.rstrip("/") + _PATH
        self._spacing_s = spacing_s
        self._timeout_s = timeout_s
        self._clock = clock
        self._sleep = sleep
        self._lock = Lock()
        self._session: requests.Session | None = None
        self._next_at = 0.0
        self._rests_until = 0.0
        self._failures = 0

    def speak(self, text: str, *, slow: bool) -> Pcm:
        """Say it. Raises SpeakingError for every way in which the service fails, and at once while it rests."""
        handed = speakable(text)
        if not handed or len(handed) > MAX_SPEECH_CHARS:
            raise SpeakingError(f"gTTS says 1 to {MAX_SPEECH_CHARS} characters, not {len(handed)}")
        with self._lock:
            if self._clock() < self._rests_until:
                raise SpeakingError("gTTS refused or failed a while ago and is left in peace")
            try:
                sound = np.concatenate([self._part(body) for body in _bodies(handed, slow=slow)])
            except SpeakingError:
                self._failures += 1
                if self._failures >= _FAILURES_BEFORE_REST:
                    self._rests_until = self._clock() + _REST_S
                raise
            self._failures = 0
        pcm = as_pcm(sound, _RATE_HZ)
        if len(handed) / pcm.duration_s > _FASTEST_CHARS_PER_S:
            raise SpeakingError(f"gTTS said {len(handed)} characters in {pcm.duration_s:.1f} s: something is missing")
        return pcm

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            if self._session is not None:
                self._session.close()
                self._session = None

    def _part(self, body: str) -> np.ndarray[Any, np.dtype[np.float32]]:
        """The sound of one request."""
        self._sleep(max(0.0, self._next_at - self._clock()))
        try:
            answer = self._post(body)
        except requests.RequestException as error:
            raise SpeakingError(f"gTTS cannot be reached: {type(error).__name__}") from error
        finally:
            self._next_at = self._clock() + self._spacing_s
        try:
            return decode(_sound(answer), rate=_RATE_HZ)
        except AudioError as error:
            raise SpeakingError(f"gTTS sent no sound: {error}") from error

    def _post(self, body: str) -> str:
        """The text that the service answers, at most 2 MB of it, within 20 s in all."""
        if self._session is None:
            self._session = requests.Session()
        headers = gTTS.GOOGLE_TTS_HEADERS
        ends_at = self._clock() + _PART_LIMIT_S
        # A redirect leads to a page that checks for robots: it is a refusal, and is not followed.
        asked = self._session.post(
            self._url, data=body, headers=headers, timeout=self._timeout_s, stream=True, allow_redirects=False
        )
        with asked as response:
            if response.status_code in _REFUSALS:
                self._rests_until = self._clock() + _REST_S
            if response.status_code != requests.codes.ok:
                raise SpeakingError(f"gTTS answered {response.status_code}")
            got = bytearray()
            for piece in response.iter_content(1 << 14):
                got += piece
                if len(got) > _LIMIT_BYTES or self._clock() > ends_at:
                    raise SpeakingError("gTTS answers without an end")
        return got.decode("utf-8", "replace")


def _bodies(text: str, *, slow: bool) -> list[str]:
    """The request bodies for a text, as gTTS packs them."""
    try:
        packed = gTTS(text, lang="es", slow=slow, lang_check=False, tokenizer_func=_phrases)
        return [str(body) for body in packed.get_bodies()]
    except AssertionError as error:  # its way to say that nothing is left to speak
        raise SpeakingError("gTTS finds nothing to say in the text") from error


def _phrases(text: str) -> list[str]:
    """A text in pieces of at most 100 characters, cut where a speaker would breathe.

    gTTS's own way cuts at every comma, so that a telephone number becomes ten requests.
    """
    phrases = [""]
    for breath in re.findall(r"[^.,;:?!]+[.,;:?!]*\s*", text):
        if len(phrases[-1]) + len(breath) > gTTS.GOOGLE_TTS_MAX_CHARS:
            phrases.append("")
        phrases[-1] += breath
    return [phrase.strip() for phrase in phrases if phrase.strip()]


def _sound(answer: str) -> bytes:
    """The MP3 in an answer: a line of JSON among others, holding the code of the call and a JSON list of base64 strings."""
    for line in answer.splitlines():
        if gTTS.GOOGLE_TTS_RPC not in line:
            continue
        try:
            envelopes = json.loads(line)
            payload = next(each[2] for each in envelopes if each[:2] == ["wrb.fr", gTTS.GOOGLE_TTS_RPC])
            return base64.b64decode(json.loads(payload)[0], validate=True)
        except (ValueError, TypeError, LookupError, StopIteration, binascii.Error):
            break
    raise SpeakingError("gTTS answered without sound: a page to check for robots, or another format")
