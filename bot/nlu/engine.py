"""The embedded engine: alarm first, then the trained model, then whether to believe it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.domain.understanding import Alarm, Guess, Understood
from bot.nlu import danger, lexicon, model_store, vocabulary
from bot.nlu.danger import Watch
from bot.nlu.features import Extractor
from bot.nlu.model import Model, Thresholds
from bot.nlu.spelling import Speller

OUT_OF_SCOPE: Final = "out_of_scope"
COURTESIES: Final = frozenset({"greet", "thanks", "goodbye"})
RANKED: Final = 5
ASKED_BACK: Final = 3


def understood(text: str, ranking: list[Guess], alarm: Alarm, thresholds: Thresholds, engine: str) -> Understood:
    """The verdict from a ranking, the surest first: alarm before all, then rejection, then doubt."""
    best = ranking[0] if ranking else Guess(OUT_OF_SCOPE, 0.0)
    unsure: tuple[str, ...] = ()
    intent = best.intent
    if alarm.danger:
        intent = "ask_emergency"
    elif alarm.unsafe:
        intent = "unsafe_request"
    elif best.confidence < thresholds.reject:
        intent = OUT_OF_SCOPE
    elif intent != OUT_OF_SCOPE and len(ranking) > 1 and best.confidence - ranking[1].confidence < thresholds.margin:
        near = [guess.intent for guess in ranking if best.confidence - guess.confidence < thresholds.margin]
        unsure = tuple(intent for intent in near if intent != OUT_OF_SCOPE)[:ASKED_BACK]
        unsure = unsure if len(unsure) > 1 else ()
    return Understood(text, intent, best.confidence, engine, tuple(ranking[:RANKED]), alarm.danger, alarm.unsafe, unsure)


@dataclass(frozen=True, slots=True)
class _Reader:
    """A model with what reads for it: swapped as one."""

    model: Model
    extractor: Extractor
    watch: Watch
    courtesies: frozenset[str]


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

    def refresh(self) -> bool:
        """Take up what stands in `intents/` now, training if need be; True where the model changed. Calls go on meanwhile."""
        fresh = model_store.find_or_train(self._intents_dir, self._data_dir)
        changed = fresh.meta.get("content") != self._reader.model.meta.get("content")
        self._reader = self._reader_of(fresh)
        return changed

    def alarm(self, text: str) -> Alarm:
        """Danger and unsafe requests, by rule."""
        return self._reader.watch.alarm(text)

    def parse(self, text: str) -> Understood:
        """The full verdict; never raises."""
        reader = self._reader
        ranking = self._ranking(reader, text)
        return understood(text, ranking, reader.watch.alarm(text), reader.model.thresholds, self.name)

    def _ranking(self, reader: _Reader, text: str) -> list[Guess]:
        reading = reader.extractor.read(text)
        if not reading.written:
            return []
        chances = reader.model.probabilities(reader.extractor.extract(reading))
        best = chances.argsort()[::-1]
        return [Guess(reader.model.intents[code], round(float(chances[code]), 4)) for code in best]

    def _reader_of(self, model: Model) -> _Reader:
        known = lexicon.read(self._intents_dir / model_store.LEXICON)
        speller = Speller(model.domain_words, vocabulary.common_words())
        watch = Watch(danger.read(self._intents_dir / model_store.DANGER), speller)
        return _Reader(model, Extractor(speller, known.matcher()), watch, frozenset())


def open_engine(intents_dir: Path, data_dir: Path) -> EmbeddedEngine:
    """The engine for what stands in `intents/` now; trains, in a process of its own, when no model of that content exists.

    Raises ContentError for a broken data file and UnderstandingError when training fails.
    """
    return EmbeddedEngine(intents_dir, data_dir, model_store.find_or_train(intents_dir, data_dir))
