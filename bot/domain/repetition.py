"""When a missed question comes back: Leitner's boxes, each of which waits longer than the one before.

Source: S. Leitner, "So lernt man lernen", Herder, 1972: what is known moves one box on, what is missed goes back to the first,
what is known in the last box is learnt. The waits of 1, 3, 7 and 21 days are this programme's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

WAITS: Final = tuple(timedelta(days=days) for days in (1, 3, 7, 21))
# Whoever learns at seven every evening is asked at seven, though she answered a little after it.
_EARLY: Final = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Review:
    """A question that was missed: in which box it is, from 0, and when it may come back."""

    module_id: str
    quiz_id: str
    box: int
    due_at: datetime


def missed(now: datetime) -> tuple[int, datetime]:
    """The box of a question that was just missed, and when it comes back."""
    return 0, now + WAITS[0] - _EARLY


def known(review: Review, now: datetime) -> tuple[int, datetime] | None:
    """Where it goes when it is answered rightly, and when it comes back; None: it is learnt.

    Answered before its time it stays: who has just been told the answer knows it for a moment.
    """
    if now < review.due_at:
        return review.box, review.due_at
    box = review.box + 1
    return (box, now + WAITS[box] - _EARLY) if box < len(WAITS) else None
