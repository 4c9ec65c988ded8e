"""Reading short answers: which of the offered choices, or which of the keys that mean the same everywhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from rapidfuzz import fuzz

from bot.dialogue.words import Phrase, Words, tokens
from bot.domain.folding import fold_word, plain
from bot.domain.message import Choice

MOST_CHARS: Final = 200

_MOST_WORDS: Final = 8
_ALIKE: Final = 84
_CLEARLY_BETTER: Final = 10
_PART_OF_LABEL: Final = 95
_WORD_ALIKE: Final = 80
_SHORT_WORD_CHARS: Final = 3
_STEM_CHARS: Final = 5
_LINE: Final = re.compile(r"\s*([0-9*])\s*[.):-]?\s*(\D.*)", re.DOTALL)
_ONE_LETTER_ANSWERS: Final = frozenset({"s", "n"})


class Command(StrEnum):
    """What the reserved keys ask for."""

    BACK = "back"
    SIMPLER = "simpler"
    REPEAT = "repeat"
    NEXT = "next"
    MENU = "menu"
    PERSON = "person"


KEYS: Final = {
    "6": Command.BACK,
    "7": Command.SIMPLER,
    "8": Command.REPEAT,
    "9": Command.NEXT,
    "0": Command.MENU,
    "*": Command.PERSON,
}

# On a call only: there are no letters to write BAJA or BORRAR with.
LEAVING_KEY: Final = "#"


def held_down(text: str) -> bool:
    """Whether this is a key held down or a stray x, which folding would make the "s" of "si" or the "n" of "no"."""
    words = plain(text).split()
    return bool(words) and all(fold_word(word) in _ONE_LETTER_ANSWERS and word not in _ONE_LETTER_ANSWERS for word in words)


def command(text: str, words: Words) -> Command | None:
    """The reserved key, or the word for it, that is the whole message, courtesies aside."""
    bare = text.replace("\ufe0f", "").replace("\u20e3", "").strip()
    if bare == "*":
        return Command.PERSON
    said = tokens(text)
    if not said or len(said) > _MOST_WORDS:
        return None
    left = words.without(said, "courtesies", "fillers")
    number = words.number(left[0]) if len(left) == 1 else None
    if str(number) in KEYS:
        return KEYS[str(number)]
    return next((c for c in Command if words.says(said, c.value, around=("courtesies", "fillers"))), None)


def pick(text: str, choices: Sequence[Choice], words: Words) -> Choice | None:
    """The one choice that a text means without doubt: its number in any form, its words, or yes and no; else None."""
    said = tokens(text)
    if not said or len(said) > _MOST_WORDS or len(text) > MOST_CHARS or not choices:
        return None
    if (copied := _copied(text, choices)) is not None:
        return copied
    by_label = labelled(text, choices, words) or _affirmed(said, choices, words)
    left = words.without(said, "courtesies", "fillers")
    by_number = choices[-1] if words.says(said, "last", around=("courtesies", "fillers")) else _numbered(left, choices, words)
    if by_number and not any(word.isdecimal() for word in left) and _is_word_of_another(left, by_number, choices):
        return by_label if by_label and len(said) > 1 else None  # "uno" where the second option is "Uno"
    chosen = by_label or by_number or _agreed(said, choices, words) or _resembling(said, choices, words)
    if chosen or asks(text, words):
        return chosen
    return _at_the_end(said, choices, words) or _denied(said, choices, words)


def asks(text: str, words: Words) -> bool:
    """Whether a message is a question, by its mark or its words."""
    return "?" in text or words.mentions(tokens(text), "questioning")


def named(text: str, choices: Sequence[Choice], words: Words) -> Choice | None:
    """The choice that is meant by its words, and not by a number or a bare yes or no."""
    said = tokens(text)
    if not said or len(said) > _MOST_WORDS or len(text) > MOST_CHARS or not choices:
        return None
    if any(words.number(word) is not None for word in said) or any(words.says(said, key) for key in ("yes", "no")):
        return None
    return labelled(text, choices, words) or _resembling(said, choices, words)


def either(text: str, choices: Sequence[Choice], words: Words) -> tuple[Choice, ...]:
    """The choices between which a number in words leaves a doubt: "uno" where the second option is "Uno"."""
    left = words.without(tokens(text), "courtesies", "fillers", "only")
    if any(word.isdecimal() for word in left):
        return ()
    meant = _numbered(left, choices, words)
    others = [choice for choice in choices if choice is not meant and set(left) & set(tokens(choice.label))]
    return tuple(sorted((meant, *others), key=lambda choice: choice.key)) if meant and others else ()


def several(text: str, choices: Sequence[Choice], words: Words) -> bool:
    """Whether more than one number is said, and nothing else: "1 y 2"."""
    left = [word for word in words.without(tokens(text), "courtesies", "fillers") if len(word) > 1 or word.isdecimal()]
    numbers = {words.number(word) for word in left}
    return len(numbers) > 1 and numbers <= {int(choice.key) for choice in choices if choice.key.isdecimal()}


def labelled(text: str, choices: Sequence[Choice], words: Words) -> Choice | None:
    """The choice whose words these are exactly, spelling by ear and courtesies aside; of "No sé / no digo" either half."""
    said = tokens(text)
    for heard in (said, words.without(said, "courtesies"), words.without(said, "courtesies", "only")):
        matching = [choice for choice in choices if heard and heard in map(tokens, (choice.label, *choice.label.split("/")))]
        if len(matching) == 1:
            return matching[0]
    return None


def _at_the_end(said: Phrase, choices: Sequence[Choice], words: Words) -> Choice | None:
    """The choice with whose words, two or more, a message ends that denies nothing before: "bueno, los dos"."""
    ends = [
        choice
        for choice in choices
        if 1 < len(label := tokens(choice.label)) < len(said)
        and label[:1] not in words.phrases["yes"] | words.phrases["no"]
        and said[-len(label) :] == label
        and not words.mentions(said[: -len(label)], "negations")
    ]
    return ends[0] if len(ends) == 1 else None


def _denied(said: Phrase, choices: Sequence[Choice], words: Words) -> Choice | None:
    """The choice that denies what a message denies in more words: "ayer no fui a trabajar" where one is "No trabajé"."""
    negations = words.phrases["negations"]
    if not any((word,) in negations for word in said):
        return None
    found = []
    for choice in choices:
        label = tokens(choice.label)
        told = [word for word in label if (word,) not in negations]
        if len(told) < len(label) and told and all(any(_same_stem(word, other) for other in said) for word in told):
            found.append(choice)
    return found[0] if len(found) == 1 else None


def _same_stem(word: str, other: str) -> bool:
    return len(word) >= _STEM_CHARS and word[:_STEM_CHARS] == other[:_STEM_CHARS]


def _affirmed(said: Phrase, choices: Sequence[Choice], words: Words) -> Choice | None:
    """The choice whose words stand behind a yes: "ay si voy"."""
    left = words.without(said, "courtesies", "interjections", "yes")
    if not left or left == said or words.mentions(left, "negations"):
        return None
    meant = [choice for choice in choices if left == tokens(choice.label)]
    return meant[0] if len(meant) == 1 else None


def _copied(text: str, choices: Sequence[Choice]) -> Choice | None:
    """The choice whose whole line this is, key and words, as it stands in an SMS or on a button of WhatsApp."""
    found = _LINE.fullmatch(text)
    if found is None:
        return None
    key, label = found.groups()
    return next((choice for choice in choices if choice.key == key and tokens(choice.label) == tokens(label)), None)


def _numbered(left: Phrase, choices: Sequence[Choice], words: Words) -> Choice | None:
    numbers = {words.number(word) for word in left}
    if len(numbers) != 1 or None in numbers:
        return None
    key = str(numbers.pop())
    return next((choice for choice in choices if choice.key == key), None)


def _is_word_of_another(left: Phrase, numbered: Choice, choices: Sequence[Choice]) -> bool:
    return any(set(left) & set(tokens(choice.label)) for choice in choices if choice is not numbered)


def _agreed(said: Phrase, choices: Sequence[Choice], words: Words) -> Choice | None:
    for meaning in ("no", "yes"):
        if words.says(said, meaning, around=("courtesies", "fillers")):
            meant = [choice for choice in choices if means(choice, meaning, words)]
            return meant[0] if len(meant) == 1 else None
    return None


def means(choice: Choice, meaning: str, words: Words) -> bool:
    """Whether a choice is the yes, or the no, of its question."""
    option = choice.id.rpartition(":")[2]
    if option in {"yes", "no", "next"}:
        return option == meaning or (option == "next" and meaning == "yes")
    return words.says(tokens(choice.label), meaning)


def _resembling(said: Phrase, choices: Sequence[Choice], words: Words) -> Choice | None:
    """The choice whose words these are, misspelt or in part. Strict: a "no" on one side only is never a match."""
    heard = words.without(said, "courtesies", "fillers")
    heard = words.without(heard, "articles") or heard
    if not heard:
        return None
    scores = sorted(((_likeness(heard, tokens(choice.label), words), i) for i, choice in enumerate(choices)), reverse=True)
    best, at = scores[0]
    second = scores[1][0] if len(scores) > 1 else 0
    return choices[at] if best >= _ALIKE and best - second >= _CLEARLY_BETTER else None


def _likeness(heard: Phrase, label: Phrase, words: Words) -> float:
    negations = words.phrases["negations"]
    if any((word,) in negations for word in heard) != any((word,) in negations for word in label):
        return 0
    core = words.without(label, "courtesies", "fillers") or label
    whole = fuzz.ratio(" ".join(heard), " ".join(core))
    telling = any(len(word) > _SHORT_WORD_CHARS for word in heard)
    part = telling and all(any(_same(word, other) for other in label) for word in heard)
    return max(whole, _PART_OF_LABEL if part else 0)


def _same(word: str, other: str) -> bool:
    if min(len(word), len(other)) <= _SHORT_WORD_CHARS:
        return word == other
    return fuzz.ratio(word, other) >= _WORD_ALIKE
