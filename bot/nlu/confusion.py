"""The confusion matrix as a picture: which intents are taken for which. Plain SVG; a report of ours needs no chart library."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, Final

CELL_PX: Final = 16
LABEL_PX: Final = 170
DARKEST: Final = (122, 68, 10)


def draw(evaluated: Mapping[str, Any]) -> str:
    """SVG of what `evaluation.evaluate` returned: a row for what was meant, a column for what was understood."""
    meant = list(evaluated["per_intent"])
    taken = sorted({*meant, *(item["got"] for item in evaluated["confusions"])})
    counts = {(item["intent"], item["got"]): int(item["n"]) for item in evaluated["confusions"]}
    totals = {intent: int(scores["n"]) for intent, scores in evaluated["per_intent"].items()}
    for intent, scores in evaluated["per_intent"].items():
        counts[intent, intent] = round(scores["recall"] * scores["n"])
    width, height = LABEL_PX + CELL_PX * len(taken) + 10, LABEL_PX + CELL_PX * len(meant) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="10">',
        f"<title>{escape(evaluated['engine'])}: accuracy {evaluated['accuracy']:.3f}, {evaluated['n']} sentences</title>",
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for row, intent in enumerate(meant):
        y = LABEL_PX + row * CELL_PX
        parts.append(f'<text x="{LABEL_PX - 6}" y="{y + 12}" text-anchor="end">{escape(intent)}</text>')
        parts.extend(
            _cell(LABEL_PX + column * CELL_PX, y, intent, got, counts.get((intent, got), 0), totals[intent])
            for column, got in enumerate(taken)
        )
    for column, got in enumerate(taken):
        x = LABEL_PX + column * CELL_PX + 12
        parts.append(f'<text transform="translate({x},{LABEL_PX - 6}) rotate(-90)">{escape(got)}</text>')
    return "\n".join([*parts, "</svg>\n"])


def _cell(x: int, y: int, intent: str, got: str, count: int, total: int) -> str:
    share = count / total if total else 0.0
    red, green, blue = (round(255 - (255 - full) * share**0.5) for full in DARKEST)
    title = f"<title>{escape(intent)} → {escape(got)}: {count} of {total}</title>"
    square = f'x="{x}" y="{y}" width="{CELL_PX}" height="{CELL_PX}"'
    return f'<rect {square} fill="rgb({red},{green},{blue})" stroke="#ddd">{title}</rect>'
