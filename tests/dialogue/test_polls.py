"""Polls in the conversation: keys one by one, skips, strangers, comparisons, and reading numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from standins.composed import FOLLOWING, NUMBER, SEVERAL, round_of
from standins.talk import NOW, Talk

from bot.dialogue import numbers
from bot.dialogue.effects import ConsentToPanel, PassOver, RecordPollAnswer
from bot.dialogue.scene import public
from bot.dialogue.words import Words
from bot.domain.asking import asked_at
from bot.domain.conversation import State
from bot.domain.message import ChannelName
from bot.domain.person import Role, Sex
from bot.domain.poll import Poll, PollRound
from bot.domain.results import By


def _asked(talk: Talk, *polls: Poll, **facts: object) -> Talk:
    for poll in polls:
        talk.shelf.polls[poll.id] = poll
        talk.around.rounds.append(round_of(poll, NOW, **facts))
    talk.state = State(place=str(asked_at(polls[0], talk.around.rounds[0])))
    return talk


def _answers(talk: Talk) -> list[tuple[str, ...]]:
    return [effect.option_ids for effect in talk.effects if isinstance(effect, RecordPollAnswer) and not effect.begun]


def test_figures_keyed_one_by_one_are_a_number_once_it_is_ended(talk: Talk) -> None:
    talk = _asked(talk, NUMBER)
    talk.around.channel = ChannelName.CALL
    assert talk.press("4") == ["poll.digit"]
    assert talk.press("7") == ["poll.digit"]
    assert _answers(talk) == []
    assert "47" not in str(talk.state)
    assert talk.press("#") == ["poll.thanks", "menu.main"]
    assert _answers(talk) == [("47",)]


def test_the_reserved_keys_are_figures_where_a_number_is_asked_for(talk: Talk) -> None:
    for key in "067":
        talk = _asked(talk, NUMBER)
        assert talk.say(key) == ["poll.thanks", "menu.main"]
    assert _answers(talk) == [("0",), ("6",), ("7",)]
    talk = _asked(talk, NUMBER)
    assert talk.say("*") == ["poll.thanks", "menu.main"]
    assert _answers(talk)[-1] == ("no_digo",)


def test_several_options_keyed_one_by_one_are_ended_by_the_hash_key(talk: Talk) -> None:
    talk = _asked(talk, replace(SEVERAL, most=3))
    talk.around.channel = ChannelName.CALL
    assert talk.press("1") == ["poll.picked"]
    assert talk.press("3") == ["poll.picked"]
    assert talk.press("#") == ["poll.thanks", "menu.main"]
    assert _answers(talk)[-1] == ("casco", "botas")
    assert "casco" not in str(talk.state)


def test_button_by_button_until_the_most_that_one_may_choose(talk: Talk) -> None:
    talk = _asked(talk, SEVERAL)
    place = asked_at(SEVERAL, talk.around.rounds[0])
    assert talk.tap(f"{place}:botas") == ["poll.picked"]
    assert talk.tap(f"{place}:casco") == ["poll.thanks", "menu.main"]
    assert _answers(talk)[-1] == ("botas", "casco")


def test_what_follows_from_an_answer_is_asked_only_then(talk: Talk) -> None:
    talk = _asked(talk, SEVERAL, FOLLOWING)
    assert talk.say("2 y 3") == ["poll.thanks", "menu.main"]
    assert talk.say("encuesta")[0] != "Q92_v1"
    assert [effect.asked for effect in talk.effects if isinstance(effect, PassOver)] == [False]


def test_what_follows_leaves_the_same_trace_whether_it_is_asked_or_not(talk: Talk) -> None:
    talk = _asked(talk, SEVERAL, FOLLOWING)
    assert talk.say("1 y 3") == ["poll.thanks", "Q92_v1"]
    assert [effect.asked for effect in talk.effects if isinstance(effect, PassOver)] == [True]


def test_a_forwarded_question_answered_by_a_stranger_counts_nowhere(talk: Talk) -> None:
    talk.shelf.polls[SEVERAL.id] = SEVERAL
    others = round_of(SEVERAL, NOW, audience="community:elsewhere")
    talk.around.elsewhere.append(others)
    assert talk.tap(f"{asked_at(SEVERAL, others)}:casco") == ["poll.not_yours", "menu.main"]
    assert talk.effects == []


def test_a_button_of_the_round_before_never_counts_for_this_one(polled: Talk) -> None:
    old = PollRound("r0", "Q01_v1", NOW - timedelta(days=60), NOW - timedelta(days=50))
    assert polled.tap(f"{asked_at(polled.shelf.polls['Q01_v1'], old)}:poco")[0] == "poll.closed"
    polled.state = State(place=str(asked_at(polled.shelf.polls["Q01_v1"], old)))
    assert polled.say("2") == ["poll.closed", "menu.main"]
    polled.state = State(place=str(asked_at(polled.shelf.polls["Q01_v1"], old)))
    assert polled.press("2") == ["poll.closed", "menu.main"]
    assert not _answers(polled)


def test_what_she_is_told_of_before_any_answer_stands_in_the_answer(polled: Talk) -> None:
    polled.around.channel = ChannelName.TELEGRAM
    polled.state = State(place=str(asked_at(polled.shelf.polls["Q01_v1"], polled.around.rounds[0])))
    polled.say("poco")
    (effect,) = [each for each in polled.effects if isinstance(each, RecordPollAnswer)]
    assert effect.about == {By.SEX: "mujer", By.ROLE: "barequera", By.TERRITORY: "bajo", By.CHANNEL: "telegram"}
    assert "poco" not in repr(effect)


def test_sex_and_role_are_asked_once_and_may_be_left_out(polled: Talk) -> None:
    polled.person = replace(polled.person, sex=None, role=None)
    polled.state = State(place=str(asked_at(polled.shelf.polls["Q01_v1"], polled.around.rounds[0])))
    assert polled.say("poco") == ["poll.thanks", "about.sex"]
    assert polled.say("prefiero no contestar") == ["about.role"]
    assert polled.say("9") == ["menu.main"]
    assert (polled.person.sex, polled.person.role) == (Sex.UNSAID, Role.UNSAID)


def test_only_a_round_that_compares_asks_whether_it_may(polled: Talk) -> None:
    polled.around.rounds[0] = replace(polled.around.rounds[0], panel=True)
    place = str(asked_at(polled.shelf.polls["Q01_v1"], polled.around.rounds[0]))
    polled.state = State(place=place)
    assert polled.say("poco") == ["poll.thanks", "about.panel"]
    assert polled.say("si") == ["menu.main"]
    (effect,) = [each for each in polled.effects if isinstance(each, ConsentToPanel)]
    assert effect.consent.agreed
    polled.state = State(place=place)
    assert polled.say("nada") == ["poll.thanks", "menu.main"]
    assert [each.panel for each in polled.effects if isinstance(each, RecordPollAnswer)] == [False, True]


@pytest.mark.parametrize("text", ["NO COMPARAR", "por favor ya no comparen mis respuestas", "Quíteme de la comparación"])
@pytest.mark.parametrize("place", ["menu", "poll:Q01_v1/Q01"])
def test_who_agreed_to_be_compared_takes_it_back_in_words_anywhere(polled: Talk, text: str, place: str) -> None:
    polled.person = replace(polled.person, panel=True, sex=Sex.WOMAN, role=Role.MINER)
    polled.state = State(place=place)
    assert polled.say(text)[0] == "about.panel_left"
    (effect,) = [each for each in polled.effects if isinstance(each, ConsentToPanel)]
    assert not effect.consent.agreed
    assert polled.person.panel is False
    assert polled.state.place.startswith(place)
    assert polled.say(text)[0] == "about.panel_left"
    assert len([each for each in polled.effects if isinstance(each, ConsentToPanel)]) == 1
    assert _answers(polled) == []


def test_outsiders_see_the_question_and_not_the_round(polled: Talk) -> None:
    place = asked_at(polled.shelf.polls["Q01_v1"], polled.around.rounds[0])
    assert public(State(place=str(place))) == "poll:Q01_v1/Q01"


@pytest.mark.parametrize("text", ["jajaja", "ja ja ja ja", "jeje", "jajajaj si claro"])
def test_laughter_is_no_answer(polled: Talk, text: str) -> None:
    polled.state = State(place=str(asked_at(polled.shelf.polls["Q01_v1"], polled.around.rounds[0])))
    polled.say(text)
    assert not _answers(polled)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("47", 47),
        ("cuarenta y siete", 47),
        ("cuarentisiete", 47),
        ("como cuarenta y siete dias", 47),
        ("fueron 12 dias", 12),
        ("veintiuno", 21),
        ("cinco", 5),
        ("uno", 1),
        ("ninguno", 0),
        ("cero", 0),
        ("1.200", 1200),
        ("docientos", 200),
        ("2 o 3", numbers.MANY),
        ("dos o tres", numbers.MANY),
        ("-3", numbers.IMPOSSIBLE),
        ("2,5", numbers.IMPOSSIBLE),
        ("muchos", None),
        ("una cosa le digo", None),
    ],
)
def test_a_number_is_read_in_figures_and_words(words: Words, text: str, number: int | None) -> None:
    assert numbers.read(text, words) == number
