"""How much better an engine gets with more sentences: trains on growing parts and judges on a part never trained on."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.nlu import training, vocabulary
from bot.nlu.features import Extractor
from bot.nlu.lexicon import Lexicon
from bot.nlu.misspelling import misspell
from bot.nlu.model import Model
from bot.nlu.spelling import Speller
from bot.nlu.training_data import Example, TrainingData

SHARES: Final = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
HELD_OUT_PARTS: Final = 6


@dataclass(frozen=True, slots=True)
class Point:
    """`per_intent` sentences an intent on average; shares of held-out sentences understood, as written and misspelt further."""

    share: float
    per_intent: float
    accuracy: float
    accuracy_misspelt: float


def learning_curve(data: TrainingData, lexicon: Lexicon, shares: Sequence[float] = SHARES, seed: int = 1) -> Iterator[Point]:
    """A point for each share of the training sentences; the same seed gives the same parts."""
    learnt, judged = _split(data, seed)
    for share in shares:
        part = TrainingData(
            tuple(example for listed in learnt.values() for example in listed[: max(2, round(len(listed) * share))])
        )
        model = training.train(part, lexicon)
        extractor = Extractor(Speller(model.domain_words, vocabulary.common_words()), lexicon)
        yield Point(
            share=share,
            per_intent=round(len(part.examples) / len(part.intents), 1),
            accuracy=_accuracy(model, extractor, judged),
            accuracy_misspelt=_accuracy(
                model, extractor, [Example(e.intent, misspell(e.text, seed), e.file, e.line) for e in judged]
            ),
        )


def _split(data: TrainingData, seed: int) -> tuple[dict[str, list[Example]], list[Example]]:
    grouped: defaultdict[str, list[Example]] = defaultdict(list)
    for example in data.examples:
        grouped[example.intent].append(example)
    luck = random.Random(seed)  # noqa: S311  not a secret
    judged: list[Example] = []
    for listed in grouped.values():
        luck.shuffle(listed)
        judged += listed[: len(listed) // HELD_OUT_PARTS]
        del listed[: len(listed) // HELD_OUT_PARTS]
    return dict(grouped), judged


def _accuracy(model: Model, extractor: Extractor, judged: Sequence[Example]) -> float:
    right = 0
    for example in judged:
        chances = model.probabilities(extractor.extract(extractor.read(example.text)))
        right += model.intents[int(chances.argmax())] == example.intent
    return round(right / len(judged), 4) if judged else 0.0
