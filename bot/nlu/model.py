"""A trained linear model, served with numpy alone: features by family, their rarity, one weight a feature and intent.

On disk it is a folder: `meta.json`, `vocabulary.json` and `weights.npz` (arrays of numbers only; nothing in it can run).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from bot.domain.errors import UnderstandingError
from bot.nlu import alarm
from bot.nlu.alarm import AlarmThresholds, Levels
from bot.nlu.feature_rows import FeatureRows

FORMAT: Final = 12
"""Counts up when a stored model can no longer be read by this code, or would be trained differently by it."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When to believe: `reject` below which nothing is believed, `margin` between the first two below which one asks back.

    `outside`: so far behind the first, out of scope still wins.
    """

    reject: float
    margin: float
    outside: float = 0.0


@dataclass(frozen=True)
class Model:
    """`rows` knows the row of a feature; `idf` has one number a row.

    `names`: the features of each family, in the order of their rows; left out of a model that was read from disk, where only
    keeping it would need them, and where they would take 20 MB.

    `weights` has one row a feature; a column for each intent, then one for each of `alarms` (none where no alarm was learnt).
    """

    intents: tuple[str, ...]
    alarms: tuple[str, ...]
    names: Mapping[str, Sequence[str]]
    rows: FeatureRows
    idf: Floats
    weights: NDArray[np.float16]
    bias: Floats
    temperature: float
    family_weights: Mapping[str, float]
    thresholds: Thresholds
    alarm_thresholds: AlarmThresholds
    domain_words: frozenset[str]
    meta: Mapping[str, Any]

    def vector(self, features: Mapping[str, Counter[str]]) -> tuple[NDArray[np.int32], Floats]:
        """The rows that a sentence touches and their values; each family has length 1 times its weight."""
        found, counts, sizes = self.rows.of(features)
        if not len(found):
            return found, counts
        values = (1 + np.log(counts)) * self.idf[found]
        filled = np.flatnonzero(sizes)
        ends = np.cumsum(sizes)
        lengths = np.sqrt(np.add.reduceat(values * values, (ends - sizes)[filled]))
        scale = self._weights_of_families[filled] / lengths
        return found, values * np.repeat(scale, sizes[filled])

    def scores(self, features: Mapping[str, Counter[str]]) -> Floats:
        """One number a column of the weights, of any size."""
        rows, values = self.vector(features)
        scores = values @ self.weights[rows].astype(np.float32)
        # n words and n - 1 neighbours
        scores[len(self.intents) :] *= alarm.weight((features["word"].total() + 1) / 2)
        return np.asarray(scores + self.bias, dtype=np.float32)

    def probabilities(self, features: Mapping[str, Counter[str]]) -> Floats:
        """One number an intent, adding up to 1."""
        return self.softmax(self.scores(features))

    def softmax(self, scores: Floats) -> Floats:
        """The scores of the intents as probabilities, sharpened by the temperature found in training."""
        scaled = scores[: len(self.intents)] * np.float32(self.temperature)
        grown = np.exp(scaled - scaled.max())
        return np.asarray(grown / grown.sum(), dtype=np.float32)

    def alarm_scores(self, scores: Floats) -> dict[str, float]:
        """The scores of the alarm by name."""
        return dict(zip(self.alarms, scores[len(self.intents) :].tolist(), strict=True))

    @cached_property
    def _weights_of_families(self) -> Floats:
        return np.array([self.family_weights[family] for family in self.rows.families], dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Write a model that was just trained into an existing empty folder. Raises UnderstandingError for one that was read."""
        if len(self.rows) != sum(map(len, self.names.values())):
            raise UnderstandingError("a model that was read from disk does not know its features' names: copy its folder")
        np.savez_compressed(folder / "weights.npz", idf=self.idf, weights=self.weights, bias=self.bias)
        _dump(folder / "vocabulary.json", {"features": self.names, "domain_words": sorted(self.domain_words)})
        meta = {
            **self.meta,
            "format": FORMAT,
            "intents": self.intents,
            "alarms": self.alarms,
            "temperature": self.temperature,
            "family_weights": self.family_weights,
            "thresholds": asdict(self.thresholds),
            "alarm_thresholds": asdict(self.alarm_thresholds),
        }
        _dump(folder / "meta.json", meta)


def _dump(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=None if path.stem == "vocabulary" else 1), encoding="utf-8")


def load(folder: Path) -> Model:
    """Read a model. Raises UnderstandingError when it is of another format, incomplete or damaged."""
    try:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        if meta["format"] != FORMAT:
            raise UnderstandingError(f"{folder}: a model of format {meta['format']}, not {FORMAT}: train again")
        vocabulary = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
        with (folder / "weights.npz").open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            idf, weights, bias = arrays["idf"], arrays["weights"], arrays["bias"]
        rows = FeatureRows(vocabulary["features"])
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise UnderstandingError(f"{folder}: the model cannot be read ({type(error).__name__}): train again") from error
    return Model(
        intents=tuple(meta["intents"]),
        alarms=tuple(meta["alarms"]),
        names={},
        rows=rows,
        idf=idf,
        weights=weights,
        bias=bias,
        temperature=float(meta["temperature"]),
        family_weights=meta["family_weights"],
        thresholds=Thresholds(**meta["thresholds"]),
        alarm_thresholds=AlarmThresholds(**{side: Levels(**levels) for side, levels in meta["alarm_thresholds"].items()}),
        domain_words=frozenset(vocabulary["domain_words"]),
        meta=meta,
    )
