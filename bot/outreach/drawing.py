"""The strokes that charts are made of: paper, rows of bars with their intervals, headings, and what becomes a file.

Drawn without a window; the same figures give the same bytes. Blue and grey keep apart for whoever does not see colours and on
a photocopy; a bar's figure always stands beside it.
"""

from __future__ import annotations

import io
import textwrap
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

from bot.domain.results import NumberResult, OptionResult
from bot.outreach.phrasing import Phrasing

if TYPE_CHECKING:  # the library is imported when something is drawn
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEADLINE: Final = "#0b5394"
OTHER: Final = "#8ab4dc"
WAY_OUT: Final = "#c4c4c4"
INK: Final = "#1a1a1a"
FAINT: Final = "#595959"  # 7:1 on white
RULE: Final = "#dcdcdc"
WIDTH_IN: Final = 7.2
ROW_IN: Final = 0.42
_LEFT, _RIGHT = -57.3, 140.0  # the edges of the text, in per cent of the axis
_LABEL_CHARS: Final = 26
_TITLE_CHARS: Final = 58
_NOTE_CHARS: Final = 104
_FONTS: Final = "'DejaVu Sans', Verdana, Arial, sans-serif"
_LOCK: Final = threading.Lock()  # the library's settings are shared by all threads
# Text stays text, and ids do not change from run to run.
_SETTINGS: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "batea",
    "pdf.fonttype": 42,
    "font.family": "DejaVu Sans",
    "font.size": 10.0,
    "hatch.linewidth": 0.7,
}


@contextmanager
def drawing() -> Iterator[None]:
    """The settings that everything is drawn and saved with; one thread at a time."""
    from matplotlib import rc_context  # noqa: PLC0415

    with _LOCK, rc_context(_SETTINGS):
        yield


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing, with its title and what it shows in words, for whoever cannot see it."""

    figure: Figure
    title: str
    description: str

    def svg(self) -> bytes:
        """As SVG, with its text as text, a title and a description."""
        text = self._saved("svg", metadata={"Date": None, "Creator": None}).decode()
        head, tag, rest = text.partition("<svg ")
        attributes, close, body = rest.partition(">")
        named = f'<title id="title">{escape(self.title)}</title><desc id="desc">{escape(self.description)}</desc>'
        labelled = f'{head}{tag}role="img" aria-labelledby="title desc" {attributes}{close}\n {named}{body}'
        return labelled.replace("'DejaVu Sans'", _FONTS).encode()

    def png(self, dpi: int = 200) -> bytes:
        """As PNG."""
        return self._saved("png", dpi=dpi, metadata={"Software": None, "Title": self.title, "Description": self.description})

    def pdf(self) -> bytes:
        """As PDF."""
        return self._saved("pdf", metadata={"CreationDate": None, "Producer": None, "Creator": "Batea", "Title": self.title})

    def _saved(self, kind: str, **how: Any) -> bytes:
        out = io.BytesIO()
        with drawing():
            self.figure.savefig(out, format=kind, facecolor="white", **how)
        return out.getvalue()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a chart: a heading, a bar with its interval, a box of numbers, or the word that it is hidden."""

    text: str
    option: OptionResult | None = None
    numbers: NumberResult | None = None
    colour: str = OTHER
    level: int = 0  # 1 heads a group, 2 heads a breakdown
    hidden: bool = False

    def said(self, words: Phrasing) -> str:
        """Its figures."""
        if self.numbers:
            return words.say("chart.number", median=self.numbers.median, lo=self.numbers.lo, hi=self.numbers.hi)
        if self.option is None or self.option.count is None:
            return words.say("chart.hidden") if self.option else ""
        return words.say("chart.value", pct=self.option.pct, count=self.option.count)


def paper(width_in: float, height_in: float) -> Figure:
    """An empty figure that no window knows of."""
    from matplotlib.figure import Figure  # noqa: PLC0415

    return Figure(figsize=(width_in, height_in), facecolor="white")


def rows(title: str, subtitles: Sequence[str], lines: Sequence[Line], notes: Sequence[str], words: Phrasing) -> Figure:
    """A chart of lines, as high as it needs to be. To be called within `drawing`."""
    heads, feet = wrapped(title, _TITLE_CHARS), [part for note in notes for part in wrapped(note, _NOTE_CHARS)]
    top_in, foot_in = 0.52 + 0.27 * len(heads) + 0.22 * len(subtitles), 0.3 + 0.19 * len(feet)
    height_in = top_in + ROW_IN * max(len(lines), 1) + foot_in
    figure = paper(WIDTH_IN, height_in)
    for i, head in enumerate(heads):
        figure.text(0.025, 1 - (0.36 + 0.27 * i) / height_in, head, fontsize=14, fontweight="bold", color=INK)
    for i, subtitle in enumerate(subtitles):
        y = 1 - (0.36 + 0.27 * len(heads) + 0.22 * i) / height_in
        figure.text(0.025, y, subtitle, fontsize=10, color=INK if i else FAINT)
    for i, foot in enumerate(reversed(feet)):
        figure.text(0.025, (0.16 + 0.19 * i) / height_in, foot, fontsize=8, color=FAINT)
    axes = figure.add_axes((0.3, foot_in / height_in, 0.48, 1 - (top_in + foot_in) / height_in))
    axes.set_xlim(0, 100)
    axes.set_ylim(max(len(lines), 1) - 0.5, -0.5)
    bare(axes)
    axes.axis("off")
    widest = max([1.0, *(max(line.numbers.hi, line.numbers.q3) for line in lines if line.numbers)])
    for at, line in enumerate(lines):
        _line(axes, at, line, widest, words)
    return figure


def bare(axes: Axes) -> None:
    """No frame and no ticks."""
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, colors=FAINT)


def _line(axes: Axes, at: int, line: Line, widest: float, words: Phrasing) -> None:
    if line.level:
        axes.text(
            _LEFT,
            at + 0.14,
            line.text,
            va="center",
            fontsize=11.5 if line.level > 1 else 10,
            fontweight="normal" if line.hidden else "bold",
            fontstyle="italic" if line.hidden else "normal",
            color=FAINT if line.hidden else INK,
        )
        if line.level > 1:
            axes.plot([_LEFT, _RIGHT], [at - 0.4] * 2, color=INK, linewidth=0.8, clip_on=False)
        return
    label = "\n".join(wrapped(line.text, _LABEL_CHARS))
    axes.text(-3, at, label, ha="right", va="center", fontsize=10, color=INK, linespacing=1.05)
    said = line.said(words)
    if line.numbers:
        _box(axes, at, line.numbers, 100 / widest)
    elif line.option is None or line.option.pct is None:
        # Light stripes over the whole width: anything might stand here, and nothing is said.
        axes.barh(at, 100, height=0.5, color="white", edgecolor=RULE, hatch="////", linewidth=0)
        axes.text(103, at, said, va="center", fontsize=9.5, color=FAINT, style="italic")
        return
    else:
        axes.barh(at, 100, height=0.56, color="#f3f3f3", linewidth=0)
        axes.barh(at, line.option.pct, height=0.56, color=line.colour, linewidth=0)
        whisker(axes, at, line.option.lo or 0.0, line.option.hi or 0.0)
    axes.text(103, at, said, va="center", fontsize=10, color=INK)


def whisker(axes: Axes, at: float, lo: float, hi: float, width: float = 1.4) -> None:
    """An interval: a black line on a white one, so that it shows on any bar."""
    for colour, thick in (("white", width + 1.8), (INK, width)):
        axes.plot([lo, hi], [at, at], color=colour, linewidth=thick, solid_capstyle="butt", clip_on=False)
        for end in (lo, hi):
            axes.plot([end, end], [at - 0.13, at + 0.13], color=colour, linewidth=thick, solid_capstyle="butt", clip_on=False)


def _box(axes: Axes, at: int, numbers: NumberResult, scale: float) -> None:
    axes.barh(at, 100, height=0.56, color="#f3f3f3", linewidth=0)
    axes.barh(at, (numbers.q3 - numbers.q1) * scale, left=numbers.q1 * scale, height=0.56, color=OTHER, linewidth=0)
    whisker(axes, at, numbers.lo * scale, numbers.hi * scale)
    axes.plot([numbers.median * scale], [at], marker="o", markersize=8, color=HEADLINE, markeredgecolor="white", clip_on=False)


def wrapped(text: str, chars: int) -> list[str]:
    """A text in lines of at most so many characters; at least one line."""
    return textwrap.wrap(text, chars, break_long_words=True) or [""]
