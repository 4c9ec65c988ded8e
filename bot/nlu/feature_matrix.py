"""All training sentences as one sparse matrix: what `Extractor.extract` and `Model.vector` do for one, done for many at once.

Sentences are numbers of words here, and runs of letters, neighbours and pairs are made of the numbers, by numpy and scipy:
word by word in Python it took two thirds longer.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bot.nlu.features import FRAME_SPAN_WORDS, PAIR_SPAN_WORDS, Extractor, Reading, sound_grams, written_grams

MIN_SENTENCES: Final[Mapping[str, int]] = {"written": 4, "sound": 3, "word": 3, "pair": 6, "concept": 1, "frame": 5}
"""A feature in fewer sentences than this is chance."""
FAMILY_WEIGHTS: Final[Mapping[str, float]] = {
    "written": 0.6, "sound": 1.0, "word": 1.0, "pair": 0.7, "concept": 0.6, "frame": 0.7,
}  # fmt: skip

Matrix = Any
"""A scipy.sparse.csr_matrix, which comes without types."""
Numbers = NDArray[np.int64]
Counted = tuple[Matrix, list[str]]
"""Sentences by features: how often; and what each column is."""


@dataclass(frozen=True, slots=True)
class FeatureMatrix:
    """A row a sentence, a column a feature; `index` maps family to feature to column, `idf` has one number a column.

    `words` is how many words each sentence has.
    """

    matrix: Matrix
    words: NDArray[np.int64]
    index: Mapping[str, Mapping[str, int]]
    idf: NDArray[np.float32]


@dataclass(slots=True)
class Lists:
    """Lists of words, each word a number, its place in `words`; list n is `numbers[starts[n]:starts[n + 1]]`."""

    words: list[str] = field(default_factory=list)
    numbers: array[int] = field(default_factory=lambda: array("i"))
    starts: array[int] = field(default_factory=lambda: array("i", [0]))


Packed = Mapping[str, Lists]
"""The words of many sentences, "written", by "sound", and their "concept"s: quick to send from one process to another.

And the "class"es of each word by sound."""


def count(extractor: Extractor, texts: Iterable[str]) -> Packed:
    """The words of each text. One text at a time: to keep all readings would keep the garbage collector busy."""
    packed = {name: Lists() for name in ("written", "sound", "concept")}
    numbering: dict[str, defaultdict[str, int]] = {name: defaultdict() for name in packed}
    for numbers in numbering.values():
        numbers.default_factory = numbers.__len__
    for text in texts:
        reading: Reading = extractor.read(text)
        found = {"written": reading.written, "sound": reading.sounds, "concept": extractor.concepts(reading)}
        for name, lists in packed.items():
            lists.numbers.extend(map(numbering[name].__getitem__, found[name]))
            lists.starts.append(len(lists.numbers))
    for name, lists in packed.items():
        lists.words = list(numbering[name])
    return {**packed, "class": _classes(extractor, packed["sound"].words)}


def _classes(extractor: Extractor, sounds: Iterable[str]) -> Lists:
    lists = Lists()
    numbering: defaultdict[str, int] = defaultdict()
    numbering.default_factory = numbering.__len__
    for sound in sounds:
        lists.numbers.extend(map(numbering.__getitem__, extractor.classes_of(sound)))
        lists.starts.append(len(lists.numbers))
    lists.words = list(numbering)
    return lists


def build(parts: Sequence[Packed], workers: int = 1) -> FeatureMatrix:
    """The matrix of all sentences of all parts, in that order; how they were parted makes no difference.

    Families in threads of their own where there are several workers: sorting and sparse products leave the interpreter's lock.
    """
    written, sound, concept = (_Sentences([part[name] for part in parts]) for name in ("written", "sound", "concept"))
    classes = {word: names for part in parts for word, names in _classes_by_word(part)}
    families: dict[str, Callable[[], Counted]] = {
        "written": lambda: written.by_gram(written_grams),
        "frame": lambda: sound.by_frame(classes),
        "sound": lambda: sound.by_gram(sound_grams),
        "pair": sound.by_pair,
        "word": sound.by_word_and_neighbours,
        "concept": concept.by_word,
    }

    def weighted(name: str) -> tuple[list[str], NDArray[np.float32], Matrix]:
        return _weighted(*families[name](), MIN_SENTENCES[name], FAMILY_WEIGHTS[name])

    with ThreadPoolExecutor(workers) as threads:
        done = dict(zip(families, threads.map(weighted, families), strict=True))
    index: dict[str, dict[str, int]] = {}
    rarities: list[NDArray[np.float32]] = []
    blocks: list[Matrix] = []
    start = 0
    for name in Extractor.FAMILIES:
        kept, idf, block = done[name]
        index[name] = {feature: column for column, feature in enumerate(kept, start)}
        rarities.append(idf)
        blocks.append(block)
        start += len(kept)
    return FeatureMatrix(sparse.hstack(blocks, format="csr"), sound.lengths, index, np.concatenate(rarities))


def _classes_by_word(part: Packed) -> Iterator[tuple[str, list[str]]]:
    classes = part["class"]
    for number, word in enumerate(part["sound"].words):
        yield word, [classes.words[code] for code in classes.numbers[classes.starts[number] : classes.starts[number + 1]]]


class _Sentences:
    """The lists of several parts as one, words numbered in alphabetical order."""

    def __init__(self, parts: Sequence[Lists]) -> None:
        self._words = sorted({word for part in parts for word in part.words})
        rank = {word: number for number, word in enumerate(self._words)}
        numbers, lengths = [], []
        for part in parts:
            to_rank = np.array([rank[word] for word in part.words], dtype=np.int64)
            numbers.append(to_rank[np.frombuffer(part.numbers, dtype=np.int32)] if part.numbers else np.zeros(0, np.int64))
            lengths.append(_lengths(part.starts))
        self._numbers = np.concatenate(numbers)
        self.lengths = np.concatenate(lengths)
        self._rows = np.repeat(np.arange(len(self.lengths)), self.lengths)

    def by_word(self) -> Counted:
        """How often each word stands in each sentence."""
        return self._table(self._rows, self._numbers, len(self._words)), self._words

    def by_gram(self, grams: Callable[[str], tuple[str, ...]]) -> Counted:
        """How often each run of letters stands in each sentence: sentences by words times words by runs."""
        numbering: defaultdict[str, int] = defaultdict()
        numbering.default_factory = numbering.__len__
        numbers, starts = array("i"), array("i", [0])
        for word in self._words:
            numbers.extend(map(numbering.__getitem__, grams(word)))
            starts.append(len(numbers))
        rows = np.repeat(np.arange(len(self._words)), _lengths(starts))
        columns = np.frombuffer(numbers, dtype=np.int32) if numbers else np.zeros(0, np.int32)
        runs = sparse.csr_matrix((np.ones(len(columns)), (rows, columns)), shape=(len(self._words), len(numbering)))
        return self.by_word()[0] @ runs, list(numbering)

    def by_word_and_neighbours(self) -> Counted:
        """Words, and words with the word that follows."""
        left, right, rows = self._apart(1)
        table, names = self._coded(rows, left * len(self._words) + right, " ", MIN_SENTENCES["word"])
        return sparse.hstack([self.by_word()[0], table], format="csr"), self._words + names

    def by_pair(self) -> Counted:
        """Two words near each other, in alphabetical order, whatever stands between."""
        rows, codes = [], []
        for distance in range(1, PAIR_SPAN_WORDS + 1):
            left, right, here = self._apart(distance)
            rows.append(here)
            codes.append(np.minimum(left, right) * len(self._words) + np.maximum(left, right))
        return self._coded(np.concatenate(rows), np.concatenate(codes), "+", MIN_SENTENCES["pair"])

    def by_frame(self, classes: Mapping[str, Sequence[str]]) -> Counted:
        """The classes of the words, and those of two words near each other, in their order."""
        names = sorted({name for listed in classes.values() for name in listed})
        if not names:
            return self._table(np.zeros(0, np.int64), np.zeros(0, np.int64), 0), []
        rank = {name: number for number, name in enumerate(names)}
        codes = [sorted(rank[name] for name in classes[word]) for word in self._words]
        many = np.array([len(listed) for listed in codes], dtype=np.int64)
        first, flat = np.cumsum(many) - many, np.array([code for listed in codes for code in listed], dtype=np.int64)
        # An entry for every class of every word: its row, its place in all sentences, its class.
        each = many[self._numbers]
        places = np.repeat(np.arange(len(self._numbers)), each)
        within = np.arange(len(places)) - np.repeat(np.cumsum(each) - each, each)
        held, rows = flat[np.repeat(first[self._numbers], each) + within], self._rows[places]
        here, paired = [], []
        for shift in range(1, FRAME_SPAN_WORDS * int(many.max()) + int(many.max())):
            apart = places[shift:] - places[:-shift]
            near = (rows[shift:] == rows[:-shift]) & (apart > 0) & (apart <= FRAME_SPAN_WORDS)
            here.append(rows[:-shift][near])
            paired.append(held[:-shift][near] * len(names) + held[shift:][near])
        table, pairs = self._coded(np.concatenate(here), np.concatenate(paired), ">", MIN_SENTENCES["frame"], names)
        return sparse.hstack([self._table(rows, held, len(names)), table], format="csr"), names + pairs

    def _apart(self, distance: int) -> tuple[Numbers, Numbers, Numbers]:
        """Words so far apart in the same sentence, the left ones and the right ones; and the sentence."""
        same = self._rows[:-distance] == self._rows[distance:]
        return self._numbers[:-distance][same], self._numbers[distance:][same], self._rows[:-distance][same]

    def _coded(self, rows: Numbers, codes: Numbers, sign: str, at_least: int, words: Sequence[str] | None = None) -> Counted:
        """Two words (of `words`, else ours) in one number; only those get a name that are there often enough."""
        words = self._words if words is None else words
        distinct, places, often = np.unique(codes, return_inverse=True, return_counts=True)
        kept = often >= at_least
        renumbered = np.cumsum(kept) - 1
        held = kept[places]
        names = [
            f"{words[left]}{sign}{words[right]}" for left, right in zip(*divmod(distinct[kept], max(len(words), 1)), strict=True)
        ]
        return self._table(rows[held], renumbered[places[held]], len(names)), names

    def _table(self, rows: Numbers, columns: Numbers, width: int) -> Matrix:
        return sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(self.lengths), width))


def _lengths(starts: array[int]) -> Numbers:
    ends = np.frombuffer(starts, dtype=np.int32)
    return (ends[1:] - ends[:-1]).astype(np.int64)


def _weighted(counts: Matrix, names: list[str], at_least: int, weight: float) -> tuple[list[str], NDArray[np.float32], Matrix]:
    """The features that are no chance, in alphabetical order; their rarity; their values, each row of length `weight`."""
    sentences = counts.shape[0]
    frequencies = np.bincount(counts.indices, minlength=len(names))
    kept = np.array(sorted(np.flatnonzero(frequencies >= at_least), key=names.__getitem__), dtype=np.int64)
    idf = (np.log((1 + sentences) / (1 + frequencies[kept].astype(np.float32))) + 1).astype(np.float32)
    places = np.full(len(names), -1, dtype=np.int32)
    places[kept] = np.arange(len(kept), dtype=np.int32)
    columns = places[counts.indices]
    held = columns >= 0
    ends = np.concatenate([[0], np.cumsum(held)])[counts.indptr]
    columns = columns[held]
    values = (1 + np.log(counts.data[held])) * idf[columns]
    rows = np.repeat(np.arange(sentences), np.diff(ends))
    lengths = np.sqrt(np.bincount(rows, weights=values**2, minlength=sentences))
    block = sparse.csr_matrix((values * weight / lengths[rows], columns, ends), shape=(sentences, len(kept)))
    return [names[number] for number in kept], idf, block
