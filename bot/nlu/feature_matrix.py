"""All training sentences as one sparse matrix: what `Model.vector` does for one sentence, done for many at once."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bot.nlu.features import Extractor

MIN_SENTENCES: Final[Mapping[str, int]] = {"written": 4, "sound": 3, "word": 2, "pair": 4, "concept": 1}
"""A feature in fewer sentences than this is chance."""
FAMILY_WEIGHTS: Final[Mapping[str, float]] = {"written": 0.6, "sound": 1.0, "word": 1.0, "pair": 0.7, "concept": 0.6}

Matrix = Any
"""A scipy.sparse.csr_matrix, which comes without types."""


@dataclass(frozen=True, slots=True)
class FeatureMatrix:
    """A row a sentence, a column a feature; `index` maps family to feature to column, `idf` has one number a column."""

    matrix: Matrix
    index: Mapping[str, Mapping[str, int]]
    idf: NDArray[np.float32]


class _Family:
    """The features of one family, numbered in the order in which they come."""

    def __init__(self) -> None:
        self.numbers: defaultdict[str, int] = defaultdict()
        self.numbers.default_factory = self.numbers.__len__
        self.columns = array("i")
        self.counts = array("i")
        self.starts = array("i", [0])

    def add(self, counted: Counter[str]) -> None:
        self.columns.extend(map(self.numbers.__getitem__, counted))
        self.counts.extend(counted.values())
        self.starts.append(len(self.columns))

    def extend(self, features: list[str], columns: array[int], counts: array[int], starts: array[int]) -> None:
        numbers = list(map(self.numbers.__getitem__, features))
        shift = len(self.columns)
        self.columns.extend(map(numbers.__getitem__, columns))
        self.counts.extend(counts)
        self.starts.extend(start + shift for start in starts[1:])

    def finish(self, at_least: int, weight: float) -> tuple[list[str], NDArray[np.float32], Matrix]:
        """The features that are no chance, in alphabetical order; their rarity; their values, each row of length `weight`."""
        sentences = len(self.starts) - 1
        columns = np.frombuffer(self.columns, dtype=np.int32) if self.columns else np.zeros(0, np.int32)
        counts = np.frombuffer(self.counts, dtype=np.int32) if self.counts else np.zeros(0, np.int32)
        frequencies = np.bincount(columns, minlength=len(self.numbers))
        kept = sorted(feature for feature, number in self.numbers.items() if frequencies[number] >= at_least)
        places = np.full(len(self.numbers), -1, dtype=np.int32)
        old = np.array([self.numbers[feature] for feature in kept], dtype=np.int64)
        places[old] = np.arange(len(kept), dtype=np.int32)
        idf = (np.log((1 + sentences) / (1 + frequencies[old].astype(np.float32))) + 1).astype(np.float32)
        held = places[columns] >= 0
        ends = np.concatenate([[0], np.cumsum(held)])[np.frombuffer(self.starts, dtype=np.int32)]
        columns = places[columns[held]]
        values = (1 + np.log(counts[held].astype(np.float32))) * idf[columns]
        rows = np.repeat(np.arange(sentences), np.diff(ends))
        lengths = np.sqrt(np.bincount(rows, weights=values**2, minlength=sentences))
        block = sparse.csr_matrix((values * weight / lengths[rows], columns, ends), shape=(sentences, len(kept)))
        return kept, idf, block


Packed = dict[str, tuple[list[str], "array[int]", "array[int]", "array[int]"]]
"""Of each family its features, and by their numbers what each sentence holds: quick to send from one process to another."""


def count(sentences: Iterable[Mapping[str, Counter[str]]]) -> Packed:
    """What `Extractor.extract` gave for some sentences, in that order."""
    families = {name: _Family() for name in Extractor.FAMILIES}
    for sentence in sentences:
        for name, family in families.items():
            family.add(sentence[name])
    return {name: (list(family.numbers), family.columns, family.counts, family.starts) for name, family in families.items()}


def build(parts: Sequence[Packed]) -> FeatureMatrix:
    """The matrix of all sentences of all parts, in that order; how they were parted makes no difference."""
    index: dict[str, dict[str, int]] = {}
    rarities: list[NDArray[np.float32]] = []
    blocks: list[Matrix] = []
    start = 0
    for name in Extractor.FAMILIES:
        family = _Family()
        for part in parts:
            family.extend(*part[name])
        kept, idf, block = family.finish(MIN_SENTENCES[name], FAMILY_WEIGHTS[name])
        index[name] = {feature: column for column, feature in enumerate(kept, start)}
        rarities.append(idf)
        blocks.append(block)
        start += len(kept)
    return FeatureMatrix(sparse.hstack(blocks).tocsr(), index, np.concatenate(rarities))
