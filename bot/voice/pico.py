"""SVOX Pico, the default voice, through the compiled library of the PyPI package `ttspico`.

That package's own wrapper never frees the sound it returns and stumbles over NUL and lone surrogates (measured November 2026),
so its library is called directly. Licence: Apache-2.0.

Source: `picopi/pico/tts/tts_engine.h` in the source distribution ttspico 0.3.2.
"""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np

from bot.domain.errors import SpeakingError
from bot.voice.speaking import MAX_SPEECH_CHARS, Pcm, speakable

_LANGUAGE: Final = b"es-ES"
_RATE_HZ: Final = 16_000
# A little slower than its own: fewer words are taken for others (docs/listening.md), and who seldom hears machines follows.
_NORMAL_PACE: Final = 92
_SLOW_PACE: Final = 72
# At its usual 100 every fiftieth sample is cut off at full scale (measured November 2026); our own levelling follows anyhow.
_VOLUME: Final = 60
_LIMIT_BYTES: Final = _RATE_HZ * 2 * 150
_CALLBACK: Final = ctypes.CFUNCTYPE(
    ctypes.c_bool,
    ctypes.c_void_p,
    ctypes.c_uint32,
    ctypes.c_uint32,
    ctypes.c_int,
    ctypes.POINTER(ctypes.c_uint8),
    ctypes.c_uint32,
    ctypes.c_bool,
)
_SESEO: Final = ((re.compile(r"z"), "s"), (re.compile(r"Z"), "S"), (re.compile(r"c(?=[eiéí])", re.IGNORECASE), "s"))


def seseo(text: str) -> str:
    """Spell a text so that a Castilian voice says it as in America: z, and c before e and i, become s.

    >>> seseo("hace diez cabezas")
    'hase dies cabesas'
    """
    for pattern, letter in _SESEO:
        text = pattern.sub(letter, text)
    return text


def _library() -> tuple[Path, Path] | None:
    """The compiled library and the folder of its voices, or None where the package is not installed."""
    spec = find_spec("ctts")
    if spec is None or spec.origin is None:
        return None
    library = Path(spec.origin)
    for folder in (library.parent / "languages", Path(sys.prefix) / "languages"):
        if any(folder.glob("es-ES_*_sg.bin")):
            return library, folder
    return None


def available() -> bool:
    """Whether the voice was built here; without a C compiler it is not."""
    return _library() is not None


class Pico:
    """The Castilian voice of Pico, made to speak with *seseo*."""

    name = "pico"

    def __init__(self) -> None:
        try:
            self.version = f"{version('ttspico')}-es-seseo-{_NORMAL_PACE}-{_SLOW_PACE}-{_VOLUME}"
        except PackageNotFoundError:
            self.version = "absent"
        self._lock = Lock()
        self._sound = bytearray()
        self._engine: int | None = None
        self._lib: Any = None
        self._receive: Callable[..., bool] = _CALLBACK(self._take)

    def _take(self, _user: Any, _rate: int, _format: int, _channels: int, audio: Any, size_bytes: int, _final: bool) -> bool:
        self._sound += ctypes.string_at(audio, size_bytes)
        return len(self._sound) < _LIMIT_BYTES

    def _start(self) -> None:
        found = _library()
        if found is None:
            raise SpeakingError("Pico is not installed: a C compiler and Python headers are needed to build it")
        library, voices = found
        lib = ctypes.CDLL(str(library))
        lib.TtsEngine_Create.restype = ctypes.c_void_p
        lib.TtsEngine_Create.argtypes = [ctypes.c_char_p, ctypes.c_char_p, _CALLBACK]
        lib.TtsEngine_SetRate.argtypes = [ctypes.c_void_p, ctypes.c_int]
        lib.TtsEngine_SetVolume.argtypes = [ctypes.c_void_p, ctypes.c_int]
        lib.TtsEngine_Speak.restype = ctypes.c_bool
        lib.TtsEngine_Speak.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        lib.TtsEngine_Destroy.argtypes = [ctypes.c_void_p]
        lib.TtsEngine_Destroy.restype = None
        engine = lib.TtsEngine_Create(str(voices).encode(), _LANGUAGE, self._receive)
        if not engine:
            raise SpeakingError(f"Pico could not read its Spanish voice in {voices}")
        self._lib, self._engine = lib, engine

    def speak(self, text: str, *, slow: bool) -> Pcm:
        """Say it. Raises SpeakingError."""
        handed = seseo(speakable(text))
        if not handed or len(handed) > MAX_SPEECH_CHARS:
            raise SpeakingError(f"Pico says 1 to {MAX_SPEECH_CHARS} characters, not {len(handed)}")
        with self._lock:
            # An engine that has spoken says the next text a little otherwise; a new one takes a millisecond.
            self._end()
            self._start()
            self._sound.clear()
            self._lib.TtsEngine_SetVolume(self._engine, _VOLUME)
            self._lib.TtsEngine_SetRate(self._engine, _SLOW_PACE if slow else _NORMAL_PACE)
            spoken = self._lib.TtsEngine_Speak(self._engine, handed.encode(), None)
            sound = bytes(self._sound)
            self._sound.clear()
        if not spoken or not sound:
            raise SpeakingError("Pico made no sound of a text")
        return Pcm(np.frombuffer(sound, dtype="<i2"), _RATE_HZ)

    def close(self) -> None:
        """Free the voice's memory."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._engine is not None:
            self._lib.TtsEngine_Destroy(self._engine)
            self._engine = None
