"""The embedded engine: alarm first, then the trained model, then whether to believe it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from bot.domain.understanding import Alarm, Guess, Understood
from bot.nlu import danger_rules, lexicon, model_store
from bot.nlu.alarm import NOTHING, weigh
from bot.nlu.danger import Sight, Watch
from bot.nlu.features import Extractor, Reading
from bot.nlu.known_words import known_words
from bot.nlu.model import Floats, Model
from bot.nlu.spelling import Speller
from bot.nlu.verdict import understood

COURTESIES: Final = frozenset({"greet", "thanks", "goodbye"})
ASKED_CONFIDENCE: Final = 0.3
"""How sure one must be that a greeting is followed by a question, for the question to win."""
SEEN: Final = 64
"""What was seen in so many messages is kept: a turn asks for the alarm first and for the verdict then, and many say the same."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What rules and model see in a message, before it is weighed."""

    reading: Reading
    sight: Sight
    alarm_scores: Mapping[str, float]
    ranking: list[Guess]


class _Reader:
    """A model with what reads for it: swapped as one."""

    def __init__(self, model: Model, extractor: Extractor, watch: Watch) -> None:
        self.model = model
        self.extractor = extractor
        self.watch = watch
        self.see = lru_cache(maxsize=SEEN)(self._see)

    def _see(self, text: str) -> _Seen:
        reading = self.extractor.read(text)
        scores = self.model.scores(self.extractor.extract(reading))
        ranking = self._ranking(reading, scores)
        return _Seen(reading, self.watch.look(text), self._alarm_scores(text, reading, scores), ranking)

    def _alarm_scores(self, text: str, reading: Reading, scores: Floats) -> Mapping[str, float]:
        """The highest of each over all pieces of a long text."""
        if not self.model.alarms or not reading.written:
            return {}
        for piece in self.extractor.read_on(text):
            scores = np.maximum(scores, self.model.scores(self.extractor.extract(piece)))
        return self.model.alarm_scores(scores)

    def _ranking(self, reading: Reading, scores: Floats) -> list[Guess]:
        if not reading.written:
            return []
        ranking = self._guesses(scores)
        if ranking[0].intent in COURTESIES:
            rest = self.extractor.without_courtesies(reading)
            if rest is not None:
                asked = self._guesses(self.model.scores(self.extractor.extract(rest)))
                if asked[0].intent not in COURTESIES and asked[0].confidence >= ASKED_CONFIDENCE:
                    return asked
        return ranking

    def _guesses(self, scores: Floats) -> list[Guess]:
        chances = self.model.softmax(scores)
        order, intents = chances.argsort()[::-1], self.model.intents
        return [
            Guess(intents[code], round(chance, 4)) for code, chance in zip(order.tolist(), chances[order].tolist(), strict=True)
        ]


class EmbeddedEngine:
    """An `Understander` that needs no other service. Thread-safe; `refresh` swaps the model under running calls."""

    name = "embedded"

    def __init__(self, intents_dir: Path, data_dir: Path, model: Model) -> None:
        self._intents_dir = intents_dir
        self._data_dir = data_dir
        self._reader = self._reader_of(model)

    @property
    def model(self) -> Model:
        """The model in use."""
        return self._reader.model

    @property
    def train_s(self) -> float | None:
        """How long training took, in seconds."""
        return self._reader.model.meta.get("train_s")

    def refresh(self) -> bool:
        """Take up what stands in `intents/` now, training if need be; True where the model changed. Calls go on meanwhile."""
        fresh = model_store.find_or_train(self._intents_dir, self._data_dir)
        changed = fresh.meta.get("content") != self._reader.model.meta.get("content")
        self._reader = self._reader_of(fresh)
        return changed

    def alarm(self, text: str) -> Alarm:
        """Danger and unsafe requests: by rule, or learnt."""
        reader = self._reader
        return self._alarm(reader, reader.see(text))

    def parse(self, text: str) -> Understood:
        """The full verdict; never raises."""
        reader = self._reader
        seen = reader.see(text)
        return understood(text, seen.ranking, self._alarm(reader, seen), reader.model.thresholds, self.name)

    @staticmethod
    def _alarm(reader: _Reader, seen: _Seen) -> Alarm:
        best = seen.ranking[0] if seen.ranking else NOTHING
        return weigh(seen.sight, seen.alarm_scores, reader.model.alarm_thresholds, best)

    def _reader_of(self, model: Model) -> _Reader:
        known = lexicon.read(self._intents_dir / model_store.LEXICON)
        words = known_words(model_store.folder_of(self._data_dir, str(model.meta.get("content"))))
        speller = Speller(model.domain_words, words.common, words.sounds)
        watch = Watch(danger_rules.read(self._intents_dir / model_store.DANGER), speller, words.rare)
        return _Reader(model, Extractor(speller, known), watch)


def open_engine(intents_dir: Path, data_dir: Path) -> EmbeddedEngine:
    """The engine for what stands in `intents/` now; trains, in a process of its own, when no model of that content exists.

    Raises ContentError for a broken data file and UnderstandingError when training fails.
    """
    return EmbeddedEngine(intents_dir, data_dir, model_store.find_or_train(intents_dir, data_dir))
