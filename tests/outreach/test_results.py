import random
import time
from dataclasses import replace

import pytest
from scipy.stats import binomtest
from standins.rounds import crowd, poll, tally

from bot.domain.poll import Bounds, Condition, PollKind, PollOption
from bot.domain.results import By, Direction, Tally
from bot.outreach.comparison import adjusted
from bot.outreach.disclosure import PEOPLE, TOTAL, Shape, Table
from bot.outreach.document import to_json
from bot.outreach.publication import Material
from bot.outreach.results import publish
from bot.outreach.suppression import decide, partition


def answered(*counts, number=0, **more):
    """A round of four options with these counts, without breakdowns."""
    asked = poll(sensitive=more.pop("sensitive", False))
    everybody = Tally(sum(counts), {f"o{i}": n for i, n in enumerate(counts)})
    return replace(tally([], asked, number=number, invited=500, delivered=480), all=everybody, **more)


def keys(results):
    return [note.key for note in results.notes]


def counts(results):
    return [option.count for option in results.options]


def test_counts_percentages_and_intervals_are_those_of_the_answers():
    results = publish(answered(50, 30, 20, 0))
    assert counts(results) == [50, 30, 20, 0]
    first = results.options[0]
    exact = binomtest(50, 100).proportion_ci(method="wilson")
    assert (first.pct, first.lo, first.hi) == (50.0, round(100 * exact.low, 1), round(100 * exact.high, 1))
    assert results.n == 100
    assert results.invited == 500
    assert results.funnel.delivered == 480


def test_the_public_json_has_the_promised_keys():
    people = crowd(random.Random(5), 200, poll())
    shown = to_json(publish(tally(people, number=1), tally(people)))
    assert set(shown) >= {"poll", "round", "n", "invited", "population", "options", "breakdowns", "comparison", "notes"}
    assert set(shown["options"][0]) == {"id", "label", "count", "pct", "lo", "hi"}
    assert set(shown["breakdowns"][0]) == {"by", "groups"}
    assert {"id", "n", "options"} <= set(shown["breakdowns"][0]["groups"][0])


def test_of_an_open_round_only_rounded_numbers_of_people_are_shown():
    results = publish(replace(answered(50, 30, 9, 8), closed=False))
    assert (results.n, results.invited, results.funnel.answered) == (90, 500, 90)
    assert counts(results) == [None] * 4
    assert keys(results) == ["open"]


def test_of_fewer_than_ten_answers_nothing_is_shown():
    results = publish(answered(9, 0, 0, 0, invited=14))
    assert results.n is None
    assert results.invited == 10
    assert counts(results) == [None] * 4
    assert keys(results) == ["too_few"]


@pytest.mark.parametrize("few", [1, 2, 3, 4])
def test_an_option_that_one_to_four_chose_is_hidden_with_another_that_is_not_the_headline(few):
    shown = counts(publish(answered(50, 30, few, 0)))
    assert shown[0] == 50
    assert shown[1] is None
    assert shown[2] is None
    assert shown[3] == 0


def test_an_option_that_five_or_nobody_chose_is_shown():
    assert counts(publish(answered(50, 5, 0, 30))) == [50, 5, 0, 30]


def test_a_round_of_one_mind_is_hidden_only_where_the_question_is_sensitive():
    assert counts(publish(answered(60, 0, 0, 0))) == [60, 0, 0, 0]
    assert counts(publish(answered(60, 0, 0, 0, sensitive=True))) == [None] * 4


def two_groups(first, second):
    """A table of sex with two groups of four options."""
    cells = {(TOTAL, PEOPLE): sum(first) + sum(second)}
    for i, (a, b) in enumerate(zip(first, second, strict=True)):
        cells |= {(TOTAL, f"o{i}"): a + b, (("sex", "a"), f"o{i}"): a, (("sex", "b"), f"o{i}"): b}
    cells |= {(("sex", "a"), PEOPLE): sum(first), (("sex", "b"), PEOPLE): sum(second)}
    return Table(Shape.SINGLE, ("o0", "o1", "o2", "o3"), cells)


def test_large_groups_are_shown_as_they_are():
    assert decide(two_groups((20, 30, 10, 5), (30, 20, 40, 9)), sensitive=True).hidden == frozenset()


def test_one_small_count_hides_its_row_and_column_too():
    shown = decide(two_groups((20, 30, 10, 3), (30, 20, 40, 9)), sensitive=False, headline_id="o0")
    assert len(shown.hidden) == 4
    assert {row for row, _ in shown.hidden} == {("sex", "a"), ("sex", "b")}
    assert "o0" not in {column for _, column in shown.hidden}


def test_a_group_of_one_mind_is_hidden_whole_where_the_question_is_sensitive():
    table = two_groups((30, 0, 0, 0), (30, 20, 40, 9))
    assert decide(table, sensitive=False).hidden == frozenset()
    shown = decide(table, sensitive=True)
    assert shown.dropped == (By.SEX,)  # of two groups the other would tell


def test_a_small_group_beside_one_other_leaves_nothing_to_publish():
    assert decide(two_groups((5, 4, 0, 0), (30, 20, 40, 9)), sensitive=False).dropped == (By.SEX,)


def test_where_nobody_at_all_chose_an_option_no_group_is_hidden_beside_it():
    people = [{"options": ("o0" if i % 2 else "o1",), "sex": ("a", "b", "c")[i % 3] if i < 120 else "d"} for i in range(123)]
    results = publish(tally(people))
    assert results.breakdowns == ()
    assert "breakdown_not_published" in keys(results)


def test_people_of_whom_a_group_is_not_known_are_a_group():
    whole = partition({"a": Tally(30, {"x": 20, "y": 10})}, Tally(50, {"x": 25, "y": 25}))
    assert whole["unknown"] == Tally(20, {"x": 5, "y": 15})


@pytest.mark.parametrize("groups", [{"a": Tally(60, {"x": 60})}, {"a": Tally(50, {"x": 10})}])
def test_groups_that_do_not_add_up_are_refused(groups):
    with pytest.raises(ValueError, match="do not add up"):
        partition(groups, Tally(50, {"x": 50}))


def test_a_clear_change_of_the_headline_is_told_with_its_interval():
    comparison = publish(answered(60, 30, 10, 0, number=1), answered(30, 40, 30, 0)).comparison
    change = comparison.headline
    assert (change.before, change.after, change.difference) == (30.0, 60.0, 30.0)
    assert change.lo > 0
    assert change.direction is Direction.UP
    assert [other.direction for other in comparison.options[1:]] == [None, None, None]


def test_a_change_whose_interval_holds_zero_is_unclear():
    assert publish(answered(33, 40, 27, 0, number=1), answered(30, 40, 30, 0)).comparison.headline.direction is Direction.UNCLEAR


def test_headlines_shown_together_are_judged_together():
    weak = publish(answered(45, 30, 25, 0, number=1), answered(30, 40, 30, 0))
    assert weak.comparison.headline.direction is Direction.UP
    flat = publish(answered(31, 39, 30, 0, number=1), answered(30, 40, 30, 0))
    strong = publish(answered(80, 10, 10, 0, number=1), answered(30, 40, 30, 0))
    together = adjusted([weak, flat, strong, publish(answered(50, 30, 20, 0))])
    assert [each.comparison.headline.direction for each in together[:3]] == [Direction.UNCLEAR, Direction.UNCLEAR, Direction.UP]
    assert together[0].comparison.headline.p_adjusted == pytest.approx(2 * weak.comparison.headline.p)
    assert together[3].comparison is None


def test_another_version_of_the_question_is_not_comparable():
    other = replace(answered(30, 40, 30, 0), poll=poll(poll_id="Q01_v2"))
    results = publish(answered(60, 30, 10, 0, number=1), other)
    assert results.comparison.headline is None
    assert "not_comparable" in keys(results)
    assert to_json(results)["comparison"]["comparable"] is False


@pytest.mark.parametrize(
    ("earlier", "why"),
    [
        (replace(answered(30, 40, 30, 0), closed=False), "earlier_open"),
        (answered(3, 2, 1, 0), "too_few_to_compare"),
        (answered(3, 40, 30, 0), "headline_hidden"),
    ],
)
def test_what_cannot_be_compared_says_why(earlier, why):
    assert why in keys(publish(answered(60, 30, 10, 0, number=1), earlier))


def test_a_panel_is_compared_by_pairs():
    change = {("o0", "o0"): 20, ("o0", "o1"): 5, ("o1", "o0"): 20, ("o2", "o1"): 15}
    comparison = publish(answered(70, 40, 20, 0, number=1), answered(50, 50, 30, 0), change).comparison
    assert comparison.panel_n == 60
    assert (comparison.panel.before, comparison.panel.after) == (41.7, 66.7)
    assert comparison.panel.direction is Direction.UP
    assert comparison.headline is not None


def test_a_population_narrows_the_interval_unless_it_is_too_small():
    wide, narrow = publish(answered(50, 30, 20, 0)), publish(answered(50, 30, 20, 0, population=120))
    assert narrow.options[0].hi < wide.options[0].hi
    wrong = publish(answered(50, 30, 20, 0, population=60))
    assert wrong.options == wide.options
    assert wrong.population is None
    assert "population_too_small" in keys(wrong)


def test_every_result_says_that_it_is_no_random_sample_and_few_that_they_are_few():
    assert keys(publish(answered(15, 5, 5, 0))) == ["indicative", "few_answers"]
    assert keys(publish(answered(50, 30, 20, 0))) == ["indicative"]


def of_numbers(numbers, no=0, **more):
    asked = replace(poll(["No digo"]), kind=PollKind.NUMBER, bounds=Bounds(0, 99), options=(PollOption("no", "No digo"),), **more)
    return replace(tally([], asked), all=Tally(len(numbers) + no, {"no": no}, tuple(numbers)))


def test_numbers_are_shown_by_median_and_quartiles():
    shown = publish(of_numbers(range(1, 21), no=6)).numbers
    assert (shown.n, shown.median, shown.q1, shown.q3) == (20, 10.5, 5.5, 15.5)
    assert (shown.lo, shown.hi) == (6, 15)


def test_how_many_gave_a_number_is_hidden_where_it_would_tell_who_did_not():
    results = publish(of_numbers(range(1, 21), no=3))
    assert counts(results) == [None]
    assert results.numbers.n is None


def test_too_few_numbers_and_numbers_all_alike_about_something_sensitive_are_not_shown():
    assert publish(of_numbers(range(9), no=20)).numbers is None
    assert publish(of_numbers([3] * 30, no=5)).numbers.median == 3
    assert publish(of_numbers([3] * 30, no=5, sensitive=True)).numbers is None


def test_a_round_that_counts_an_unknown_option_is_refused():
    with pytest.raises(ValueError, match="does not have"):
        publish(replace(answered(50, 30, 20, 0), all=Tally(50, {"o0": 20, "zz": 30})))


def test_ten_thousand_answers_are_published_within_a_second():
    people = crowd(random.Random(2), 10_000, poll())
    one = tally(people)
    began = time.perf_counter()
    publish(one)
    assert time.perf_counter() - began < 1


def on_condition(*counts, **more):
    """A round of a question that only those were asked who gave the first answer to Q07_v1."""
    asked = replace(answered(*counts, number=more.pop("number", 0)), **more)
    return replace(asked, poll=replace(asked.poll, when=Condition("Q07_v1", ("o0",))))


def test_a_question_asked_on_a_condition_is_shown_beside_an_answer_that_is_shown():
    child = on_condition(30, 10, 5, 0)
    results = publish(child, parents=[answered(50, 30, 20, 0)])
    assert counts(results) == [30, 10, 5, 0]
    assert "condition" in keys(results)


@pytest.mark.parametrize(
    "parents", [None, [answered(3, 60, 37, 0)], [answered(0, 0, 5, 0)], [replace(answered(50, 30, 20, 0), closed=False)]]
)
def test_a_question_asked_on_a_condition_tells_nothing_of_an_answer_that_is_hidden(parents):
    """Where 37 stand in for 3 who are hidden, 36 answers to what only they were asked would give the 3 away."""
    results = publish(on_condition(20, 10, 6, 0), parents=parents)
    assert results.n is None
    assert results.invited == 0
    assert counts(results) == [None] * 4
    assert keys(results) == ["condition_hidden"]


def test_a_question_asked_on_a_condition_has_no_breakdowns():
    people = [one | {"options": ("o0",)} for one in crowd(random.Random(3), 60, poll())]
    child = tally(people)
    child = replace(child, poll=replace(child.poll, when=Condition("Q07_v1", ("o0",))))
    results = publish(child, parents=[answered(80, 30, 20, 0)])
    assert results.n == 60
    assert results.breakdowns == ()
    assert results.funnel.channels == ()
    assert results.funnel.face_to_face is None


@pytest.mark.parametrize(
    ("child", "parents", "told"),
    [
        (on_condition(20, 10, 6, 0), [answered(3, 60, 37, 0)], (None, None)),
        (on_condition(30, 10, 5, 0, invited=90), [answered(50, 30, 20, 0)], (90, 45)),
        (answered(5, 4, 0, 0), [], (None, None)),
        (answered(30, 20, 6, 0, invited=80), [], (80, 56)),
    ],
)
def test_a_list_of_rounds_tells_no_more_than_their_results(child, parents, told):
    assert Material(child, parents=parents).sizes() == told


def test_while_a_question_on_a_condition_is_open_nobody_is_told_how_many_answered_it():
    """Four of 44 are hidden in what decides: 40 answers of those who were asked would bound them to four."""
    results = publish(replace(on_condition(40, 0, 0, 0), closed=False), parents=[replace(answered(40, 4, 0, 0), closed=False)])
    assert (results.n, results.funnel.answered, results.invited) == (None, None, 500)
