"""Two rounds of the same question side by side, and one claim about them: whether the headline moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from bot.domain.results import Change, Comparison, Direction, OptionResult, Panel, Results
from bot.outreach.disclosure import NARROWEST
from bot.outreach.intervals import (
    Interval,
    Pairs,
    Proportion,
    difference,
    holm,
    p_difference,
    p_paired_difference,
    paired_difference,
    percent,
)
from bot.outreach.suppression import FEWEST, SMALLEST_GROUP

SIGNIFICANT: Final = 0.05
TOGETHER: Final = "+"  # between the options of one answer, as rounds keep those of a panel


def compare(before: Results, after: Results, panel: Panel | None = None, why_not: str = "") -> Comparison:
    """A published round beside an earlier published one.

    `panel` holds those who consented to being compared and answered both, by the headline; it is told of only where nothing
    small follows from it, and never of sensitive polls. `why_not` is the key of the note that forbids it, where something does.
    """
    why_not = why_not or _why_not(before, after)
    if why_not:
        return Comparison(before.number, before.n, why_not)
    pairs = zip(before.options, after.options, strict=True)
    changes = tuple(change for one, other in pairs if (change := _change(before, one, after, other)) is not None)
    headline = next((change for change in changes if change.option_id == after.headline_id), None)
    if headline is None:
        return Comparison(before.number, before.n, "headline_hidden", options=changes)
    p = _p_of(before, after)
    headline = replace(headline, p=p, p_adjusted=p, direction=_direction(headline, p))
    side_by_side = Comparison(before.number, before.n, headline=headline, options=changes)
    if panel is None or not _panel_may_be_shown(panel, before, after):
        return side_by_side
    table = Pairs(panel.both, panel.before_only, panel.after_only, panel.neither)
    return replace(side_by_side, panel_n=table.n, panel=_panel_change(headline, table))


def panel_of(change: Mapping[tuple[str, str], int], headline_id: str) -> Panel | None:
    """A panel by the headline alone, from its answers before and after; None where there is none."""
    counts = Counter[tuple[bool, bool]]()
    for answers, people in change.items():
        before, after = (headline_id in answer.split(TOGETHER) for answer in answers)
        counts[before, after] += people
    cells = (counts[both] for both in ((True, True), (True, False), (False, True), (False, False)))
    return Panel(*cells) if counts.total() else None


def judged(results: Results) -> Change | None:
    """The one change that something is claimed about: the panel's where there is one, else the two rounds'."""
    return (results.comparison.panel or results.comparison.headline) if results.comparison else None


def adjusted(questions: Sequence[Results]) -> tuple[Results, ...]:
    """The same results, their headlines' changes judged together by Holm's adjustment: for questions shown side by side."""
    changes = [judged(each) for each in questions]
    p_values = iter(holm([change.p for change in changes if change is not None and change.p is not None]))
    return tuple(
        each if change is None else _rejudged(each, change, next(p_values))
        for each, change in zip(questions, changes, strict=True)
    )


def _rejudged(results: Results, change: Change, p_adjusted: float) -> Results:
    again = replace(change, p_adjusted=p_adjusted, direction=_direction(change, p_adjusted))
    before = results.comparison
    if before is None:
        return results
    return replace(results, comparison=replace(before, panel=again) if before.panel else replace(before, headline=again))


def _why_not(before: Results, after: Results) -> str:
    """The key of the note that says why two rounds cannot be compared; empty where they can."""
    if before.poll.id != after.poll.id:
        return "not_comparable"
    if not before.closed:
        return "earlier_open"
    if before.n is None or after.n is None:
        return "too_few_to_compare"
    return "" if after.headline_id else "numbers_side_by_side"


def _proportion(results: Results, option: OptionResult) -> Proportion | None:
    return None if option.count is None or not results.n else Proportion(option.count, results.n, results.population)


def _change(before: Results, one: OptionResult, after: Results, other: OptionResult) -> Change | None:
    first, second = _proportion(before, one), _proportion(after, other)
    if first is None or second is None:
        return None
    return _moved(other.id, other.label, first, second, difference(second, first))


def _moved(option_id: str, label: str, before: Proportion, after: Proportion, gap: Interval) -> Change:
    points = (percent(gap.estimate), percent(gap.lo), percent(gap.hi))
    return Change(option_id, label, percent(before.value), percent(after.value), *points)


def _p_of(before: Results, after: Results) -> float | None:
    if before.headline is None or after.headline is None:
        return None
    first, second = _proportion(before, before.headline), _proportion(after, after.headline)
    return None if first is None or second is None else p_difference(second, first)


def _panel_change(headline: Change, pairs: Pairs) -> Change:
    p = p_paired_difference(pairs)
    change = _moved(headline.option_id, headline.label, pairs.before, pairs.after, paired_difference(pairs))
    return replace(change, p=p, p_adjusted=p, direction=_direction(change, p))


def _panel_may_be_shown(panel: Panel, before: Results, after: Results) -> bool:
    """Whether nothing small follows: all four counts follow from the interval, and so does the rest of either round."""
    counts = (panel.both, panel.before_only, panel.after_only, panel.neither)
    if after.poll.sensitive or sum(counts) < SMALLEST_GROUP or any(0 < count < FEWEST for count in counts):
        return False
    for results, chose in ((before, panel.both + panel.before_only), (after, panel.both + panel.after_only)):
        if results.n is None or results.headline is None or results.headline.count is None:
            return False
        rest, rest_chose = results.n - sum(counts), results.headline.count - chose
        if not 0 <= rest_chose <= rest or 0 < rest < SMALLEST_GROUP:
            return False
        if 0 < rest_chose < NARROWEST or 0 < rest - rest_chose < NARROWEST:
            return False
    return True


def _direction(change: Change, p: float | None) -> Direction:
    if change.lo <= 0 <= change.hi or p is None or p >= SIGNIFICANT:
        return Direction.UNCLEAR
    return Direction.UP if change.difference > 0 else Direction.DOWN
