"""The words we know, kept beside the model: reading them out of wordfreq anew costs a start 0.8 s."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from bot.nlu import vocabulary
from bot.nlu.vocabulary import WordSet

FILE: Final = "words-1.npz"
"""Its number counts up when words would be folded or chosen differently."""


@dataclass(frozen=True, slots=True)
class KnownWords:
    """Common words with their rank, how each of them sounds, and the rare ones."""

    common: Mapping[str, int]
    sounds: Mapping[str, str]
    rare: WordSet


def gathered() -> KnownWords:
    """From wordfreq's lists."""
    return KnownWords(vocabulary.common_words(), vocabulary.common_sounds(), vocabulary.rare_words())


def known_words(folder: Path) -> KnownWords:
    """What lies in the folder of a model; where nothing does, it is gathered, and put there for the next start."""
    try:
        with (folder / FILE).open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            words, sounds = (_texts(arrays[name]) for name in ("words", "sounds"))
            ranks: list[int] = arrays["ranks"].tolist()
            rare = WordSet.of_hashes(arrays["rare"])
        return KnownWords(dict(zip(words, ranks, strict=True)), dict(zip(words, sounds, strict=True)), rare)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        found = gathered()
    # Of a folder that cannot be written to, each start reads the lists.
    with contextlib.suppress(OSError):
        _keep(found, folder)
    return found


def _keep(words: KnownWords, folder: Path) -> None:
    """Whole or not at all: other processes may be at it too."""
    handle, name = tempfile.mkstemp(prefix=".words-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as stream:
            ranks = np.array(list(words.common.values()), dtype=np.uint32)
            sounds = [words.sounds[word] for word in words.common]
            np.savez(stream, words=_bytes(words.common), ranks=ranks, sounds=_bytes(sounds), rare=words.rare.hashes)
        Path(name).replace(folder / FILE)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _bytes(texts: Mapping[str, int] | list[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(texts).encode(), dtype=np.uint8)


def _texts(written: NDArray[np.uint8]) -> list[str]:
    return written.tobytes().decode().split("\n")
