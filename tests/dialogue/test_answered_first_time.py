"""What people say beside the point, in more words or by ear, and is to be answered the first time."""

from __future__ import annotations

from dataclasses import replace

import pytest
from standins.talk import Keywords, Talk

from bot.dialogue.effects import Erase, RecordConsent, RecordPollAnswer, RecordRsvp
from bot.dialogue.skills.small_talk import laughed
from bot.domain.conversation import State
from bot.domain.message import ChannelName
from bot.domain.person import Country, Mode
from bot.domain.poll import Poll, PollOption
from bot.domain.understanding import Alarm, Unsafe


class Suspicious(Keywords):
    """Takes everything for an indiscretion."""

    def alarm(self, text: str) -> Alarm:
        return Alarm(unsafe=Unsafe.PRIVACY)


@pytest.fixture
def helmets(polled: Talk) -> Talk:
    """Asked which of two things she wore."""
    options = [("los_dos", "Los dos"), ("uno", "Uno"), ("ninguno", "Ninguno"), ("no_trabaje", "No trabajé")]
    poll: Poll = polled.shelf.polls["Q01_v1"]
    polled.shelf.polls["Q01_v1"] = replace(poll, options=tuple(PollOption(*option) for option in options))
    polled.state = State(place="poll:Q01_v1/Q01")
    return polled


@pytest.fixture
def needed(invited: Talk) -> Talk:
    """She comes, and is asked what she needs."""
    invited.around.meetings["reunion"] = replace(invited.around.meetings["reunion"], childcare=True, transport=True)
    invited.state = State(place="meeting:reunion")
    assert invited.say("voy") == ["meeting.needs"]
    return invited


def answers(talk: Talk) -> list[tuple[str, ...]]:
    return [effect.option_ids for effect in talk.effects if isinstance(effect, RecordPollAnswer)]


@pytest.mark.parametrize(
    ("text", "option"),
    [("bueno los dos", "los_dos"), ("ah pues eran los dos", "los_dos"), ("ayer no trabajamos nada", "no_trabaje")],
)
def test_an_option_in_more_words_is_an_answer(helmets: Talk, text: str, option: str) -> None:
    helmets.say(text)
    assert answers(helmets) == [(option,)]


@pytest.mark.parametrize("text", ["y que son los dos", "no eran los dos", "por que los dos?", "ya trabajamos ayer"])
def test_a_question_or_a_denial_that_ends_with_an_option_is_none(helmets: Talk, text: str) -> None:
    helmets.say(text)
    assert answers(helmets) == []


def test_an_article_hides_no_option(needed: Talk) -> None:
    assert needed.say("los niños") == ["meeting.needs_kept"]


def test_what_is_told_further_after_a_crisis_is_met_and_moves_nothing(talk: Talk) -> None:
    talk.engine.intents = {"ya lo": "affirm", "que hago": "help", "sacaron": "out_of_scope"}
    talk.state = before = State(place="lesson:m1/humo/s1")
    talk.say("me trague el azogue")
    assert talk.say("si ya lo llamaron") == ["crisis.after"]
    assert talk.say("y ahora que hago") == ["crisis.what_now_hurt"]
    assert talk.say("pero que hago") == ["crisis.poisoning"]
    assert talk.state == before
    assert not talk.effects


def test_that_they_have_called_is_no_wish_for_numbers(talk: Talk) -> None:
    talk.engine.intents = {"bomberos": "ask_emergency"}
    talk.say("me trague el azogue")
    assert talk.say("ya llamamos a los bomberos") == ["crisis.after"]
    assert talk.say("cual es el numero de los bomberos") == ["crisis.what_now_hurt"]


def test_who_asks_for_something_else_after_a_crisis_is_answered(talk: Talk) -> None:
    talk.say("me trague el azogue")
    assert talk.say("que hace el asogue") == ["answers.ask_mercury"]


def test_what_now_after_violence_is_its_own_advice(talk: Talk) -> None:
    talk.engine.intents = {"que hago": "help"}
    talk.say("me pega")
    assert talk.say("que hago") == ["crisis.what_now_violence"]


@pytest.mark.parametrize("text", ["no mentiras no borre nada", "ay no espere mejor no", "no era broma", "deje asi mas bien"])
def test_regret_erases_nothing(talk: Talk, text: str) -> None:
    talk.say("borre mis datos")
    assert talk.say(text) == ["optout.nothing_changed", "menu.main"]
    assert not [effect for effect in talk.effects if isinstance(effect, Erase)]


@pytest.mark.parametrize("text", ["va a ir mi marido?", "quien va"])
def test_a_question_about_coming_is_no_answer(invited: Talk, text: str) -> None:
    invited.engine.intents = {"va": "rsvp_yes"}
    invited.state = State(place="meeting:reunion")
    assert invited.say(text) == ["meeting.next_simpler"]
    assert not [effect for effect in invited.effects if isinstance(effect, RecordRsvp)]


def test_the_same_answer_in_a_poll_comes_in_other_words(helmets: Talk) -> None:
    helmets.engine.intents = {"asogue": "ask_mercury"}
    assert helmets.say("que es el asogue")[0] == "answers.ask_mercury"
    assert helmets.say("y el asogue")[0] == "answers.ask_mercury_simpler"
    assert helmets.say("el asogue pues")[0] == "answers.ask_mercury"


def test_who_has_said_whether_she_comes_is_not_asked_again_after_a_question(invited: Talk) -> None:
    invited.state = State(place="meeting:reunion")
    invited.say("no voy")
    assert invited.say("que es el asogue") == ["answers.ask_mercury"]


def test_a_question_about_the_meeting_in_her_words(invited: Talk) -> None:
    invited.state = State(place="meeting:reunion")
    assert invited.say("eso donde queda")[0] == "meeting.details"
    assert "Escuela El Hato" in invited.texts()[0]
    assert "llevar" in (invited.say("ai que llebar algo") and invited.texts()[0])


@pytest.mark.parametrize("place", ["poll:Q01_v1/Q01", "onboarding:community", "quiz:m1/humo/q1"])
def test_taking_leave_asks_nothing_more(polled: Talk, place: str) -> None:
    polled.engine.intents = {"chao": "goodbye"}
    polled.state = State(place=place)
    assert polled.say("chao pues nos vemos") == ["menu.goodbye"]
    assert polled.state.place == place


@pytest.mark.parametrize("text", ["jajajaja", "jaja", "jejeje ja", "xd"])
def test_laughter_is_met_and_counts_as_no_misunderstanding(helmets: Talk, text: str) -> None:
    assert helmets.say(text) == ["menu.laughing"]
    assert list(helmets.choices()) == ["1", "2", "3", "4"]
    assert helmets.state.misses == 0


@pytest.mark.parametrize("text", ["aja", "ajá", "si", "je suis", "", "ja que dijo"])
def test_what_only_sounds_like_laughter_is_none(text: str) -> None:
    assert not laughed(text)


@pytest.mark.parametrize("text", ["leer", "mejor leer", "ahora leido por fa", "sin audio", "ya no quiero audios escribame"])
def test_she_may_read_from_now_on(talk: Talk, text: str) -> None:
    talk.state = State(place="lesson:m1/humo/s1")
    assert talk.say(text) == ["menu.in_letters", "m1/humo/s1"]
    assert talk.person.mode is Mode.READ
    assert talk.state.place == "lesson:m1/humo/s1"


@pytest.mark.parametrize("text", ["piru", "en el peru nomas", "perú pe", "peruano soy", "soy de alla, peruana"])
def test_a_country_by_ear(stranger: Talk, text: str) -> None:
    stranger.say("hola")
    stranger.say("si")
    stranger.say(text)
    assert stranger.person.country is Country.PE


def test_an_engine_reads_a_yes_where_it_binds_to_little_and_never_a_permission(stranger: Talk) -> None:
    stranger.engine.intents = {"claritito": "affirm", "nequis": "deny"}
    stranger.say("hola")
    stranger.say("claritito pues")
    assert not [effect for effect in stranger.effects if isinstance(effect, RecordConsent)]
    for line in ("si", "si"):
        stranger.say(line)
    assert stranger.say("claritito pues") == ["onboarding.mode"]


def test_an_engine_reads_a_no_to_what_cannot_be_undone(talk: Talk) -> None:
    talk.engine.intents = {"nequis": "deny", "claritito": "affirm"}
    talk.say("borre mis datos")
    talk.say("claritito pues")
    assert not [effect for effect in talk.effects if isinstance(effect, Erase)]
    assert talk.say("nequis mija") == ["optout.nothing_changed", "menu.main"]


def test_a_question_that_sounds_like_a_no_is_no_answer(talk: Talk) -> None:
    talk.engine.intents = {"normal": "deny"}
    assert talk.say("eso no es normal cierto?") == ["clarify.not_understood"]


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("quien lee mis mensajes", "menu.my_data"), ("que sabe usted de mi", "menu.my_data"),
        ("mi jefe puede ver esto", "menu.my_data"),
        ("mi nombre quien lo ve", "menu.my_data"), ("y eso si es gratis?", "menu.cost"), ("cuanto cobran por esto", "menu.cost"),
    ],
)  # fmt: skip
def test_what_is_kept_and_what_it_costs_may_be_asked_anywhere(talk: Talk, text: str, reply: str) -> None:
    talk.state = State(place="lesson:m1/humo/s1")
    assert talk.say(text) == [reply]


def test_who_sees_an_answer_to_a_poll_may_be_asked_in_words_that_sound_indiscreet(helmets: Talk) -> None:
    helmets.engine = Suspicious()
    assert helmets.say("quien va a saber lo que yo diga") == ["poll.who_sees"]
    assert helmets.say("digame quien contesto")[0] == "unsafe.privacy"


def test_nothing_simpler_is_said_to_be_so(talk: Talk) -> None:
    talk.state = State(place="menu", aside="answers.ask_mercury_simpler")
    assert talk.say("mas facil") == ["clarify.no_simpler", "answers.ask_mercury_simpler"]


@pytest.mark.parametrize("place", ["menu", "menu:lessons/m1/0"])
def test_going_on_where_nothing_follows_is_met_kindly_with_the_same_choices(talk: Talk, place: str) -> None:
    talk.state = State(place=place)
    assert talk.press("9") == ["menu.all_right"]
    first = talk.texts()
    assert talk.say("siga") == ["menu.all_right"]
    assert talk.texts() != first
    assert talk.state.place == place


def test_the_name_of_where_she_stands_is_no_wish_to_go_there(talk: Talk) -> None:
    talk.engine.intents = {"azogue": "ask_mercury"}
    talk.state = State(place="menu:lessons/m1/0")
    assert talk.say("y el azogue") == ["answers.ask_mercury"]


def test_that_lesson_is_the_one_of_the_answer(talk: Talk) -> None:
    talk.shelf.told_more = {"answers.ask_mercury": "m1/humo"}
    talk.engine.intents = {"asogue": "ask_mercury", "leccion": "start_module"}
    talk.say("que es el asogue")
    talk.say("que leccion habla de eso")
    assert talk.state.place == "lesson:m1/humo/s1"


def test_three_messages_to_the_team_are_taken_in_three_ways(talk: Talk) -> None:
    talk.say("persona")
    kept = []
    for text in ("me robaron", "fue ayer", "en la tienda"):
        assert talk.say(text) == ["human.kept"]
        kept += talk.texts()
    assert len(set(kept)) == len(kept)
    assert talk.say("persona") == ["human.waiting"]


def test_a_first_message_with_two_questions_gets_the_one_that_needs_no_permission(stranger: Talk) -> None:
    stranger.engine.intents = {"reunion": "ask_next_meeting", "asogue": "ask_mercury"}
    assert stranger.say("que hace el asogue y cuando es la reunion") == [
        "onboarding.welcome",
        "answers.ask_mercury",
        "onboarding.consent",
    ]


def test_a_first_wish_that_needs_a_permission_is_told_so(stranger: Talk) -> None:
    assert stranger.say("cuando es la reunion") == ["onboarding.welcome", "onboarding.first", "onboarding.consent"]


def test_on_a_call_nobody_is_switched_to_letters(talk: Talk) -> None:
    talk.around.channel = ChannelName.CALL
    talk.say("leer")
    assert talk.person.mode is Mode.LISTEN


@pytest.mark.parametrize(("text", "rsvp"), [("ay si voy", "yes"), ("si voy", "yes"), ("no voy", "no")])
def test_a_yes_before_an_option_is_that_option(invited: Talk, text: str, rsvp: str) -> None:
    invited.state = State(place="meeting:reunion")
    invited.say(text)
    assert [effect.rsvp for effect in invited.effects if isinstance(effect, RecordRsvp)] == [rsvp]


def test_asked_for_where_it_is_asked_it_comes_in_simpler_words(helmets: Talk) -> None:
    helmets.engine.intents = {"encuesta": "ask_poll"}
    helmets.state = State(place="poll:Q01_v1/Q01")
    first = helmets.say("a ver la encuesta") and helmets.texts()
    assert first == ["¿Hubo azogue?"]


def test_an_answer_may_be_changed_in_so_many_words(helmets: Talk) -> None:
    helmets.say("los dos")
    assert helmets.state.place == "menu"
    helmets.say("ay quiero cambiar mi respuesta")
    assert helmets.state.place.startswith("poll:Q01_v1/Q01")
    helmets.say("ninguno")
    assert answers(helmets) == [("los_dos",), ("ninguno",)]


def test_where_were_we_is_where_she_was(talk: Talk) -> None:
    talk.state = State(place="lesson:m1/humo/s2", aside="menu.goodbye")
    assert talk.say("en que ibamos") == ["m1/humo/s2"]


def test_asked_twice_for_what_cannot_be_simpler_the_words_differ(talk: Talk) -> None:
    talk.state = State(place="menu:lessons/m1/0")
    talk.say("mas facil")
    first = talk.texts()
    talk.say("no entiendo")
    assert talk.texts() != first


def test_advice_lasts_for_the_turn_after_a_second_yes(talk: Talk) -> None:
    talk.engine.intents = {"que hago": "help"}
    talk.say("me pega")
    talk.say("no")
    talk.say("si")
    assert talk.say("que hago") == ["crisis.what_now_violence"]


def test_erasing_in_the_middle_of_being_asked_back_and_regretting_leads_home(talk: Talk) -> None:
    talk.state = State(place="clarify", bookmark="lesson:m1/humo/s2", candidates=("ask_mercury", "ask_ppe"))
    talk.say("borrar")
    assert talk.say("no") == ["optout.nothing_changed", "m1/humo/s2"]
