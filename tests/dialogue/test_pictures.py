"""The picture of a lesson: when it comes, what it says in words, and the wish to get none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from standins.talk import Talk, wording

from bot.domain.conversation import State
from bot.domain.learning import Picture
from bot.domain.message import ChannelName

NAME = "m1-humo.svg"
HUMO = "lesson:m1/humo/"


@pytest.fixture
def learner(talk: Talk) -> Talk:
    """At the list of lessons, of which the first has a picture."""
    (module,) = talk.shelf.served
    first, *others = module.lessons
    drawn = replace(first, picture=Picture(NAME, wording("Una mujer se aleja del fuego.")))
    talk.shelf.served = [replace(module, lessons=(drawn, *others))]
    talk.state = State(place="lesson:m1/humo")
    return talk


def images(talk: Talk) -> list[str | None]:
    assert talk.last is not None
    return [reply.image for reply in talk.last.replies]


def begin(talk: Talk) -> list[str]:
    talk.state = State(place=f"{HUMO}s2")
    return talk.press("6")


@pytest.mark.parametrize("channel", [ChannelName.WHATSAPP, ChannelName.TELEGRAM])
def test_the_first_step_brings_the_picture_and_no_other_does(learner: Talk, channel: ChannelName) -> None:
    learner.around.channel = channel
    assert begin(learner) == ["m1/humo/s1"]
    assert images(learner) == [NAME]
    learner.press("9")
    assert images(learner) == [None]


@pytest.mark.parametrize("channel", [ChannelName.SMS, ChannelName.CALL])
def test_a_basic_phone_is_sent_none(learner: Talk, channel: ChannelName) -> None:
    learner.around.channel = channel
    begin(learner)
    assert images(learner) == [None]


def test_told_once_more_the_step_brings_no_second_picture(learner: Talk) -> None:
    begin(learner)
    for key in ("8", "7"):
        learner.press(key)
        assert images(learner) == [None]


@pytest.mark.parametrize(
    "text",
    ["sin fotos", "Sin dibujos por favor", "no me mande fotos", "ya no mande más dibujos", "no mas fotos", "no quiero imágenes"],
)
def test_who_wants_none_gets_none_from_then_on(learner: Talk, text: str) -> None:
    begin(learner)
    assert learner.say(text) == ["picture.off"]
    assert learner.state.place == f"{HUMO}s1"
    assert list(learner.choices()) == ["9"]
    begin(learner)
    assert images(learner) == [None]


@pytest.mark.parametrize("text", ["con dibujos", "mándeme las fotos", "quiero ver los dibujos"])
def test_who_wants_them_again_gets_this_one_at_once(learner: Talk, text: str) -> None:
    learner.person = replace(learner.person, pictures=False)
    begin(learner)
    assert learner.say(text) == ["picture.on", "m1/humo/s1"]
    assert images(learner) == [None, NAME]


def test_a_basic_phone_is_told_where_pictures_come(learner: Talk) -> None:
    learner.around.channel = ChannelName.SMS
    begin(learner)
    assert learner.say("con fotos") == ["picture.elsewhere"]


@pytest.mark.parametrize(
    "text",
    [
        "¿qué dice el dibujo?",
        "que dise el dibujo",
        "no veo la foto",
        "describa la imagen",
        "que hay en el dibujo",
        "no se ve la foto",
        "me puede decir que hay en ese dibujito",
        "digame por favor de que es la imagen",
    ],
)
@pytest.mark.parametrize("at", ["s1", "s3", "end"])
@pytest.mark.parametrize("channel", [ChannelName.WHATSAPP, ChannelName.SMS])
def test_who_asks_hears_what_the_picture_shows_and_goes_on(learner: Talk, text: str, at: str, channel: ChannelName) -> None:
    learner.around.channel = channel
    learner.state = State(place=f"{HUMO}{at}")
    assert learner.say(text) == ["m1/humo/picture"]
    assert learner.texts() == ["Una mujer se aleja del fuego."]
    assert learner.last is not None
    assert learner.last.replies[0].speech is not None
    assert learner.state.place == f"{HUMO}{at}"
    assert learner.choices()


def test_in_the_question_of_a_lesson_the_picture_is_told_and_the_question_stays(learner: Talk) -> None:
    learner.state = State(place="quiz:m1/humo/q1")
    assert learner.say("que dice el dibujo") == ["m1/humo/picture"]
    assert list(learner.choices()) == ["1", "2"]
    assert learner.say("1")[0] == "m1/humo/q1/a"


@pytest.mark.parametrize("place", ["menu", f"{HUMO.replace('humo', 'cocina')}s1"])
def test_where_there_is_no_picture_she_is_told_so(learner: Talk, place: str) -> None:
    learner.state = State(place=place)
    assert learner.say("que dice el dibujo") == ["picture.none"]
    assert learner.state.place == place


def test_a_caller_hears_by_the_key_1_what_the_picture_shows(learner: Talk) -> None:
    learner.around.channel = ChannelName.CALL
    begin(learner)
    assert learner.press("1") == ["m1/humo/picture"]
    assert learner.state.place == f"{HUMO}s1"
    learner.around.channel = ChannelName.WHATSAPP
    assert learner.press("1") != ["m1/humo/picture"]


def test_a_key_that_is_an_answer_stays_one_on_a_call(learner: Talk) -> None:
    learner.around.channel = ChannelName.CALL
    learner.state = State(place=f"{HUMO}end")
    assert learner.press("1") == ["m1/cocina/s1"]


@pytest.mark.parametrize("text", ["tengo una foto del derrumbe", "sin", "no quiero", "mande plata", "que dice"])
def test_other_words_are_no_wish_about_pictures(learner: Talk, text: str) -> None:
    begin(learner)
    assert not [reply_id for reply_id in learner.say(text) if "picture" in reply_id]
