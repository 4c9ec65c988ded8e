from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.errors import ContentError
from bot.domain.understanding import Alarm, Danger, Guess, Unsafe
from bot.nlu import alarm_data
from bot.nlu.alarm import NO_THRESHOLDS, SECOND_KIND, AlarmThresholds, Levels, weigh, weight
from bot.nlu.danger import Seen, Sight

THRESHOLDS = AlarmThresholds(
    Levels(alone=0.5, weak=-0.5, asked=0.0, sure=-1.5), Levels(alone=0.6, weak=-0.4, asked=0.1, sure=-1.5)
)
BLOOD = Sight(danger=Seen(Danger.ACCIDENT, sure=True))
PERHAPS = Sight(danger=Seen(Danger.ACCIDENT, sure=False))


def scores(danger: float, unsafe: float = -2.0) -> dict[str, float]:
    """Columns that make these scores of both sides; the likeliest kinds are a threat and a privacy probe."""
    kinds = {"threat": 0.0, "accident": -1.0, "privacy": 0.0, "mercury": -1.0}
    return {"danger": danger + SECOND_KIND, "unsafe": unsafe + SECOND_KIND, **kinds}


def test_what_a_sure_rule_sees_is_doubted_only_far_from_all_that_was_ever_meant_so() -> None:
    assert weigh(BLOOD, scores(-1.4), THRESHOLDS) == Alarm(Danger.ACCIDENT)
    assert weigh(BLOOD, scores(-1.6), THRESHOLDS) == Alarm()


def test_what_a_weak_rule_sees_needs_the_score_not_to_deny_it() -> None:
    assert weigh(PERHAPS, scores(-0.4), THRESHOLDS) == Alarm(Danger.ACCIDENT)
    assert weigh(PERHAPS, scores(-0.6), THRESHOLDS) == Alarm()


def test_a_high_score_alone_raises_the_alarm_of_its_likeliest_kind() -> None:
    assert weigh(Sight(), scores(0.6), THRESHOLDS) == Alarm(Danger.THREAT)
    assert weigh(Sight(), scores(-2, 0.7), THRESHOLDS) == Alarm(None, Unsafe.PRIVACY)
    assert weigh(Sight(), scores(0.4, 0.5), THRESHOLDS) == Alarm()


def test_a_second_likely_kind_raises_the_score() -> None:
    assert weigh(Sight(), scores(0.4), THRESHOLDS) == Alarm()
    assert weigh(Sight(), {**scores(0.4), "accident": -0.5}, THRESHOLDS) == Alarm(Danger.THREAT)


def test_few_words_weigh_less_than_many() -> None:
    assert weight(1) < weight(3) < weight(7) == pytest.approx(1)
    assert weight(30) < 1.2


def test_what_was_taken_for_an_emergency_needs_less() -> None:
    assert weigh(Sight(), scores(0.1), THRESHOLDS, Guess("ask_emergency", 0.5)) == Alarm(Danger.THREAT)
    assert weigh(Sight(), scores(0.1), THRESHOLDS, Guess("unsafe_request", 0.5)) == Alarm()
    assert weigh(Sight(), scores(-2, 0.2), THRESHOLDS, Guess("unsafe_request", 0.5)) == Alarm(None, Unsafe.PRIVACY)


def test_without_a_learnt_alarm_every_rule_counts() -> None:
    assert weigh(PERHAPS, {}, NO_THRESHOLDS) == Alarm(Danger.ACCIDENT)
    assert weigh(Sight(), {}, NO_THRESHOLDS, Guess("ask_emergency", 0.5)) == Alarm()


def test_a_file_that_names_no_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "alarms").mkdir()
    text = 'version: "3.1"\nnlu:\n- intent: fire\n  examples: |\n    - se quema\n'
    (tmp_path / "alarms" / "fire.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match="no kind"):
        alarm_data.read(tmp_path)


def test_there_may_be_no_sentences_for_the_alarm(tmp_path: Path) -> None:
    assert alarm_data.read(tmp_path) == ()


def test_what_is_surely_about_something_else_needs_a_higher_score() -> None:
    sure, unsure = Guess("ask_retort", 0.95), Guess("ask_retort", 0.5)
    assert weigh(Sight(), scores(0.6), THRESHOLDS, unsure) == Alarm(Danger.THREAT)
    assert weigh(Sight(), scores(0.6), THRESHOLDS, sure) == Alarm()
    assert weigh(Sight(), scores(0.8), THRESHOLDS, sure) == Alarm(Danger.THREAT)
    assert weigh(Sight(), scores(0.6), THRESHOLDS, Guess("report_incident", 0.95)) == Alarm(Danger.THREAT)


def test_what_a_rule_saw_needs_no_higher_score() -> None:
    assert weigh(PERHAPS, scores(-0.4), THRESHOLDS, Guess("ask_retort", 0.95)) == Alarm(Danger.ACCIDENT)
