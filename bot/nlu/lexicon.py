"""The lexicon: concepts and the many words people have for them, from `intents/lexicon.yml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from bot.domain.errors import ContentError
from bot.domain.folding import fold, fold_word, plain
from bot.nlu import yaml_file

MIN_STEM_CHARS: Final = 3
KEPT_WORDS: Final = 4096
COURTESY: Final = "courtesy"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Concept by word; a term ending in `*` is a stem, a term of several words a phrase."""

    concepts: Mapping[str, tuple[str, ...]]

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
        self._of_word = lru_cache(maxsize=KEPT_WORDS)(self._look_up)

    def find(self, sounds: Iterable[str]) -> frozenset[str]:
        """The concepts that folded words name."""
        found: set[str] = set()
        listed = list(sounds)
        for sound in listed:
            found |= self._of_word(sound)
        text = f" {' '.join(listed)} "
        found.update(concept for phrase, concept in self._phrases if phrase in text)
        return frozenset(found)

    def _look_up(self, sound: str) -> frozenset[str]:
        stems = (self._stems.get(sound[:end], ()) for end in range(MIN_STEM_CHARS, len(sound) + 1))
        return frozenset(self._words.get(sound, ())).union(*stems)


def read(path: Path) -> Lexicon:
    """Read the file: a mapping of concept to a list of terms. Raises ContentError."""
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
    return Lexicon(concepts)
