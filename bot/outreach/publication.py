"""What a round's results are made from: read in one transaction, published outside of it, the same for every face."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.poll import RoundRecord
from bot.domain.results import Results, RoundTally
from bot.domain.store import UnitOfWork
from bot.outreach.results import depends_on, publish


@dataclass(frozen=True, slots=True)
class Material:
    """The counts of a round, of an earlier one where they are compared, and of those who agreed to be compared.

    `parents` are the rounds that decided who was asked, where the question is asked on a condition.
    """

    tally: RoundTally
    earlier: RoundTally | None = None
    change: Mapping[tuple[str, str], int] | None = None
    parents: Sequence[RoundTally] = ()

    def published(self) -> Results:
        """All that may be shown. Takes its time: never within a transaction."""
        return publish(self.tally, self.earlier, self.change, parents=self.parents)

    def sizes(self) -> tuple[int | None, int | None]:
        """How many were invited and have answered, for lists of rounds: as `published` tells it. None: not told."""
        results = publish(replace(self.tally, groups={}, by_channel={}), parents=self.parents)
        return (None, None) if results.n is None else (results.invited, results.n)


def material(uow: UnitOfWork, record: RoundRecord, earlier: RoundRecord | None = None) -> Material:
    """Read what the results of a round, beside an earlier one where given, are made from."""
    tally = uow.polls.tally(record.round.id)
    condition = tally.poll.when
    rounds = uow.polls.rounds(condition.poll_id) if condition else ()
    parents = tuple(uow.polls.tally(other.round.id) for other in depends_on(record.round, tally.poll, rounds))
    if earlier is None:
        return Material(tally, parents=parents)
    change = uow.polls.change(earlier.round.id, record.round.id)
    return Material(tally, uow.polls.tally(earlier.round.id), change, parents)


def comparable(record: RoundRecord, rounds: Sequence[RoundRecord]) -> list[RoundRecord]:
    """The closed rounds before it that asked the same version of the same people, the oldest first."""
    asked = record.round
    return [
        other
        for other in rounds
        if other.closed_at is not None
        and other.round.poll_id == asked.poll_id
        and other.round.number < asked.number
        and (other.round.audience or "all", other.round.territories) == (asked.audience or "all", asked.territories)
    ]
