from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from bot.domain.errors import UsageError
from bot.domain.understanding import Alarm, Understood
from bot.nlu import benchmark, confusion, evaluation, lexicon, training_data
from bot.nlu.learning_curve import learning_curve

KEYS = {
    "n", "accuracy", "macro_f1", "out_of_scope_recall", "out_of_scope_precision", "in_scope_rejected", "per_intent", "confusions",
    "p50_ms", "p95_ms", "train_s", "engine",
}  # fmt: skip


class Answers:
    """An engine that gives the answers it was made with."""

    name = "fake"

    def __init__(self, answers: dict[str, str]) -> None:
        self._answers = answers

    def alarm(self, text: str) -> Alarm:
        return Alarm()

    def parse(self, text: str) -> Understood:
        return Understood(text, self._answers[text], 1.0, self.name)


LINES = [("greet", "a"), ("greet", "b"), ("menu", "c"), ("menu", "d"), ("out_of_scope", "e"), ("out_of_scope", "f")]
GIVEN = {"a": "greet", "b": "menu", "c": "menu", "d": "out_of_scope", "e": "out_of_scope", "f": "help"}


def test_the_figures_of_a_case_done_by_hand() -> None:
    found = evaluation.evaluate(Answers(GIVEN), LINES)
    assert set(found) == KEYS
    assert found["n"] == 6
    assert found["accuracy"] == 0.5
    assert found["per_intent"]["greet"] == {"n": 2, "precision": 1.0, "recall": 0.5, "f1": 0.6667}
    assert found["per_intent"]["menu"] == {"n": 2, "precision": 0.5, "recall": 0.5, "f1": 0.5}
    assert found["out_of_scope_recall"] == 0.5
    assert found["out_of_scope_precision"] == 0.5
    assert found["in_scope_rejected"] == 0.25
    assert found["macro_f1"] == pytest.approx((0.6667 + 0.5 + 0.5) / 3, abs=1e-4)
    assert {(c["intent"], c["got"], c["n"]) for c in found["confusions"]} == {
        ("greet", "menu", 1),
        ("menu", "out_of_scope", 1),
        ("out_of_scope", "help", 1),
    }


def test_without_out_of_scope_sentences_its_figures_are_unknown() -> None:
    found = evaluation.evaluate(Answers(GIVEN), LINES[:4])
    assert found["out_of_scope_recall"] is None
    assert found["out_of_scope_precision"] is None


def test_lines_are_read_strictly() -> None:
    assert evaluation.read_lines(["# x", "", "greet\thola\n"]) == [("greet", "hola")]
    for wrong in (["greet hola"], ["greet\t "], ["\thola"], [""]):
        with pytest.raises(UsageError):
            evaluation.read_lines(wrong)


def test_engines_stand_side_by_side_as_written_and_misspelt() -> None:
    everything = {text: "greet" for _, text in [*LINES, *evaluation.misspelt(LINES)]}
    table = evaluation.compare([Answers(everything), Answers(everything)], {"own": LINES}).splitlines()
    assert len(table) == 2 + 4
    assert table[2].startswith("| own | fake | 6 | 0.333 |")
    assert table[4].startswith("| own, misspelt | fake | 6 | 0.333 |")


def test_the_confusion_picture_has_a_cell_for_every_pair() -> None:
    picture = ET.fromstring(confusion.draw(evaluation.evaluate(Answers(GIVEN), LINES)))
    cells = [rect for rect in picture.iter("{http://www.w3.org/2000/svg}rect") if rect.get("stroke")]
    assert len(cells) == 3 * 4
    assert "greet → menu: 1 of 2" in "".join(picture.itertext())


def test_a_learning_curve_rises_with_the_sentences(intents_dir: Path) -> None:
    data = training_data.read(intents_dir)
    points = list(learning_curve(data, lexicon.read(intents_dir / "lexicon.yml"), shares=(0.3, 1.0)))
    assert [point.share for point in points] == [0.3, 1.0]
    assert points[0].per_intent < points[1].per_intent
    assert all(0 <= point.accuracy <= 1 for point in points)


def test_the_benchmark_measures_latency_and_memory(intents_dir: Path, tmp_path: Path) -> None:
    found = benchmark.measure(intents_dir, tmp_path)
    assert found["p50_ms"] <= found["p95_ms"] <= found["p99_ms"]
    assert 0 < found["adds_mb"] < found["rss_mb"]
    assert found["train_s"] > 0
