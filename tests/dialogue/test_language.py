from __future__ import annotations

from standins.talk import Talk


def labels(talk: Talk) -> list[str]:
    assert talk.last
    return [choice.label for choice in talk.last.replies[-1].choices]


def heard_in(talk: Talk) -> set[str]:
    assert talk.last
    return {reply.speech.language for reply in talk.last.replies if reply.speech}


def test_where_nothing_is_recorded_she_is_told_so(talk: Talk) -> None:
    talk.engine.intents["quechua"] = "change_language"
    assert talk.say("hablame en quechua") == ["menu.language"]
    assert talk.person.language == "es"


def test_she_chooses_a_language_that_is_recorded_and_hears_it_from_then_on(talk: Talk) -> None:
    talk.shelf.recorded["qu"] = "quechua"
    talk.engine.intents["quechua"] = "change_language"
    assert talk.say("hablame en quechua") == ["menu.languages"]
    assert labels(talk) == ["Español", "Quechua"]
    assert talk.press("2") == ["menu.language_chosen", "menu.main"]
    assert talk.person.language == "qu"
    assert heard_in(talk) == {"qu"}
    talk.press("0")
    assert heard_in(talk) == {"qu"}


def test_a_lesson_goes_on_where_the_language_was_changed(talk: Talk) -> None:
    talk.shelf.recorded["ay"] = "aimara"
    talk.press("1")
    before = talk.state.place
    talk.engine.intents["quechua"] = "change_language"
    talk.say("mejor en quechua")
    talk.press("1")
    assert talk.state.place == before
    assert talk.person.language == "es"


def test_a_language_whose_recordings_are_gone_is_not_offered_any_more(talk: Talk) -> None:
    talk.shelf.recorded["qu"] = "quechua"
    talk.engine.intents["quechua"] = "change_language"
    talk.say("hablame en quechua")
    talk.shelf.recorded.clear()
    talk.press("2")
    assert talk.person.language == "es"
    assert talk.state.place == "menu"
