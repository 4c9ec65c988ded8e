"""Spanish as it is written by ear: abbreviations, elongations, digits, and misspelt words put right, the domain's words first."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from bot.domain.folding import fold_word, plain
from bot.nlu.nearness import Shelf

ABBREVIATIONS: Final[Mapping[str, str]] = {
    "q": "que", "k": "que", "ke": "que", "x": "por", "xq": "porque", "pq": "porque", "xk": "porque", "porq": "porque",
    "xke": "porque", "pk": "porque", "pa": "para", "pal": "para el", "toy": "estoy",
    "tas": "estas", "ta": "esta", "tamos": "estamos", "ud": "usted", "uds": "ustedes", "vd": "usted",
    "uste": "usted", "ustd": "usted", "d": "de", "dl": "del", "dnd": "donde", "dnde": "donde", "cmo": "como", "kmo": "como",
    "tb": "tambien", "tmb": "tambien", "tbn": "tambien", "tmbn": "tambien", "bn": "bien", "xfa": "por favor",
    "porfa": "por favor", "xfavor": "por favor", "plis": "por favor", "porfis": "por favor", "grax": "gracias",
    "grasias": "gracias", "msj": "mensaje", "msg": "mensaje", "cel": "celular", "tel": "telefono", "wsp": "whatsapp",
    "wasap": "whatsapp", "guasap": "whatsapp", "ps": "pues", "pz": "pues", "pe": "pues", "pue": "pues", "m": "me", "t": "te",
    "n": "en", "c": "se", "s": "es", "qn": "quien", "kien": "quien", "qien": "quien", "qiero": "quiero", "kiero": "quiero",
    "qe": "que", "aki": "aqui", "na": "nada", "naa": "nada", "nd": "nada",
    "cdo": "cuando", "kuando": "cuando", "tnk": "tengo que", "info": "informacion",
}  # fmt: skip
"""Short forms people type. Source: own knowledge of written speech in both countries (domain brief, section A)."""

_NUMBERS: Final = dict(
    zip("0123456789", ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"), strict=True)
)
_ELONGATED: Final = re.compile(r"([a-zñ])\1{2,}")
_SPLITTABLE: Final = (
    "no",
    "me",
    "te",
    "se",
    "le",
    "lo",
    "la",
    "los",
    "las",
    "nos",
    "de",
    "el",
    "en",
    "un",
    "una",
    "que",
    "a",
    "ya",
)
MIN_CORRECTED_CHARS: Final = 4
LONG_NUMBER: Final = "cifra"
"""What stands for any number of two digits or more."""


@lru_cache(maxsize=64)
def words(text: str) -> Sequence[str]:
    """The plain words of a text: short forms written out, "holaaaa" as "hola", a digit as a word, a longer number as "cifra"."""
    found: list[str] = []
    for short in _ELONGATED.sub(r"\1", plain(text)).split():
        if short.isdecimal():
            found.append(_NUMBERS.get(short, LONG_NUMBER))
        else:
            found.extend(ABBREVIATIONS.get(short, short).split())
    return tuple(found)


def edits_allowed(length: int) -> int:
    """How many letters of a word of that length may be wrong before it is another word."""
    if length < MIN_CORRECTED_CHARS:
        return 0
    return 1 if length < 7 else 2  # noqa: PLR2004


class Speller:
    """Puts words right. `domain` words win over common ones; a word that is known already is left alone.

    `sounds`: how the common words sound, where that has been worked out before.
    """

    def __init__(self, domain: Iterable[str], common: Mapping[str, int], sounds: Mapping[str, str] | None = None) -> None:
        self._domain = frozenset(domain)
        self._common = common
        self._sounds: dict[str, str] = {}
        by_rank = sorted(common, key=common.__getitem__)
        # Of words that are equally near the more frequent one is meant: an order that is the same in every process.
        domain_by_rank = sorted(self._domain, key=lambda word: (common.get(word, len(common)), word))
        heard = sounds or {}
        sound_of = {word: heard.get(word) or fold_word(word) for word in (*domain_by_rank, *by_rank)}
        for word, sound in sound_of.items():
            self._sounds.setdefault(sound, word)
        self._domain_shelf = Shelf(sound_of[word] for word in domain_by_rank if len(word) >= MIN_CORRECTED_CHARS)
        by_letter: defaultdict[str, list[str]] = defaultdict(list)
        for word in by_rank:
            if len(word) >= MIN_CORRECTED_CHARS:
                by_letter[sound_of[word][0]].append(sound_of[word])
        self._common_shelves = {first: Shelf(listed) for first, listed in by_letter.items()}
        self.correct_word = lru_cache(maxsize=4096)(self._written_out)

    def knows(self, word: str) -> bool:
        """Whether a plain word is spelt as we know it."""
        return word in self._domain or word in self._common

    def correct(self, text: str) -> list[str]:
        """The words of a text, put right where that can be done with some certainty. Idempotent and total."""
        return [right for word in words(text) for right in self.correct_word(word)]

    def _written_out(self, word: str) -> tuple[str, ...]:
        """What a word was meant to be; "paa" sounds like "pa", which is short for "para"."""
        return tuple(part for right in self._correct_word(word) for part in ABBREVIATIONS.get(right, right).split())

    def _correct_word(self, word: str) -> tuple[str, ...]:
        if self._settled(word):
            return (word,)
        sound = fold_word(word)
        if sound in self._sounds:
            return (self._sounds[sound],)
        near = (
            self._near(sound, self._domain_shelf) or self._split(word) or self._near(sound, self._common_shelves.get(sound[:1]))
        )
        return (word,) if near is None else near

    def _settled(self, word: str) -> bool:
        """Known, and not merely a frequent misspelling of a much more frequent word that sounds the same."""
        if word in self._domain or len(word) < MIN_CORRECTED_CHARS - 1 or not word.isalpha():
            return True
        if word not in self._common:
            return False
        better = self._sounds.get(fold_word(word), word)
        return better == word or self._common[word] < 20 * self._common.get(better, 0) + 2_000

    def _near(self, sound: str, shelf: Shelf | None) -> tuple[str, ...] | None:
        """The word that sounds nearest; of equally near ones that with the same first letter, then the more frequent.

        Among common words only those with the right first letter are looked at: the others are many and seldom meant.
        """
        allowed = edits_allowed(len(sound))
        if not allowed or shelf is None:
            return None
        found = shelf.near(sound, allowed)
        if not found:
            return None
        best = min(found, key=lambda near: (near.distance, near.word[0] != sound[0], near.place, near.word))
        return (self._sounds[best.word],)

    def _split(self, word: str) -> tuple[str, ...] | None:
        """Two words written as one: "megusta", "nose"."""
        for first in _SPLITTABLE:
            rest = word[len(first) :]
            if word.startswith(first) and len(rest) >= MIN_CORRECTED_CHARS and self.knows(rest):
                return (first, rest)
        return None
