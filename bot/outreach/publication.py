"""What a round's results are made from: read in one transaction, published outside of it, the same for every face."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.poll import RoundRecord
from bot.domain.results import Results, RoundTally
from bot.domain.store import UnitOfWork
from bot.outreach.comparison import adjusted, judged
from bot.outreach.results import adjusted_notes, depends_on, publish
from bot.outreach.suppression import SMALLEST_GROUP


@dataclass(frozen=True, slots=True)
class Material:
    """The counts of a round, of an earlier one where they are compared, and of those who agreed to be compared.

    `parents` are the rounds that decided who was asked, where the question is asked on a condition. `beside` are other questions
    that were asked at the same time, each compared with a round before: what is claimed of all of them is judged together.
    """

    tally: RoundTally
    earlier: RoundTally | None = None
    change: Mapping[tuple[str, str], int] | None = None
    parents: Sequence[RoundTally] = ()
    why_not: str = ""
    beside: Sequence[Material] = ()

    def published(self) -> Results:
        """All that may be shown. Takes its time: never within a transaction."""
        results = publish(self.tally, self.earlier, self.change, parents=self.parents, why_not=self.why_not)
        if judged(results) is None or not self.beside:
            return results
        others = [publish(replace(each.tally, groups={}), each.earlier, each.change) for each in self.beside]
        others = [each for each in others if judged(each) is not None]
        return adjusted_notes(adjusted([results, *others])[0], len(others))

    def sizes(self) -> tuple[int | None, int | None]:
        """How many were invited and have answered, for lists of rounds: as `published` tells it. None: not told."""
        if self.tally.closed and self.tally.poll.when is None:
            people = self.tally.all.people  # told unless they are few: no need to work out the rest
            return (self.tally.invited, people) if people >= SMALLEST_GROUP else (None, None)
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
    if not _same_people(record, earlier):
        return Material(tally, uow.polls.tally(earlier.round.id), None, parents, "other_audience")
    beside = [_compared(uow, other, before) for other, before in judged_together(uow, record)]
    return replace(_compared(uow, record, earlier), parents=parents, beside=beside)


def judged_together(uow: UnitOfWork, record: RoundRecord) -> list[tuple[RoundRecord, RoundRecord]]:
    """The other questions asked of the same people meanwhile, as far as they are closed, each with the round before it."""
    found = []
    for round_id in uow.polls.meanwhile(record.round.id):
        other = uow.polls.get(round_id)
        if other is not None and other.poll is not None and other.poll.when is None and _same_people(record, other):
            before = comparable(other, uow.polls.rounds(other.round.poll_id))
            found += [(other, before[-1])] if before else []
    return found


def _compared(uow: UnitOfWork, record: RoundRecord, earlier: RoundRecord) -> Material:
    change = uow.polls.change(earlier.round.id, record.round.id)
    return Material(uow.polls.tally(record.round.id), uow.polls.tally(earlier.round.id), change)


def _same_people(one: RoundRecord, other: RoundRecord) -> bool:
    return (one.round.audience or "all", one.round.territories) == (other.round.audience or "all", other.round.territories)


def comparable(record: RoundRecord, rounds: Sequence[RoundRecord]) -> list[RoundRecord]:
    """The closed rounds before it that asked the same version of the same people, the oldest first."""
    asked = record.round
    return [
        other
        for other in rounds
        if other.closed_at is not None
        and other.round.poll_id == asked.poll_id
        and other.round.number < asked.number
        and _same_people(record, other)
    ]
