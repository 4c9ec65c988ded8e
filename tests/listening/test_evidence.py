"""What follows from what a recogniser measured."""

from __future__ import annotations

import pytest

from bot.domain.errors import ListeningError
from bot.domain.listening import Unheard
from bot.voice.listening.evidence import Evidence, judged


def test_an_offer_far_ahead_of_the_others_is_sure() -> None:
    heard = judged(Evidence("una", 0.4, gain=10.5, offers={"a": 5.7, "b": 0.7, "c": 1.6}))
    assert (heard.option, heard.rival, heard.sure, heard.clear) == ("a", "c", True, False)


def test_offers_that_are_close_to_each_other_leave_a_doubt() -> None:
    heard = judged(Evidence("No.", 0.25, gain=5.0, offers={"no": 5.0, "si": 4.4}))
    assert (heard.option, heard.rival, heard.sure) == ("no", "si", False)


def test_a_question_is_no_answer_however_many_answers_are_offered() -> None:
    heard = judged(Evidence("cuando es la reunión", 0.76, gain=23.3, offers={"a": 2.9, "b": -0.9}))
    assert (heard.text, heard.option, heard.sure) == ("cuando es la reunión", "", True)


def test_words_that_are_as_likely_in_noise_were_not_said() -> None:
    with pytest.raises(ListeningError) as raised:
        judged(Evidence("un poco", 0.4, gain=0.6, offers={"a": 1.2}))
    assert raised.value.why is Unheard.SILENCE


def test_nothing_at_all_is_silence() -> None:
    with pytest.raises(ListeningError) as raised:
        judged(Evidence("", 0.0, silent=1.0))
    assert raised.value.why is Unheard.SILENCE


@pytest.mark.parametrize(
    ("confidence", "text", "sure", "clear"),
    [(0.8, "mi casa", True, True), (0.4, "mi casa", False, True), (0.25, "mi casa", False, False), (0.1, "", False, False)],
)
def test_free_text_is_sure_doubtful_unclear_or_not_even_legible(confidence: float, text: str, sure: bool, clear: bool) -> None:
    heard = judged(Evidence("mi casa", confidence, silent=0.1))
    assert (heard.text, heard.sure, heard.clear) == (text, sure, clear)


def test_that_it_was_cut_is_passed_on() -> None:
    assert judged(Evidence("mi casa", 0.8, cut=True)).cut
