"""Rasa as a service: the same sentences, trained by Rasa and asked over HTTP, with the embedded engine to fall back on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final

import requests

from bot.domain.errors import UnderstandingError
from bot.domain.ports import Understander
from bot.domain.understanding import Alarm, Guess, Understood
from bot.nlu.model import Thresholds
from bot.nlu.verdict import understood

THRESHOLDS: Final = Thresholds(reject=0.35, margin=0.12)
"""DIET's own: its confidences are not comparable with the embedded engine's."""
TIMEOUT_S: Final = 0.5
FAILURES_TOLERATED: Final = 3
REST_S: Final = 30.0
MAX_CHARS: Final = 1000


class Breaker:
    """Opens after some failures in a row, and lets one try through when it has rested."""

    def __init__(self, clock: Callable[[], float], failures: int = FAILURES_TOLERATED, rest_s: float = REST_S) -> None:
        self._clock = clock
        self._tolerated = failures
        self._rest_s = rest_s
        self._failures = 0
        self._closed_at = 0.0
        self._lock = threading.Lock()

    @property
    def open(self) -> bool:
        """Whether the service should be left alone now."""
        with self._lock:
            return self._failures >= self._tolerated and self._clock() < self._closed_at

    def failed(self) -> None:
        """Count a failure."""
        with self._lock:
            self._failures += 1
            self._closed_at = self._clock() + self._rest_s

    def succeeded(self) -> None:
        """Forget the failures."""
        with self._lock:
            self._failures = 0


class RasaEngine:
    """An `Understander` that asks Rasa; the alarm is always our own rules', and so is every answer while Rasa is away.

    `model` names the model file that must be loaded (`/status`): Rasa starts with another one, without a word, when that
    which it was given is missing. '' takes any that is loaded at all.
    """

    name = "rasa"

    def __init__(
        self,
        url: str,
        fallback: Understander,
        *,
        model: str = "",
        timeout_s: float = TIMEOUT_S,
        thresholds: Thresholds = THRESHOLDS,
        clock: Callable[[], float] = time.monotonic,
        rest_s: float = REST_S,
    ) -> None:
        self._url = url.rstrip("/")
        self._fallback = fallback
        self._model = model
        self._timeout_s = timeout_s
        self._thresholds = thresholds
        self._breaker = Breaker(clock, rest_s=rest_s)
        self._local = threading.local()
        self._checked = False

    def alarm(self, text: str) -> Alarm:
        """Danger and unsafe requests, by rule."""
        return self._fallback.alarm(text)

    def parse(self, text: str) -> Understood:
        """Rasa's verdict, or the embedded engine's (its name says so) when Rasa is slow, away, or has the wrong model."""
        if self._breaker.open:
            return self._fallback.parse(text)
        try:
            if not self._checked:
                self.check()
            ranking = _ranking(self._call("POST", "/model/parse", {"text": text[:MAX_CHARS]}))
        except UnderstandingError:
            self._checked = False
            self._breaker.failed()
            return self._fallback.parse(text)
        self._breaker.succeeded()
        return understood(text, ranking, self.alarm(text), self._thresholds, self.name)

    def check(self) -> str:
        """The name of the loaded model. Raises UnderstandingError when Rasa is away, or has none, or another than it should."""
        loaded = self._call("GET", "/status", None).get("model_file") or ""
        name = str(loaded).replace("\\", "/").rpartition("/")[2]
        if not name:
            raise UnderstandingError("Rasa has no model loaded: run make rasa")
        if self._model and name != self._model:
            raise UnderstandingError(f"Rasa has {name} loaded, not {self._model}: start it with --model")
        self._checked = True
        return name

    def _call(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        try:
            answer = self._session().request(method, self._url + path, json=body, timeout=self._timeout_s)
            answer.raise_for_status()
            found = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise UnderstandingError(f"Rasa did not answer {path} ({type(error).__name__})") from error
        if not isinstance(found, dict):
            raise UnderstandingError(f"Rasa answered {path} with something else than an object")
        return found

    def _session(self) -> requests.Session:
        """One connection a thread: sessions are not made to be shared."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
        return session

    def close(self) -> None:
        """Let this thread's connection go."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is not None:
            session.close()
            self._local.session = None


def _ranking(answer: dict[str, Any]) -> list[Guess]:
    listed = answer.get("intent_ranking")
    try:
        guesses = [Guess(str(item["name"]), round(float(item["confidence"]), 4)) for item in listed or () if item["name"]]
    except (TypeError, KeyError, ValueError) as error:
        raise UnderstandingError("Rasa's ranking cannot be read") from error
    if not guesses and listed is None:
        raise UnderstandingError("Rasa's answer has no ranking")
    return sorted(guesses, key=lambda guess: -guess.confidence)
