"""Reading the answer to a poll's question, whichever kind it is of. An answer is a tuple of option ids, or one number."""

from __future__ import annotations

import re
from typing import Final

from bot.dialogue import numbers
from bot.dialogue.answers import labelled, pick
from bot.dialogue.scene import Scene
from bot.dialogue.words import tokens
from bot.domain.asking import OUT_OF_A_NUMBER
from bot.domain.learning import Wording
from bot.domain.message import Choice
from bot.domain.poll import Poll, PollKind, PollOption

NUMBER: Final = "="
SEVERAL: Final = "+"
MANY_NUMBERS: Final = "=="

_PHRASES: Final = re.compile(r"\s*[,;]\s*|\s+[yeY]\s+")
_MOST_WORDS: Final = 8


def read(scene: Scene, poll: Poll, choices: tuple[Choice, ...], text: str) -> str | None:
    """The option that a text means, several of them, or a number; None where it means none."""
    if poll.kind is PollKind.NUMBER:
        return _number(scene, poll, text)
    return _several(scene, poll, choices, text) if poll.kind is PollKind.SEVERAL else None


def split(option: str) -> tuple[str, ...]:
    """The parts of what `read` gave."""
    if option.startswith(NUMBER):
        return (option.removeprefix(NUMBER),)
    return tuple(filter(None, option.split(SEVERAL)))


def closed(scene: Scene, poll: Poll, text: str) -> bool:
    """Whether this would have answered a question that is over."""
    if poll.kind is PollKind.NUMBER:
        return numbers.read(text, scene.words) is not None
    return pick(text, as_choices(poll.options), scene.words) is not None


def as_choices(options: tuple[PollOption, ...]) -> tuple[Choice, ...]:
    """Options as they were numbered."""
    return tuple(Choice(str(n), option.id, option.label) for n, option in enumerate(options, 1))


def _number(scene: Scene, poll: Poll, text: str) -> str | None:
    if text.strip() == OUT_OF_A_NUMBER:
        return poll.way_out
    said = tokens(text)
    if not said or len(said) > _MOST_WORDS:
        return None
    number = numbers.read(text, scene.words)
    if number == numbers.MANY:
        return MANY_NUMBERS
    return None if number is None else f"{NUMBER}{number}"


def _several(scene: Scene, poll: Poll, choices: tuple[Choice, ...], text: str) -> str | None:
    words, said = scene.words, tokens(text)
    if not said or len(said) > _MOST_WORDS:
        return None
    if words.says(said, "everything"):
        return SEVERAL.join(["", *(option.id for option in poll.options[:-1])])
    by_key = {choice.key: option.id for choice, option in zip(choices, poll.options, strict=False)}
    left = [word for word in words.without(said, "courtesies", "fillers", "joints") if len(word) > 1 or word.isdecimal()]
    keys = [str(words.number(word)) for word in left]
    if len(keys) > 1 and all(key in by_key for key in keys):
        return SEVERAL.join(["", *dict.fromkeys(by_key[key] for key in keys)])
    parts = [labelled(part, choices, words) for part in _PHRASES.split(text) if part.strip()]
    known = [choice.id.rpartition(":")[2] for choice in parts if choice]
    if len(parts) > 1 and len(known) == len(parts):
        return SEVERAL.join(["", *dict.fromkeys(known)])
    return None


def hinted(scene: Scene, poll: Poll, wording: Wording) -> Wording:
    """The question with how it is answered, where that is not by one option."""
    if poll.kind is PollKind.SINGLE:
        return wording
    more = poll.kind is PollKind.SEVERAL
    hint = scene.reply("poll.hint_several", (), number=poll.most) if more else scene.reply("poll.hint_number", ())
    forms = (f"{form} {hint.text}" if form else None for form in (wording.speech, wording.sms))
    return Wording(f"{wording.text} {hint.text}", *forms)
