"""From a ranking to a verdict: the alarm before all, then rejection, then doubt. The same for every engine."""

from __future__ import annotations

from typing import Final

from bot.domain.understanding import Alarm, Guess, Understood
from bot.nlu.model import Thresholds

OUT_OF_SCOPE: Final = "out_of_scope"
RANKED: Final = 5
ASKED_BACK: Final = 3


def understood(text: str, ranking: list[Guess], alarm: Alarm, thresholds: Thresholds, engine: str) -> Understood:
    """The verdict from a ranking, the surest first: alarm before all, then rejection, then doubt."""
    best = ranking[0] if ranking else Guess(OUT_OF_SCOPE, 0.0)
    unsure: tuple[str, ...] = ()
    intent = best.intent
    if alarm.danger:
        intent = "ask_emergency"
    elif alarm.unsafe:
        intent = "unsafe_request"
    elif best.confidence < thresholds.reject or _outside(ranking, thresholds):
        intent = OUT_OF_SCOPE
    elif intent != OUT_OF_SCOPE and len(ranking) > 1 and best.confidence - ranking[1].confidence < thresholds.margin:
        near = [guess.intent for guess in ranking if best.confidence - guess.confidence < thresholds.margin]
        unsure = tuple(intent for intent in near if intent != OUT_OF_SCOPE)[:ASKED_BACK]
        unsure = unsure if len(unsure) > 1 else ()
    return Understood(text, intent, best.confidence, engine, tuple(ranking[:RANKED]), alarm.danger, alarm.unsafe, unsure)


def _outside(ranking: list[Guess], thresholds: Thresholds) -> bool:
    """Whether out of scope is so near the first that it wins: an answer that was not asked for is worse than asking again."""
    near = thresholds.outside
    return any(guess.intent == OUT_OF_SCOPE and ranking[0].confidence - guess.confidence < near for guess in ranking)
