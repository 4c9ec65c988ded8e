"""Finding words that differ in few letters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from bot.nlu.nearness import Shelf

_WORDS = st.text("abcñz019", max_size=7)


@given(st.lists(_WORDS, max_size=30), _WORDS, st.integers(0, 2))
def test_what_is_near_is_what_comparing_with_every_word_finds(words: list[str], word: str, edits: int) -> None:
    found = {near.word: near.distance for near in Shelf(words).near(word, edits)}
    assert found == {other: wrong for other in words if other and (wrong := OSA.distance(word, other)) <= edits}


@given(st.lists(_WORDS, max_size=30), _WORDS)
def test_two_wrong_letters_count_only_where_the_beginning_is_alike(words: list[str], word: str) -> None:
    found = {near.word for near in Shelf(words).near(word, 2, begins_alike=True)}
    expected = {near.word for near in Shelf(words).near(word, 2) if near.distance < 2 or _alike(near.word, word)}
    assert expected <= found <= {near.word for near in Shelf(words).near(word, 2)}


def test_words_of_one_length_keep_their_places() -> None:
    found = Shelf(["pozo", "oro", "peso", "piso", "pozo"]).near("poso", 1)
    assert [(near.word, near.place) for near in found] == [("pozo", 0), ("peso", 1), ("piso", 2)]


def _alike(one: str, other: str) -> bool:
    return one[:1] == other[:1] or one[1:2] == other[1:2]
