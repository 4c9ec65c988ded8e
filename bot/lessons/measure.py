"""How long and how hard a text is."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from bot.domain import gsm7

# These are sent without their accent: each alone would make the whole message UCS-2.
FOLDED: Final = str.maketrans("áíóúÁÍÓÚ", "aiouAIOU")

_SENTENCE_END: Final = re.compile(r"(?<=[.!?…])\s+")
_WORD: Final = re.compile(r"[^\W_]+(?:[.,][0-9]+)*")


def septets(text: str) -> int | None:
    """The length as an SMS, accents folded, in GSM-7 septets; None where a letter has no place in GSM-7."""
    folded = text.translate(FOLDED)
    if not gsm7.fits(folded):
        return None
    return sum(2 if letter in gsm7.EXTENSION else 1 for letter in folded)


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return [sentence for sentence in _SENTENCE_END.split(text.strip()) if sentence]


def words(sentence: str) -> int:
    """How many words a sentence has; a number is one."""
    return len(_WORD.findall(sentence))


@lru_cache(maxsize=1)
def _textstat() -> Any:
    # Imported late: it costs seconds, and only the strict check measures ease.
    import textstat  # noqa: PLC0415

    textstat.set_lang("es")
    return textstat


def ease(text: str) -> float:
    """Reading ease after Szigriszt-Pazos (INFLESZ): 65 to 80 is rather easy, above 80 very easy.

    Source: legible.es on the formula 206.835 - 62.3 syllables/word - words/sentence (domain.md, S52). The library counts
    syllables by hyphenation and misses a few of one letter (`o-ro`), so it judges some three points too kindly.
    """
    return float(_textstat().szigriszt_pazos(text))
