"""What every speaking engine looks like, and the sound that it returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

MAX_SPEECH_CHARS: Final = 2000
"""No text longer than this is handed to an engine: at some 14 characters a second it would speak for over two minutes."""


@dataclass(frozen=True, slots=True)
class Pcm:
    """Mono sound: 16-bit samples, `rate` of them a second."""

    samples: NDArray[np.int16]
    rate: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate


class Speaker(Protocol):
    """An engine that says Spanish. Safe to call from several threads."""

    name: str
    version: str
    """Changes whenever the same text would sound different: part of a clip's key."""

    def speak(self, text: str, *, slow: bool) -> Pcm:
        """Say a text of 1 to MAX_SPEECH_CHARS characters. Raises SpeakingError where no sound comes of it, nothing else."""
        ...

    def close(self) -> None:
        """Let go of memory, processes and connections. Another `speak` starts them anew."""
        ...


def speakable(text: str) -> str:
    """A text without what upsets engines: NUL and other controls, lone surrogates, markup signs."""
    whole = text.encode("utf-8", "ignore").decode("utf-8")
    return " ".join("".join(" " if c in "<>&" or not (c.isprintable() or c.isspace()) else c for c in whole).split())
