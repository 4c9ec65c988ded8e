"""A vendor on loopback whose answers a test decides: real clients talk to it, so nothing of theirs is patched."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Answer:
    """What the vendor says; `lost` means that it takes the request and hangs up."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    lost: bool = False

    @classmethod
    def of(cls, status: int, body: object, **headers: str) -> Answer:
        return cls(status, json.dumps(body).encode(), {name.replace("_", "-"): value for name, value in headers.items()})


LOST = Answer(lost=True)


@dataclass(frozen=True)
class Call:
    """One request as the vendor saw it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


class Loopback(ThreadingHTTPServer):
    """Gives the answers of `answers` in turn, then `usual` for ever."""

    daemon_threads = True

    def __init__(self, usual: Answer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.usual = usual
        self.answers: deque[Answer] = deque()
        self.calls: list[Call] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def next_answer(self) -> Answer:
        return self.answers.popleft() if self.answers else self.usual


class _Handler(BaseHTTPRequestHandler):
    server: Loopback

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.calls.append(Call(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body))
        answer = self.server.next_answer()
        if answer.lost:
            # A reset, so that the client sees a broken connection rather than an end.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in {"content-type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST  # noqa: N815 - the name that http.server calls

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def loopback(usual: Answer | None = None, *, server: Loopback | None = None) -> Iterator[Loopback]:
    with server or Loopback(usual or Answer()) as running:
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield running
        running.shutdown()


def closed_port() -> str:
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
