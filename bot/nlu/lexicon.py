"""The lexicon: concepts and the many words people have for them, from `intents/lexicon.yml`; word classes, from `frames.yml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from bot.domain.errors import ContentError
from bot.domain.folding import fold, fold_word, plain
from bot.nlu import yaml_file

MIN_STEM_CHARS: Final = 3
KEPT_WORDS: Final = 4096
COURTESY: Final = "courtesy"
FRAMES: Final = "frames.yml"
ITSELF: Final = "itself"
"""The class whose words are each a class of their own."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words by concept, and by class; a term ending in `*` is a stem, a concept's term of several words a phrase."""

    concepts: Mapping[str, tuple[str, ...]]
    frames: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def terms(self) -> tuple[str, ...]:
        """Every whole word and phrase (stems are no words)."""
        return tuple(term for terms in self.concepts.values() for term in terms if not term.endswith("*"))

    @property
    def courtesies(self) -> frozenset[str]:
        """How the words of politeness sound, which say nothing about what is asked."""
        return frozenset(fold_word(part) for term in self.concepts.get(COURTESY, ()) for part in plain(term).split())

    def matcher(self) -> ConceptMatcher:
        """The lexicon made ready for looking up."""
        return ConceptMatcher(self.concepts)

    def classes(self) -> WordClasses:
        """The word classes made ready for looking up."""
        return WordClasses(self.frames)


class ConceptMatcher:
    """Finds the concepts of a sentence by how its words sound."""

    def __init__(self, concepts: Mapping[str, Sequence[str]]) -> None:
        self._words: dict[str, set[str]] = {}
        self._stems: dict[str, set[str]] = {}
        self._phrases: list[tuple[str, str]] = []
        for concept, terms in concepts.items():
            for term in terms:
                if term.endswith("*"):
                    self._stems.setdefault(fold_word(plain(term)), set()).add(concept)
                elif " " in plain(term):
                    self._phrases.append((f" {fold(term)} ", concept))
                else:
                    self._words.setdefault(fold_word(plain(term)), set()).add(concept)
        self.of_word = lru_cache(maxsize=KEPT_WORDS)(self._look_up)

    def find(self, sounds: Iterable[str]) -> frozenset[str]:
        """The concepts that folded words name."""
        found: set[str] = set()
        listed = list(sounds)
        for sound in listed:
            found |= self.of_word(sound)
        text = f" {' '.join(listed)} "
        found.update(concept for phrase, concept in self._phrases if phrase in text)
        return frozenset(found)

    def _look_up(self, sound: str) -> frozenset[str]:
        stems = (self._stems.get(sound[:end], ()) for end in range(MIN_STEM_CHARS, len(sound) + 1))
        return frozenset(self._words.get(sound, ())).union(*stems)


class WordClasses:
    """The classes of a word by how it sounds: who, what is done, with what, where, when."""

    def __init__(self, frames: Mapping[str, Sequence[str]]) -> None:
        named = {name: terms for name, terms in frames.items() if name != ITSELF}
        self._itself = frozenset(fold_word(plain(term)) for term in frames.get(ITSELF, ()))
        self._matcher = ConceptMatcher(named)
        self.of = lru_cache(maxsize=KEPT_WORDS)(self._of)

    def _of(self, sound: str) -> tuple[str, ...]:
        found = self._matcher.of_word(sound)
        return tuple(sorted(found)) if found else (sound,) if sound in self._itself else ()


def read(path: Path) -> Lexicon:
    """Read the file, and that of the word classes beside it where there is one. Raises ContentError."""
    frames = path.with_name(FRAMES)
    return Lexicon(_read(path), _read(frames) if frames.is_file() else {})


def _read(path: Path) -> dict[str, tuple[str, ...]]:
    """A mapping of concept to a list of terms."""
    document = yaml_file.read(path)
    if not isinstance(document, dict):
        raise ContentError(str(path), 1, "a mapping of concepts belongs here")
    concepts: dict[str, tuple[str, ...]] = {}
    for concept, terms in document.items():
        line = yaml_file.line_of(document, concept)
        if not isinstance(terms, list) or not terms:
            raise ContentError(str(path), line, f"{concept}: a list of words belongs here")
        for index, term in enumerate(terms):
            if not isinstance(term, str) or len(plain(term)) < MIN_STEM_CHARS - 1:
                raise ContentError(str(path), yaml_file.line_of(terms, index), f"{concept}: {term!r} is no word")
        concepts[str(concept)] = tuple(str(term) for term in terms)
    return concepts
