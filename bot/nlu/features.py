"""What an engine looks at in a sentence.

Training counts the same features for many sentences at once (`feature_matrix`, tested to give what `extract` gives).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from typing import Final

from bot.domain.folding import fold_word
from bot.nlu.lexicon import ConceptMatcher, Lexicon
from bot.nlu.spelling import Speller, words

WRITTEN_GRAM_CHARS: Final = range(3, 5)
SOUND_GRAM_CHARS: Final = range(3, 6)
PAIR_SPAN_WORDS: Final = 4
FRAME_SPAN_WORDS: Final = 6
MIN_QUESTION_WORDS: Final = 3
MAX_WORDS: Final = 60
"""Of a longer message only the beginning is read for its intent: people say first what they want."""
STEP_WORDS: Final = 45
MAX_PIECES: Final = 30


@dataclass(frozen=True, slots=True)
class Reading:
    """One sentence three ways: as written, put right, and as it sounds."""

    written: tuple[str, ...]
    corrected: tuple[str, ...]
    sounds: tuple[str, ...]


class Extractor:
    """Turns a sentence into counted features, by family."""

    FAMILIES: Final = ("written", "sound", "word", "pair", "concept", "frame")

    def __init__(self, speller: Speller, lexicon: Lexicon) -> None:
        self._speller = speller
        self._concepts: ConceptMatcher = lexicon.matcher()
        self._courtesies = lexicon.courtesies
        self.classes_of = lexicon.classes().of

    def read(self, text: str) -> Reading:
        """The three forms of a text's first words."""
        return self._read_words(words(text)[:MAX_WORDS])

    def read_on(self, text: str) -> Iterator[Reading]:
        """What follows the first words of a long text, piece by piece; the pieces overlap, so that nothing is torn."""
        listed = words(text)
        for start in range(STEP_WORDS, min(len(listed) - MAX_WORDS + STEP_WORDS, MAX_PIECES * STEP_WORDS), STEP_WORDS):
            yield self._read_words(listed[start : start + MAX_WORDS])

    def _read_words(self, written: Sequence[str]) -> Reading:
        corrected = [right for word in written for right in self._speller.correct_word(word)]
        return Reading(tuple(written), tuple(corrected), tuple(filter(None, map(fold_word, corrected))))

    def without_courtesies(self, reading: Reading) -> Reading | None:
        """The same without the polite words at its beginning, or None where that leaves too little to be a question."""
        for start, word in enumerate(reading.written):
            if fold_word(word) not in self._courtesies:
                rest = reading.written[start:]
                return self._read_words(rest) if start and len(rest) >= MIN_QUESTION_WORDS else None
        return None

    def extract(self, reading: Reading) -> dict[str, Counter[str]]:
        """Features and how often each occurs, for every family."""
        sounds = reading.sounds
        return {
            "written": Counter(chain.from_iterable(map(written_grams, reading.written))),
            "sound": Counter(chain.from_iterable(map(sound_grams, sounds))),
            "word": Counter((*sounds, *map(" ".join, pairwise(sounds)))),
            "pair": Counter(_pairs(sounds)),
            "concept": Counter(self.concepts(reading)),
            "frame": Counter(_frames([(at, name) for at, sound in enumerate(sounds) for name in self.classes_of(sound)])),
        }

    def concepts(self, reading: Reading) -> list[str]:
        """The concepts of the lexicon that a sentence names."""
        return list(self._concepts.find(reading.sounds))


@lru_cache(maxsize=1024)
def written_grams(word: str) -> tuple[str, ...]:
    """Runs of letters of a word as it is written. Kept for common words."""
    return _grams(word, WRITTEN_GRAM_CHARS)


@lru_cache(maxsize=1024)
def sound_grams(word: str) -> tuple[str, ...]:
    """Runs of letters of a word as it sounds; longer and shorter ones too. Kept for common words."""
    return _grams(word, SOUND_GRAM_CHARS)


def _grams(word: str, sizes: range) -> tuple[str, ...]:
    """Runs of letters inside a word, its ends marked with a blank."""
    padded = f" {word} "
    return tuple(padded[start : start + size] for size in sizes for start in range(len(padded) - size + 1))


def _pairs(sounds: Sequence[str]) -> Iterator[str]:
    """Two words near each other, in alphabetical order, whatever stands between."""
    for index, left in enumerate(sounds):
        for right in sounds[index + 1 : index + 1 + PAIR_SPAN_WORDS]:
            yield f"{min(left, right)}+{max(left, right)}"


def _frames(classes: Sequence[tuple[int, str]]) -> Iterator[str]:
    """The classes of the words, each with its place; and those of two words near each other, in their order."""
    for index, (at, name) in enumerate(classes):
        yield name
        for later, other in classes[index + 1 :]:
            if later - at > FRAME_SPAN_WORDS:
                break
            if later > at:
                yield f"{name}>{other}"
