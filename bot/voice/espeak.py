"""eSpeak NG, the voice that always installs, in a process of its own.

It is GPL-3+ and Batea is not: the two are separate programs that talk over pipes. The process starts with the first text, is
started again when it dies, and ends with ours.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
import sys
import time
import weakref
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np

from bot.domain.errors import SpeakingError
from bot.voice.espeak_child import ANSWER, REQUEST
from bot.voice.speaking import MAX_SPEECH_CHARS, Pcm, speakable

_CHILD: Final = Path(__file__).with_name("espeak_child.py")
# Rate 135 with a gap of 3 was understood best by an independent recogniser (measured November 2026).
_PACE: Final = 135
_SLOW_PACE: Final = 105
_GAP: Final = 3
_TIMEOUT_S: Final = 20.0
_PATIENCE_S: Final = 0.5
_LIMIT_BYTES: Final = 64_000_000


def available() -> bool:
    """Whether the package that carries the library is installed."""
    return find_spec("espeakng_loader") is not None


def _end(process: subprocess.Popen[bytes]) -> None:
    """Close the pipes, which ends the child, and see that it is gone."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    try:
        process.wait(timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Espeak:
    """Latin American Spanish, `es-419`."""

    name = "espeak"

    def __init__(self, command: tuple[str, ...] = (sys.executable, "-P", str(_CHILD)), timeout_s: float = _TIMEOUT_S) -> None:
        try:
            self.version = f"{version('espeakng-loader')}-es-419-{_PACE}-{_SLOW_PACE}-{_GAP}"
        except PackageNotFoundError:
            self.version = "absent"
        self._command = command
        self._timeout_s = timeout_s
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._finalizer: weakref.finalize[..., Espeak] | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._process.pid if self._process else None

    def speak(self, text: str, *, slow: bool) -> Pcm:
        """Say it; a child that died is started again, once. Raises SpeakingError."""
        handed = speakable(text)
        if not handed or len(handed) > MAX_SPEECH_CHARS:
            raise SpeakingError(f"eSpeak NG says 1 to {MAX_SPEECH_CHARS} characters, not {len(handed)}")
        with self._lock:
            try:
                pcm = self._ask(handed, _SLOW_PACE if slow else _PACE)
            except (OSError, SpeakingError):
                self._stop()
                try:
                    pcm = self._ask(handed, _SLOW_PACE if slow else _PACE)
                except OSError as error:
                    self._stop()
                    raise SpeakingError(f"eSpeak NG does not run: {error}") from error
                except SpeakingError:
                    self._stop()
                    raise
        if not len(pcm.samples):
            raise SpeakingError("eSpeak NG made no sound of a text")
        return pcm

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._stop()

    def _stop(self) -> None:
        if self._finalizer is not None:
            self._finalizer()
        self._process = self._finalizer = None

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and script
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
            )
            self._finalizer = weakref.finalize(self, _end, self._process)
        return self._process

    def _ask(self, text: str, pace: int) -> Pcm:
        process = self._started()
        if process.stdin is None or process.stdout is None:  # pragma: no cover - both are pipes
            raise SpeakingError("eSpeak NG has no pipes")
        encoded = text.encode()
        process.stdin.write(REQUEST.pack(len(encoded), pace, _GAP) + encoded)
        deadline = time.monotonic() + self._timeout_s
        rate_hz, size_bytes = ANSWER.unpack(self._read(process.stdout.fileno(), ANSWER.size, deadline))
        if not 8_000 <= rate_hz <= 48_000 or size_bytes > _LIMIT_BYTES:  # noqa: PLR2004 - any sane rate
            raise SpeakingError("eSpeak NG answered nonsense")
        return Pcm(np.frombuffer(self._read(process.stdout.fileno(), size_bytes, deadline), dtype="<i2"), rate_hz)

    @staticmethod
    def _read(pipe: int, size_bytes: int, deadline: float) -> bytes:
        got = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while len(got) < size_bytes:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise SpeakingError("eSpeak NG fell silent")
                part = os.read(pipe, min(size_bytes - len(got), 1 << 16))
                if not part:
                    raise SpeakingError("eSpeak NG died")
                got += part
        return bytes(got)
