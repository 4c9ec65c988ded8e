"""Pieces of text."""

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.layout import numbered, split, utf16_units
from bot.domain.message import Choice


def test_options_stand_one_a_line_with_their_key():
    choices = (Choice("1", "a", "Sí"), Choice("0", "b", "Menú"))
    assert numbered(choices) == "1 Sí\n0 Menú"
    assert numbered(choices, ".") == "1. Sí\n0. Menú"


def test_a_text_is_cut_after_a_sentence_rather_than_in_it():
    assert split("Una frase. Otra frase.", 14) == ["Una frase.", "Otra frase."]


def test_a_text_is_cut_between_paragraphs_rather_than_sentences():
    assert split("Uno. Dos.\n\nTres. Cuatro.", 18) == ["Uno. Dos.", "Tres. Cuatro."]


def test_a_word_is_cut_only_where_nothing_else_can_be():
    assert split("a" * 25, 10) == ["a" * 10, "a" * 10, "a" * 5]


def test_an_emoji_counts_as_two():
    assert split("😀" * 6, 10) == ["😀" * 5, "😀"]


def test_nothing_to_say_is_one_empty_piece():
    assert split("", 10) == [""]


@given(st.text(), st.integers(2, 40))
def test_every_piece_fits_and_no_letter_is_lost(text, most):
    pieces = split(text, most)
    assert all(utf16_units(piece) <= most for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
