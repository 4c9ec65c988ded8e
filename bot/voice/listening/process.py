"""Listening in a process of its own, which is started early, started again when it dies, and stopped when it hangs."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import time
import weakref
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from threading import Lock, Timer
from typing import IO, Any, Final

from bot.domain.errors import ListeningError
from bot.domain.listening import Heard, Offer, Unheard
from bot.voice.listening.child import ANSWER, READY, REQUEST
from bot.voice.listening.evidence import Evidence, judged

_START_S: Final = 60.0
_LISTEN_S: Final = 45.0
_PATIENCE_S: Final = 0.5
_LIMIT_BYTES: Final = 1_000_000


def _end(process: subprocess.Popen[bytes]) -> None:
    """Close the pipes, which ends an idle child, and see that it is gone."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    try:
        process.wait(timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class ListeningProcess:
    """Implements `bot.domain.ports.Listener`. One note at a time; further threads wait for their turn."""

    def __init__(self, command: Sequence[str], *, start_s: float = _START_S, listen_s: float = _LISTEN_S) -> None:
        self._command = tuple(command)
        self._start_s = start_s
        self._listen_s = listen_s
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False
        self._finalizer: weakref.finalize[..., ListeningProcess] | None = None

    @classmethod
    def of(cls, folder: Path, prompt: str = "") -> ListeningProcess:
        """Whisper with the model in that folder."""
        return cls((sys.executable, "-m", "bot.voice.listening.child", str(folder), "--prompt", prompt))

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it without waiting for the model to be loaded. Raises OSError."""
        with self._lock:
            self._started()

    def listen(self, audio: bytes, offers: Sequence[Offer]) -> Heard:
        """What a sound file says, or which of the offers. Raises ListeningError."""
        with self._lock:
            try:
                found = self._ask_twice(audio, offers)
            except (OSError, ValueError) as error:
                self._stop()
                raise ListeningError("the process that listens has failed", why=Unheard.BUSY) from error
        if "unreadable" in found:
            raise ListeningError("the file cannot be read", why=Unheard.UNREADABLE)
        return judged(Evidence(**found))

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._stop()

    def _stop(self) -> None:
        if self._finalizer is not None:
            self._finalizer()
        self._process = self._finalizer = None
        self._ready = False

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
            )
            self._finalizer = weakref.finalize(self, _end, self._process)
        return self._process

    def _ask_twice(self, audio: bytes, offers: Sequence[Offer]) -> dict[str, Any]:
        """A child that died meanwhile is started again, once; one that hangs is not given the same file again."""
        try:
            return self._ask(audio, offers)
        except TimeoutError:
            raise
        except (OSError, ValueError):
            self._stop()
            return self._ask(audio, offers)

    def _ask(self, audio: bytes, offers: Sequence[Offer]) -> dict[str, Any]:
        process = self._started()
        if process.stdin is None or process.stdout is None:  # pragma: no cover - both are pipes
            raise OSError("the process that listens has no pipes")
        if not self._ready:
            if _exactly(process.stdout, len(READY), self._start_s) != READY:
                raise ValueError("the process that listens does not say that it is ready")
            self._ready = True
        asked = json.dumps([asdict(offer) for offer in offers]).encode()
        watchdog = Timer(self._listen_s, process.kill)
        watchdog.start()
        try:
            _whole(process.stdin, REQUEST.pack(len(asked), len(audio)) + asked + audio)
        finally:
            watchdog.cancel()
        (size,) = ANSWER.unpack(_exactly(process.stdout, ANSWER.size, self._listen_s))
        if size > _LIMIT_BYTES:
            raise ValueError("the process that listens answers too much")
        found = json.loads(_exactly(process.stdout, size, self._listen_s))
        if not isinstance(found, dict):
            raise ValueError("the process that listens answers something else")  # noqa: TRY004 - caught with the others
        return found


def _whole(pipe: IO[bytes], data: bytes) -> None:
    """Write all of it: a child that has died raises OSError."""
    view = memoryview(data)
    while view:
        view = view[pipe.write(view) :]


def _exactly(pipe: IO[bytes], size: int, patience_s: float) -> bytes:
    """That many bytes. Raises TimeoutError, or EOFError (an OSError here) where the child has died."""
    end = time.monotonic() + patience_s
    got = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while len(got) < size:
            if not selector.select(max(0.0, end - time.monotonic())):
                raise TimeoutError("the process that listens hangs")
            part = os.read(pipe.fileno(), size - len(got))
            if not part:
                raise OSError("the process that listens has died")
            got += part
    return bytes(got)
