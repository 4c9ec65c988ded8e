"""New sentences that the staff wrote in the manner of messages that were not understood: `<data_dir>/review/<language>/`.

They have the form of `intents/`, so that exporting them for a reviewed commit is copying lines. The messages themselves are
never among them.
"""

from __future__ import annotations

import difflib
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from bot.domain.errors import UsageError
from bot.domain.folding import clean, fold
from bot.domain.masking import masked
from bot.nlu import training_data
from bot.nlu.training_data import Example

FOLDER: Final = "review"
_INDENT: Final = "    "


class SentenceError(UsageError):
    """A sentence that cannot join the others. `code` says why: `empty`, `brackets`, `address`, `same` or `known`."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Review:
    """What was written so far, and whether one more sentence may join it. Raises ContentError for a broken file."""

    def __init__(self, intents_dir: Path, data_dir: Path, language: str = "es") -> None:
        self._language = language
        self._folder = data_dir / FOLDER / language
        known = training_data.read(intents_dir, language)
        self.intents: Final = known.intents
        self._known = {fold(example.text): example.intent for example in known.examples}

    def examples(self) -> tuple[Example, ...]:
        """The reviewed sentences that are not in `intents/` yet."""
        written = [example for path in sorted(self._folder.glob("*.yml")) for example in training_data.read_file(path)]
        return tuple(example for example in written if fold(example.text) not in self._known)

    def intent(self, name: str) -> str:
        """A label that stands in `intents/`. Raises UsageError, with what is close, for any other."""
        if name in self.intents:
            return name
        near = difflib.get_close_matches(name, self.intents, n=3)
        raise UsageError(f"{name!r} is no intent" + (f": {', '.join(near)}?" if near else ""))

    def new(self, sentence: str, original: str) -> str:
        """The sentence as it will stand in the file. Raises SentenceError where it is not new, or could tell who wrote."""
        text = clean(sentence)
        folded = fold(text)
        if not folded:
            raise SentenceError("empty", "a sentence has words")
        if "[" in text or "]" in text:
            raise SentenceError("brackets", "square brackets mean something to Rasa: leave them out")
        if masked(text) != text:
            raise SentenceError("address", "leave out addresses, links and long numbers: write a large number in words")
        if sorted(folded.split()) == sorted(fold(original).split()):
            raise SentenceError("same", "that is the message itself: write another sentence in its manner")
        known = self._known | {fold(example.text): example.intent for example in self.examples()}
        if folded in known:
            raise SentenceError("known", f"that sentence is there already, as {known[folded]}: write another one")
        return text

    def add(self, intent: str, sentence: str) -> None:
        """Keep a sentence that `new` let through."""
        append(self._folder / f"{self.intent(intent)}.yml", intent, [sentence])

    def export(self, folder: Path) -> int:
        """Write the reviewed sentences below a folder, such as `intents/`, behind what its files hold; returns how many."""
        by_intent: defaultdict[str, list[str]] = defaultdict(list)
        for example in self.examples():
            by_intent[example.intent].append(example.text)
        return sum(
            append(folder / self._language / f"{intent}.yml", intent, texts) for intent, texts in sorted(by_intent.items())
        )


def append(path: Path, intent: str, sentences: Sequence[str]) -> int:
    """Put sentences at the end of a file of one intent, or into a new one; returns how many it did not hold.

    Raises ContentError where the file is broken.
    """
    old, known = _head(intent), set[str]()
    if path.exists():
        known = {fold(example.text) for example in training_data.read_file(path)}
        old = path.read_text("utf-8").rstrip() + "\n"
    fresh = [text for text in sentences if fold(text) not in known]
    last = old.splitlines()[-1]
    indent = last[: len(last) - len(last.lstrip())] if last.lstrip().startswith("- ") else _INDENT
    if fresh:
        _replace(path, old + "".join(f"{indent}- {text}\n" for text in fresh))
        training_data.read_file(path)
    return len(fresh)


def write(path: Path, intent: str, sentences: Iterable[str]) -> None:
    """Write a file of one intent anew."""
    _replace(path, _head(intent) + "".join(f"{_INDENT}- {text}\n" for text in sentences))


def _head(intent: str) -> str:
    return f'version: "{training_data.FORMAT_VERSION}"\nnlu:\n- intent: {intent}\n  examples: |\n'


def _replace(path: Path, text: str) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, making = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(making).chmod(0o644)
        Path(making).replace(path)
    except OSError:
        Path(making).unlink(missing_ok=True)
        raise
