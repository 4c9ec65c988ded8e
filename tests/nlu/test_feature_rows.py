"""Rows of features, found by their hashes."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.feature_rows import FeatureRows

NAMES = {"word": ["azogue", "batea", "oro"], "pair": ["azogue", "batea+oro"], "concept": []}


def counted(**families: list[str]) -> dict[str, Counter[str]]:
    return {family: Counter(families.get(family, [])) for family in NAMES}


def test_known_features_have_their_row_and_how_often_they_stand_there() -> None:
    rows, counts, sizes = FeatureRows(NAMES).of(counted(word=["oro", "rio", "oro"], pair=["batea+oro"]))
    assert rows.tolist() == [2, 4]
    assert counts.tolist() == [2, 1]
    assert sizes.tolist() == [1, 1, 0]


def test_the_same_feature_of_another_family_is_another_row() -> None:
    rows, _, sizes = FeatureRows(NAMES).of(counted(word=["azogue"], pair=["azogue"], concept=["azogue"]))
    assert rows.tolist() == [0, 3]
    assert sizes.tolist() == [1, 1, 0]


def test_nothing_known_is_nothing() -> None:
    for index in (FeatureRows(NAMES), FeatureRows({family: [] for family in NAMES})):
        rows, counts, sizes = index.of(counted(word=["rio"]))
        assert (len(rows), len(counts), sizes.tolist()) == (0, 0, [0, 0, 0])


def test_a_feature_stands_once_in_its_family() -> None:
    with pytest.raises(ValueError, match="twice"):
        FeatureRows({"word": ["oro", "oro"]})


@given(st.lists(st.text(max_size=6), unique=True), st.lists(st.text(max_size=6)))
def test_it_finds_what_a_dictionary_finds(kept: list[str], said: list[str]) -> None:
    rows, counts, _ = FeatureRows({"word": kept}).of({"word": Counter(said)})
    places = {name: row for row, name in enumerate(kept)}
    expected = {places[name]: count for name, count in Counter(said).items() if name in places}
    assert dict(zip(rows.tolist(), counts.astype(np.int64).tolist(), strict=True)) == expected
