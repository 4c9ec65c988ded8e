"""Words that not everybody knows: each must stand in the glossary, or among the plain words of `content/plain.yml`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from bot.domain.errors import ContentError
from bot.lessons.content import Content
from bot.lessons.limits import bare
from bot.lessons.measure import sentences
from bot.lessons.told import Told, told

RARE: Final = 2.6
"""On the Zipf scale: 3 is once in a million words, 2.6 less than once in two million and a half."""

_WORD: Final = re.compile(r"[^\W\d_]+")
_CLITIC: Final = re.compile(r"(?:los|las|les|lo|la|le|se|me|nos)$")
_ENDINGS: Final = (("es", ""), ("s", ""), ("as", "a"), ("os", "o"))
_STEM: Final = 5
_SHORTEST: Final = 3
_READ_BY_MINERS: Final = ("modules/", "polls/", "replies/answers.", "replies/crisis.", "replies/unsafe.", "replies/lesson.")


def jargon(content: Content) -> Iterator[ContentError]:
    """Rare and hard words of lessons and answers that nobody explains, once a file."""
    if content.plain is None:
        return
    explained = {bare(word) for word in content.glossary}
    known = {bare(word) for word in content.plain.entry.known}
    hard = [bare(word) for word in content.plain.entry.hard]
    seen: set[tuple[str, str]] = set()
    for one in told(content):
        if not _taught(one):
            continue
        for word in _words(one.text):
            plain = bare(word)
            difficult = any(plain.startswith(stem) for stem in hard) or (plain not in known and rarity(word) < RARE)
            if difficult and not _explained(plain, explained) and (one.source.document.file, plain) not in seen:
                seen.add((one.source.document.file, plain))
                text = f"{one.name} has the hard word `{word}`: say it plainly, or explain it in glossary.yml"
                yield one.error(text if plain not in known else f"{text} (plain.yml calls it hard)")


@lru_cache(maxsize=8192)
def rarity(word: str) -> float:
    """How common a word is in Spanish, on the Zipf scale; also without plural and pronouns ("lávelos" is "lave")."""
    frequency = _frequency()
    plain = bare(word)
    forms = {word, plain, *(plain.removesuffix(end) + instead for end, instead in _ENDINGS if plain.endswith(end))}
    verb = plain
    while len(shorter := _CLITIC.sub("", verb)) >= _SHORTEST and shorter != verb:
        verb = shorter
        forms |= {verb, f"{verb}n"}
    return float(max(frequency(form, "es") for form in forms))


@lru_cache(maxsize=1)
def _frequency() -> Any:
    # Imported late: only the strict check asks how common a word is.
    from wordfreq import zipf_frequency  # noqa: PLC0415

    return zipf_frequency


def _taught(one: Told) -> bool:
    """Whether a text is a lesson's, a poll's or an answer's: what facilitators and staff read may say more."""
    return one.source.document.file.startswith(_READ_BY_MINERS)


def _words(text: str) -> Iterator[str]:
    """The words but names, which begin with a capital in the middle of a sentence, and acronyms."""
    for sentence in sentences(text):
        for number, word in enumerate(_WORD.findall(sentence)):
            if len(word) >= _SHORTEST and not (word[0].isupper() and (number or word.isupper())):
                yield word


def _explained(word: str, explained: set[str]) -> bool:
    """Whether the glossary has the word, or one of its family: "refogue" is "refogar"."""
    return any(word[: max(_STEM, len(term) - 3)] == term[: max(_STEM, len(term) - 3)] for term in explained)
