"""How good an engine is, on sentences with known meaning: the figures of `batea nlu eval`."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.domain.errors import UsageError
from bot.domain.ports import Understander
from bot.nlu.misspelling import misspell
from bot.nlu.verdict import OUT_OF_SCOPE

Line = tuple[str, str]


def read_lines(lines: Iterable[str]) -> list[Line]:
    """`intent<TAB>text` lines; empty ones and those that begin with # are skipped. Raises UsageError naming the line."""
    found: list[Line] = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        intent, tab, text = line.rstrip("\n").partition("\t")
        if not tab or not intent.strip() or not text.strip():
            raise UsageError(f"line {number}: an intent, a tab and a sentence belong there")
        found.append((intent.strip(), text.strip()))
    if not found:
        raise UsageError("there are no sentences to judge by")
    return found


def evaluate(engine: Understander, lines: Sequence[Line]) -> dict[str, Any]:
    """The keys of design.md's `batea nlu eval --json`. Macro F1 is the mean over the labels present in the lines.

    `train_s` is what the engine says of itself, or None.
    """
    answers: list[str] = []
    taken_ms: list[float] = []
    for _, text in lines:
        began = time.perf_counter()
        answers.append(engine.parse(text).intent)
        taken_ms.append((time.perf_counter() - began) * 1000)
    truth = [intent for intent, _ in lines]
    pairs = Counter(zip(truth, answers, strict=True))
    per_intent = {intent: _scores(pairs, intent) for intent in sorted(set(truth))}
    inside = [(wanted, got) for wanted, got in zip(truth, answers, strict=True) if wanted != OUT_OF_SCOPE]
    outside = per_intent.get(OUT_OF_SCOPE)
    taken_ms.sort()
    return {
        "n": len(lines),
        "accuracy": _share(sum(count for (wanted, got), count in pairs.items() if wanted == got), len(lines)),
        "macro_f1": round(sum(scores["f1"] for scores in per_intent.values()) / len(per_intent), 4),
        "out_of_scope_recall": outside["recall"] if outside else None,
        "out_of_scope_precision": outside["precision"] if outside else None,
        "in_scope_rejected": _share(sum(got == OUT_OF_SCOPE for _, got in inside), len(inside)),
        "per_intent": per_intent,
        "confusions": [
            {"intent": wanted, "got": got, "n": count} for (wanted, got), count in pairs.most_common() if wanted != got
        ],
        "p50_ms": round(taken_ms[len(taken_ms) // 2], 3),
        "p95_ms": round(taken_ms[min(len(taken_ms) - 1, int(len(taken_ms) * 0.95))], 3),
        "train_s": getattr(engine, "train_s", None),
        "engine": engine.name,
    }


def _scores(pairs: Counter[tuple[str, str]], intent: str) -> dict[str, Any]:
    hit = pairs[intent, intent]
    wanted = sum(count for (truth, _), count in pairs.items() if truth == intent)
    given = sum(count for (_, answer), count in pairs.items() if answer == intent)
    return {
        "n": wanted,
        "precision": _share(hit, given),
        "recall": _share(hit, wanted),
        "f1": round(2 * hit / (wanted + given), 4) if hit else 0.0,
    }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def misspelt(lines: Sequence[Line], seed: int = 1) -> list[Line]:
    """The same sentences misspelt further, the same way every time."""
    return [(intent, misspell(text, seed)) for intent, text in lines]


def table(found: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """A Markdown table of what `evaluate` returned: a row for each engine on each set of sentences."""
    rows = [
        "| sentences | engine | n | accuracy | macro F1 | out of scope | in-scope rejected | p50 / p95 ms |",
        "|" + "---|" * 8,
    ]
    for name, results in found.items():
        for result in results:
            recall = result["out_of_scope_recall"]
            rows.append(
                f"| {name} | {result['engine']} | {result['n']} | {result['accuracy']:.3f} | {result['macro_f1']:.3f} "
                f"| {'' if recall is None else format(recall, '.2f')} | {result['in_scope_rejected']:.3f} "
                f"| {result['p50_ms']:.1f} / {result['p95_ms']:.1f} |"
            )
    return "\n".join(rows)


def compare(engines: Sequence[Understander], sets: Mapping[str, Sequence[Line]]) -> str:
    """One table: every engine on every set, as written and misspelt further."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name, lines in sets.items():
        found[name] = [evaluate(engine, lines) for engine in engines]
        found[f"{name}, misspelt"] = [evaluate(engine, misspelt(lines)) for engine in engines]
    return table(found)
