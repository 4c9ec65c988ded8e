"""Two questions in one message: the first is answered, the second offered, and the place is kept."""

from __future__ import annotations

import pytest
from standins.talk import Talk

from bot.domain.conversation import State


@pytest.fixture
def curious(talk: Talk) -> Talk:
    talk.engine.intents = {"retorta": "ask_retort", "registro": "ask_formalization", "reunion": "ask_next_meeting"}
    talk.state = State(place="lesson:m1/humo/s2")
    return talk


@pytest.mark.parametrize(
    "text",
    ["que es la retorta y como me registro", "la retorta? como me registro", "la retorta que es y tambien el registro"],
)
def test_the_first_is_answered_and_the_second_offered(curious: Talk, text: str) -> None:
    assert curious.say(text) == ["answers.ask_retort", "clarify.second"]
    assert list(curious.choices()) == ["1", "2"]
    assert curious.say("1") == ["answers.ask_formalization"]
    assert curious.say("9") == ["m1/humo/s2"]


@pytest.mark.parametrize("answer", ["2", "no", "no gracias", "9", "6", "seguir"])
def test_declined_she_is_back_where_she_was(curious: Talk, answer: str) -> None:
    curious.say("que es la retorta y como me registro")
    assert curious.say(answer) == ["m1/humo/s2"]


@pytest.mark.parametrize("again", ["8", "7", "otra vez"])
def test_the_offer_can_be_heard_again(curious: Talk, again: str) -> None:
    curious.say("que es la retorta y como me registro")
    assert curious.say(again)[-1:] == ["clarify.second"]
    assert curious.say("si") == ["answers.ask_formalization"]


@pytest.mark.parametrize(
    "text", ["la retorta y la retorta", "que es la retorta y ya", "retorta y el perro de mi tia", "y la retorta"]
)
def test_what_is_one_question_stays_one(curious: Talk, text: str) -> None:
    assert curious.say(text) == ["answers.ask_retort"]


def test_a_question_that_is_pending_is_never_left_for_a_second_one(curious: Talk) -> None:
    curious.state = State(place="quiz:m1/humo/q1")
    assert curious.say("que es la retorta y como me registro") == ["answers.ask_retort", "m1/humo/q1"]
