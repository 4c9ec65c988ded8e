"""The words we know: those of the domain first, then common Spanish."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.domain.folding import fold_word, plain

COMMON_WORDS: Final = 30_000
"""How many Spanish words count as common: rarer ones are as often somebody's misspelling."""


RARE_WORDS: Final = 120_000
MIN_RARE_CHARS: Final = 3
OWN_WORD: Final = 5
"""In how many training sentences a word that is not common Spanish must stand to be one of our own."""


@lru_cache(maxsize=1)
def common_words() -> Mapping[str, int]:
    """Plain common words with their rank, 0 the most frequent.

    Source: the `wordfreq` package (Exquisite Corpus: subtitles, news, web, social media).
    """
    import wordfreq  # noqa: PLC0415  reading its list costs 0.1 s and 20 MB, given back below

    ranks: dict[str, int] = {}
    for rank, word in enumerate(wordfreq.top_n_list("es", COMMON_WORDS, wordlist="small")):
        for part in plain(word).split():
            if len(part) > 1 or part in "aeouy":
                ranks.setdefault(part, rank)
    for cached in (wordfreq.get_frequency_list, wordfreq.get_frequency_dict, wordfreq.top_n_list):
        cached.cache_clear()
    return ranks


@lru_cache(maxsize=1)
def common_sounds() -> Mapping[str, str]:
    """How each of the common words sounds."""
    return {word: fold_word(word) for word in common_words()}


class WordSet:
    """Many words that are only asked for: 8 bytes each, where a set of texts takes 150.

    Two words that share a hash of 64 bits are taken for one, which for 100,000 words happens to one question in 10^14.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.hashes = np.unique(np.fromiter(map(_hash, words), dtype=np.uint64))

    @classmethod
    def of_hashes(cls, hashes: NDArray[np.uint64]) -> WordSet:
        """The set that has these `hashes`, sorted."""
        made = cls(())
        made.hashes = hashes
        return made

    def __len__(self) -> int:
        return len(self.hashes)

    def __contains__(self, word: str) -> bool:
        wanted = np.uint64(_hash(word))
        place = int(np.searchsorted(self.hashes, wanted))
        return place < len(self.hashes) and bool(self.hashes[place] == wanted)


def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest())


@lru_cache(maxsize=1)
def rare_words() -> WordSet:
    """Plain words that are less common, but no misspelling of ours either."""
    import wordfreq  # noqa: PLC0415  see common_words

    listed = wordfreq.top_n_list("es", RARE_WORDS, wordlist="large")
    for cached in (wordfreq.get_frequency_list, wordfreq.get_frequency_dict, wordfreq.top_n_list):
        cached.cache_clear()
    return WordSet(word for word in map(plain, listed) if len(word) > MIN_RARE_CHARS and word.isalpha())


def domain_words(sentences: Iterable[str], terms: Iterable[str], *, at_least: int = 2) -> frozenset[str]:
    """The words of the lexicon, and those that training sentences use often enough.

    A word that is not common Spanish may be a misspelling written there on purpose: it must stand in several sentences and sound
    like no other.
    """
    counts: Counter[str] = Counter()
    for sentence in sentences:
        counts.update(set(plain(sentence).split()))
    common = common_words()
    named = {part for term in terms for part in plain(term).split()}
    sounds = {*common_sounds().values(), *map(fold_word, named)}
    used = {word for word, count in counts.items() if len(word) > 1 and word in common and count >= at_least}
    own = {word for word, count in counts.items() if count >= OWN_WORD and fold_word(word) not in sounds}
    return frozenset(used | own | named)
