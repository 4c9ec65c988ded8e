from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.folding import fold
from bot.nlu.spelling import Speller, words

ROOT = Path(__file__).resolve().parents[2]
ANY_TEXT = st.text(max_size=60) | st.text(alphabet="abcdehilnoqrstuvyñáéí 0123kz", max_size=60)


@given(ANY_TEXT)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@example("PAA")  # sounds like a short form
@given(ANY_TEXT)
def test_correcting_twice_is_correcting_once(speller: Speller, text: str) -> None:
    once = speller.correct(text)
    assert speller.correct(" ".join(once)) == once


@given(st.text(max_size=200))
def test_words_take_anything_and_give_plain_words(text: str) -> None:
    assert all(word and word == word.lower() and " " not in word for word in words(text))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ola kiero saver del asogue", "quiero saber del azogue"),
        ("el sokabon", "el socavon"),
        ("xq no puedo", "porque no puedo"),
        ("toy pa entrar", "estoy para entrar"),
        ("holaaaaa", "hola"),
        ("el 2", "el dos"),
        ("2️⃣", "dos"),
        ("megusta el mercuryo", "me gusta el mercurio"),
        ("sianuro i relabes", "cianuro i relaves"),
        ("la reunyon", "la reunion"),
    ],
)
def test_what_is_written_by_ear_is_put_right(speller: Speller, written: str, meant: str) -> None:
    assert " ".join(speller.correct(written)).endswith(meant)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("si", "no"),
        ("quiero ir", "no quiero ir"),
        ("mercurio", "cianuro"),
        ("siguiente", "atras"),
        ("voy", "no voy"),
        ("peso", "paso"),
        ("mas despacio", "mas adelante"),
        ("entero", "enfermo"),
        ("todo", "toco"),
        ("alta", "baja"),
        ("hombre", "hambre"),
        ("uno", "dos"),
    ],
)
def test_folding_and_correction_keep_what_distinguishes(speller: Speller, one: str, other: str) -> None:
    assert fold(one) != fold(other)
    assert speller.correct(one) != speller.correct(other)


def test_a_domain_word_wins_over_a_common_one() -> None:
    speller = Speller({"retorta"}, {"retirta": 0, "retira": 1})
    assert speller.correct("retorda") == ["retorta"]


def test_short_words_are_left_alone(speller: Speller) -> None:
    assert speller.correct("zp ye wq") == ["zp", "ye", "wq"]


def test_words_are_put_right_alike_in_every_process() -> None:
    """What decides between words that are equally near must not be the order of a set, which differs from process to process."""
    code = (
        "from bot.nlu.spelling import Speller\n"
        "speller = Speller({'cabon', 'caban', 'cabin', 'cabun', 'caben', 'sabor'}, {'cobre': 3})\n"
        "print(speller.correct('cabrn cabxn sabur'))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2", "3", "4")
    }
    assert len(found) == 1
