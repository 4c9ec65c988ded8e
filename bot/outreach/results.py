"""From the counts of a round to what may be shown of it: percentages, intervals, breakdowns, a comparison, and what to know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from bot.domain.poll import Poll, PollKind, PollRound, RoundRecord
from bot.domain.results import (
    Breakdown,
    By,
    ChannelResult,
    Comparison,
    Funnel,
    GroupResult,
    Note,
    NumberResult,
    OptionResult,
    Results,
    RoundTally,
    Tally,
)
from bot.outreach.comparison import compare, panel_of
from bot.outreach.disclosure import TOTAL, Row
from bot.outreach.intervals import Proportion, percent, quantile, wilson
from bot.outreach.suppression import FEWEST, NUMBERS, SMALLEST_GROUP, UNKNOWN, Shown, hide, hide_sizes, partition, rounded_down

FEW_ANSWERS: Final = 30  # below, an interval spans more than 35 points: +-18 at one half (domain.md, section C)
IN_PERSON: Final = "presencial"  # the channel of answers that a facilitator took


def publish(
    tally: RoundTally,
    earlier: RoundTally | None = None,
    change: Mapping[tuple[str, str], int] | None = None,
    *,
    headline_id: str = "",
    parents: Sequence[RoundTally] | None = None,
    why_not: str = "",
) -> Results:
    """Everything that may be shown of a round, beside an earlier one where given; `why_not`: the two cannot be compared.

    `change` holds those who agreed to be compared and answered both rounds, by their answers then and now (`Polls.change`).
    Of a question asked on a condition, `parents` are the rounds that decided who was asked (`depends_on`); without them
    nothing of it is shown. The headline is the poll's first option unless another is named. Raises ValueError where the counts
    do not add up.
    """
    headline_id = headline_id or _headline_of(tally.poll)
    if not tally.closed:
        return _of_open_round(tally, headline_id)
    if tally.poll.when is not None:
        # How many answered this bounds how many gave that answer, in every group: so only beside a count that is shown.
        tally = replace(tally, groups={}, by_channel={})
        if not _decided_openly(tally, parents):
            return _of_open_round(
                replace(tally, invited=0, all=Tally(0)), headline_id, closed=True, note=Note("condition_hidden")
            )
    shown = hide(tally, headline_id)
    people = shown.people(TOTAL)
    population = tally.population if tally.population and tally.population >= tally.all.people else None
    results = Results(
        poll=tally.poll,
        round_id=tally.round_id,
        number=tally.number,
        opens_at=tally.opens_at,
        closes_at=tally.closes_at,
        closed=True,
        n=people,
        # So few that hiding how many answered needs hiding how few were asked.
        invited=rounded_down(tally.invited) if people is None else tally.invited,
        population=population,
        headline_id=headline_id,
        options=_options(tally, shown, TOTAL, population),
        numbers=_numbers(tally, tally.all, shown, TOTAL),
        breakdowns=tuple(_breakdowns(tally, shown)),
        comparison=None,
        funnel=_funnel(tally, shown),
        notes=(),
    )
    if earlier is not None:
        # Everybody's row is decided before any breakdown, and does not change with them.
        before = publish(replace(earlier, groups={}), headline_id=headline_id)
        results = replace(results, comparison=compare(before, results, panel_of(change or {}, headline_id), why_not))
    return replace(results, notes=tuple(_notes(results, tally, shown)))


def _headline_of(poll: Poll) -> str:
    """The option that stands for a question, chosen before any answer is seen; none of a question of numbers."""
    return "" if poll.kind is PollKind.NUMBER else poll.options[0].id


def depends_on(asked: PollRound, poll: Poll | None, rounds: Sequence[RoundRecord]) -> list[RoundRecord]:
    """The rounds whose answers may have decided who was asked: those of the poll in its condition that were open meanwhile."""
    if poll is None or poll.when is None:
        return []
    return [
        other
        for other in rounds
        if other.round.poll_id == poll.when.poll_id
        and other.round.opens_at < asked.closes_at
        and asked.opens_at < other.round.closes_at
    ]


def _decided_openly(tally: RoundTally, parents: Sequence[RoundTally] | None) -> bool:
    """Whether everything that decided who was asked is published itself."""
    if parents is None or tally.poll.when is None or any(not parent.closed or parent.poll.when for parent in parents):
        return False
    for parent in parents:
        shown = hide(replace(parent, groups={}), _headline_of(parent.poll))
        if any(shown.count(TOTAL, option) is None for option in tally.poll.when.options):
            return False
    return True


def _of_open_round(tally: RoundTally, headline_id: str, *, closed: bool = False, note: Note | None = None) -> Results:
    """Only how many take part, rounded down; nor that where it would tell of an answer to another question."""
    answered = rounded_down(tally.all.people) if tally.poll.when is None else None
    invited = rounded_down(tally.invited)
    return Results(
        poll=tally.poll,
        round_id=tally.round_id,
        number=tally.number,
        opens_at=tally.opens_at,
        closes_at=tally.closes_at,
        closed=closed,
        n=None if closed else answered,
        invited=invited,
        population=tally.population,
        headline_id=headline_id,
        options=tuple(OptionResult(option.id, option.label) for option in tally.poll.options),
        numbers=None,
        breakdowns=(),
        comparison=None,
        funnel=Funnel(invited, None, None if closed else answered, None),
        notes=(note or Note("open"),),
    )


def _options(tally: RoundTally, shown: Shown, row: Row, population: int | None) -> tuple[OptionResult, ...]:
    people = shown.people(row)
    return tuple(
        _option(option.id, option.label, shown.count(row, option.id), people, population) for option in tally.poll.options
    )


def _option(option_id: str, label: str, count: int | None, people: int | None, population: int | None) -> OptionResult:
    if count is None or not people:
        return OptionResult(option_id, label)
    interval = wilson(Proportion(count, people, population))
    return OptionResult(option_id, label, count, percent(interval.estimate), percent(interval.lo), percent(interval.hi))


def _numbers(tally: RoundTally, of: Tally, shown: Shown, row: Row) -> NumberResult | None:
    """The numbers of a group that is shown, where enough gave one and they are not all the same about something sensitive."""
    alike = tally.poll.sensitive and len(set(of.numbers)) == 1
    if shown.people(row) is None or len(of.numbers) < SMALLEST_GROUP or alike:
        return None
    median = quantile(of.numbers, 0.5)
    quartiles = (quantile(of.numbers, fraction).estimate for fraction in (0.25, 0.75))
    return NumberResult(shown.count(row, NUMBERS), median.estimate, median.lo, median.hi, *quartiles)


def _breakdowns(tally: RoundTally, shown: Shown) -> Iterator[Breakdown]:
    for by, groups in tally.groups.items():
        whole = partition(groups, tally.all)
        rows = shown.groups(by)
        if rows:
            yield Breakdown(by, tuple(_group(tally, shown, row, whole[row[1]]) for row in rows))


def _group(tally: RoundTally, shown: Shown, row: Row, of: Tally) -> GroupResult:
    people = shown.people(row)
    return GroupResult(row[1], people, _options(tally, shown, row, None), _numbers(tally, of, shown, row))


def _funnel(tally: RoundTally, shown: Shown) -> Funnel:
    people = shown.people(TOTAL)
    sizes = {group: one.people for group, one in partition(tally.groups.get(By.CHANNEL, {}), tally.all).items()}
    if By.CHANNEL not in tally.groups:
        sizes = dict(tally.by_channel)
        left = tally.all.people - sum(sizes.values())
        if left < 0:
            raise ValueError("more answers came over the channels than in all")
        if left and sizes:
            sizes[IN_PERSON if left == tally.face_to_face else UNKNOWN] = left
    if people is None:
        channels: dict[str, int | None] = dict.fromkeys(sizes)
    elif rows := shown.groups(By.CHANNEL):
        channels = {row[1]: shown.people(row) for row in rows}
    else:
        channels = hide_sizes(sizes)
    return Funnel(
        invited=rounded_down(tally.invited) if people is None else tally.invited,
        delivered=None if people is None else tally.delivered,
        answered=people,
        face_to_face=_face_to_face(tally, people, channels),
        channels=tuple(ChannelResult(channel, answered) for channel, answered in channels.items()),
    )


def _face_to_face(tally: RoundTally, people: int | None, channels: Mapping[str, int | None]) -> int | None:
    """How many were asked in person, unless that names a group too small, or a channel that is hidden."""
    asked = tally.face_to_face
    # Another channel may happen to have as many: only the size of their own may stand for them.
    veiled = channels.get(IN_PERSON, asked) is None or (asked > 0 and IN_PERSON not in channels and None in channels.values())
    if people is None or tally.poll.when is not None or veiled:
        return None
    small = 0 < asked < SMALLEST_GROUP or 0 < people - asked < SMALLEST_GROUP
    return None if small else asked


def _notes(results: Results, tally: RoundTally, shown: Shown) -> Iterator[Note]:
    if results.n is None:
        yield Note("too_few", {"smallest": SMALLEST_GROUP})
        return
    yield Note("indicative")
    if tally.poll.when is not None:
        yield Note("condition", {"poll": tally.poll.when.poll_id})
    if results.n < FEW_ANSWERS:
        yield Note("few_answers", {"n": results.n})
    if results.population:
        yield Note("population", {"population": results.population})
    elif tally.population:
        yield Note("population_too_small", {"population": tally.population})
    if results.funnel.face_to_face:
        yield Note("face_to_face", {"n": results.funnel.face_to_face})
    yield from _notes_on_hiding(results, shown)
    if results.comparison:
        yield from _comparison_notes(results.comparison)


def _notes_on_hiding(results: Results, shown: Shown) -> Iterator[Note]:
    if any(option.count is None for option in results.options):
        yield Note("options_hidden", {"fewest": FEWEST})
    for breakdown in results.breakdowns:
        if any(group.n is None for group in breakdown.groups):
            yield Note("groups_hidden", {"by": breakdown.by.value, "smallest": SMALLEST_GROUP})
        elif any(option.count is None for group in breakdown.groups for option in group.options):
            yield Note("cells_hidden", {"by": breakdown.by.value, "fewest": FEWEST})
    for by in shown.dropped:
        yield Note("breakdown_not_published", {"by": by.value})


def adjusted_notes(results: Results, questions: int) -> Results:
    """The same results, with a note that so many other questions were judged together with this one."""
    return replace(results, notes=(*results.notes, Note("adjusted", {"questions": questions}))) if questions else results


def _comparison_notes(comparison: Comparison) -> Iterator[Note]:
    if comparison.why_not:
        yield Note(comparison.why_not, {"round": comparison.number})
    elif comparison.panel:
        yield Note("panel", {"n": comparison.panel_n or 0, "round": comparison.number})
