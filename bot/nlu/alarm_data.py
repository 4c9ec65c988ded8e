"""The sentences that the alarm is learnt from: `intents/alarms/<kind>.yml`, in the form of the intents.

Those of `harmless.yml` must raise none.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bot.domain.errors import ContentError
from bot.domain.understanding import Danger, Unsafe
from bot.nlu import training_data
from bot.nlu.training_data import Example

FOLDER: Final = "alarms"
HARMLESS: Final = "harmless"
KINDS: Final = frozenset({*map(str, Danger), *map(str, Unsafe)})
EMERGENCY: Final = "ask_emergency"
UNSAFE_REQUEST: Final = "unsafe_request"


def read(intents_dir: Path) -> tuple[Example, ...]:
    """All of them, or none where the folder is missing. Raises ContentError for a file that is broken or names no kind."""
    if not (intents_dir / FOLDER).is_dir():
        return ()
    examples = training_data.read(intents_dir, FOLDER).examples
    for example in examples:
        if example.intent not in KINDS and example.intent != HARMLESS:
            raise ContentError(example.file, 1, f"{example.intent!r} is no kind of danger or unsafe request")
    return examples


def says(label: str, kinds: type[Danger | Unsafe]) -> int:
    """Whether a sentence of that intent or kind is a danger (an unsafe request): 1 or 0, and -1 where it may be either.

    A sentence may be both, and those of the other side were not written with this one in mind, so they teach nothing here.
    """
    mine, other = (EMERGENCY, UNSAFE_REQUEST) if kinds is Danger else (UNSAFE_REQUEST, EMERGENCY)
    if label == mine or label in set(kinds):
        return 1
    return -1 if label == other or label in KINDS else 0
