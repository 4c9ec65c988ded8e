from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.misspelling import misspell


@given(st.text(max_size=80), st.integers(0, 5))
def test_the_same_seed_misspells_alike_and_never_fails(text: str, seed: int) -> None:
    assert misspell(text, seed) == misspell(text, seed)


def test_a_sentence_is_changed_and_stays_recognisable() -> None:
    sentence = "cuando es la proxima reunion del comite"
    written = {misspell(sentence, seed) for seed in range(10)}
    assert len(written) > 8
    assert sentence not in written
    assert all(abs(len(one) - len(sentence)) <= 8 for one in written)
