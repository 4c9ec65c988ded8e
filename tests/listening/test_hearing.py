"""The turn of a voice note that was understood: danger first, offers like buttons, doubts asked back."""

from __future__ import annotations

from typing import Any

import pytest
from standins.talk import NOW, Talk, wording

from bot.dialogue.hearing import offers, take_note
from bot.dialogue.scene import Outcome, Scene
from bot.domain.conversation import State
from bot.domain.listening import Heard
from bot.domain.message import Address, Inbound, InboundKind
from bot.domain.poll import Poll, PollOption, PollRound

ROUND = PollRound("r1", "Q01_v1", NOW.replace(day=1), NOW.replace(day=30))
PLACE = f"poll:Q01_v1/Q01/{ROUND.tag}"


def scene_of(talk: Talk) -> Scene:
    return Scene(talk.person, talk.state, talk.around, talk.shelf, talk.words, talk.now)


def hear(talk: Talk, text: str, confidence: float = 0.9, **facts: Any) -> Outcome:
    heard = Heard(text, confidence, **facts)
    address = Address(talk.around.channel, "+573000000009")
    inbound = Inbound("SM1", address, InboundKind.TEXT, talk.now, text=text, heard=heard)
    outcome = take_note(inbound, scene_of(talk), talk.engine)
    talk.last, talk.person, talk.state = outcome, outcome.person, outcome.state
    return outcome


def said(outcome: Outcome) -> list[str]:
    return [reply.id for reply in outcome.replies]


@pytest.fixture
def polled(talk: Talk) -> Talk:
    options = (PollOption("nada", "Nada"), PollOption("poco", "Poco"), PollOption("no_digo", "No sé / no digo"))
    talk.shelf.polls["Q01_v1"] = Poll("Q01_v1", "Q01", wording("¿Se usó azogue?"), wording("¿Hubo azogue?"), options)
    talk.around.rounds.append(ROUND)
    talk.state = State(place=PLACE)
    return talk


def test_what_is_offered_is_the_labels_their_numbers_and_the_reserved_keys(polled: Talk) -> None:
    found = {offer.id: offer.ways for offer in offers(scene_of(polled))}
    assert found[f"{PLACE}:no_digo"] == ("No sé.", "No digo.", "Tres.", "3.", "La tres.")
    assert {"0", "6", "7", "8", "9", "*"} <= set(found)


def test_yes_and_no_are_offered_where_they_are_what_a_choice_means(talk: Talk) -> None:
    talk.state = State(place="menu", confirming="opt_out")
    ways = {offer.id.rpartition(":")[2]: offer.ways for offer in offers(scene_of(talk))}
    assert "Sí." in ways["yes"]
    assert "No." in ways["no"]


def test_a_stranger_is_offered_nothing(talk: Talk) -> None:
    talk.state = State()
    assert offers(scene_of(talk)) == ()


def test_a_sure_offer_is_the_answer(polled: Talk) -> None:
    outcome = hear(polled, "¡Mona!", 0.1, option=f"{PLACE}:poco", clear=False)
    assert [type(effect).__name__ for effect in outcome.effects] == ["RecordPollAnswer"]


def test_a_doubtful_offer_is_asked_back_with_the_keys_it_has(polled: Talk) -> None:
    outcome = hear(polled, "no", 0.3, option=f"{PLACE}:poco", rival=f"{PLACE}:nada", sure=False)
    assert (said(outcome), outcome.effects) == (["input.voice_which"], ())
    assert [(choice.key, choice.label) for choice in outcome.replies[0].choices] == [("1", "Nada"), ("2", "Poco")]
    assert outcome.replies[0].speech is not None
    polled.press("2")
    assert polled.around.answers == {"r1": ("poco",)}


def test_a_doubtful_offer_without_a_likely_rival_is_asked_back_with_all(polled: Talk) -> None:
    outcome = hear(polled, "", 0.1, option=f"{PLACE}:poco", rival="8", sure=False)
    assert [choice.key for choice in outcome.replies[0].choices] == ["1", "2", "3"]


def test_a_reserved_key_may_be_said(polled: Talk) -> None:
    outcome = hear(polled, "menú", 0.3, option="0", sure=False)
    assert outcome.state.place == "menu"


def test_a_danger_comes_before_any_offer(polled: Talk) -> None:
    outcome = hear(polled, "me trague el azogue", 0.8, option=f"{PLACE}:poco", sure=True)
    assert said(outcome) == ["crisis.poisoning"]
    assert outcome.ephemeral


def test_a_danger_that_was_hardly_made_out_still_counts(talk: Talk) -> None:
    outcome = hear(talk, "me pega", 0.25, sure=False, clear=False)
    assert said(outcome) == ["crisis.violence"]


def test_beside_a_sure_answer_words_that_were_not_made_out_raise_no_alarm(polled: Talk) -> None:
    outcome = hear(polled, "me pega", 0.25, option=f"{PLACE}:poco", clear=False)
    assert "crisis.violence" not in said(outcome)
    assert len(outcome.effects) == 1


def test_leaving_comes_before_an_offer(polled: Talk) -> None:
    outcome = hear(polled, "baja", 0.9, option=f"{PLACE}:poco")
    assert [type(effect).__name__ for effect in outcome.effects] == ["OptOut"]


def test_leaving_that_is_doubtful_is_not_done(talk: Talk) -> None:
    outcome = hear(talk, "baja", 0.4, sure=False)
    assert (said(outcome), outcome.effects) == (["input.voice_again"], ())


def test_words_that_are_sure_are_taken_like_a_text(talk: Talk) -> None:
    assert said(hear(talk, "que es el asogue")) == ["answers.ask_mercury"]


def test_doubtful_words_are_asked_back_by_what_they_may_mean(talk: Talk) -> None:
    outcome = hear(talk, "que es el asogue", 0.4, sure=False)
    assert said(outcome) == ["clarify.did_you_mean"]
    assert [choice.id.rpartition(":")[2] for choice in outcome.replies[0].choices] == ["ask_mercury", "other"]
    assert talk.say("si") == ["answers.ask_mercury"]


def test_a_doubtful_answer_in_words_is_asked_back(polled: Talk) -> None:
    outcome = hear(polled, "poco", 0.4, sure=False)
    assert (said(outcome), outcome.effects) == (["input.voice_which"], ())


def test_doubtful_nonsense_is_kept_nowhere(talk: Talk) -> None:
    outcome = hear(talk, "la reparación tiene que decidir", 0.4, sure=False)
    assert outcome.effects == ()
    assert outcome.replies


def test_words_that_cannot_be_made_out_say_so_and_repeat_the_choices(polled: Talk) -> None:
    outcome = hear(polled, "lombre rompro", 0.25, sure=False, clear=False)
    assert said(outcome) == ["input.voice_unreadable"]
    assert [choice.key for choice in outcome.replies[0].choices] == ["1", "2", "3"]


def test_a_long_note_says_that_only_its_beginning_was_heard(talk: Talk) -> None:
    assert said(hear(talk, "que es el asogue", cut=True)) == ["input.voice_cut", "answers.ask_mercury"]


def test_a_crisis_answer_is_not_preceded_by_anything(talk: Talk) -> None:
    assert said(hear(talk, "me trague el azogue", cut=True)) == ["crisis.poisoning"]


def test_who_has_left_hears_only_the_way_back(talk: Talk) -> None:
    talk.around.shut = True
    assert said(hear(talk, "que es el asogue")) == ["optout.way_back"]


def test_a_stranger_may_begin_by_voice(talk: Talk) -> None:
    talk.state = State()
    talk.person = type(talk.person)("p2", NOW)
    assert said(hear(talk, "buenas", 0.4, sure=False)) == ["onboarding.welcome", "onboarding.consent"]


@pytest.mark.parametrize("facts", [{}, {"clear": False, "sure": False}, {"option": f"{PLACE}:nada", "sure": False}])
def test_laughter_in_a_note_is_no_answer_and_the_question_stays(polled: Talk, facts: dict[str, Any]) -> None:
    outcome = hear(polled, "Ja, ja, ja, ja.", 0.6, **facts)
    assert not [effect for effect in outcome.effects if type(effect).__name__ == "RecordPollAnswer"]
    assert outcome.state.place == PLACE
    assert outcome.replies
