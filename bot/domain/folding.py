"""Folding: the one written form that the many ways of spelling a Spanish word by ear have in common.

Two rooms compare words: understanding and the reading of short answers. Both fold with this, so that "asogue", "azogue" and
"AZOGUE" are one word everywhere.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_INVISIBLE: Final = re.compile(r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_NOT_WORD: Final = re.compile(r"[^a-z0-9ñ]+")
_REPEATED: Final = re.compile(r"([a-zñ])\1+")
_SOUNDS: Final = (
    (re.compile(r"^x?q$"), "ke"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"ch"), "\u0001"),
    (re.compile(r"h"), ""),
    (re.compile(r"qu(?=[ei])"), "k"),
    (re.compile(r"q"), "k"),
    (re.compile(r"w"), "u"),
    (re.compile(r"gu?(?=[ei])"), "j"),  # "asoge" is how many write "azogue"
    (re.compile(r"gu(?=[ao])"), "u"),  # "awa" is "agua"
    (re.compile(r"c(?=[ei])"), "s"),
    (re.compile(r"c"), "k"),
    (re.compile(r"[zx]"), "s"),
    (re.compile(r"v"), "b"),
    (re.compile(r"ll"), "y"),
    (re.compile(r"y(?![aeiou])"), "i"),  # "reynfo", "lei"
    (re.compile(r"n(?=[bp])"), "m"),  # "motobonba"
    (re.compile(r"(?<=[a-zñ]{2}[ai])d(?=[oa]s?$)"), ""),  # "refogao"; "todo", "nada" and "vida" stay
    (re.compile(r"\u0001"), "ch"),
)


def clean(text: str) -> str:
    """Text without control, zero-width and direction marks, in one Unicode form, white space folded. Total: takes anything."""
    composed = unicodedata.normalize("NFKC", text.encode("utf-8", "replace").decode("utf-8"))
    return " ".join(_INVISIBLE.sub("", composed).split())


@lru_cache(maxsize=256)
def plain(text: str) -> str:
    """Lower case, without accents (ñ kept), words of letters and digits with one blank between them."""
    lowered = clean(text).casefold().replace("ñ", "\u0001")
    bare = lowered
    if not lowered.isascii():
        bare = "".join(c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c))
    return _NOT_WORD.sub(" ", bare.replace("\u0001", "ñ")).strip()


@lru_cache(maxsize=16384)
def fold_word(word: str) -> str:
    """How a plain word sounds, roughly: h, b/v, s/c/z/x, ll/y, k/qu/c, g/j, doubled letters and -ado/-ao made one.

    The rules run until nothing changes, so that folding twice is folding once; each pass shortens the word or leaves it, or
    exchanges a letter for one that no rule exchanges again.
    """
    while True:
        folded = word
        for pattern, sound in _SOUNDS:
            folded = pattern.sub(sound, folded)
        folded = _REPEATED.sub(r"\1", folded)
        if folded == word:
            return word
        word = folded


def fold(text: str) -> str:
    """Every word of a text as it sounds. Idempotent."""
    return " ".join(filter(None, (fold_word(word) for word in plain(text).split())))
