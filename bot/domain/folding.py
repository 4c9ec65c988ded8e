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
    ("q", re.compile(r"^x?q$"), "ke"),
    ("ph", None, "f"),
    ("ch", None, "\u0001"),
    ("h", None, ""),
    ("qu", re.compile(r"qu(?=[ei])"), "k"),
    ("q", None, "k"),
    ("w", None, "u"),
    ("g", re.compile(r"gu?(?=[ei])"), "j"),  # "asoge" is how many write "azogue"
    ("gu", re.compile(r"gu(?=[ao])"), "u"),  # "awa" is "agua"
    ("c", re.compile(r"c(?=[ei])"), "s"),
    ("c", None, "k"),
    ("z", None, "s"),
    ("x", None, "s"),
    ("v", None, "b"),
    ("ll", None, "y"),
    ("y", re.compile(r"y(?![aeiou])"), "i"),  # "reynfo", "lei"
    ("n", re.compile(r"n(?=[bp])"), "m"),  # "motobonba"
    ("d", re.compile(r"(?<=[a-zñ]{2}[ai])d(?=[oa]s?$)"), ""),  # "refogao"; "todo", "nada" and "vida" stay
    ("\u0001", None, "ch"),
)
"""What a word must hold for a rule to say anything, which most do not; where in it, None for everywhere; what becomes of that."""


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
        for held, where, sound in _SOUNDS:
            if held in folded:
                folded = where.sub(sound, folded) if where else folded.replace(held, sound)
        folded = _REPEATED.sub(r"\1", folded)
        if folded == word:
            return word
        word = folded


def fold(text: str) -> str:
    """Every word of a text as it sounds. Idempotent."""
    return " ".join(filter(None, (fold_word(word) for word in plain(text).split())))
