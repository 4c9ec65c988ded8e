import math

import numpy as np
import pytest
from scipy.stats import binom, binomtest, false_discovery_control

from bot.outreach.intervals import (
    Pairs,
    Proportion,
    difference,
    holm,
    p_difference,
    p_paired_difference,
    paired_difference,
    quantile,
    wilson,
)


def limits(interval):
    return round(interval.lo, 4), round(interval.hi, 4)


@pytest.mark.parametrize(
    ("count", "n", "published"),
    [(81, 263, (0.2553, 0.3662)), (15, 148, (0.0624, 0.1605)), (0, 20, (0.0, 0.1611)), (1, 29, (0.0061, 0.1718))],
)
def test_wilsons_interval_is_the_one_published(count, n, published):
    """Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3."""
    assert limits(wilson(Proportion(count, n))) == published


@pytest.mark.parametrize("n", [1, 2, 7, 10, 33, 250])
def test_wilsons_interval_is_scipys_for_every_count(n):
    for count in range(n + 1):
        ours, theirs = wilson(Proportion(count, n)), binomtest(count, n).proportion_ci(method="wilson")
        assert (ours.lo, ours.hi) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


@pytest.mark.parametrize(
    ("first", "second", "published"),
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((6, 7), (2, 7), (0.0582, 0.8062)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
        ((0, 10), (0, 20), (-0.1611, 0.2775)),
        ((0, 10), (0, 10), (-0.2775, 0.2775)),
        ((10, 10), (0, 20), (0.6791, 1.0)),
        ((10, 10), (0, 10), (0.6075, 1.0)),
    ],
)
def test_the_difference_of_two_rounds_is_the_one_published(first, second, published):
    """Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10."""
    assert limits(difference(Proportion(*first), Proportion(*second))) == published


@pytest.mark.parametrize(
    ("pairs", "published"),
    [
        # Newcombe, Statistics in Medicine 17 (1998) 2635-2650, table III, method 10.
        (Pairs(36, 2, 12, 0), (0.0569, 0.3404)),
        # Cavo et al. 2012 in Fagerland, Lydersen, Laake, Statistical Analysis of Contingency Tables, CRC 2017, chapter 8, to
        # four digits in the authors' package contingencytables.
        (Pairs(59, 16, 6, 80), (-0.1186, -0.0046)),
    ],
)
def test_the_difference_in_a_panel_is_the_one_published(pairs, published):
    assert limits(paired_difference(pairs)) == published


def test_the_difference_in_a_panel_is_the_one_published_to_three_digits():
    """Bentur et al. 2009 in Fagerland, Lydersen, Laake, BMC Medical Research Methodology 13 (2013) 91."""
    found = paired_difference(Pairs(1, 7, 1, 12))
    assert (round(found.lo, 3), round(found.hi, 3)) == (-0.507, -0.026)


def test_a_panel_that_disagrees_at_random_has_the_interval_of_independent_rounds():
    pairs = Pairs(25, 25, 25, 25)
    paired, apart = paired_difference(pairs), difference(pairs.after, pairs.before)
    assert (paired.lo, paired.hi) == pytest.approx((apart.lo, apart.hi))


def test_pairing_narrows_the_interval_of_people_who_rarely_change():
    pairs = Pairs(45, 5, 15, 35)
    paired, apart = paired_difference(pairs), difference(pairs.after, pairs.before)
    assert paired.hi - paired.lo < 0.8 * (apart.hi - apart.lo)


@pytest.mark.parametrize(("n", "points"), [(30, 17.9), (50, 13.9), (100, 9.8), (200, 6.9)])
def test_the_rule_of_thumb_of_the_field_holds(n, points):
    """domain.md, section C gives Wald's half widths; Wilson's is a little narrower."""
    interval = wilson(Proportion(n // 2, n))
    assert points - 2 < 50 * (interval.hi - interval.lo) <= points


def test_a_known_small_population_narrows_the_interval():
    """Of 150 people 60 answered: +-10 points (domain.md, section C)."""
    interval = wilson(Proportion(30, 60, 150))
    assert Proportion(30, 60, 150).effective_n == pytest.approx(60 * 149 / 90)
    assert 50 * (interval.hi - interval.lo) == pytest.approx(9.6, abs=0.2)


def test_where_everybody_answered_there_is_no_doubt():
    interval = wilson(Proportion(30, 60, 60))
    assert (interval.lo, interval.hi) == (0.5, 0.5)
    assert difference(Proportion(30, 60, 60), Proportion(20, 60, 60)).lo == pytest.approx(1 / 6)


@pytest.mark.parametrize("wrong", [(-1, 10, None), (11, 10, None), (0, 0, None), (5, 10, 9)])
def test_counts_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match="no proportion"):
        Proportion(*wrong)
    with pytest.raises(ValueError, match="pairs"):
        Pairs(0, 0, 0, 0)


def test_p_and_interval_never_disagree():
    for count in range(0, 51, 2):
        gap = difference(Proportion(count, 50), Proportion(20, 60))
        assert (p_difference(Proportion(count, 50), Proportion(20, 60)) < 0.05) == (not gap.crosses_zero)
    for moved in range(30):
        pairs = Pairs(20, 6, moved, 20)
        assert (p_paired_difference(pairs) < 0.05) == (not paired_difference(pairs).crosses_zero)
    assert p_difference(Proportion(5, 10), Proportion(10, 20)) == 1.0
    assert 0 <= p_difference(Proportion(100_000, 100_000), Proportion(0, 100_000)) < 1e-12


def test_holms_adjustment_is_the_one_published():
    """Holm's own example: 0.01, 0.02, 0.04 of three tests. Aickin and Gensler, AJPH 86 (1996) 726-728, for the general shape."""
    assert holm([0.02, 0.01, 0.04]) == pytest.approx((0.04, 0.03, 0.04))
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([0.6, 0.5]) == (1.0, 1.0)
    assert holm([]) == ()
    assert all(a >= b for a, b in zip(holm([0.01, 0.2, 0.03]), false_discovery_control([0.01, 0.2, 0.03]), strict=True))


def test_the_interval_of_the_median_has_the_published_ranks():
    """Conover's tables: of 10 values the 2nd and the 9th (97.9 %), of 20 the 6th and the 15th (95.9 %)."""
    ten, twenty = quantile(list(range(1, 11)), 0.5), quantile(list(range(1, 21)), 0.5)
    assert (ten.lo, ten.hi, ten.estimate) == (2, 9, 5.5)
    assert (twenty.lo, twenty.hi) == (6, 15)
    assert quantile([3], 0.5).lo == quantile([3], 0.5).hi == 3
    with pytest.raises(ValueError, match="no quantile"):
        quantile([], 0.5)


def test_five_values_cannot_bound_a_median():
    assert (quantile([1, 2, 3, 4, 5], 0.5).lo, quantile([1, 2, 3, 4, 5], 0.5).hi) == (1, 5)


def exact_coverage(n, p):
    counts = [k for k in range(n + 1) if wilson(Proportion(k, n)).lo <= p <= wilson(Proportion(k, n)).hi]
    return binom.pmf(counts, n, p).sum()


def test_wilsons_interval_covers_on_average_what_it_promises():
    """Mean coverage over p, as Newcombe reports it for this method: 0.952 over his tables."""
    assert np.mean([exact_coverage(40, p) for p in np.linspace(0.02, 0.98, 97)]) == pytest.approx(0.952, abs=0.006)


SAMPLES = 4000
SLACK = 4 * math.sqrt(0.95 * 0.05 / SAMPLES)  # four standard errors of a simulated coverage


@pytest.mark.parametrize(("population", "n", "p"), [(150, 60, 0.4), (200, 100, 0.2), (400, 120, 0.5)])
def test_random_samples_from_a_small_population_are_covered(population, n, p):
    rng = np.random.default_rng(7)
    choosing = round(population * p)
    counts = rng.hypergeometric(choosing, population - choosing, n, size=SAMPLES)
    intervals = {k: wilson(Proportion(int(k), n, population)) for k in set(counts)}
    covered = np.mean([intervals[k].lo <= p <= intervals[k].hi for k in counts])
    # Counts are whole, so that coverage moves a point or two around the nominal one with p.
    assert 0.95 - 0.02 - SLACK < covered < 0.95 + 0.02 + SLACK


@pytest.mark.parametrize(("before", "after"), [(0.5, 0.5), (0.3, 0.5), (0.1, 0.2)])
def test_differences_of_random_rounds_are_covered(before, after):
    rng = np.random.default_rng(8)
    pairs = zip(rng.binomial(60, after, SAMPLES), rng.binomial(50, before, SAMPLES), strict=True)
    intervals = [difference(Proportion(int(a), 60), Proportion(int(b), 50)) for a, b in pairs]
    covered = np.mean([i.lo <= after - before <= i.hi for i in intervals])
    assert 0.95 - 0.01 - SLACK < covered < 0.95 + 0.02 + SLACK


def test_changes_in_random_panels_are_covered():
    rng = np.random.default_rng(9)
    cells = [0.35, 0.1, 0.2, 0.35]
    intervals = [paired_difference(Pairs(*map(int, drawn))) for drawn in rng.multinomial(60, cells, SAMPLES)]
    covered = np.mean([i.lo <= 0.1 <= i.hi for i in intervals])
    assert 0.95 - 0.01 - SLACK < covered < 0.95 + 0.025 + SLACK


def test_medians_of_random_samples_are_covered():
    rng = np.random.default_rng(10)
    drawn = rng.geometric(0.1, size=(1500, 35))  # true median 7, with ties as people's numbers have
    covered = np.mean([(i := quantile(list(map(int, row)), 0.5)).lo <= 7 <= i.hi for row in drawn])
    assert covered > 0.95 - SLACK
