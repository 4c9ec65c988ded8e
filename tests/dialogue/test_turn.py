"""The order of reading, and what every place has in common."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from standins.talk import Talk

from bot.dialogue.effects import Erase, OptIn, OptOut
from bot.dialogue.scene import public
from bot.dialogue.skills import SKILLS, intents
from bot.domain.conversation import PlaceKind, State
from bot.domain.message import ChannelName, InboundKind

PLACES = (
    "menu", "menu:learn", "menu:lessons/m1/0", "menu:resume", "lesson:m1/humo/s1", "lesson:m1/humo/end", "quiz:m1/humo/q1",
    "poll:Q01_v1/Q01", "meeting:reunion", "clarify", "human", "onboarding:community", "lesson:gone/gone/s1",
    "quiz:m1/humo/gone",
    "poll:Q99_v1/Q99", "meeting:gone", "facilitator:announce/when", "lesson:m1", "nonsense:x", "quiz:x",
    "onboarding:unheard_of", "rhythm", "rhythm:day", "rhythm:week3", "rhythm:day/0700", "rhythm:day/nonsense/x", "rhythm:x/y",
    "lesson:m1/humo/s1/sent", "quiz:m1/humo/q1/again", "practice", "practice:m1", "practice:gone/later", "practice:m1/help",
)  # fmt: skip
INTENTS = (
    "greet", "goodbye", "thanks", "help", "menu", "affirm", "deny", "opt_out", "opt_in", "repeat", "next", "go_back",
    "listen_audio",
    "slower_or_simpler", "change_language", "switch_profile", "ask_mercury", "ask_retort", "ask_ppe", "ask_tunnel_safety",
    "ask_cyanide_tailings", "ask_child_labour", "ask_emergency", "ask_formalization", "ask_fair_price", "ask_women_rights",
    "ask_committee",
    "ask_consulta_previa", "ask_next_meeting", "rsvp_yes", "rsvp_no", "rsvp_maybe", "ask_poll", "ask_plan", "make_proposal",
    "take_part",
    "report_incident", "talk_to_human", "delete_my_data", "start_module", "unsafe_request", "out_of_scope",
)  # fmt: skip
ODD = ("", "   ", "\x00", "\u200f\u202e", "🦆🦆", "a" * 10_000, "hola " * 3000, "<b>si</b>", "5", "77", "#", "\ud800", "2\u20e3")


@pytest.fixture
def everywhere(polled: Talk, invited: Talk) -> Talk:
    assert polled is invited
    return polled


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("channel", ChannelName)
def test_danger_is_answered_everywhere_and_changes_nothing(everywhere: Talk, place: str, channel: ChannelName) -> None:
    everywhere.around.channel = channel
    everywhere.state = before = State(place=place, bookmark="menu", misses=1)
    person = everywhere.person
    assert everywhere.say("ayuda me trague el cianuro") == ["crisis.poisoning"]
    assert everywhere.last is not None
    assert everywhere.last.ephemeral
    assert everywhere.last.understood is not None
    assert everywhere.last.understood.danger == "poisoning"
    assert (everywhere.state, everywhere.person, everywhere.effects) == (before, person, [])


def test_danger_from_a_stranger_is_answered_and_the_stranger_forgotten(stranger: Talk) -> None:
    assert stranger.say("me trague el cianuro") == ["crisis.poisoning"]
    assert stranger.effects == [Erase(questions=False)]


def test_danger_is_answered_after_an_opt_out_too(talk: Talk) -> None:
    talk.say("baja")
    assert talk.say("me trague el cianuro") == ["crisis.poisoning"]
    assert talk.around.shut


@pytest.mark.parametrize("place", PLACES)
def test_an_opt_out_works_everywhere(everywhere: Talk, place: str) -> None:
    everywhere.state = State(place=place)
    assert everywhere.say("vaja") == ["optout.done"]
    assert everywhere.around.shut
    assert public(everywhere.state) == "opted_out"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", ODD)
def test_odd_input_gets_a_short_word_with_the_way_on(everywhere: Talk, place: str, text: str) -> None:
    everywhere.state = State(place=place)
    assert everywhere.say(text)
    assert all(len(reply.choices) <= 5 for reply in everywhere.last.replies)  # type: ignore[union-attr]
    assert everywhere.say("0") == ["menu.main"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", [kind for kind in InboundKind if kind not in {InboundKind.BLOCKED, InboundKind.UNBLOCKED}])
def test_every_kind_of_message_is_answered_everywhere(everywhere: Talk, place: str, kind: InboundKind) -> None:
    everywhere.state = State(place=place)
    assert everywhere.send(kind)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("intent", INTENTS)
def test_every_intent_leads_somewhere_from_everywhere(everywhere: Talk, place: str, intent: str) -> None:
    everywhere.engine.intents = {"algo largo": intent}
    everywhere.state = State(place=place)
    replies = everywhere.say("algo largo que nadie ofrece")
    assert replies
    known = (
        intent in intents.INTENTS or intent in intents.COMMANDS or intent in intents.NOT_UNDERSTOOD or intent == "unsafe_request"
    )
    assert known
    kind = everywhere.state.at.kind
    assert kind in SKILLS


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("key", [*"0123456789*#", "12", ""])
def test_every_key_is_answered_everywhere(everywhere: Talk, place: str, key: str) -> None:
    everywhere.around.channel = ChannelName.CALL
    everywhere.state = State(place=place)
    assert everywhere.press(key)


@pytest.mark.parametrize(
    "place",
    [
        "menu",
        "menu:lessons/m1/0",
        "lesson:m1/humo/s2",
        "quiz:m1/humo/q1",
        "poll:Q01_v1/Q01",
        "meeting:reunion",
        "onboarding:community",
    ],
)
def test_repeat_shows_the_same_again(everywhere: Talk, place: str) -> None:
    everywhere.state = State(place=place)
    first = everywhere.say("8")
    texts = everywhere.texts()
    assert everywhere.say("repita por favor") == first
    assert everywhere.texts() == texts
    assert everywhere.state.place == place


def test_simpler_words_and_slower_speech(everywhere: Talk) -> None:
    everywhere.state = State(place="lesson:m1/humo/s2")
    assert everywhere.say("7") == ["m1/humo/s2/simpler"]
    assert everywhere.texts() == ["fácil 2"]
    assert everywhere.last is not None
    assert everywhere.last.replies[0].speech is not None
    assert everywhere.last.replies[0].speech.slow


def test_a_broken_engine_never_breaks_a_turn(talk: Talk) -> None:
    talk.engine.broken = True
    assert talk.say("quiero saber del asogue") == ["clarify.not_understood"]
    assert talk.last is not None
    assert talk.last.understood is None


def test_short_answers_need_no_engine(polled: Talk) -> None:
    polled.state = State(place="poll:Q01_v1/Q01")
    polled.say("poko")
    assert polled.engine.parsed == []
    assert polled.last is not None
    assert polled.last.understood is None


def test_only_the_beginning_of_a_long_message_is_read(talk: Talk) -> None:
    talk.say("x" * 5000)
    assert max(map(len, talk.engine.parsed)) <= 1000


def test_an_unsafe_request_is_declined_and_the_question_asked_again(everywhere: Talk) -> None:
    everywhere.state = State(place="quiz:m1/humo/q1")
    assert everywhere.say("donde compro dinamita") == ["unsafe.explosives", "m1/humo/q1"]
    assert everywhere.last is not None
    assert everywhere.last.understood is not None
    assert (everywhere.last.understood.intent, everywhere.last.understood.unsafe) == ("unsafe_request", "explosives")


def test_a_question_in_a_quiz_is_answered_and_the_quiz_asked_again(talk: Talk) -> None:
    talk.state = State(place="quiz:m1/humo/q1")
    assert talk.say("y q es el asogue") == ["answers.ask_mercury", "m1/humo/q1"]
    assert talk.state.place == "quiz:m1/humo/q1"


def test_a_question_in_a_lesson_is_answered_and_9_leads_back(talk: Talk) -> None:
    talk.state = State(place="lesson:m1/humo/s2")
    assert talk.say("y q es el asogue") == ["answers.ask_mercury"]
    assert talk.choices() == {"9": "lesson:m1/humo/s2:next"}
    assert talk.say("8") == ["answers.ask_mercury"]
    assert talk.say("7") == ["answers.ask_mercury_simpler"]
    assert talk.say("si") == ["m1/humo/s2"]
    assert talk.say("9") == ["m1/humo/s3"]


def test_coming_back_after_days_is_welcomed_at_the_same_step(talk: Talk) -> None:
    talk.state = State(place="lesson:m1/humo/s2")
    talk.wait(days=3)
    assert talk.say("9") == ["lesson.welcome_back", "m1/humo/s2"]
    assert talk.say("9") == ["m1/humo/s3"]


@pytest.mark.parametrize("text", ["hola", "seguir", "aqui estoy otra vez con ustedes", "si"])
def test_any_greeting_brings_the_step_back_after_days(talk: Talk, text: str) -> None:
    talk.state = State(place="lesson:m1/humo/s2")
    talk.wait(days=3)
    assert talk.say(text) == ["lesson.welcome_back", "m1/humo/s2"]


def test_a_greeting_at_the_menu_is_returned(talk: Talk) -> None:
    assert talk.say("ola buenas tardes") == ["menu.hello", "menu.main"]


def test_an_rsvp_before_the_community_is_known_is_asked_again_not_remembered(invited: Talk) -> None:
    invited.person = replace(invited.person, community_id=None)
    invited.engine.intents["si voy a la reunion"] = "rsvp_yes"
    assert invited.say("claro si voy a la reunion") == ["onboarding.community"]
    assert "yes" not in str(invited.state)
    assert invited.say("taraza") == ["meeting.next"]
    assert invited.say("1") == ["meeting.said_yes"]


def test_never_the_same_words_twice_running_when_not_understood(talk: Talk) -> None:
    said: list[str] = []
    for _ in range(7):
        talk.say("blablabla de la bla")
        said.append(talk.texts()[-1])
    assert all(one != other for one, other in pairwise(said))


def test_two_misunderstandings_lead_to_the_menu_and_a_person(talk: Talk) -> None:
    talk.state = State(place="lesson:m1/humo/s2")
    assert talk.say("blablabla de la bla") == ["answers.out_of_scope"]
    assert talk.choices() == {"9": "lesson:m1/humo/s2:next"}
    assert talk.say("blebleble de la ble") == ["clarify.way_out"]
    assert public(talk.state) == "clarify"
    assert talk.say("3") == ["m1/humo/s2"]


def test_did_you_mean_offers_what_the_engine_wavers_between(talk: Talk) -> None:
    talk.state = State(place="lesson:m1/humo/s2")
    talk.engine.unsure = {"lo del humo": ("ask_mercury", "ask_retort")}
    assert talk.say("lo del humo ese") == ["clarify.did_you_mean"]
    assert list(talk.choices().values()) == ["clarify:ask_mercury", "clarify:ask_retort", "clarify:other"]
    assert talk.say("la retorta") == ["answers.ask_retort"]
    assert talk.say("9") == ["m1/humo/s2"]


def test_something_else_after_did_you_mean_offers_the_ways_out(talk: Talk) -> None:
    talk.engine.unsure = {"lo del humo": ("ask_mercury", "ask_retort")}
    talk.say("lo del humo ese")
    assert talk.say("otra cosa") == ["clarify.way_out"]
    assert talk.say("una persona") == ["human.asked"]


def test_yes_to_the_only_guess_takes_it_and_no_leads_on(talk: Talk) -> None:
    talk.engine.unsure = {"lo del humo": ("ask_retort",)}
    talk.say("lo del humo ese")
    assert talk.say("eso es") == ["answers.ask_retort"]
    talk.say("lo del humo ese")
    assert talk.say("no") == ["clarify.way_out"]


def test_a_new_question_gets_through_a_pending_did_you_mean(talk: Talk) -> None:
    talk.engine.unsure = {"lo del humo": ("ask_retort", "ask_ppe")}
    talk.say("lo del humo ese")
    assert talk.say("no, digo que es el asogue")[0] == "answers.ask_mercury"


def test_old_buttons_change_nothing(everywhere: Talk) -> None:
    everywhere.state = State(place="quiz:m1/humo/q1")
    assert everywhere.tap("quiz:m1/cocina/q1:a") == ["input.old_button", "m1/humo/q1"]
    assert everywhere.tap("onboarding:age:no") == ["input.old_button", "m1/humo/q1"]
    assert everywhere.effects == []
    assert everywhere.tap("what:ever") == ["input.unknown_button"]
    assert everywhere.tap("x" * 200) == ["input.unknown_button"]


def test_a_poll_button_counts_as_long_as_its_round_is_open(polled: Talk) -> None:
    polled.state = State(place="lesson:m1/humo/s2")
    button = f"poll:Q01_v1/Q01/{polled.around.rounds[0].tag}:poco"
    assert polled.tap(button) == ["poll.thanks", "m1/humo/s2"]
    assert polled.around.answers == {"r1": ("poco",)}
    polled.around.rounds.clear()
    assert polled.tap(button) == ["poll.closed", "m1/humo/s2"]


def test_menu_buttons_work_from_anywhere(talk: Talk) -> None:
    talk.state = State(place="quiz:m1/humo/q1")
    assert talk.tap("menu:human") == ["human.asked"]


@pytest.mark.parametrize("place", ["lesson:gone/gone/s1", "quiz:m1/humo/gone", "lesson:m1/gone"])
def test_a_lesson_that_is_gone_leads_kindly_to_the_menu(talk: Talk, place: str) -> None:
    talk.state = State(place=place)
    assert talk.say("9") == ["input.lost_place", "menu.main"]


def test_a_step_that_is_gone_begins_the_lesson_anew(talk: Talk) -> None:
    talk.state = State(place="lesson:m1/humo/gone")
    assert talk.say("9") == ["m1/humo/s1"]


def test_leaving_and_coming_back_to_the_same_place(talk: Talk) -> None:
    talk.state = State(place="lesson:m1/humo/s2")
    talk.say("baja")
    assert talk.say("cuando es la reunion") == ["optout.way_back"]
    first = talk.texts()
    assert talk.say("9") == ["optout.way_back"]
    assert talk.texts() != first
    assert talk.say("hola") == ["optout.back", "m1/humo/s2"]
    assert isinstance(talk.effects[-2], OptIn)


def test_an_opt_out_said_in_a_sentence_is_confirmed_first(talk: Talk) -> None:
    talk.engine.intents["no me escriban"] = "opt_out"
    assert talk.say("ya no me escriban a este numero") == ["optout.confirm_leave"]
    assert talk.say("no") == ["optout.nothing_changed", "menu.main"]
    assert talk.say("para") == ["optout.confirm_leave"]
    assert talk.say("si") == ["optout.done"]


def test_an_opt_out_that_is_also_an_option_is_confirmed_first(talk: Talk) -> None:
    talk.state = State(place="clarify", candidates=("opt_out",))
    talk.shelf.entries = talk.shelf.entries | {"clarify.opt_out": {"text": "Baja"}}
    assert talk.say("baja") == ["optout.confirm_leave"]


def test_an_opt_out_covers_the_address_alone(talk: Talk) -> None:
    talk.state = State(place="lesson:m1/humo/s2")
    talk.say("baja")
    talk.around.shut = False  # the same person at another address
    assert talk.say("8") == ["m1/humo/s2"]


def test_blocking_and_unblocking_say_nothing(talk: Talk) -> None:
    talk.state = State(place="lesson:m1/humo/s2")
    assert talk.send(InboundKind.BLOCKED) == []
    assert isinstance(talk.effects[-1], OptOut)
    assert talk.send(InboundKind.UNBLOCKED) == []
    assert isinstance(talk.effects[-1], OptIn)
    assert talk.state.place == "lesson:m1/humo/s2"


def test_erasing_is_confirmed_once(talk: Talk) -> None:
    assert talk.say("borrar mis datos") == ["optout.confirm_erase"]
    assert talk.say("no") == ["optout.nothing_changed", "menu.main"]
    assert talk.say("borrar") == ["optout.confirm_erase"]
    assert talk.say("si borrar todo") == ["optout.erased"]
    assert talk.effects == [Erase()]
    assert talk.last is not None
    assert talk.last.ephemeral
    assert talk.say("hola") == ["onboarding.welcome", "onboarding.consent"]


def test_erasing_works_after_an_opt_out(talk: Talk) -> None:
    talk.say("baja")
    assert talk.say("borrar") == ["optout.confirm_erase"]
    assert talk.say("1") == ["optout.erased"]


def test_a_person_is_asked_for_and_the_way_goes_on(talk: Talk) -> None:
    talk.state = State(place="lesson:m1/humo/s2")
    assert talk.say("*") == ["human.asked"]
    assert talk.state.place == "human"
    assert talk.say("8") == ["human.waiting"]
    assert talk.say("1") == ["m1/humo/s2"]


def test_voice_notes_and_photos_are_met_kindly_with_the_choices(talk: Talk) -> None:
    talk.state = State(place="quiz:m1/humo/q1")
    for kind, reply in (
        (InboundKind.VOICE, "input.voice"),
        (InboundKind.MEDIA, "input.media"),
        (InboundKind.LOCATION, "input.location"),
    ):
        assert talk.send(kind) == [reply]
        assert list(talk.choices()) == ["1", "2"]
    assert talk.say("1")[0] == "m1/humo/q1/a"


def test_a_thumb_up_is_a_yes(stranger: Talk) -> None:
    stranger.say("hola")
    assert stranger.say("👍🏽") == ["onboarding.country_guess_co"]


def test_listening_by_sms_means_calling(talk: Talk) -> None:
    talk.around.channel = ChannelName.SMS
    talk.engine.intents["no se leer"] = "listen_audio"
    assert talk.say("es que no se leer") == ["menu.listen_by_call", "menu.main"]


def test_the_public_state_hides_lists_and_pages() -> None:
    assert public(State(place="menu:lessons/m1/4")) == "menu"
    assert public(State(place="onboarding:community/3")) == "onboarding:community"
    assert public(State(place="lesson:m1/humo/s2")) == "lesson:m1/humo/s2"
    assert all(kind in SKILLS for kind in PlaceKind)
