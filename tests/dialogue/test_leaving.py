from __future__ import annotations

import pytest
from wordfreq import top_n_list

from bot.dialogue.leaving import Leaving, leaving
from bot.dialogue.words import Words

CERTAIN = (
    "BAJA", "baja", "Baja.", "vaja", "bajaa", "baja por favor", "BAJA gracias", "buenas tardes baja", "alto", "ALTO!!",
    "halto", "parar", "parrar",
    "PARAR POR FAVOR", "salir", "zalir", "cancelar", "canselar", "cancelar porfa", "canselr", "kanselar", "caselar",
    "no mas", "NO MÁS", "no maz", "no más por favor", "stop", "STOP", "estop", "dar de baja", "darme de baja",
    "quiero darme de baja",
)  # fmt: skip
TALK = (
    "baja el precio", "candela", "canela", "cancelada", "cancelado", "cancelaron", "salchicha", "parada", "bajada",
    "cáncer", "esto", "estoy", "harto", "vaca", "tengo que parar", "el agua baja sucia", "la baja del oro", "alto el precio",
    "voy a salir de la mina",
    "no mas quiero saber",
    "como cancelar la deuda", "cuando baja el rio", "alta", "alto ahi es peligroso", "si", "no", "2", "la 2", "nada",
    "pasar", "pagar", "salud",
    "saber", "algo", "bajo", "hola", "batea", "caja", "mas", "sali ayer", "no", "cansada", "ya no mas humo en la casa",
)  # fmt: skip
DOUBTFUL = ("nomas", "nomás", "para", "bja", "stp", "salr", "sallir", "prar")


@pytest.mark.parametrize("text", CERTAIN)
def test_an_opt_out_is_the_whole_message_in_any_spelling(text: str, words: Words) -> None:
    assert leaving(text, words) is Leaving.OPT_OUT


@pytest.mark.parametrize("text", TALK)
def test_the_word_inside_a_sentence_is_talk(text: str, words: Words) -> None:
    assert leaving(text, words) not in {Leaving.OPT_OUT, Leaving.DOUBTFUL, Leaving.ERASE}


@pytest.mark.parametrize("text", DOUBTFUL)
def test_a_doubtful_word_is_asked_back(text: str, words: Words) -> None:
    assert leaving(text, words) is Leaving.DOUBTFUL


@pytest.mark.parametrize(
    "text", ["BORRAR", "borar", "vorrar", "borrar mis datos", "borren mis datos por favor", "elimine mis datos", "Borrar todo"]
)
def test_erasing_is_the_whole_message(text: str, words: Words) -> None:
    assert leaving(text, words) is Leaving.ERASE


@pytest.mark.parametrize("text", ["hola", "ola", "HOLA buenas", "alta", "/start", "buenas hola"])
def test_coming_back(text: str, words: Words) -> None:
    assert leaving(text, words) is Leaving.OPT_IN


def test_none_of_the_commonest_words_is_an_opt_out_by_accident(words: Words) -> None:
    taken = {word for word in top_n_list("es", 20_000) if leaving(word, words) is Leaving.OPT_OUT}
    assert taken == {"salir", "alto", "baja", "parar", "cancelar", "stop", "salirse", "cancela"}
