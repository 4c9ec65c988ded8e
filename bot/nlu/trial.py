"""What reviewed sentences would change: the current model and a candidate, judged on the same sentences.

Nothing is switched on by it. Without sentences of one's own a sixth of `intents/` is held out, always the same, and both models
are trained on the rest; that says less than sentences which somebody else wrote (docs/nlu.md).
"""

from __future__ import annotations

import math
import random
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.domain.folding import fold
from bot.domain.understanding import Alarm, Understood
from bot.nlu import review, training_data
from bot.nlu.engine import EmbeddedEngine, open_engine
from bot.nlu.evaluation import Line, evaluate
from bot.nlu.training_data import Example

FIGURES: Final = ("accuracy", "out_of_scope_recall", "in_scope_rejected")
HELD_OUT_PARTS: Final = 6
STEPS: Final = 4

Open = Callable[[Path, Path], EmbeddedEngine]


@dataclass(frozen=True, slots=True)
class Trial:
    """`FIGURES` (shares, 0 to 1) of both models on `n` sentences, with `reviewed` new ones; None where it cannot be told.

    `better` and `worse` count the sentences that only the candidate, or only the current model, understands.
    """

    reviewed: int
    n: int
    current: dict[str, float | None]
    candidate: dict[str, float | None]
    better: int
    worse: int

    @property
    def change(self) -> dict[str, float | None]:
        """Candidate minus current."""
        pairs = {name: (self.current[name], self.candidate[name]) for name in FIGURES}
        return {name: None if a is None or b is None else round(b - a, 4) for name, (a, b) in pairs.items()}

    @property
    def chance(self) -> float:
        """How likely at least so uneven a count is where nothing has really changed: the exact sign test, two-sided."""
        differing = self.better + self.worse
        tail = sum(math.comb(differing, count) for count in range(min(self.better, self.worse) + 1))
        return round(min(1.0, 2 * tail / (1 << differing)), 4)


class _Recorder:
    """An engine that remembers what it answered."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self._engine = engine
        self.name = engine.name
        self.intents: list[str] = []

    def alarm(self, text: str) -> Alarm:
        return self._engine.alarm(text)

    def parse(self, text: str) -> Understood:
        understood = self._engine.parse(text)
        self.intents.append(understood.intent)
        return understood


def attempt(
    intents_dir: Path,
    data_dir: Path,
    reviewed: Sequence[Example],
    lines: Sequence[Line] | None = None,
    *,
    progress: Callable[[], object] = lambda: None,
    open_model: Open = open_engine,
) -> Trial:
    """Train the candidate in a folder that is thrown away and judge both; `progress` is called after each of `STEPS`.

    `lines` that are among the reviewed sentences judge neither. Raises ContentError and UnderstandingError as training does.
    """
    known = training_data.read(intents_dir).examples
    learnt, judged = (known, list(lines)) if lines is not None else split(known)
    new = {fold(example.text) for example in reviewed}
    judged = [line for line in judged if fold(line[1]) not in new]
    with tempfile.TemporaryDirectory(prefix="batea-trial-") as name:
        folder = Path(name)

        def engine(part: str, examples: Iterable[Example]) -> EmbeddedEngine:
            opened = open_model(_copy(intents_dir, folder / part, examples), folder / "data")
            progress()
            return opened

        def figures(judging: EmbeddedEngine) -> tuple[dict[str, float | None], list[bool]]:
            recorder = _Recorder(judging)
            found: dict[str, Any] = evaluate(recorder, judged)
            progress()
            right = [got == wanted for got, (wanted, _) in zip(recorder.intents, judged, strict=True)]
            return {name: found[name] for name in FIGURES}, right

        if lines is None:
            current = engine("current", learnt)
        else:
            current = open_model(intents_dir, data_dir)
            progress()
        candidate = engine("candidate", (*learnt, *reviewed))
        (now, right), (then, right_then) = figures(current), figures(candidate)
    pairs = Counter(zip(right, right_then, strict=True))
    return Trial(len(reviewed), len(judged), now, then, better=pairs[False, True], worse=pairs[True, False])


def split(examples: Iterable[Example]) -> tuple[tuple[Example, ...], list[Line]]:
    """What is learnt and what is judged by: of every intent the same sixth each time, chosen by chance."""
    grouped: defaultdict[str, list[Example]] = defaultdict(list)
    for example in examples:
        grouped[example.intent].append(example)
    luck = random.Random(1)  # noqa: S311  not a secret
    learnt: list[Example] = []
    judged: list[Line] = []
    for intent, listed in sorted(grouped.items()):
        luck.shuffle(listed)
        part = len(listed) // HELD_OUT_PARTS
        judged += [(intent, example.text) for example in listed[:part]]
        learnt += listed[part:]
    return tuple(learnt), judged


def _copy(intents_dir: Path, folder: Path, examples: Iterable[Example], language: str = "es") -> Path:
    """A folder like `intents/` with other sentences."""
    shutil.copytree(intents_dir, folder, ignore=shutil.ignore_patterns(f"{language}/*", ".*"))
    shutil.rmtree(folder / language)
    grouped: defaultdict[str, list[str]] = defaultdict(list)
    for example in examples:
        grouped[example.intent].append(example.text)
    for intent, texts in grouped.items():
        review.write(folder / language / f"{intent}.yml", intent, texts)
    return folder
