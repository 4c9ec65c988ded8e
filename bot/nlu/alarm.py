"""Danger and unsafe requests: what the rules see and what was learnt, weighed together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bot.domain.understanding import Alarm, Danger, Guess, Unsafe
from bot.nlu.alarm_data import EMERGENCY, UNSAFE_REQUEST
from bot.nlu.danger import Seen, Sight

DANGER: Final = "danger"
UNSAFE: Final = "unsafe"
"""Names of the two columns that say whether there is any; the others bear the names of the kinds.

A side's score is its own column, the highest of its kinds and a share of the second added: each alone sees less (docs/nlu.md)."""
SECOND_KIND: Final = 0.3

SURELY: Final = 0.8
SURE_OF_ANOTHER: Final = 0.2
"""An indirect question about one of our topics is often told like a danger: this spares a fifth of those alarms and costs no
danger of four exams (docs/nlu.md)."""
NOTHING: Final = Guess("", 0.0)
_NEAR: Final = frozenset({EMERGENCY, UNSAFE_REQUEST, "out_of_scope", "report_incident", "talk_to_human"})
"""What a danger or an unsafe request may well be taken for."""

Kind = TypeVar("Kind", Danger, Unsafe)


@dataclass(frozen=True, slots=True)
class Levels:
    """The score from which on an alarm is raised: by what was learnt `alone`; where a rule that may err saw something (`weak`).

    `asked`: where the classifier of intents took it for an emergency or an unsafe request. `sure`: below it even a rule that
    seldom errs is not believed; so low are idioms, jokes and the titles of films, no plea that anybody wrote (docs/nlu.md).
    """

    alone: float
    weak: float
    asked: float
    sure: float


@dataclass(frozen=True, slots=True)
class AlarmThresholds:
    """For danger, a missed one of which is the worse mistake, and for unsafe requests."""

    danger: Levels
    unsafe: Levels


USUAL_WORDS: Final = 7
FEW_WORDS: Final = 2
ABSENT: Final = -1e6
NEVER: Final = Levels(alone=1e9, weak=-1e9, asked=1e9, sure=-1e9)
NO_THRESHOLDS: Final = AlarmThresholds(NEVER, NEVER)
"""Of a model that was trained without sentences for the alarm: the rules decide."""


def weight(words: ArrayLike) -> NDArray[np.float64]:
    """By how much the features of a sentence count for the alarm: less where there are few words, 1 for the usual number.

    Every sentence's features have the same length, so that without this "me dio" says as much as a whole sentence.
    """
    many = np.asarray(words, dtype=np.float64)
    return np.sqrt(many / (many + FEW_WORDS) * (USUAL_WORDS + FEW_WORDS) / USUAL_WORDS)


def weigh(sight: Sight, scores: Mapping[str, float], thresholds: AlarmThresholds, best: Guess = NOTHING) -> Alarm:
    """The alarm from what the rules saw and the scores of the alarm's columns; `best` is what the sentence was taken for."""
    danger = unsafe = None
    if _raised(sight.danger, _score(DANGER, Danger, scores), thresholds.danger, _doubt(best, EMERGENCY)):
        danger = sight.danger.kind if sight.danger else _likeliest(Danger, scores)
    if _raised(sight.unsafe, _score(UNSAFE, Unsafe, scores), thresholds.unsafe, _doubt(best, UNSAFE_REQUEST)):
        unsafe = sight.unsafe.kind if sight.unsafe else _likeliest(Unsafe, scores)
    return Alarm(danger, unsafe)


def _doubt(best: Guess, own: str) -> float | None:
    """By how much more must have been learnt where the sentence is surely about something else; None where it is about this."""
    if best.intent == own:
        return None
    return SURE_OF_ANOTHER if best.intent not in _NEAR and best.confidence >= SURELY else 0.0


def _raised(seen: Seen[Danger] | Seen[Unsafe] | None, score: float, levels: Levels, doubt: float | None) -> bool:
    if seen is not None and score >= (levels.sure if seen.sure else levels.weak):
        return True
    return score >= (min(levels.alone, levels.asked) if doubt is None else levels.alone + doubt)


def _score(side: str, kinds: type[Danger | Unsafe], scores: Mapping[str, float]) -> float:
    if side not in scores:
        return ABSENT
    first, *others = sorted((scores[kind] for kind in kinds if kind in scores), reverse=True) or [ABSENT]
    return scores[side] + first + SECOND_KIND * (others[0] if others else 0.0)


def _likeliest(kinds: type[Kind], scores: Mapping[str, float]) -> Kind:
    return max(kinds, key=lambda kind: scores.get(kind, ABSENT))
