"""Whether what a facilitator counted in person can be: known answers, and no more of them than people gave. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.community import Community
from bot.domain.errors import UsageError
from bot.domain.poll import InPerson, PollKind, RoundRecord

MOST_PEOPLE = 10_000


def checked(record: RoundRecord | None, taken: InPerson, communities: Sequence[Community], round_id: str) -> None:
    """Raise UsageError where it cannot be, or its round is not open."""
    if record is None or record.closed_at is not None:
        raise UsageError(f"there is no open round {round_id!r}: see `batea poll list`")
    if not 0 <= taken.people <= MOST_PEOPLE:
        raise UsageError(f"{taken.people} people cannot be: at most {MOST_PEOPLE}")
    territories = {place.territory for place in communities}
    if taken.territory and taken.territory not in territories:
        raise UsageError(f"there is no territory {taken.territory!r}: use one of {', '.join(sorted(territories))}")
    poll, given = record.poll, sum(taken.counts.values())
    several = poll is not None and poll.kind is PollKind.SEVERAL
    if any(n < 0 or n > taken.people for n in taken.counts.values()) or (given != taken.people and not several):
        raise UsageError(f"{given} answers of {taken.people} people: each person counts once")
    for option in taken.counts if poll else ():
        if poll and not poll.accepts((option,)):
            raise UsageError(f"{option!r} is no answer to {poll.id}: use {', '.join(one.id for one in poll.options)}")
    if poll and several and not taken.people <= given <= taken.people * poll.most:
        raise UsageError(f"{given} answers of {taken.people} people: each gives 1 to {poll.most}")
