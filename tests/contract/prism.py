"""Prism: an independent server that answers from a vendor's API schema and refuses what breaks it. Installed by npm."""

from __future__ import annotations

import http.client
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from standins import npm

VERSION = "5.14.2"
ROOT = Path(__file__).resolve().parents[2]
SPECS = ROOT.parent / "shared" / "peers" / "specs"


def installed() -> Path:
    """Prism's program, installed into var/ at the first call. Skips where that cannot be done."""
    return npm.installed("prism", "@stoplight/prism-cli", VERSION) / ".bin" / "prism"


@contextmanager
def prism(spec: str, log: Path) -> Iterator[str]:
    """Serve a schema; gives the address. A request that breaks the schema is answered with an error."""
    file = SPECS / spec
    if not file.is_file():
        pytest.skip(f"{spec} of the shared schemas is not beside this checkout")
    program = installed()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(program), "mock", str(file), "-p", str(port), "-h", "127.0.0.1", "--errors"]
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            _wait_for(server, port, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=20)


def _wait_for(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + 90
    while server.poll() is None and time.monotonic() < end:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.2)
        else:
            return
        finally:
            connection.close()
    pytest.fail(f"Prism did not start: {log.read_text()[-2000:]}")
