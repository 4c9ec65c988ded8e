from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.nlu import vocabulary
from bot.nlu.vocabulary import WordSet

WORDS = st.text(max_size=12)


@given(st.lists(WORDS, max_size=30), WORDS)
def test_a_word_set_holds_what_was_put_in_and_nothing_else(listed: list[str], other: str) -> None:
    kept = WordSet(listed)
    assert len(kept) == len(set(listed))
    assert all(word in kept for word in listed)
    assert (other in kept) == (other in listed)


def test_rare_words_are_words_and_no_misspellings() -> None:
    rare = vocabulary.rare_words()
    assert len(rare) > 80_000
    assert "desmayarse" in rare
    assert "dezmallarze" not in rare
