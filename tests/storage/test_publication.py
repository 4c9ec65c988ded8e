"""What is claimed of several questions asked at once is judged together; and rounds of other people are not compared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.domain.learning import Wording
from bot.domain.poll import InPerson, Poll, PollOption, PollRound
from bot.domain.results import Results
from bot.outreach.comparison import judged
from bot.outreach.publication import material
from tests.storage.conftest import NOW, Desk

MONTH = timedelta(days=30)
WEEK = timedelta(days=7)


def _closed(
    desk: Desk, question: str, number: int, counts: Sequence[int], *, audience: str = "all", late: timedelta = WEEK
) -> str:
    options = tuple(PollOption(f"o{n}", f"Opción {n}") for n in range(len(counts)))
    asked = Poll(f"{question}_v1", question, Wording("¿Fue?"), Wording("¿Vino?"), options)
    opens = NOW + number * MONTH + late - WEEK
    made = PollRound(f"{asked.id}-{number}", asked.id, opens, opens + WEEK, (), audience, number)
    people = InPerson("x:plaza", sum(counts), {f"o{n}": count for n, count in enumerate(counts)})
    desk.run(lambda uow: uow.polls.put_round(made, asked))
    desk.run(lambda uow: uow.polls.put_in_person(made.id, people))
    desk.run(lambda uow: uow.polls.close_round(made.id, made.closes_at))
    return made.id


def _published(desk: Desk, round_id: str, earlier_id: str) -> Results:
    def work(uow):  # type: ignore[no-untyped-def]
        return material(uow, uow.polls.get(round_id), uow.polls.get(earlier_id))

    return desk.run(work).published()


def test_questions_asked_at_the_same_time_are_judged_together_by_holm(desk: Desk) -> None:
    """One p alone is 0.04; beside two others, of 0.0 and 0.7, it is doubled, and nothing is claimed."""
    first, second = _closed(desk, "Q05", 0, [40, 60]), _closed(desk, "Q05", 1, [55, 46])
    alone = judged(_published(desk, second, first))
    assert alone is not None
    assert alone.p is not None
    assert (alone.p_adjusted, alone.direction) == (alone.p, "up")
    assert 0.025 < alone.p < 0.05
    for question, before, after in (("Q06", [10, 90], [70, 30]), ("Q07", [50, 50], [52, 48])):
        _closed(desk, question, 0, before)
        _closed(desk, question, 1, after)
    _closed(desk, "Q08", 0, [50, 50])
    _closed(desk, "Q08", 1, [5, 95], late=3 * WEEK)  # a week later: not meanwhile
    _closed(desk, "Q10", 0, [50, 50], audience="country:CO")
    _closed(desk, "Q10", 1, [5, 95], audience="country:CO")
    results = _published(desk, second, first)
    beside = judged(results)
    assert beside is not None
    assert beside.p_adjusted == pytest.approx(2 * alone.p)
    assert beside.direction == "unclear"
    assert [(note.key, note.values) for note in results.notes if note.key == "adjusted"] == [("adjusted", {"questions": 2})]
    assert (beside.lo, beside.hi) == (alone.lo, alone.hi)


def test_rounds_that_asked_other_people_are_not_compared(desk: Desk) -> None:
    first = _closed(desk, "Q05", 0, [40, 60])
    second = _closed(desk, "Q05", 1, [60, 40], audience="country:PE")
    comparison = _published(desk, second, first).comparison
    assert comparison is not None
    assert (comparison.why_not, comparison.options) == ("other_audience", ())
