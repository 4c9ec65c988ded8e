"""Word classes: a situation is the same whatever words tell it."""

from __future__ import annotations

from pathlib import Path

from bot.nlu import lexicon, vocabulary
from bot.nlu.features import Extractor
from bot.nlu.lexicon import Lexicon
from bot.nlu.spelling import Speller

INTENTS = Path(__file__).resolve().parents[2] / "intents"
SMALL = Lexicon({}, {"child": ("hijo", "niñ*"), "fall": ("cayo",), "hole": ("pozo", "huec*"), "itself": ("mi", "cayo")})


def frames(text: str, known: Lexicon = SMALL) -> set[str]:
    extractor = Extractor(Speller(vocabulary.domain_words((), known.terms), vocabulary.common_words()), known)
    return set(extractor.extract(extractor.read(text))["frame"])


def test_other_words_of_the_same_classes_look_the_same() -> None:
    assert frames("el hijo cayo al pozo") == frames("la niña cayo al hueco") == {
        "child", "fall", "hole", "child>fall", "child>hole", "fall>hole",
    }  # fmt: skip


def test_order_counts() -> None:
    assert "fall>child" in frames("cayo el hijo")
    assert "fall>child" not in frames("el hijo cayo")


def test_words_far_apart_have_nothing_to_do_with_each_other() -> None:
    assert "child>hole" not in frames("el hijo que vive lejos de aqui con su abuela limpio el pozo")


def test_a_word_is_a_class_of_its_own_only_where_no_other_has_it() -> None:
    assert {"mi", "mi>child"} <= frames("mi hijo")
    assert "cayo" not in frames("mi hijo cayo")


def test_classes_are_known_by_sound() -> None:
    assert "hole" in frames("un uecco")


def test_without_the_file_there_are_no_classes(tmp_path: Path) -> None:
    (tmp_path / "lexicon.yml").write_text("gold: [oro]\n", encoding="utf-8")
    assert lexicon.read(tmp_path / "lexicon.yml").frames == {}
    assert lexicon.read(INTENTS / "lexicon.yml").frames
