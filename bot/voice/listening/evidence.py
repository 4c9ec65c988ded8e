"""What a recogniser measured of a voice note, and what follows from it.

A short answer is weak as free text but strong against the few answers that were offered: each is compared with how likely
the recogniser finds it in mere noise, so that a word that it likes anyhow wins nothing by that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.domain.errors import ListeningError
from bot.domain.listening import Heard, Unheard

# Measured on two synthetic voices with and without noise, November 2026 (docs/listening.md); log probabilities are natural.
SURE_TEXT: Final = 0.5
CLEAR_TEXT: Final = 0.3
LEGIBLE_TEXT: Final = 0.2
"""Below this not even a danger is read in it: mumbling came out as alarming words."""
SPOKEN: Final = 2.0
"""How much likelier a text must be than in noise before anything was said at all."""
OFFER_SPOKEN: Final = 1.6
OFFER_ALONE: Final = 2.5
"""The same for an offer where the free text says that nobody may have spoken."""
OFFER_SHARE: Final = 0.2
"""What of the free text's gain an offer must reach: beside a question, which is long and clear, no offer does."""
OFFER_SURE: Final = 4.0
OFFER_AHEAD: Final = 2.0
MOST_SILENT: Final = 0.85


@dataclass(frozen=True, slots=True)
class Evidence:
    """One voice note.

    `confidence` is the mean probability of the text's tokens, `silent` that nobody speaks. `gain` is how much likelier (log) the
    text is than in noise, `offers` the same for each offer's id; both only where the note is short, else None and empty.
    """

    text: str = field(repr=False)
    confidence: float
    silent: float = 0.0
    gain: float | None = None
    offers: Mapping[str, float] = field(default_factory=dict, repr=False)
    cut: bool = False


def judged(evidence: Evidence) -> Heard:
    """An offer or a text, either of them doubtful where it is. Raises ListeningError where nothing was said."""
    offered = _offered(evidence)
    if offered:
        return offered
    unspoken = evidence.gain is not None and evidence.gain < SPOKEN
    if not evidence.text or unspoken or (evidence.silent > MOST_SILENT and evidence.confidence < SURE_TEXT):
        raise ListeningError("nobody speaks", why=Unheard.SILENCE)
    sure, clear = evidence.confidence >= SURE_TEXT, evidence.confidence >= CLEAR_TEXT
    return Heard(_legible(evidence), evidence.confidence, sure=sure, clear=clear, cut=evidence.cut)


def _legible(evidence: Evidence) -> str:
    return evidence.text if evidence.confidence >= LEGIBLE_TEXT else ""


def _offered(evidence: Evidence) -> Heard | None:
    ranking = sorted(evidence.offers, key=lambda offer: evidence.offers[offer], reverse=True)
    if not ranking or evidence.gain is None:
        return None
    best, rival = evidence.offers[ranking[0]], ranking[1] if len(ranking) > 1 else ""
    least = OFFER_SPOKEN if evidence.gain > OFFER_ALONE else OFFER_ALONE
    if best < max(least, evidence.gain * OFFER_SHARE):
        return None
    ahead = best - evidence.offers[rival] if rival else OFFER_AHEAD
    sure = best >= OFFER_SURE and ahead >= OFFER_AHEAD
    clear = evidence.confidence >= SURE_TEXT
    return Heard(_legible(evidence), evidence.confidence, ranking[0], rival, sure=sure, clear=clear, cut=evidence.cut)
