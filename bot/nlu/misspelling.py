"""A misspeller: writes a sentence the way somebody might who spells by ear, on a small keyboard. Deterministic for a seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

_BY_EAR: Final = (
    ("que", "ke"), ("qui", "ki"), ("que", "q"), ("v", "b"), ("b", "v"), ("z", "s"), ("s", "z"), ("ce", "se"), ("ci", "si"),
    ("se", "ce"), ("si", "ci"), ("ll", "y"), ("y", "ll"), ("h", ""), ("ge", "je"), ("gi", "ji"), ("gue", "ge"), ("gui", "gi"),
    ("c", "k"), ("ado", "ao"), ("ada", "aa"), ("rr", "r"), ("r", "rr"), ("x", "s"), ("cc", "s"), ("mb", "nb"), ("mp", "np"),
    ("ñ", "n"), ("ci", "cy"), ("para", "pa"), ("por", "x"), ("porque", "xq"), ("estoy", "toy"), ("es", "ez"), ("ia", "ea"),
    ("hue", "gue"), ("gua", "wa"), ("o", "u"), ("e", "i"), ("i", "e"), ("u", "o"), ("on", "om"), ("s ", " "), ("l", "r"),
)  # fmt: skip
_NEIGHBOURS: Final = {
    "q": "wa", "w": "qe", "e": "wr", "r": "et", "t": "ry", "y": "tu", "u": "yi", "i": "uo", "o": "ip", "p": "o", "a": "sq",
    "s": "ad", "d": "sf", "f": "dg", "g": "fh", "h": "gj", "j": "hk", "k": "jl", "l": "kñ", "z": "x", "x": "zc", "c": "xv",
    "v": "cb", "b": "vn", "n": "bm", "m": "n",
}  # fmt: skip
_ACCENTS: Final = str.maketrans("áéíóúü", "aeiouu")


def misspell(text: str, seed: int, rate: float = 0.18) -> str:
    """The text with about `rate` of its letters' chances of an error taken: at least one error, accents and signs lost.

    Half of the errors are heard ones (b for v, k for qu), a third slips of the finger, the rest blanks lost or gained.
    """
    luck = random.Random(f"{seed}\x00{text}")  # noqa: S311  not a secret
    written = text.translate(_ACCENTS).lower().replace("¿", "").replace("¡", "")
    errors: tuple[Callable[[str, random.Random], str], ...] = (_by_ear, _by_ear, _by_ear, _slip, _slip, _blank)
    for _ in range(max(1, round(len(written) * rate / 2))):
        written = luck.choice(errors)(written, luck)
    return written.strip() or text


def _by_ear(text: str, luck: random.Random) -> str:
    heard = [(old, new) for old, new in _BY_EAR if old in text]
    if not heard:
        return text
    old, new = luck.choice(heard)
    places = [at for at in range(len(text)) if text.startswith(old, at)]
    at = luck.choice(places)
    return text[:at] + new + text[at + len(old) :]


def _slip(text: str, luck: random.Random) -> str:
    letters = [at for at, char in enumerate(text) if char.isalpha()]
    if len(letters) < 2:  # noqa: PLR2004
        return text
    at = luck.choice(letters)
    kind = luck.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at] + text[at:]
    if kind == 2 and at + 1 < len(text):  # noqa: PLR2004
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + luck.choice(_NEIGHBOURS.get(text[at], text[at])) + text[at + 1 :]


def _blank(text: str, luck: random.Random) -> str:
    blanks = [at for at, char in enumerate(text) if char == " "]
    if not blanks:
        return text
    at = luck.choice(blanks)
    return text[:at] + text[at + 1 :]
