"""What is kept of messages that were not understood, and above all what is not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from standins.talk import NOW, Talk

from bot.dialogue.effects import KeepMiss
from bot.domain.conversation import State
from bot.domain.person import Person

TEXT = "eso que brilla se puso duro de la noche a la mañana"
KEPT = KeepMiss(TEXT, "out_of_scope", 0.9, NOW.date())


def _kept(talk: Talk) -> list[KeepMiss]:
    return [effect for effect in talk.effects if isinstance(effect, KeepMiss)]


@pytest.mark.parametrize("place", ["menu", "menu:learn", "lesson:m1/humo/s1", "quiz:m1/humo/q1", "clarify"])
def test_a_message_that_was_not_understood_is_kept_with_the_guess_and_the_day(talk: Talk, place: str) -> None:
    talk.state = State(place=place)
    talk.say(TEXT)
    assert _kept(talk) == [KEPT]
    assert TEXT not in repr(KEPT)


def test_each_time_it_is_not_understood_it_is_kept(talk: Talk) -> None:
    for _ in range(3):
        talk.say(TEXT)
    assert _kept(talk) == [KEPT] * 3


def test_a_message_that_is_asked_back_is_kept(talk: Talk) -> None:
    talk.engine.intents = {"brilla": "ask_mercury"}
    talk.engine.unsure = {"brilla": ("ask_mercury", "ask_retort")}
    assert talk.say(TEXT) == ["clarify.did_you_mean"]
    assert _kept(talk) == [replace(KEPT, guess="ask_mercury")]
    talk.say("1")
    assert len(_kept(talk)) == 1


@pytest.mark.parametrize("text", ["quiero saver del asogue", "0", "si", "7", "🦆", "xxxxx", "hola", "baja", "repita por favor"])
def test_what_was_understood_or_says_nothing_is_not_kept(talk: Talk, text: str) -> None:
    talk.engine.intents["hola"] = "greet"
    talk.say(text)
    assert _kept(talk) == []


PERSONAL = ("poll:Q01_v1/Q01", "meeting:reunion", "human", "onboarding:community")


@pytest.mark.parametrize(
    "state",
    [
        *(State(place=place) for place in (*PERSONAL, "facilitator:announce/when")),
        *(State(place="clarify", bookmark=place) for place in PERSONAL),
    ],
    ids=lambda state: f"{state.place} {state.bookmark}",
)
def test_where_a_personal_answer_is_waited_for_nothing_is_kept(polled: Talk, invited: Talk, state: State) -> None:
    assert polled is invited
    polled.state = state
    polled.say(TEXT)
    assert _kept(polled) == []


@pytest.mark.parametrize("text", ["me trague el cianuro", f"dinamita {TEXT}"])
def test_an_alarm_is_never_kept_nor_what_is_said_right_after_a_danger(talk: Talk, text: str) -> None:
    talk.say(text)
    if "trague" in text:
        talk.say(TEXT)
    assert _kept(talk) == []


@pytest.mark.parametrize("intent", ["ask_emergency", "unsafe_request", "report_incident", "delete_my_data"])
def test_what_may_be_a_danger_or_an_incident_is_not_kept(talk: Talk, intent: str) -> None:
    talk.engine.unsure = {"brilla": ("ask_mercury", intent)}
    talk.say(TEXT)
    assert _kept(talk) == []


def test_nothing_is_kept_before_consent_after_leaving_or_while_a_yes_is_waited_for(talk: Talk) -> None:
    consented = talk.person
    for person, state in (
        (Person("p2", NOW), State()),
        (replace(consented, consent=None), State(place="menu")),
        (replace(consented, adult=False), State(place="menu")),
        (consented, State(place="menu", confirming="erase")),
    ):
        talk.person, talk.state = person, state
        talk.say(TEXT)
        talk.say(TEXT)
    talk.person, talk.state, talk.around.shut = consented, State(place="menu"), True
    talk.say(TEXT)
    assert _kept(talk) == []


def test_a_broken_engine_has_no_guess_and_nothing_is_kept(talk: Talk) -> None:
    talk.engine.broken = True
    talk.say(TEXT)
    assert _kept(talk) == []
