"""Lessons at a chosen hour, questions that come back, and what she does after a module, turn by turn."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from standins.talk import NOW, Talk, lesson

from bot.dialogue.chosen_hour import asks_for_lessons, hour, wanted
from bot.dialogue.study import Intend, RecordManaged, SetRhythm, StopRhythm
from bot.domain.learning import LessonRecord, Module, Practice, PracticeOption, Wording
from bot.domain.message import ChannelName
from bot.domain.person import Country
from bot.domain.repetition import Review
from bot.domain.study import LATER, Every, Managed, Rhythm, again_place, asked_at, later_place, offered, sent_place
from bot.lessons.catalogue import load_catalogue

CONTENT = Path(__file__).parents[2] / "content"
PRACTICE = Practice(
    Wording("¿Qué va a hacer?"),
    Wording("¿Cuál?"),
    (
        PracticeOption("mojar", "Mojo la piedra", Wording("Hace una semana usted escogió mojar. ¿Pudo hacerlo?")),
        PracticeOption("lavar", "Me lavo", Wording("Hace una semana usted escogió lavarse. ¿Pudo hacerlo?")),
    ),
)
HERE = NOW - timedelta(hours=5)
SENT = "lesson:m1/humo/s2/sent"
AGAIN = "quiz:m1/humo/q1/again"


@pytest.fixture
def learner(talk: Talk) -> Talk:
    """At the menu, of two modules the first with a practice."""
    talk.shelf.served = [
        Module("m1", "Azogue", "draft", (lesson("humo"), lesson("cocina", 1, 0)), PRACTICE),
        Module("m2", "Polvo", "draft", (lesson("tela", 2, 0),)),
    ]
    return talk


def stand(talk: Talk, place: str) -> None:
    talk.state = type(talk.state)(place=place)


def effects(talk: Talk, kind: type) -> list[Any]:
    return [effect for effect in talk.effects if isinstance(effect, kind)]


@pytest.mark.parametrize(
    ("said", "every", "at"),
    [
        ("mándeme una lección cada día a las 7 de la noche", Every.DAY, time(19)),
        ("mandeme 1 lesion todos los dias alas 6 de la mañana", Every.DAY, time(6)),
        ("kiero una lecsion diaria a las seis i media de la tarde", Every.DAY, time(18, 30)),
        ("una lección por semana a las 5 am", Every.WEEK, time(5)),
        ("lecciones cada semana a las 8:15 pm", Every.WEEK, time(20, 15)),
        ("una clase cada noche a las 8 de la noche", Every.DAY, time(20)),
        ("el curso todos los dias al mediodia", Every.DAY, time(12)),
        ("una leccion cada 8 dias a las 9", Every.WEEK, time(9)),
        ("cada dia una leccion a las diez", Every.DAY, time(10)),
        ("una leccion cada dia", Every.DAY, None),
        ("mandeme lesiones semanales", Every.WEEK, None),
        ("kiero q me manden una lesion diaria", Every.DAY, None),
        ("1 lesion por semana", Every.WEEK, None),
        ("una lesion diaria a la una de la tarde", Every.DAY, time(13)),
    ],
)
def test_a_wish_for_lessons_is_read_in_any_spelling(words: Any, said: str, every: Every, at: time | None) -> None:
    assert asks_for_lessons(said, words)
    wish = wanted(said, words, HERE)
    assert wish.every is every
    assert (wish.hour.at if wish.hour and wish.hour.sure else None) == at


@pytest.mark.parametrize(
    ("said", "weekday"),
    [("una leccion los lunes a las 6 am", 0), ("lecciones todos los sabados", 5), ("cada miercoles una leccion", 2)],
)
def test_a_day_of_the_week_may_be_named(words: Any, said: str, weekday: int) -> None:
    assert asks_for_lessons(said, words)
    assert wanted(said, words, HERE).weekday == weekday


@pytest.mark.parametrize(
    "said",
    [
        "todos los dias me duele la cabeza",
        "cada dia sacamos menos oro",
        "a que hora es la reunion los lunes",
        "mandeme una leccion",
        "quiero el curso de la retorta",
        "me pagan cada semana",
        "no quiero una leccion cada dia",
        "llame todos los dias y no contestan",
        "dia por medio",
    ],
)
def test_other_talk_of_days_is_no_such_wish(words: Any, said: str) -> None:
    assert not asks_for_lessons(said, words)


@pytest.mark.parametrize(
    ("said", "at", "sure", "outside"),
    [
        ("a las 7", time(7), False, False),
        ("a las 3", time(15), True, False),
        ("a las 10", time(10), True, False),
        ("9 de la noche", time(21), True, True),
        ("a las 4 de la mañana", time(4), True, True),
        ("a medianoche", time(0), True, True),
        ("5", time(17), False, False),
        ("19:30", time(19, 30), True, False),
        ("a las 8 y 45 de la noche", time(20, 45), True, False),
    ],
)
def test_an_hour_is_asked_back_only_where_both_halves_of_the_day_would_do(
    words: Any, said: str, at: time, sure: bool, outside: bool
) -> None:
    read = hour(said, words, HERE)
    assert read is not None
    assert (read.at, read.sure, read.outside) == (at, sure, outside)


def test_all_in_one_sentence_keeps_it_and_goes_on_where_she_was(learner: Talk) -> None:
    stand(learner, "lesson:m1/humo/s2")
    assert learner.say("mandeme una lesion cada dia alas 7 de la noche") == ["rhythm.set_daily", "m1/humo/s2"]
    [kept] = effects(learner, SetRhythm)
    assert kept.rhythm == Rhythm(Every.DAY, time(19), ChannelName.WHATSAPP, 0)
    assert kept.due_at == NOW.replace(hour=0) + timedelta(days=1)


def test_what_is_missing_is_asked(learner: Talk) -> None:
    assert learner.say("una leccion cada semana") == ["rhythm.hour"]
    assert learner.say("alas 7") == ["rhythm.which_half"]
    assert learner.say("la 2") == ["rhythm.set_weekly", "menu.main"]
    assert effects(learner, SetRhythm)[0].rhythm.at == time(19)


def test_by_keys_alone_from_the_end_of_a_lesson(learner: Talk) -> None:
    learner.around.records = [LessonRecord("m1", "cocina", "s1", NOW)]
    stand(learner, "quiz:m1/humo/q1")
    learner.around.records = []
    assert learner.press("1")[-1] == "lesson.finished"
    assert learner.press("3") == ["rhythm.how_often"]
    assert learner.press("2") == ["rhythm.hour"]
    assert learner.press("6") == ["rhythm.how_often"]
    assert learner.press("1") == ["rhythm.hour"]
    assert learner.press("2") == ["rhythm.set_daily", "menu.main"]
    assert effects(learner, SetRhythm)[0].rhythm.at == time(7)


@pytest.mark.parametrize(
    "said",
    [
        "pausa",
        "PAUSA",
        "ya no me mande",
        "ya no me mande mas lesiones",
        "no kiero mas lecciones",
        "pare las lecciones por favor",
        "ya no mas",
    ],
)
def test_one_word_stops_it(learner: Talk, said: str) -> None:
    learner.around.study.hours = Rhythm(Every.DAY, time(19), ChannelName.WHATSAPP)
    assert learner.say(said) == ["rhythm.stopped", "menu.main"]
    assert effects(learner, StopRhythm)


@pytest.mark.parametrize("said", ["quiero cambiar la hora", "cambiar mi orario", "mandeme lecciones", "resibir lecsiones porfa"])
def test_the_hour_is_asked_for_in_few_words(learner: Talk, said: str) -> None:
    assert learner.say(said) == ["rhythm.how_often"]


def test_a_key_stops_it_where_it_comes(learner: Talk) -> None:
    learner.around.study.hours = Rhythm(Every.DAY, time(19), ChannelName.WHATSAPP)
    stand(learner, SENT)
    assert learner.press("8") == ["m1/humo/s2"]
    assert set(learner.choices()) == {"9", "5"}
    assert learner.press("5") == ["rhythm.stopped", "m1/humo/s2"]
    assert set(learner.choices()) == {"9"}


def test_who_has_no_hour_is_told_so_and_baja_is_still_baja(learner: Talk) -> None:
    assert learner.say("ya no me mande lecciones") == ["rhythm.none_to_stop"]
    learner.around.study.hours = Rhythm(Every.DAY, time(19), ChannelName.WHATSAPP)
    assert learner.say("baja") == ["optout.done"]


def test_a_step_that_came_by_itself_goes_on_however_late_she_answers(learner: Talk) -> None:
    stand(learner, SENT)
    learner.wait(days=3)
    assert learner.press("9") == ["m1/humo/s3"]


def test_learning_begins_with_a_question_that_comes_back(learner: Talk) -> None:
    learner.around.study.due = [Review("m1", "q1", 0, NOW)]
    assert learner.say("1") == ["rhythm.review", "m1/humo/q1"]
    assert learner.state.place == AGAIN
    assert learner.press("1") == ["m1/humo/q1/a", "lesson.modules"]


def test_it_may_be_left_open(learner: Talk) -> None:
    learner.around.study.due = [Review("m1", "q1", 0, NOW)]
    learner.say("1")
    assert learner.press("9") == ["lesson.modules"]


def test_after_it_the_next_lesson_comes_where_lessons_come_by_themselves(learner: Talk) -> None:
    learner.around.study.hours = Rhythm(Every.DAY, time(19), ChannelName.WHATSAPP)
    learner.around.records = [LessonRecord("m1", "humo", "s3", NOW)]
    stand(learner, AGAIN)
    assert learner.press("2") == ["m1/humo/q1/b", "m1/cocina/s1"]


def test_a_question_that_is_gone_does_not_stand_in_the_way(learner: Talk) -> None:
    learner.around.study.due = [Review("m1", "gone", 0, NOW)]
    assert learner.say("1") == ["lesson.modules"]


def test_a_module_finished_for_the_first_time_asks_what_she_will_do(learner: Talk) -> None:
    learner.around.records = [LessonRecord("m1", "humo", "s3", NOW)]
    stand(learner, "lesson:m1/cocina/s1")
    assert learner.press("9") == ["lesson.module_finished", "m1/practice"]
    assert learner.choices() == {"1": "practice:m1/choose:mojar", "2": "practice:m1/choose:lavar", "3": "practice:m1/choose:none"}
    assert learner.say("mojo la piera") == ["practice.chosen", "menu.main"]
    [kept] = effects(learner, Intend)
    assert (kept.module_id, kept.option_id, kept.due_at) == ("m1", "mojar", NOW + timedelta(days=7))
    assert "mojar" not in repr(kept)
    stand(learner, "lesson:m1/cocina/s1")
    assert learner.press("9") == ["lesson.module_finished"], "once a module"


@pytest.mark.parametrize("said", ["3", "ninguna de esas", "por ahora ninguna", "no", "aora no puedo"])
def test_she_may_set_out_to_do_nothing(learner: Talk, said: str) -> None:
    stand(learner, "practice:m1/choose")
    assert learner.say(said) == ["practice.none_chosen", "menu.main"]
    assert not effects(learner, Intend)


def test_she_is_asked_at_the_hour_of_her_lessons() -> None:
    rhythm = Rhythm(Every.DAY, time(19), ChannelName.SMS)
    assert asked_at(NOW, rhythm, "America/Bogota") == NOW.replace(hour=0) + timedelta(days=8)


@pytest.mark.parametrize(
    ("said", "how", "met"),
    [
        ("si pude", Managed.MANAGED, ["practice.well_done", "menu.main"]),
        ("a beses", Managed.SOMETIMES, ["practice.now_and_then", "menu.main"]),
        ("no puede", Managed.COULD_NOT, ["practice.could_not"]),
        ("no", Managed.COULD_NOT, ["practice.could_not"]),
        ("sí", Managed.MANAGED, ["practice.well_done", "menu.main"]),
        ("si lo hise todos los dias", Managed.MANAGED, ["practice.well_done", "menu.main"]),
        ("no todos los dias", Managed.SOMETIMES, ["practice.now_and_then", "menu.main"]),
        ("mas o menos", Managed.SOMETIMES, ["practice.now_and_then", "menu.main"]),
        ("no lo hice, se me olvido", Managed.COULD_NOT, ["practice.could_not"]),
        ("no e podido la verdad", Managed.COULD_NOT, ["practice.could_not"]),
        ("no tuve tiempo", Managed.COULD_NOT, ["practice.could_not"]),
    ],
)
def test_how_it_went_is_met_kindly(learner: Talk, said: str, how: Managed, met: list[str]) -> None:
    stand(learner, str(later_place("m1")))
    assert learner.say(said) == met
    assert [effect.how for effect in effects(learner, RecordManaged)] == [how]


def test_who_could_not_hears_the_shortest_lesson_again_or_a_person(learner: Talk) -> None:
    stand(learner, "practice:m1/help")
    assert learner.press("1") == ["m1/cocina/s1"]
    stand(learner, "practice:m1/help")
    assert learner.press("2")[-1].startswith(("human", "onboarding"))


def test_a_button_pressed_late_still_answers_and_an_old_one_nothing(learner: Talk) -> None:
    stand(learner, "lesson:m1/humo/s2")
    button = f"practice:m1/{LATER}:managed"
    assert learner.tap(button)[0] == "input.old_button"
    learner.around.study.asked = {"m1"}
    assert learner.tap(button)[0] == "practice.well_done"


def test_every_button_of_what_comes_by_itself_is_short_enough() -> None:
    library = load_catalogue(CONTENT, drafts=True, today=NOW.date, timezone="America/Bogota")
    for country in Country:
        for module in library.modules(country):
            for one in module.lessons:
                buttons = [f"{sent_place(module, one, step.id)}:next" for step in one.steps]
                buttons += [f"{again_place(module.id, one.id, quiz.id)}:{o.id}" for quiz in one.quizzes for o in quiz.options]
                assert max(len(button.encode()) for button in buttons) <= 64, (module.id, one.id)
            if module.practice:
                assert len(offered(module.practice, "")) <= 5
                assert all(len(f"practice:{module.id}/choose:{option.id}") <= 64 for option in module.practice.options)
