from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.domain.errors import UnderstandingError
from bot.domain.understanding import Alarm, Danger, Guess, Understood
from bot.nlu.rasa import FAILURES_TOLERATED, RasaEngine

ROOT = Path(__file__).resolve().parents[2]


class Embedded:
    """Stands for the embedded engine."""

    name = "embedded"

    def alarm(self, text: str) -> Alarm:
        return Alarm(Danger.ACCIDENT) if "derrumbe" in text else Alarm()

    def parse(self, text: str) -> Understood:
        return Understood(text, "menu", 0.5, self.name)


class Service(ThreadingHTTPServer):
    """A stand-in for Rasa on loopback, whose answers a test sets."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that did not wait is what some tests are about."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status: Any = {"model_file": "models/batea.tar.gz", "model_id": "x", "num_active_training_jobs": 0}
        self.answer: Any = {"intent_ranking": [{"name": "ask_mercury", "confidence": 0.8}, {"name": "menu", "confidence": 0.1}]}
        self.code = 200
        self.delay_s = 0.0
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        self._say(self.server.status)

    def do_POST(self) -> None:
        self.server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"])
        time.sleep(self.server.delay_s)
        self._say(self.server.answer)

    def _say(self, document: Any) -> None:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(self.server.code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(service: Service, clock: Clock) -> Iterator[RasaEngine]:
    made = RasaEngine(service.url, Embedded(), model="batea.tar.gz", timeout_s=0.3, clock=clock)
    yield made
    made.close()


def test_rasa_ranking_becomes_a_verdict(engine: RasaEngine) -> None:
    verdict = engine.parse("el azogue")
    assert (verdict.intent, verdict.confidence, verdict.engine) == ("ask_mercury", 0.8, "rasa")
    assert verdict.ranking == (Guess("ask_mercury", 0.8), Guess("menu", 0.1))


def test_the_alarm_is_ours(engine: RasaEngine) -> None:
    verdict = engine.parse("hubo un derrumbe")
    assert (verdict.intent, verdict.danger) == ("ask_emergency", Danger.ACCIDENT)


def test_a_small_margin_asks_back(service: Service, engine: RasaEngine) -> None:
    service.answer = {"intent_ranking": [{"name": "menu", "confidence": 0.45}, {"name": "help", "confidence": 0.44}]}
    assert engine.parse("eh").unsure == ("menu", "help")


def test_little_confidence_is_out_of_scope(service: Service, engine: RasaEngine) -> None:
    service.answer = {"intent_ranking": [{"name": "menu", "confidence": 0.2}]}
    assert engine.parse("eh").intent == "out_of_scope"


@pytest.mark.parametrize("answer", [b"not json", [], {"intent_ranking": [{"name": "menu"}]}, {}, {"intent_ranking": "x"}])
def test_an_answer_that_cannot_be_read_falls_back(service: Service, engine: RasaEngine, answer: Any) -> None:
    service.answer = answer
    assert engine.parse("hola").engine == "embedded"


def test_an_error_falls_back(service: Service, engine: RasaEngine) -> None:
    service.code = 500
    assert engine.parse("hola").engine == "embedded"


def test_a_slow_answer_falls_back_in_time(service: Service, engine: RasaEngine) -> None:
    service.delay_s = 1.0
    began = time.perf_counter()
    assert engine.parse("hola").engine == "embedded"
    assert time.perf_counter() - began < 0.9


def test_after_some_failures_rasa_is_left_alone_and_tried_again_when_rested(
    service: Service, engine: RasaEngine, clock: Clock
) -> None:
    service.code = 503
    for _ in range(FAILURES_TOLERATED):
        engine.parse("hola")
    service.code = 200
    before = len(service.asked)
    assert engine.parse("hola").engine == "embedded"
    assert len(service.asked) == before
    clock.now += 31
    assert engine.parse("hola").engine == "rasa"


def test_a_rasa_that_is_not_there_falls_back(clock: Clock) -> None:
    engine = RasaEngine("http://127.0.0.1:9", Embedded(), timeout_s=0.2, clock=clock)
    assert engine.parse("hola").engine == "embedded"
    engine.close()


def test_another_model_than_ours_is_not_believed(service: Service, engine: RasaEngine) -> None:
    service.status = {"model_file": "models/20260101-other.tar.gz"}
    assert engine.parse("hola").engine == "embedded"
    with pytest.raises(UnderstandingError, match="other"):
        engine.check()


@pytest.mark.parametrize("status", [{}, {"model_file": None}, {"model_file": ""}])
def test_a_rasa_without_a_model_is_told(service: Service, engine: RasaEngine, status: dict[str, Any]) -> None:
    service.status = status
    with pytest.raises(UnderstandingError, match="no model"):
        engine.check()


def test_the_rasa_project_lists_every_intent_and_nothing_else() -> None:
    domain = yaml.safe_load((ROOT / "intents" / "domain.yml").read_text(encoding="utf-8"))
    assert domain["intents"] == sorted(path.stem for path in (ROOT / "intents" / "es").glob("*.yml"))


def test_the_rasa_project_is_pinned_and_only_understands() -> None:
    config = yaml.safe_load((ROOT / "intents" / "config-diet.yml").read_text(encoding="utf-8"))
    assert config["language"] == "es"
    assert any(step["name"] == "DIETClassifier" for step in config["pipeline"])
    assert config["policies"] == []
    pins = [line for line in (ROOT / "intents" / "requirements.txt").read_text().splitlines() if line and line[0] != "#"]
    assert "rasa==3.6.21" in pins
    assert all("==" in pin or "<" in pin for pin in pins)
