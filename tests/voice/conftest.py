"""Engines, a library, and a loopback stand-in for the service behind gTTS."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import av
import numpy as np
import pytest

from bot.domain.errors import SpeakingError
from bot.voice import pico
from bot.voice.clips import Clips
from bot.voice.engines import Voices
from bot.voice.espeak import Espeak
from bot.voice.loudness import Signal
from bot.voice.pico import Pico
from bot.voice.pronunciation import Pronunciation
from bot.voice.speaking import Pcm, Speaker

AUDIO = Path(__file__).resolve().parents[2] / "audio"
NO_PICO = "Pico was not built here: it needs a C compiler and Python headers"


@dataclass
class Recorder:
    """A notebook that keeps what was noted."""

    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def event(self, name: str, **facts: Any) -> None:
        self.events.append((name, facts))


class Hummer:
    """An engine that hums: 0.08 s for each character, or fails when told to."""

    def __init__(self, name: str = "hummer", version: str = "1") -> None:
        self.name = name
        self.version = version
        self.heard: list[str] = []
        self.broken = False

    def speak(self, text: str, *, slow: bool) -> Pcm:
        self.heard.append(text)
        if self.broken:
            raise SpeakingError("the hummer is hoarse")
        return Pcm(hum(0.08 * len(text) * (1.28 if slow else 1.0)), 16_000)

    def close(self) -> None:
        pass


def hum(duration_s: float, rate: int = 16_000) -> np.ndarray[Any, np.dtype[np.int16]]:
    """A voiced sound that comes and goes four times a second."""
    t = np.arange(int(duration_s * rate)) / rate
    wave = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 12)) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * t))
    return (wave * 4000).astype(np.int16)


def independent_lufs(signal: Signal, rate: int) -> float:
    """Integrated loudness by libavfilter's own meter."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=rate, format="flt", layout="mono")
    meter, sink = graph.add("ebur128", "metadata=1"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(signal[None, :]), format="flt", layout="mono")
    frame.sample_rate = rate
    source.push(frame)
    source.push(None)
    lufs = -70.0
    while True:
        try:
            lufs = float(sink.pull().metadata.get("lavfi.r128.I", lufs))
        except av.error.EOFError:
            return lufs


@pytest.fixture
def notebook() -> Recorder:
    return Recorder()


@pytest.fixture
def hummer() -> Hummer:
    return Hummer()


@pytest.fixture
def make_hummer() -> type[Hummer]:
    return Hummer


@pytest.fixture(scope="session")
def pronunciation() -> Pronunciation:
    return Pronunciation(AUDIO)


@pytest.fixture
def espeak() -> Iterator[Espeak]:
    engine = Espeak()
    yield engine
    engine.close()


@pytest.fixture(params=["pico", "espeak"])
def engine(request: pytest.FixtureRequest) -> Iterator[Speaker]:
    """Each engine that works without a network."""
    if request.param == "pico" and not pico.available():
        pytest.skip(NO_PICO)
    speaker: Speaker = Pico() if request.param == "pico" else Espeak()
    yield speaker
    speaker.close()


@pytest.fixture
def make_clips(tmp_path: Path, notebook: Recorder) -> Iterator[Callable[..., Clips]]:
    """Builds libraries over a cache of the test's own, and closes them."""
    opened: list[Clips] = []

    def make(*local: Speaker, online: Speaker | None = None, audio: Path = AUDIO, folder: Path | None = None) -> Clips:
        opened.append(Clips(Voices(local, online), audio, folder or tmp_path / "clips", log=notebook))
        return opened[-1]

    yield make
    for clips in opened:
        clips.close()


class Translate:
    """Stands in for the service behind gTTS: answers as `mode` says, and keeps the texts that it was given."""

    def __init__(self, mp3: bytes) -> None:
        self.mode = "speech"
        self.then = ""  # the mode from the second request on
        self.followed = 0
        self.texts: list[str] = []
        self.released = threading.Event()
        self._mp3 = base64.b64encode(mp3).decode()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.followed += 1
                self.send_error(429)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                outer.texts.append(json.loads(json.loads(parse_qs(body)["f.req"][0])[0][0][1])[0])
                outer.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        mode, self.mode = self.mode, self.then or self.mode
        if mode == "silence":
            self.released.wait(20)
            handler.close_connection = True
            return
        if mode == "flood":
            self._flood(handler)
            return
        status, body = {
            "speech": (200, self._envelope(f'["{self._mp3}"]')),
            "429": (429, ""),
            "403": (403, ""),
            "500": (500, "down"),
            "short": (200, self._envelope(f'["{base64.b64encode(mp3(0.3)).decode()}"]')),
            "html": (200, "<html><body>Are you a robot?</body></html>"),
            "empty": (200, ""),
            "no audio": (200, self._envelope("[]")),
            "zero bytes": (200, self._envelope('[""]')),
            "not mp3": (200, self._envelope('["' + base64.b64encode(b"<html>" * 50).decode() + '"]')),
            "null": (200, json.dumps([["wrb.fr", "jQ1olc", None]])),
            "cut off": (200, self._envelope(f'["{self._mp3}"]')[:2000]),
            "redirect": (302, ""),
        }[mode]
        data = body.encode()
        handler.send_response(status)
        if status == 302:
            handler.send_header("location", f"{self.url}/sorry/index")
        handler.send_header("content-length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def _flood(self, handler: BaseHTTPRequestHandler) -> None:
        """More than anybody should take, until the other side hangs up."""
        handler.send_response(200)
        handler.end_headers()
        with contextlib.suppress(OSError):
            while not self.released.is_set():
                handler.wfile.write(b"x" * 65_536)
        handler.close_connection = True

    @staticmethod
    def _envelope(payload: str) -> str:
        return ")]}'\n\n" + json.dumps([["wrb.fr", "jQ1olc", payload, None, None, None, "generic"], ["di", 20]]) + "\n25\n"

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def mp3(duration_s: float) -> bytes:
    """A file such as the service sends."""
    target = io.BytesIO()
    frame = av.AudioFrame.from_ndarray(hum(duration_s, 24_000)[None, :], format="s16", layout="mono")
    frame.sample_rate = 24_000
    with av.open(target, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=24_000, layout="mono")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target.getvalue()


@pytest.fixture
def translate() -> Iterator[Translate]:
    service = Translate(mp3(5.0))
    yield service
    service.close()


@pytest.fixture
def lufs_meter() -> Callable[[Signal, int], float]:
    return independent_lufs
