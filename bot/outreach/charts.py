"""Charts of published results: bars with intervals, breakdowns, rounds over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from bot.domain.results import By, GroupResult, OptionResult, Results
from bot.outreach.comparison import judged
from bot.outreach.drawing import FAINT, HEADLINE, INK, OTHER, RULE, WAY_OUT, WIDTH_IN, Chart, Line, bare, drawing, paper, rows
from bot.outreach.phrasing import Phrasing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TIME_IN: Final = 4.3
_SHOWN: Final = frozenset({"indicative", "few_answers", "open", "too_few"})  # the notes that no chart goes without


def bars(results: Results, words: Phrasing) -> Chart:
    """Every option of the round."""
    return _chart(results, words, _everybody(results, words))


def breakdown(results: Results, by: By, words: Phrasing) -> Chart:
    """Every option in each group, one group below the other. Raises KeyError where that breakdown is not published."""
    found = {one.by: one for one in results.breakdowns}[by]
    return _chart(results, words, [Line(words.by(by), level=2), *_groups(results, found.groups, words)])


def report(results: Results, words: Phrasing) -> Chart:
    """All that is published of the round, in one chart."""
    lines = _everybody(results, words)
    for found in results.breakdowns:
        lines += [Line(words.by(found.by), level=2), *_groups(results, found.groups, words)]
    return _chart(results, words, lines)


def over_time(rounds: Sequence[Results], words: Phrasing) -> Chart:
    """The headline of several rounds of one poll, the oldest first, each with its interval. What is hidden says so."""
    last = rounds[-1]
    title = words.say("chart.over_time", label=last.headline.label if last.headline else last.poll.wording.text)
    names = [f"{words.round(one.number)}\n{words.date(one.closes_at)}" for one in rounds]
    with drawing():
        figure = paper(WIDTH_IN, _TIME_IN)
        figure.text(0.025, 0.92, title, fontsize=14, fontweight="bold", color=INK)
        figure.text(0.025, 0.85, last.poll.wording.text, fontsize=10, color=FAINT)
        figure.text(0.025, 0.035, words.say("chart.interval"), fontsize=8, color=FAINT)
        axes = figure.add_axes((0.09, 0.21, 0.88, 0.55))
        said = [_point(axes, at, one, words) for at, one in enumerate(rounds)]
        axes.set_xlim(-0.4, max(len(rounds) - 0.3, 1.7))
        axes.set_xticks(range(len(rounds)), names, fontsize=9)
        if last.headline:
            axes.set_ylim(0, 100)
            axes.set_yticks([0, 25, 50, 75, 100])
        axes.grid(axis="y", color=RULE, linewidth=0.8)
        axes.set_axisbelow(True)
        bare(axes)
    told = zip(names, said, strict=True)
    values = " ".join(words.say("chart.description_value", label=name.replace("\n", ", "), value=value) for name, value in told)
    return Chart(figure, title, words.say("chart.description_time", values=values))


def _point(axes: Axes, at: int, one: Results, words: Phrasing) -> str:
    """Draw a round and say it."""
    shown, numbers = one.headline, one.numbers
    if shown and shown.count is not None and shown.pct is not None:
        middle, lo, hi = shown.pct, shown.lo or 0.0, shown.hi or 0.0
        text = words.say("chart.value", pct=shown.pct, count=shown.count)
    elif numbers is not None:
        middle, lo, hi = numbers.median, numbers.lo, numbers.hi
        text = words.say("chart.number", median=middle, lo=lo, hi=hi)
    else:
        text = words.say("chart.hidden")
        axes.text(at, 0.04, text, transform=axes.get_xaxis_transform(), ha="center", color=FAINT, style="italic", fontsize=9)
        return text
    axes.plot([at, at], [lo, hi], color=INK, linewidth=1.5, solid_capstyle="butt")
    for end in (lo, hi):
        axes.plot([at - 0.03, at + 0.03], [end, end], color=INK, linewidth=1.5, solid_capstyle="butt")
    axes.plot([at], [middle], marker="o", markersize=10, color=HEADLINE, markeredgecolor="white")
    axes.annotate(text, (at, middle), xytext=(11, 0), textcoords="offset points", va="center", fontsize=10, color=INK)
    return text


def _everybody(results: Results, words: Phrasing) -> list[Line]:
    if not results.closed or results.n is None:
        return []
    numbers = [Line(words.say("chart.number_row"), numbers=results.numbers)] if results.numbers else []
    return numbers + [Line(option.label, option, colour=_colour(results, option)) for option in results.options]


def _groups(results: Results, groups: Sequence[GroupResult], words: Phrasing) -> list[Line]:
    lines: list[Line] = []
    for group in groups:
        if group.n is not None:
            lines.append(Line(words.say("chart.group", group=words.group(group.id), n=group.n), level=1))
            if group.numbers:
                lines.append(Line(words.say("table.number"), numbers=group.numbers))
            lines += [Line(option.label, option, colour=_colour(results, option)) for option in group.options]
    hidden = [words.group(group.id) for group in groups if group.n is None]
    if hidden:
        lines.append(Line(words.say("chart.groups_hidden", groups=", ".join(hidden)), level=1, hidden=True))
    return lines


def _colour(results: Results, option: OptionResult) -> str:
    if option.id == results.headline_id:
        return HEADLINE
    return WAY_OUT if option.id == results.poll.way_out else OTHER


def _chart(results: Results, words: Phrasing, lines: Sequence[Line]) -> Chart:
    title = results.poll.wording.text
    subtitles = [f"{words.answered(results)} · {words.round(results.number)}, {words.date(results.closes_at)}"]
    change = judged(results)
    if change is not None:
        figures = {"label": change.label, "before": change.before, "after": change.after}
        subtitles.append(words.say(f"change.{change.direction}", **figures))
    with drawing():
        figure = rows(title, subtitles, lines, _notes(results, words, lines), words)
    told = [words.say("chart.description_value", label=line.text, value=line.said(words)) for line in lines if not line.level]
    return Chart(figure, title, words.say("chart.description", answered=words.answered(results), values=" ".join(told)))


def _notes(results: Results, words: Phrasing, lines: Sequence[Line]) -> list[str]:
    notes: list[str] = []
    if any(line.option and line.option.count is not None for line in lines):
        notes.append(words.say("chart.interval"))
    if any(line.numbers for line in lines):
        notes.append(words.say("chart.box"))
    if any(line.hidden or (line.option and line.option.count is None) for line in lines):
        notes.append(words.say("chart.why_hidden"))
    return notes + [words.note(note) for note in results.notes if note.key in _SHOWN]
