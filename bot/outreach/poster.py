"""The page for the wall of the meeting house: A4, big, in plain words, good in black and white."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from bot.domain.results import OptionResult, Results
from bot.outreach.comparison import judged
from bot.outreach.drawing import FAINT, INK, Chart, drawing, paper, wrapped
from bot.outreach.phrasing import Phrasing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

A4_IN: Final = (8.27, 11.69)
_EDGE: Final = 0.08
_TOP: Final = 0.715  # where the bars begin
_BOTTOM: Final = 0.3  # and the sentences
_QUESTION_CHARS: Final = 34
_SENTENCE_CHARS: Final = 52
_GREYS: Final = ("#1a1a1a", "#6e6e6e", "#a8a8a8", "#cfcfcf", "#e6e6e6")


def poster(results: Results, words: Phrasing) -> Chart:
    """One page of what was said: bars with big figures, then at most five short sentences."""
    title = words.say("poster.title")
    sentences = list(_sentences(results, words))
    with drawing():
        figure = paper(*A4_IN)
        _head(figure, title, results, words)
        if results.closed and results.n is not None:
            axes = figure.add_axes((_EDGE, _BOTTOM, 1 - 2 * _EDGE, _TOP - _BOTTOM))
            axes.axis("off")
            _bars(axes, results, words)
        y = _BOTTOM - 0.035
        for sentence in sentences:
            for line in wrapped(sentence, _SENTENCE_CHARS):
                figure.text(_EDGE, y, line, fontsize=17, color=INK)
                y -= 0.028
            y -= 0.012
        foot = f"{results.poll.id} · {words.round(results.number)} · {words.date(results.closes_at)}"
        figure.text(_EDGE, 0.035, foot, fontsize=10, color=FAINT)
    values = " ".join(
        words.say("chart.description_value", label=option.label, value=_figure(option, words)) for option in results.options
    )
    return Chart(figure, title, f"{results.poll.wording.text} {values} {' '.join(sentences)}")


def _head(figure: Figure, title: str, results: Results, words: Phrasing) -> None:
    figure.text(_EDGE, 0.925, title, fontsize=33, fontweight="bold", color=INK)
    figure.text(_EDGE, 0.885, words.date(results.closes_at), fontsize=15, color=FAINT)
    for i, line in enumerate(wrapped(results.poll.wording.text, _QUESTION_CHARS)[:3]):
        figure.text(_EDGE, 0.835 - 0.036 * i, line, fontsize=23, color=INK)


def _bars(axes: Axes, results: Results, words: Phrasing) -> None:
    """Black for the first, ever lighter; outlined, so that the palest shows; figures in the size of a headline."""
    if results.numbers and not results.headline_id:
        median = words.say("poster.median", median=results.numbers.median)
        axes.text(0, 0.6, "\n".join(wrapped(median, 28)), fontsize=30, fontweight="bold", color=INK, transform=axes.transAxes)
        return
    axes.set_xlim(0, 100)
    axes.set_ylim(max(len(results.options), 4) - 0.45, -0.6)
    for at, option in enumerate(results.options):
        axes.text(0, at - 0.2, option.label, fontsize=19, color=INK, va="bottom")
        figure_ = _figure(option, words)
        if option.pct is None:
            axes.barh(at + 0.07, 78, height=0.4, color="white", edgecolor="#9a9a9a", hatch="///", linewidth=0.8)
            axes.text(100, at + 0.07, figure_, fontsize=13, color=INK, va="center", ha="right", style="italic")
            continue
        axes.barh(at + 0.07, 78, height=0.4, color="white", edgecolor="#9a9a9a", linewidth=0.8)
        axes.barh(at + 0.07, 0.78 * option.pct, height=0.4, color=_GREYS[at], edgecolor=INK, linewidth=0.8)
        axes.text(100, at + 0.07, figure_, fontsize=24, fontweight="bold", color=INK, va="center", ha="right")


def _figure(option: OptionResult, words: Phrasing) -> str:
    return words.say("poster.hidden") if option.pct is None else words.say("poster.value", pct=option.pct)


def _sentences(results: Results, words: Phrasing) -> Iterator[str]:
    if not results.closed:
        yield words.say("poster.open")
        return
    if results.n is None:
        yield words.say("poster.few")
        return
    yield words.say("poster.answered", n=results.n)
    change = judged(results)
    if change is not None:
        yield words.say(f"poster.{change.direction}", label=change.label)
    if any(option.count is None for option in results.options):
        yield words.say("poster.why_hidden")
    yield words.say("poster.indicative")
    yield words.say("poster.thanks")
