from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.errors import ContentError
from bot.nlu import training_data

GOOD = 'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - hola\n    - buenas\n'
ROOT = Path(__file__).resolve().parents[2]


def put(tmp_path: Path, text: str, name: str = "greet") -> Path:
    (tmp_path / "es").mkdir(exist_ok=True)
    path = tmp_path / "es" / f"{name}.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_sentences_come_with_their_line(tmp_path: Path) -> None:
    put(tmp_path, GOOD)
    data = training_data.read(tmp_path)
    assert [(e.intent, e.text, e.line) for e in data.examples] == [("greet", "hola", 5), ("greet", "buenas", 6)]
    assert data.intents == ("greet",)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("version: 3.0\nnlu: []\n", 1),
        ('version: "3.1"\nnlu: []\n', 2),
        ('version: "3.1"\nnlu:\n- intent: other\n  examples: |\n    - hola\n', 3),
        ('version: "3.1"\nnlu:\n- intent: greet\n  lookup: x\n  examples: |\n    - hola\n', 4),
        ('version: "3.1"\nnlu:\n- intent: greet\n  examples:\n    - hola\n', 4),
        ('version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - hola\n    sin guion\n', 6),
        ('version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    -\n', 5),
        ('version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n\n', 4),
        ('version: "3.1"\nnlu: [\n', 3),
        ("- a\n", 1),
    ],
)
def test_a_mistake_is_named_with_file_and_line(tmp_path: Path, text: str, line: int) -> None:
    path = put(tmp_path, text)
    with pytest.raises(ContentError) as caught:
        training_data.read(tmp_path)
    assert caught.value.file == str(path)
    assert caught.value.line == line


def test_a_name_that_rasa_keeps_for_itself_is_refused(tmp_path: Path) -> None:
    put(tmp_path, GOOD.replace("greet", "restart"), "restart")
    with pytest.raises(ContentError, match="Rasa keeps"):
        training_data.read(tmp_path)


def test_a_language_without_sentences_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="no training sentences"):
        training_data.read(tmp_path, "qu")


def test_sentences_with_two_meanings_are_found(tmp_path: Path) -> None:
    put(tmp_path, GOOD)
    put(tmp_path, GOOD.replace("greet", "goodbye").replace("- buenas", "- chao"), "goodbye")
    assert [(a.text, b.intent) for a, b in training_data.conflicts(training_data.read(tmp_path))] == [("hola", "greet")]


def test_the_shipped_sentences_can_be_read() -> None:
    data = training_data.read(ROOT / "intents")
    assert {"ask_mercury", "out_of_scope", "unsafe_request"} <= set(data.intents)
