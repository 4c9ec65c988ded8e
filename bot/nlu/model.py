"""A trained linear model, served with numpy alone: features by family, their rarity, one weight a feature and intent.

On disk it is a folder: `meta.json`, `vocabulary.json` and `weights.npz` (arrays of numbers only; nothing in it can run).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from bot.domain.errors import UnderstandingError
from bot.nlu import alarm
from bot.nlu.alarm import AlarmThresholds, Levels

FORMAT: Final = 11
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
    """`index` maps family to feature to row; `idf` has one number a row.

    `weights` has one row a feature; a column for each intent, then one for each of `alarms` (none where no alarm was learnt).
    """

    intents: tuple[str, ...]
    alarms: tuple[str, ...]
    index: Mapping[str, Mapping[str, int]]
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
        rows: list[int] = []
        counts: list[int] = []
        starts: list[int] = []
        weights: list[float] = []
        for family, counted in features.items():
            known = self.index[family]
            before = len(rows)
            for feature, count in counted.items():
                row = known.get(feature)
                if row is not None:
                    rows.append(row)
                    counts.append(count)
            if len(rows) > before:
                starts.append(before)
                weights.append(self.family_weights[family])
        if not rows:
            return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32)
        found = np.array(rows, dtype=np.int32)
        values = (1 + np.log(np.array(counts, dtype=np.float32))) * self.idf[found]
        lengths = np.sqrt(np.add.reduceat(values * values, starts))
        scale = np.array(weights, dtype=np.float32) / lengths
        return found, values * np.repeat(scale, np.diff([*starts, len(rows)]))

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

    def save(self, folder: Path) -> None:
        """Write into an existing empty folder."""
        np.savez_compressed(folder / "weights.npz", idf=self.idf, weights=self.weights, bias=self.bias)
        vocabulary = {family: list(known) for family, known in self.index.items()}
        _dump(folder / "vocabulary.json", {"features": vocabulary, "domain_words": sorted(self.domain_words)})
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
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise UnderstandingError(f"{folder}: the model cannot be read ({type(error).__name__}): train again") from error
    index: dict[str, dict[str, int]] = {}
    start = 0
    for family, features in vocabulary["features"].items():
        index[family] = {feature: row for row, feature in enumerate(features, start)}
        start += len(features)
    return Model(
        intents=tuple(meta["intents"]),
        alarms=tuple(meta["alarms"]),
        index=index,
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
