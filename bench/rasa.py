"""A Rasa service on loopback, started for as long as it is needed."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Final, Self

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / "var" / "rasa"
PROGRAM: Final = FOLDER / "venv" / "bin" / "rasa"
MODELS: Final = {"logistic regression": FOLDER / "models" / "batea.tar.gz", "DIET": FOLDER / "models" / "diet.tar.gz"}
STARTS_WITHIN_S: Final = 180.0


class RasaService:
    """One model, served, with further arguments of `rasa run`. Raises TimeoutError where it does not come up."""

    def __init__(self, model: Path, *arguments: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._arguments = arguments
        self._model = model
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it, and wait until it answers."""
        own = {"HOME": str(FOLDER), "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "2"}
        where = ["--interface", "127.0.0.1", "--port", str(self.port)]
        files = ["--endpoints", str(ROOT / "intents" / "endpoints.yml"), "--model", str(self._model)]
        with (FOLDER / "service.log").open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the program that make rasa installed
                [str(PROGRAM), "run", "--enable-api", *where, *files, *self._arguments],
                env={"PATH": os.pathsep.join(os.get_exec_path())} | own,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < until and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/status", timeout=2):  # noqa: S310 - loopback
                    return self
            except (urllib.error.URLError, OSError):
                time.sleep(0.5)
        self.__exit__(None, None, None)
        raise TimeoutError(f"Rasa did not come up: see {FOLDER / 'service.log'}")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop it."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
