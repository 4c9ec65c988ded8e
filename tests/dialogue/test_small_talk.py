"""A bare yes, no or "I do not know" where nothing asked for it, and stray keys that are none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from standins.talk import Talk

from bot.dialogue.effects import RecordConsent, RecordPollAnswer, RecordRsvp
from bot.domain.conversation import State
from bot.domain.message import ChannelName
from bot.domain.person import Country, Mode
from bot.domain.poll import Poll

HELD_DOWN = ("x" * 10_000, "x", "xxxx", "zz", "XxXx", "nnnn", "xzxz", "x x x")


@pytest.mark.parametrize("text", HELD_DOWN)
@pytest.mark.parametrize("step", ["consent", "country", "age", "mode"])
def test_a_key_held_down_answers_nothing(stranger: Talk, text: str, step: str) -> None:
    stranger.state = State(place=f"onboarding:{step}")
    before = stranger.person
    stranger.say(text)
    assert stranger.state.place == f"onboarding:{step}"
    assert replace(stranger.person, last_seen_at=None) == before
    assert not stranger.effects


@pytest.mark.parametrize("text", ["s", "S", "si", "siiii", "n", "nooo"])
def test_a_yes_or_no_drawn_out_is_one_still(stranger: Talk, text: str) -> None:
    stranger.say("hola")
    stranger.say(text)
    assert any(isinstance(effect, RecordConsent) for effect in stranger.effects) == text.lower().startswith("s")


@pytest.mark.parametrize(
    "place", ["onboarding:consent", "onboarding:age", "poll:Q01_v1/Q01", "meeting:reunion", "lesson:m1/humo/s1"]
)
@pytest.mark.parametrize("text", ["no", "si", "no se", "nones"])
def test_a_bare_word_after_a_crisis_answers_nothing_that_was_pending(polled: Talk, invited: Talk, place: str, text: str) -> None:
    assert polled is invited
    polled.state = before = State(place=place)
    polled.say("me trague el cianuro")
    assert polled.say(text) == ["crisis.after"]
    assert polled.state == before
    assert not polled.effects
    polled.say(text)
    assert polled.state.place == place
    assert not [e for e in polled.effects if isinstance(e, RecordPollAnswer | RecordRsvp | RecordConsent)]


def test_after_violence_a_no_is_heard_as_not_safe_and_a_yes_as_safe(talk: Talk) -> None:
    talk.say("me pega")
    assert talk.say("no") == ["crisis.not_safe"]
    talk.say("me pega")
    assert talk.say("si pues") == ["crisis.safe"]
    assert talk.last is not None
    assert talk.last.ephemeral


def test_after_a_crisis_a_number_still_answers_what_was_pending(polled: Talk) -> None:
    polled.state = State(place="poll:Q01_v1/Q01")
    polled.say("me trague el cianuro")
    assert polled.say("1")[0] == "poll.thanks"


def test_a_stranger_who_says_no_is_not_welcomed_once_more(stranger: Talk) -> None:
    stranger.say("hola")
    assert stranger.say("nones") == ["onboarding.declined"]
    assert stranger.say("no") == ["onboarding.declined"]


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("quien ve eso", "onboarding.consent_who"),
        ("y para que es eso", "onboarding.consent_what_for"),
        ("me cobran?", "onboarding.consent_cost"),
        ("como me salgo", "onboarding.consent_leave"),
        ("y si me arrepiento", "onboarding.consent_leave"),
    ],
)
def test_questions_about_the_permission_are_answered_before_it_is_given(stranger: Talk, text: str, reply: str) -> None:
    stranger.say("hola")
    assert stranger.say(text) == [reply]
    assert list(stranger.choices()) == ["1", "2"]
    stranger.say("1")
    assert stranger.state.place == "onboarding:country"


@pytest.mark.parametrize(("text", "country"), [("en colombia, en taraza", Country.CO), ("soy de peru pe", Country.PE)])
def test_a_country_is_read_inside_a_sentence(stranger: Talk, text: str, country: Country) -> None:
    stranger.state = State(place="onboarding:country")
    stranger.say(text)
    assert stranger.person.country is country


def test_a_country_that_is_not_served_is_met_kindly(stranger: Talk) -> None:
    stranger.state = State(place="onboarding:country")
    assert stranger.say("soy de ecuador") == ["onboarding.abroad"]
    assert stranger.say("no soy de peru") != ["onboarding.age"]
    stranger.say("2")
    assert stranger.person.country is Country.PE


@pytest.mark.parametrize(
    ("text", "mode"), [("los dos", Mode.LISTEN), ("leyendo", Mode.READ), ("no se leer", Mode.LISTEN), ("por escrito", Mode.READ)]
)
def test_listening_or_reading_is_told_in_many_words(talk: Talk, text: str, mode: Mode) -> None:
    talk.person, talk.state = replace(talk.person, mode=None), State(place="onboarding:mode")
    talk.say(text)
    assert talk.person.mode is mode
    assert talk.state.place == "menu"


def test_while_asked_back_the_question_before_may_still_be_answered(talk: Talk) -> None:
    talk.person = replace(talk.person, adult=None, consent=None)
    talk.state = State(place="clarify", bookmark="onboarding:age", misses=2)
    talk.say("tengo 45 años")
    assert talk.person.adult
    talk.state = State(place="clarify", bookmark="onboarding:consent", misses=2)
    talk.say("si")
    assert talk.person.consent is None


@pytest.mark.parametrize("text", ["no se", "nose", "ni idea"])
def test_not_knowing_in_a_quiz_or_poll_records_nothing_and_asks_in_simpler_words(invited: Talk, polled: Talk, text: str) -> None:
    invited.engine.intents["nose"] = invited.engine.intents["no se"] = "rsvp_maybe"
    invited.state = State(place="quiz:m1/humo/q1")
    assert invited.say(text) == ["clarify.dont_worry", "m1/humo/q1/simpler"]
    assert not any(isinstance(effect, RecordRsvp) for effect in invited.effects)
    assert invited.state.place == "quiz:m1/humo/q1"


def test_not_knowing_whether_to_come_is_a_maybe(invited: Talk) -> None:
    invited.state = State(place="meeting:reunion")
    assert invited.say("no se") == ["meeting.said_maybe"]


def test_not_knowing_whether_to_be_erased_changes_nothing(talk: Talk) -> None:
    talk.say("borrar")
    assert talk.say("no se")[0] == "optout.nothing_changed"
    assert not talk.state.confirming


def test_an_uncertain_word_about_coming_is_kept_only_where_a_meeting_is_spoken_of(invited: Talk) -> None:
    invited.engine.intents["ahi vere"] = "rsvp_maybe"
    assert invited.say("ahi vere") == ["meeting.next"]
    assert not any(isinstance(effect, RecordRsvp) for effect in invited.effects)
    invited.state = State(place="menu")
    assert invited.say("ahi vere si voy a la reunion") == ["meeting.said_maybe"]


def test_a_yes_or_no_at_the_menu_is_no_misunderstanding(talk: Talk) -> None:
    for text in ("no", "no", "listo pues", "👍", "no se"):
        (reply,) = talk.say(text)
        assert reply in {"menu.no_hurry", "menu.all_right"}
        assert list(talk.choices()) == ["1", "2", "3", "4", "5"]
    assert (talk.state.place, talk.state.misses) == ("menu", 0)


def test_the_same_is_not_said_twice_running_at_the_menu(talk: Talk) -> None:
    said = [(talk.say("no"), talk.texts()[0])[1] for _ in range(3)]
    assert said[0] != said[1] != said[2]


def test_a_no_in_a_lesson_keeps_it(talk: Talk) -> None:
    talk.state = State(place="lesson:m1/humo/s1")
    assert talk.say("no quiero") == ["lesson.kept", "menu.main"]


def test_nine_at_the_menu_goes_on_with_the_lesson_left_open(talk: Talk) -> None:
    talk.state = State(place="lesson:m1/humo/s1")
    talk.say("9")
    talk.say("menu")
    assert talk.say("seguir la leccion") == ["m1/humo/s2"]


def test_a_meeting_asked_for_in_a_lesson_leads_back_into_it(invited: Talk) -> None:
    invited.state = State(place="lesson:m1/humo/s2")
    assert invited.say("cuando es la reunion") == ["meeting.next"]
    assert invited.say("1") == ["meeting.said_yes"]
    assert list(invited.choices()) == ["9"]
    assert invited.say("9") == ["m1/humo/s2"]


def test_slower_asked_for_twice_stays_and_can_be_taken_back(talk: Talk) -> None:
    talk.state = State(place="lesson:m1/humo/s1")
    talk.say("mas despacio")
    assert not talk.person.slow
    assert talk.say("mas despacio") == ["menu.slowly", "m1/humo/s1/simpler"]
    assert talk.person.slow
    assert talk.last is not None
    assert talk.last.replies[-1].speech is not None
    assert talk.last.replies[-1].speech.slow
    talk.say("mas rapido")
    assert not talk.person.slow


def test_slower_is_not_counted_across_other_turns_nor_promised_by_sms(talk: Talk) -> None:
    talk.state = State(place="lesson:m1/humo/s1")
    talk.press("7")
    talk.press("9")
    talk.press("7")
    assert not talk.person.slow
    talk.around.channel = ChannelName.SMS
    assert talk.press("7") == ["clarify.no_simpler", "m1/humo/s2/simpler"]
    assert not talk.person.slow


def test_a_poll_is_not_asked_outside_its_countries(polled: Talk) -> None:
    poll: Poll = polled.shelf.polls["Q01_v1"]
    polled.shelf.polls["Q01_v1"] = replace(poll, countries=(Country.PE,))
    assert polled.say("2") == ["poll.none", "menu.main"]
    polled.state = State(place="poll:Q01_v1/Q01")
    assert polled.say("1")[0] != "poll.thanks"
    assert not polled.effects


def test_more_than_one_number_is_asked_back(talk: Talk) -> None:
    assert talk.say("1 y 2") == ["input.one_only"]
    assert talk.state.place == "menu"


def test_the_only_choice_is_named_where_another_number_comes(talk: Talk) -> None:
    talk.state = State(place="lesson:m1/humo/s1")
    assert talk.say("1") == ["input.unknown_key_one"]
    assert list(talk.choices()) == ["9"]
    assert talk.state.place == "lesson:m1/humo/s1"


def test_asked_for_a_person_twice_she_is_told_to_wait(talk: Talk) -> None:
    assert talk.press("*") == ["human.asked"]
    assert talk.press("*") == ["human.waiting"]
    assert len(talk.effects) == 1


def test_the_same_question_asked_twice_running_is_answered_in_other_words(talk: Talk) -> None:
    talk.say("que es el asogue")
    assert talk.say("que es el asogue") == ["answers.ask_mercury_simpler"]
    assert talk.press("8") == ["answers.ask_mercury_simpler"]


def test_short_questions_about_a_meeting_are_answered_with_what_is_known(invited: Talk) -> None:
    invited.state = State(place="meeting:reunion")
    assert invited.say("hay almuerzo?") == ["meeting.details"]
    assert invited.say("1") == ["meeting.said_yes"]


def test_coming_said_twice_is_acknowledged_in_other_words(invited: Talk) -> None:
    invited.state = State(place="meeting:reunion")
    invited.say("1")
    first = invited.texts()
    invited.say("claro")
    assert invited.texts() != first


@pytest.mark.parametrize("text", ["no quiero que guarden nada", "no le doy permiso", "no estoy de acuerdo"])
def test_a_refusal_in_more_words_is_one(stranger: Talk, text: str) -> None:
    stranger.say("hola")
    assert stranger.say(text) == ["onboarding.declined"]


@pytest.mark.parametrize("text", ["si acepto todo", "si le doy permiso", "estoy de acuerdo"])
def test_a_permission_in_more_words_is_one(stranger: Talk, text: str) -> None:
    stranger.say("hola")
    stranger.say(text)
    assert stranger.person.consent is not None


@pytest.mark.parametrize("text", ["bueno si pero no se lo digan a mi marido", "tal vez", "no entiendo que es aceptar"])
def test_a_permission_with_a_doubt_is_none_yet(stranger: Talk, text: str) -> None:
    stranger.say("hola")
    stranger.say(text)
    assert stranger.person.consent is None
    assert stranger.state.place == "onboarding:consent"


@pytest.mark.parametrize(
    "text", ["treinta y dos", "tengo cuarenta años", "diesiocho", "veintitres", "ya soy abuela", "cincuenta i siete"]
)
def test_an_age_in_words_of_a_grown_up_is_read(stranger: Talk, text: str) -> None:
    stranger.state = State(place="onboarding:age")
    stranger.say(text)
    assert stranger.person.adult


@pytest.mark.parametrize("text", ["casi dieciocho", "menos de treinta", "dieciseis", "no tengo veinte"])
def test_an_age_in_words_that_is_none_of_a_grown_up_is_never_taken_for_one(stranger: Talk, text: str) -> None:
    stranger.state = State(place="onboarding:age")
    stranger.say(text)
    assert not stranger.person.adult


@pytest.mark.parametrize(
    ("text", "reply"), [("quien ve mi respuesta", "poll.who_sees"), ("para que es esta encuesta", "poll.what_for")]
)
def test_questions_about_a_poll_are_answered_and_it_stays_open(polled: Talk, text: str, reply: str) -> None:
    polled.state = State(place="poll:Q01_v1/Q01")
    assert polled.say(text) == [reply]
    assert polled.say("1")[0] == "poll.thanks"


def test_who_would_rather_not_answer_is_let_go(polled: Talk) -> None:
    polled.state = State(place="poll:Q01_v1/Q01", bookmark="lesson:m1/humo/s2")
    assert polled.say("no quiero contestar") == ["poll.left", "m1/humo/s2"]
    assert not [e for e in polled.effects if isinstance(e, RecordPollAnswer)]


@pytest.mark.parametrize("text", ["si acepto soy de colombia tengo 40", "bueno señito yo le acepto"])
def test_a_permission_is_read_inside_a_sentence(stranger: Talk, text: str) -> None:
    stranger.say("hola")
    stranger.say(text)
    assert stranger.person.consent is not None


@pytest.mark.parametrize("text", ["y si acepto que pasa?", "acepto pero no guarden nada", "yo no acepto eso", "mañana acepto"])
def test_a_permission_with_a_reserve_is_none(stranger: Talk, text: str) -> None:
    stranger.say("hola")
    stranger.say(text)
    assert stranger.person.consent is None


def test_the_last_lesson_does_not_end_a_topic_of_which_more_is_left(talk: Talk) -> None:
    talk.state = State(place="lesson:m1/cocina/s1")
    assert talk.say("9") == ["lesson.finished"]
    assert talk.say("1") == ["m1/humo/s1"]
