"""The words we know: those of the domain first, then common Spanish."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from bot.domain.folding import plain

COMMON_WORDS: Final = 30_000
"""How many Spanish words count as common: rarer ones are as often somebody's misspelling."""


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


def domain_words(sentences: Iterable[str], terms: Iterable[str], *, at_least: int = 2) -> frozenset[str]:
    """The words of the lexicon, and those that training sentences use at least so many times or that are common Spanish.

    A word that stands in one sentence only may be a misspelling written there on purpose.
    """
    counts: Counter[str] = Counter()
    for sentence in sentences:
        counts.update(set(plain(sentence).split()))
    common = common_words()
    used = {word for word, count in counts.items() if len(word) > 1 and word in common and count >= at_least}
    return frozenset(used | {part for term in terms for part in plain(term).split()})
