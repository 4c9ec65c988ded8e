from __future__ import annotations

import pytest

from bot.dialogue.answers import Command, command, either, pick, several
from bot.dialogue.words import Words
from bot.domain.message import Choice


def offered(*labels: str) -> tuple[Choice, ...]:
    return tuple(Choice(str(n), f"poll:Q/Q:{n}", label) for n, label in enumerate(labels, 1))


AMOUNTS = offered("Nada", "Poco", "Mucho", "No sé / no digo")
PEOPLE = offered("Voy", "No voy", "Tal vez")
WINDOW = offered("Nunca", "Con la ventana abierta")
YES_NO = (Choice("1", "onboarding:consent:yes", "Sí, acepto"), Choice("2", "onboarding:consent:no", "No acepto"))

SECONDS = (
    "2", " 2 ", "2.", "2)", "(2)", "la 2", "el 2", "dos", "DOS", "la dos", "el segundo", "la segunda", "segundo",
    "opcion dos", "opsion dos",
    "la opción 2", "OPCIÓN 2", "numero 2", "número dos", "2️⃣", "es la 2", "creo que la 2", "la 2 por favor", "la 2 porfa",
    "opcion2",
    "2da", "2do", "marco el 2", "yo digo la 2", "respuesta 2", "la dos señora", "escojo la segunda", "02",
)  # fmt: skip


@pytest.mark.parametrize("text", SECONDS)
def test_a_number_in_any_form_chooses(text: str, words: Words) -> None:
    chosen = pick(text, WINDOW, words)
    assert chosen is not None
    assert chosen.key == "2"


@pytest.mark.parametrize(
    "text",
    [
        "la de abajo",
        "la de arriba",
        "3",
        "12",
        "1 o 2",
        "las dos",
        "los dos",
        "uno no sabe",
        "a las dos llego",
        "",
        "?",
        "el otro",
        "22",
    ],
)
def test_what_names_no_single_option_chooses_nothing(text: str, words: Words) -> None:
    assert pick(text, WINDOW, words) is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("poco", "2"), ("POKO", "2"), ("pokito", "2"), ("muxo", None), ("mucho", "3"), ("muchoo", "3"), ("nada", "1"),
        ("nadaa", "1"),
        ("no se", "4"), ("no digo", "4"), ("no ce", "4"), ("loco", None), ("mucho gusto de saludarla", None),
    ],
)  # fmt: skip
def test_the_words_of_an_option_choose_it(text: str, key: str | None, words: Words) -> None:
    chosen = pick(text, AMOUNTS, words)
    assert (chosen.key if chosen else None) == key


@pytest.mark.parametrize(
    ("text", "key"), [("voy", "1"), ("boy", "1"), ("no voy", "2"), ("no boi", "2"), ("tal ves", "3"), ("talvez", "3")]
)
def test_a_no_is_never_lost_on_the_way(text: str, key: str, words: Words) -> None:
    chosen = pick(text, PEOPLE, words)
    assert chosen is not None
    assert chosen.key == key


@pytest.mark.parametrize("text", ["con la bentana abierta", "la ventana abierta", "ventana", "bentana avierta"])
def test_part_of_an_option_chooses_it(text: str, words: Words) -> None:
    chosen = pick(text, WINDOW, words)
    assert chosen is not None
    assert chosen.key == "2"


@pytest.mark.parametrize(
    "text", ["nunca me pagan lo justo", "que pasa si abro la ventana y hay humo adentro", "el asogue es malo?"]
)
def test_a_question_gets_through(text: str, words: Words) -> None:
    assert pick(text, WINDOW, words) is None


YES = (
    "si", "sí", "Sii", "siii", "sip", "ya", "ya pe", "ya pues", "si pe", "claro", "claro que sí", "por supuesto", "obvio",
    "ok", "oki", "okey",
    "listo", "dale", "dele", "hagale", "hágale pues", "agale", "vale", "bueno", "bien", "esta bien", "ta bien", "de una",
    "de acuerdo",
    "acepto", "asepto", "si acepto", "acepto sí", "como no", "correcto", "asi es", "eso", "aja", "ajá", "sisas", "firme",
    "melo", "con mucho gusto", "si señora", "si señor", "sí por favor", "ari", "perfecto", "autorizo", "si quiero",
    "me parece bien", "simon",
)  # fmt: skip
NO = (
    "no", "nop", "noo", "nones", "nel", "no pe", "no pues", "no gracias", "no señora", "no quiero", "no acepto", "no asepto",
    "para nada",
    "pa nada", "mana", "manan", "nada que ver", "nunca", "jamás", "ni loca", "claro que no", "mejor no", "todavia no",
    "ahorita no",
    "negativo", "tampoco", "que va", "de ninguna manera", "no me interesa", "yo no",
)  # fmt: skip


@pytest.mark.parametrize("text", YES)
def test_every_regional_yes_agrees(text: str, words: Words) -> None:
    chosen = pick(text, YES_NO, words)
    assert chosen is not None
    assert chosen.key == "1"


@pytest.mark.parametrize("text", NO)
def test_every_regional_no_declines(text: str, words: Words) -> None:
    chosen = pick(text, YES_NO, words)
    assert chosen is not None
    assert chosen.key == "2"


def test_a_yes_chooses_nothing_where_no_option_is_a_yes(words: Words) -> None:
    assert pick("si", WINDOW, words) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("6", Command.BACK), ("7", Command.SIMPLER), ("8", Command.REPEAT), ("9", Command.NEXT), ("0", Command.MENU), ("*",
        Command.PERSON),
        ("0️⃣", Command.MENU), ("*️⃣", Command.PERSON), ("el 9", Command.NEXT), ("nueve", Command.NEXT), ("menu", Command.MENU),
        ("el menú por favor", Command.MENU), ("siguente", Command.NEXT), ("sigiente", Command.NEXT), ("siga pues",
        Command.NEXT),
        ("repita porfa", Command.REPEAT), ("otra ves", Command.REPEAT), ("más fácil", Command.SIMPLER), ("no entendi",
        Command.SIMPLER),
        ("pa tras", None), ("atras", Command.BACK), ("atráz", Command.BACK), ("una persona", Command.PERSON), ("seguir",
        Command.NEXT),
        ("quiero saber del menu de la escuela", None), ("3", None), ("me atrase en el pago", None),
    ],
)  # fmt: skip
def test_reserved_keys_and_their_words(text: str, meant: Command | None, words: Words) -> None:
    assert command(text, words) is meant


HELMET = (
    Choice("1", "poll:Q04_v1/Q04:los_dos", "Los dos"),
    Choice("2", "poll:Q04_v1/Q04:uno", "Uno"),
    Choice("3", "poll:Q04_v1/Q04:ninguno", "Ninguno"),
)


@pytest.mark.parametrize(
    ("text", "key"), [("1", "1"), ("los dos", "1"), ("uno solo", "2"), ("solo uno", "2"), ("la 2", "2"), ("ultimo", "3")]
)
def test_words_that_are_numbers_too_are_read_where_they_are_clear(text: str, key: str, words: Words) -> None:
    chosen = pick(text, HELMET, words)
    assert chosen is not None
    assert chosen.key == key


@pytest.mark.parametrize("text", ["uno", "dos", "el dos"])
def test_a_number_that_is_the_word_of_another_option_is_asked_back_by_both(text: str, words: Words) -> None:
    assert pick(text, HELMET, words) is None
    assert [choice.key for choice in either(text, HELMET, words)] == ["1", "2"]


def test_a_long_sentence_with_a_number_in_it_is_not_asked_back(words: Words) -> None:
    assert not either("pues yo con una de mis hijas voy a hablar", HELMET, words)


@pytest.mark.parametrize(
    ("text", "more"), [("1 y 2", True), ("la 1 o la 3", True), ("uno dos", True), ("1", False), ("7 y 8", False)]
)
def test_several_numbers_are_told_from_one(text: str, more: bool, words: Words) -> None:
    assert several(text, HELMET, words) is more
