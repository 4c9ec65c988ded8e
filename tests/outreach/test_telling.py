import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from standins.rounds import crowd, poll, tally

from bot.domain.learning import Wording
from bot.domain.poll import Bounds, PollKind, PollOption
from bot.domain.results import Tally
from bot.lessons.phrases import result_phrases
from bot.outreach.results import publish
from bot.outreach.telling import MOST_WORDS, tell

CONTENT = Path(__file__).resolve().parents[2] / "content"


def answered(*counts, number=0, asked=None):
    everybody = Tally(sum(counts), {f"o{i}": n for i, n in enumerate(counts)})
    return replace(tally([], asked or poll(), number=number, invited=500), all=everybody)


def test_it_is_told_in_tenths(spanish):
    told = tell(publish(answered(52, 31, 12, 5)), spanish).text
    assert "De cada 10 personas, 5 dijeron: Nada." in told
    assert "De cada 10 personas, 1 dijo: Mucho." in told
    assert "Contestaron 100 personas." in told
    assert "No sé" not in told


def test_a_clear_change_and_an_unclear_one_are_told(spanish):
    assert "subió: Nada" in tell(publish(answered(60, 30, 10, 0, number=1), answered(30, 40, 30, 0)), spanish).text
    assert "bajó: Nada" in tell(publish(answered(20, 60, 20, 0, number=1), answered(60, 20, 20, 0)), spanish).text
    assert "cambio claro" in tell(publish(answered(33, 40, 27, 0, number=1), answered(30, 40, 30, 0)), spanish).text


def test_nobody_hardly_anybody_and_everybody_have_words_of_their_own(spanish):
    told = tell(publish(answered(185, 9, 0, 6)), spanish).text
    assert "Casi nadie dijo: Poco." in told
    assert "Nadie dijo: Mucho." in told
    assert "Todas las personas dijeron: Nada." in tell(publish(answered(50, 0, 0, 0)), spanish).text


def test_what_is_hidden_is_not_told_but_that_something_is(spanish):
    told = tell(publish(answered(50, 30, 3, 0)), spanish)
    assert "Poco" not in told.text
    assert "Mucho" not in told.text
    assert "no se cuenta" in told.text
    assert "Mucho" not in told.sms


def test_of_too_few_people_nothing_is_told(spanish):
    told = tell(publish(answered(3, 2, 1, 0)), spanish)
    assert not re.search(r"\d", told.text)
    assert told.sms is None


def test_numbers_are_told_by_their_middle(spanish):
    asked = replace(poll(), kind=PollKind.NUMBER, bounds=Bounds(0, 99), options=(PollOption("no", "No digo"),))
    told = tell(publish(replace(tally([], asked), all=Tally(26, {"no": 6}, tuple(range(1, 21))))), spanish).text
    assert "La mitad dijo 10,5 o menos." in told
    assert "No digo" not in told


def test_an_open_round_has_nothing_to_tell(spanish):
    with pytest.raises(ValueError, match="open"):
        tell(publish(replace(answered(50, 30, 20, 0), closed=False)), spanish)


def test_it_is_spoken_within_45_seconds_in_short_sentences(spanish):
    rng = random.Random(11)
    asked = replace(
        poll(["Siempre", "A veces", "Casi nunca", "Nunca", "No sé / no digo"]),
        wording=Wording("¿Puede usar una retorta cuando la necesita?"),
    )
    for n in (12, 60, 300):
        for _ in range(10):
            one, two = (tally(crowd(rng, n, asked), asked, number=number) for number in (0, 1))
            told = tell(publish(two, one), spanish)
            assert len(told.speech.split()) <= MOST_WORDS
            for sentence in re.split(r"(?<=[.?])\s", told.text):
                assert len(sentence.split()) <= 12, sentence


def test_the_sentences_need_no_trade_words_and_say_usted():
    for key, text in result_phrases(CONTENT, "es").items():
        if key.startswith(("told.", "poster.")):
            assert not re.search(
                r"intervalo|estadístic|muestra al azar|porcentaje|significativ|\btú\b|\bvos\b", text, re.IGNORECASE
            ), key
