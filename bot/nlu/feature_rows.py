"""Which row of the weights a feature has, in 12 bytes a feature, where a dictionary of texts takes 150."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray


class FeatureRows:
    """The features of each family, in the order of their rows; the families follow each other.

    Features are known by their hash in this process: one that is not there is taken for one that is once in 10^13 questions
    (200,000 features of 2^64), and no two that are there may share one (`ValueError`).
    """

    def __init__(self, names: Mapping[str, Sequence[str]]) -> None:
        self.families: Final = tuple(names)
        self._salts = np.array([hash(f"family {family}") for family in names], dtype=np.int64)
        hashes = self._hashes(names.values(), [len(listed) for listed in names.values()])
        order = np.argsort(hashes)
        self._sorted = hashes[order]
        self._rows = order.astype(np.int32)
        if not np.all(self._sorted[1:] != self._sorted[:-1]):
            raise ValueError("a feature stands twice in its family")

    def __len__(self) -> int:
        return len(self._rows)

    def of(self, features: Mapping[str, Counter[str]]) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.int64]]:
        """Of counted features (all families, in their order) those that have a row: rows, counts, and how many in each family."""
        sizes = [len(features[family]) for family in self.families]
        hashes = self._hashes((features[family] for family in self.families), sizes)
        places = np.searchsorted(self._sorted, hashes)
        known = np.flatnonzero(self._sorted.take(places, mode="clip") == hashes) if len(self._sorted) else places[:0]
        counts = np.fromiter(chain.from_iterable(features[family].values() for family in self.families), np.float32, len(hashes))
        ends = np.searchsorted(known, np.cumsum(sizes))
        return self._rows[places[known]], counts[known], np.diff(ends, prepend=0)

    def _hashes(self, listed: Iterable[Iterable[str]], sizes: Sequence[int]) -> NDArray[np.int64]:
        hashes = np.fromiter(map(hash, chain.from_iterable(listed)), np.int64, sum(sizes))
        return hashes ^ np.repeat(self._salts, sizes)
