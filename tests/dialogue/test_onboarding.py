from __future__ import annotations

import pytest
from standins.talk import Talk

from bot.dialogue.effects import Erase, RecordConsent
from bot.domain.community import Community
from bot.domain.message import ChannelName, InboundKind
from bot.domain.person import Country, Mode


def test_the_first_message_is_welcomed_and_asked_for_consent(stranger: Talk) -> None:
    assert stranger.say("ola") == ["onboarding.welcome", "onboarding.consent"]
    assert stranger.state.place == "onboarding:consent"
    assert not stranger.effects


def test_consent_keeps_its_proof(stranger: Talk) -> None:
    stranger.say("hola")
    stranger.say("sí, acepto")
    (effect,) = stranger.effects
    assert isinstance(effect, RecordConsent)
    proof = effect.consent
    assert proof.text_version.startswith("onboarding.consent@")
    assert (proof.given_at, proof.channel, proof.message_ref, proof.purpose != "") == (stranger.now, "whatsapp", "SM1", True)


def test_the_whole_way_in(stranger: Talk) -> None:
    stranger.say("buenas")
    assert stranger.say("asepto") == ["onboarding.country_guess_co"]
    assert stranger.say("si") == ["onboarding.age"]
    assert stranger.say("tengo 34 años") == ["onboarding.mode"]
    assert stranger.say("escuchar") == ["onboarding.ready", "menu.main"]
    assert stranger.state.place == "menu"
    assert stranger.person.enrolled
    assert (stranger.person.country, stranger.person.mode) == (Country.CO, Mode.LISTEN)


def test_a_refusal_leaves_nothing(stranger: Talk) -> None:
    stranger.say("hola")
    assert stranger.say("no quiero") == ["onboarding.declined"]
    assert stranger.effects == [Erase(questions=False)]
    assert stranger.last is not None
    assert stranger.last.ephemeral
    assert stranger.say("hola") == ["onboarding.welcome", "onboarding.consent"]


@pytest.mark.parametrize(
    "text", ["2", "no", "15", "tengo 16 años", "quince", "soy menor de edad", "tengo diesisiete años", "menos de 18"]
)
def test_under_age_gets_a_kind_word_and_is_forgotten(stranger: Talk, text: str) -> None:
    for line in ("hola", "1", "1"):
        stranger.say(line)
    assert stranger.say(text) == ["onboarding.minor"]
    assert isinstance(stranger.effects[-1], Erase)


@pytest.mark.parametrize("text", ["1", "si", "45", "tengo 18", "mayor de edad", "si señora ya soy mayor", "si tengo 52 años"])
def test_of_age(stranger: Talk, text: str) -> None:
    for line in ("hola", "1", "1"):
        stranger.say(line)
    assert stranger.say(text) == ["onboarding.mode"]


@pytest.mark.parametrize("text", ["casi 18", "no tengo 18", "en enero cumplo 18", "tengo 2 hijos de 20 años"])
def test_what_is_no_clear_age_is_asked_again(stranger: Talk, text: str) -> None:
    for line in ("hola", "1", "1"):
        stranger.say(line)
    stranger.say(text)
    assert stranger.state.place == "onboarding:age"


def test_a_reserved_key_is_no_age(stranger: Talk) -> None:
    for line in ("hola", "1", "1"):
        stranger.say(line)
    assert stranger.say("8") == ["onboarding.age"]
    assert stranger.say("9") == ["input.answer_first"]
    assert not any(isinstance(effect, Erase) for effect in stranger.effects)


def test_the_guessed_country_can_be_wrong(stranger: Talk) -> None:
    stranger.say("hola")
    stranger.say("1")
    assert stranger.say("no") == ["onboarding.country"]
    assert stranger.say("peru") == ["onboarding.age"]
    assert stranger.person.country is Country.PE


def test_nothing_is_guessed_without_a_prefix(stranger: Talk) -> None:
    stranger.around.likely_country = None
    stranger.say("hola")
    assert stranger.say("1") == ["onboarding.country"]


@pytest.mark.parametrize("text", ["menu", "0", "*", "quiero la encuesta"])
def test_nothing_else_opens_before_consent(stranger: Talk, text: str) -> None:
    stranger.engine.intents["encuesta"] = "ask_poll"
    stranger.say("hola")
    assert stranger.say(text)[-1] == "onboarding.consent"
    assert stranger.state.place == "onboarding:consent"
    assert not stranger.effects


def test_a_question_before_consent_is_answered_and_the_consent_asked_again(stranger: Talk) -> None:
    stranger.say("hola")
    assert stranger.say("que es el asogue") == ["answers.ask_mercury", "onboarding.consent"]


def test_a_question_as_first_message_is_answered_at_once(stranger: Talk) -> None:
    assert stranger.say("ola q es el asogue") == ["onboarding.welcome", "answers.ask_mercury", "onboarding.consent"]


@pytest.mark.parametrize(
    "kind", [InboundKind.VOICE, InboundKind.LOCATION, InboundKind.MEDIA, InboundKind.MISSED_CALL, InboundKind.ANSWERED_CALL]
)
def test_whatever_comes_first_is_welcomed(stranger: Talk, kind: InboundKind) -> None:
    assert stranger.send(kind) == ["onboarding.welcome", "onboarding.consent"]


def test_who_asks_for_emergency_numbers_first_gets_them_first(stranger: Talk) -> None:
    stranger.engine.intents["emergencia"] = "ask_emergency"
    assert stranger.say("a que numero llamo en una emergencia")[0] == "answers.ask_emergency"


def test_a_call_goes_on_where_the_chat_stopped(stranger: Talk) -> None:
    stranger.say("hola")
    stranger.say("1")
    stranger.around.channel = ChannelName.CALL
    assert stranger.send(InboundKind.ANSWERED_CALL) == ["onboarding.country_guess_co"]
    assert stranger.press("1") == ["onboarding.age"]


def test_back_goes_to_the_question_before(stranger: Talk) -> None:
    for line in ("hola", "1", "1"):
        stranger.say(line)
    assert stranger.say("6") == ["onboarding.country_guess_co"]
    assert stranger.say("1") == ["onboarding.age"]


def test_simpler_words_for_consent(stranger: Talk) -> None:
    stranger.say("hola")
    assert stranger.say("7") == ["onboarding.consent_simpler"]
    assert stranger.say("1") == ["onboarding.country_guess_co"]


def test_readers_get_the_voice_note_only_on_demand(stranger: Talk) -> None:
    for line in ("hola", "1", "1", "1", "leer"):
        stranger.say(line)
    assert stranger.last is not None
    assert not any(reply.voice_note for reply in stranger.last.replies)
    stranger.engine.intents["no se leer"] = "listen_audio"
    stranger.say("es que no se leer")
    assert stranger.last.replies[-1].voice_note
    assert stranger.person.mode is Mode.LISTEN


def test_many_communities_come_in_pages_of_five(talk: Talk) -> None:
    talk.person = type(talk.person)("p", talk.now, Country.CO, Mode.LISTEN, True, None, consent=talk.person.consent)
    talk.around.places = [Community(f"c{n}", f"Pueblo {n}", Country.CO, "t") for n in range(1, 9)]
    assert talk.say("2") == ["onboarding.community"]
    assert list(talk.choices().values()) == [f"onboarding:community:{o}" for o in ("c1", "c2", "c3", "more", "elsewhere")]
    talk.say("4")
    talk.say("4")
    assert [c.rpartition(":")[2] for c in talk.choices().values()] == ["c7", "c8", "elsewhere"]
    assert talk.say("1") == ["poll.none", "menu.main"]
    assert talk.person.community_id == "c7"
