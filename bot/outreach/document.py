"""Published results as JSON (design.md, section 4)."""

from __future__ import annotations

from typing import Any

from bot.domain.results import Change, Comparison, NumberResult, OptionResult, Results


def to_json(results: Results) -> dict[str, Any]:
    """The public form (design.md, section 4); null is hidden."""
    return {
        "poll": results.poll.id,
        "round": results.number,
        "closed": results.closed,
        "n": results.n,
        "invited": results.invited,
        "population": results.population,
        "options": [_option_json(option) for option in results.options],
        "numbers": _numbers_json(results.numbers),
        "breakdowns": [
            {
                "by": breakdown.by.value,
                "groups": [
                    {
                        "id": group.id,
                        "n": group.n,
                        "options": [_option_json(option) for option in group.options],
                        "numbers": _numbers_json(group.numbers),
                    }
                    for group in breakdown.groups
                ],
            }
            for breakdown in results.breakdowns
        ],
        "comparison": _comparison_json(results.comparison),
        "funnel": {
            "invited": results.funnel.invited,
            "delivered": results.funnel.delivered,
            "answered": results.funnel.answered,
            "face_to_face": results.funnel.face_to_face,
            "channels": [{"id": channel.id, "answered": channel.answered} for channel in results.funnel.channels],
        },
        "notes": [{"key": note.key, "values": dict(note.values)} for note in results.notes],
    }


def _option_json(option: OptionResult) -> dict[str, Any]:
    return {"id": option.id, "label": option.label, "count": option.count, "pct": option.pct, "lo": option.lo, "hi": option.hi}


def _numbers_json(numbers: NumberResult | None) -> dict[str, float | None] | None:
    if numbers is None:
        return None
    return {"n": numbers.n, "median": numbers.median, "lo": numbers.lo, "hi": numbers.hi, "q1": numbers.q1, "q3": numbers.q3}


def _change_json(change: Change | None) -> dict[str, Any] | None:
    if change is None:
        return None
    told = {name: getattr(change, name) for name in ("label", "before", "after", "difference", "lo", "hi")}
    verdict = {"p": _rounded(change.p), "p_adjusted": _rounded(change.p_adjusted), "direction": change.direction}
    return {"id": change.option_id, **told, **(verdict if change.direction else {})}


def _rounded(p: float | None) -> float | None:
    return None if p is None else round(p, 4)


def _comparison_json(comparison: Comparison | None) -> dict[str, Any] | None:
    if comparison is None:
        return None
    return {
        "round": comparison.number,
        "n": comparison.n,
        "comparable": not comparison.why_not,
        "why_not": comparison.why_not or None,
        "headline": _change_json(comparison.headline),
        "options": [_change_json(change) for change in comparison.options],
        "panel_n": comparison.panel_n,
        "panel": _change_json(comparison.panel),
    }
