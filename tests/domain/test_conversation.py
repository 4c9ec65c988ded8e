import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.conversation import MENU, Place, PlaceKind, State


@pytest.mark.parametrize(
    "text", ["menu", "opted_out", "onboarding:consent", "lesson:m1/humo/s2", "quiz:m1/humo/q1", "poll:Q04_v1/q", "clarify"]
)
def test_a_place_keeps_its_public_form(text):
    assert str(Place.parse(text)) == text


@given(st.text())
def test_any_stored_place_can_be_read(text):
    assert isinstance(Place.parse(text).kind, PlaceKind)


def test_a_place_that_no_longer_exists_is_the_menu():
    assert Place.parse("carnival:1") == MENU


def test_a_state_survives_storage():
    state = State("lesson:m1/humo/s2", bookmark="menu", candidates=("ask_ppe", "ask_retort"), misses=1)
    assert State.from_json(state.to_json()) == state


def test_a_state_of_another_version_is_still_read():
    assert State.from_json({"place": "menu", "mood": "new in a later Batea"}) == State("menu")
