"""The module that somebody names, and the lesson that tells more than an answer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from standins.talk import Talk, lesson

from bot.domain.conversation import State
from bot.domain.learning import Module


@pytest.fixture
def taught(talk: Talk) -> Talk:
    """Six modules, so that not all stand on one page."""
    titled = lesson("moje")
    talk.shelf.served = [
        Module("m1", "Azogue", "draft", (lesson("humo"), lesson("cocina"))),
        Module("m2", "Polvo", "draft", (replace(titled, title="Moje antes de moler"),), called=("pulmon", "epp")),
        *(
            Module(f"m{n}", f"Asunto {name}", "draft", (lesson("uno"),))
            for n, name in ((3, "socavones"), (4, "aguas"), (5, "hijos"))
        ),
        Module("m6", "Venda bien", "draft", (lesson("pese"),), called=("venta", "precio")),
    ]
    talk.shelf.told_more = {"answers.ask_mercury": "m1/humo", "answers.ask_ppe": "m2/moje"}
    talk.engine.intents |= {"ensename": "start_module", "polvo hace": "ask_ppe"}
    return talk


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("lo de la venta", "menu:lessons/m6/0"),
        ("kiero el de los presios", "menu:lessons/m6/0"),
        ("el polbo", "menu:lessons/m2/0"),
        ("modulo 6", "menu:lessons/m6/0"),
        ("tema dos por fa", "menu:lessons/m2/0"),
        ("moge antes de moler", "lesson:m2/moje/s1"),
    ],
)
def test_at_the_list_a_module_of_any_page_is_named_by_its_words_its_number_or_a_lesson(
    taught: Talk, text: str, place: str
) -> None:
    taught.state = State(place="menu:modules")
    taught.say(text)
    assert taught.state.place == place


@pytest.mark.parametrize("text", ["la bentana", "modulo 77", "polbo y benta", "lo de siempre"])
def test_what_names_no_module_or_two_is_asked_back(taught: Talk, text: str) -> None:
    taught.state = State(place="menu:modules")
    taught.say(text)
    assert taught.state.at.parts[:1] == ("modules",) or taught.state.place in {"clarify", "menu"}


def test_a_question_at_the_list_is_answered_and_offers_its_lesson(taught: Talk) -> None:
    taught.state = State(place="menu:modules")
    assert taught.say("que hace el asogue") == ["answers.ask_mercury"]
    assert taught.choices() == {"1": "menu:more/answers.ask_mercury", "0": "menu:menu"}
    assert taught.press("1") == ["m1/humo/s1"]


def test_a_wish_to_learn_leads_to_the_module_it_names_from_anywhere(taught: Talk) -> None:
    taught.state = State(place="lesson:m1/humo/s2")
    assert taught.say("ensename como es eso del pulmon") == ["lesson.lessons"]
    assert taught.state.place == "menu:lessons/m2/0"
    assert taught.say("ensename algo") == ["lesson.modules"]


def test_in_a_lesson_the_offer_comes_with_the_way_back_and_then_the_lesson_waits(taught: Talk) -> None:
    taught.state = State(place="menu:lessons/m1/0")
    taught.press("1")
    assert taught.say("el polvo hace daño") == ["answers.ask_ppe"]
    assert taught.choices() == {"1": "menu:more/answers.ask_ppe", "9": "lesson:m1/humo/s1:next"}
    assert taught.say("1") == ["m2/moje/s1"]
    assert taught.say("0") == ["menu.main"]
    assert taught.say("aprender") == ["lesson.resume"]


def test_the_lesson_she_is_in_is_not_offered_and_none_where_something_else_is_asked(taught: Talk) -> None:
    taught.state = State(place="lesson:m1/humo/s1")
    assert taught.say("que hace el asogue") == ["answers.ask_mercury"]
    assert taught.choices() == {"9": "lesson:m1/humo/s1:next"}
    taught.state = State(place="quiz:m1/humo/q1")
    assert taught.say("el polvo hace daño") == ["answers.ask_ppe", "m1/humo/q1"]
    assert "menu:more/answers.ask_ppe" not in taught.choices().values()


def test_an_offer_that_was_said_long_ago_still_leads_there_by_its_button(taught: Talk) -> None:
    taught.state = State(place="lesson:m1/humo/s2")
    assert taught.tap("menu:more/answers.ask_ppe") == ["m2/moje/s1"]


def test_an_offer_of_a_lesson_that_is_gone_leads_to_what_there_is(taught: Talk) -> None:
    taught.state = State(place="menu")
    assert taught.say("el polvo hace daño") == ["answers.ask_ppe"]
    taught.shelf.served = [module for module in taught.shelf.served if module.id != "m2"]
    assert taught.tap("menu:more/answers.ask_ppe") == ["lesson.modules"]
