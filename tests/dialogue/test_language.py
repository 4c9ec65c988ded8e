from __future__ import annotations

from dataclasses import replace

import pytest
from standins.talk import Talk

from bot.dialogue.effects import Erase
from bot.domain.message import ChannelName
from bot.domain.person import Mode

NAMES = {
    "quechua": "quechua",
    "kechwa": "quechua",
    "Quichua por favor": "quechua",
    "en runa simi": "quechua",
    "hábleme en kichwa": "quechua",
    "quechua de Puno": "quz",
    "quechua ayacuchano": "quy",
    "aimara": "ay",
    "AYMARA": "ay",
    "solo hablo aymara": "ay",
    "nasa yuwe": "pbb",
    "nasa yube": "pbb",
    "paez": "pbb",
}
ALL = {"quz": "quechua de Cusco y Puno", "quy": "quechua de Ayacucho", "ay": "aimara", "pbb": "nasa yuwe"}


def labels(talk: Talk) -> list[str]:
    assert talk.last
    return [choice.label for choice in talk.last.replies[-1].choices]


def heard_in(talk: Talk) -> list[str]:
    assert talk.last
    return [reply.speech.language for reply in talk.last.replies if reply.speech]


@pytest.fixture
def listening(talk: Talk) -> Talk:
    """Somebody who listens, in Quechua."""
    talk.shelf.spoken["quz"] = "quechua de Cusco y Puno"
    talk.person = replace(talk.person, language="quz", mode=Mode.LISTEN)
    return talk


@pytest.mark.parametrize("said", NAMES)
def test_where_nothing_is_recorded_she_is_told_so(talk: Talk, said: str) -> None:
    assert talk.say(said) == ["menu.language"]
    assert talk.person.language == "es"


@pytest.mark.parametrize(("said", "wanted"), NAMES.items())
def test_a_language_named_in_any_spelling_is_hers_from_then_on(talk: Talk, said: str, wanted: str) -> None:
    talk.shelf.spoken.update(ALL)
    if wanted == "quechua":
        assert talk.say(said) == ["menu.languages"], "there are two: she says which"
        talk.press("2")
        wanted = "quz"
    else:
        assert talk.say(said) == ["menu.language_chosen", "menu.main"]
    assert talk.person.language == wanted


def test_quechua_is_the_one_that_there_is(talk: Talk) -> None:
    talk.shelf.spoken["quy"] = ALL["quy"]
    talk.say("kechwa")
    assert talk.person.language == "quy"


def test_another_language_than_those_recorded_gets_an_honest_word(talk: Talk) -> None:
    talk.shelf.spoken["quz"] = ALL["quz"]
    assert talk.say("aimara") == ["menu.language_missing"]
    assert talk.say("quechua ayacuchano") == ["menu.language_missing_simpler"]
    assert talk.person.language == "es"


def test_back_to_spanish(listening: Talk) -> None:
    assert listening.say("en castellano") == ["menu.language_chosen", "menu.main"]
    assert listening.person.language == "es"


@pytest.mark.parametrize(("said", "yes"), [("arí", True), ("ari", True), ("mana", False), ("Manan", False)])
def test_yes_and_no_of_quechua_answer_a_question(talk: Talk, said: str, yes: bool) -> None:
    talk.say("BORRAR")
    assert talk.state.confirming
    talk.say(said)
    assert any(isinstance(effect, Erase) for effect in talk.effects) is yes


def test_she_chooses_a_language_that_is_recorded_and_goes_on_in_it(talk: Talk) -> None:
    talk.shelf.spoken["quz"] = ALL["quz"]
    talk.engine.intents["runasimita"] = "change_language"
    assert talk.say("quiero las lecciones en runasimita") == ["menu.languages"]
    assert labels(talk) == ["Español", "Quechua de Cusco y Puno"]
    assert talk.press("2") == ["menu.language_chosen", "menu.main"]
    assert talk.person.language == "quz"


def test_a_lesson_goes_on_where_the_language_was_changed(talk: Talk) -> None:
    talk.shelf.spoken["ay"] = "aimara"
    talk.press("1")
    before = talk.state.place
    talk.say("aimara")
    assert talk.state.place == before
    assert talk.person.language == "ay"


def test_a_language_whose_recordings_are_gone_is_not_offered_any_more(talk: Talk) -> None:
    talk.shelf.spoken["quz"] = ALL["quz"]
    talk.engine.intents["quechua"] = "change_language"
    talk.say("no entiendo, mi mamá habla quechua")
    talk.shelf.spoken.clear()
    talk.press("2")
    assert talk.person.language == "es"
    assert talk.state.place == "menu"


def test_where_nobody_recorded_it_she_is_told_once_and_hears_spanish_then(listening: Talk) -> None:
    listening.press("0")
    assert heard_in(listening) == ["quz"], "with the notice that the voice says first"
    listening.press("0")
    assert heard_in(listening) == ["es"]
    assert listening.state.spanish


def test_a_recorded_step_is_played_and_after_it_she_is_told_again(listening: Talk) -> None:
    listening.press("0")
    listening.shelf.said_by_people.add(("quz", "paso 2"))
    listening.press("1")
    listening.press("1")
    steps = {}
    for _ in range(3):
        assert listening.last
        steps |= {reply.id: reply.speech.language for reply in listening.last.replies if reply.speech}
        listening.press("9")
    assert steps["m1/humo/s1"] == "es"
    assert steps["m1/humo/s2"] == "quz"
    assert steps["m1/humo/s3"] == "quz", "not recorded: the voice says so before it goes on in Spanish"


def test_who_gets_no_voice_note_has_not_been_told(listening: Talk) -> None:
    listening.around.channel = ChannelName.SMS
    listening.press("0")
    assert not listening.state.spanish
    listening.around.channel = ChannelName.WHATSAPP
    listening.person = replace(listening.person, mode=Mode.READ)
    listening.press("0")
    assert heard_in(listening) == ["quz"]
    assert not listening.state.spanish


def test_a_crisis_answer_is_heard_in_her_language_or_in_spanish_at_once(listening: Talk) -> None:
    listening.say("me trague el azogue")
    assert heard_in(listening) == ["es"]
    assert listening.last
    listening.shelf.said_by_people.add(("quz", listening.last.replies[0].text))
    listening.say("me trague el azogue")
    assert heard_in(listening) == ["quz"]


def test_who_begins_with_the_name_of_her_language_is_welcomed_once(stranger: Talk) -> None:
    said = stranger.say("kechwa")
    assert said.count("onboarding.welcome") == 1
    assert "menu.language" in said


def test_who_begins_with_the_name_of_a_recorded_language_is_welcomed_in_it(stranger: Talk) -> None:
    stranger.shelf.spoken["quz"] = ALL["quz"]
    said = stranger.say("kechwa")
    assert said.count("onboarding.welcome") == 1
    assert stranger.person.language == "quz"
    assert stranger.state.place == "onboarding:consent" or "welcome" in stranger.state.place
