"""Confidence intervals of proportions, of their differences and of quantiles, and Holm's adjustment. All are two-sided.

scipy is loaded where it is needed: a server that only talks does not hold its 60 MB.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

CONFIDENCE: Final = 0.95
_WIDEST_Z: Final = 40.0  # beyond this the normal's tail is zero in double precision


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and its limits, in the unit of what is estimated (proportions: 0 to 1, their differences: -1 to 1)."""

    estimate: float
    lo: float
    hi: float

    @property
    def crosses_zero(self) -> bool:
        """Whether zero lies between the limits, or on one."""
        return self.lo <= 0 <= self.hi


@dataclass(frozen=True, slots=True)
class Proportion:
    """`count` of `n` people, drawn from `population` where that is known and no smaller than `n`."""

    count: int
    n: int
    population: int | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for counts that cannot be."""
        if not 0 <= self.count <= self.n or self.n < 1 or (self.population is not None and self.population < self.n):
            raise ValueError(f"{self.count} of {self.n} of {self.population} is no proportion")

    @property
    def value(self) -> float:
        """From 0 to 1."""
        return self.count / self.n

    @property
    def effective_n(self) -> float:
        """How many answers drawn with replacement would tell as much: n(N-1)/(N-n); infinite where all N were asked.

        Equates the variance p(1-p)/n_eff with that of a simple random sample without replacement, p(1-p)/n * (N-n)/(N-1).
        Source: Cochran, Sampling Techniques, 3rd ed., Wiley 1977, section 3.2.
        """
        if self.population is None:
            return float(self.n)
        return math.inf if self.population == self.n else self.n * (self.population - 1) / (self.population - self.n)


def percent(proportion: float) -> float:
    """As it is shown: from 0 to 100, with one decimal."""
    return round(100 * proportion, 1) + 0.0  # no minus zero


def quantile_of_normal(confidence: float) -> float:
    """The z of a two-sided interval: 1.96 for 0.95."""
    from scipy.special import ndtri  # noqa: PLC0415 see above

    return float(ndtri(0.5 + confidence / 2))


def wilson(proportion: Proportion, confidence: float = CONFIDENCE) -> Interval:
    """Wilson's score interval without continuity correction, on the effective number of answers.

    Source: Wilson, Journal of the American Statistical Association 22 (1927) 209-212; method 3 of Newcombe, Statistics in
    Medicine 17 (1998) 857-872. SciPy has it for whole numbers only; tests compare the two.
    """
    return _wilson(proportion, quantile_of_normal(confidence))


def difference(first: Proportion, second: Proportion, confidence: float = CONFIDENCE) -> Interval:
    """The difference first - second of two independent proportions: Newcombe's hybrid score interval.

    Source: method 10 of Newcombe, Statistics in Medicine 17 (1998) 873-890.
    """
    return _difference(first, second, quantile_of_normal(confidence))


@dataclass(frozen=True, slots=True)
class Pairs:
    """The same people asked twice about one option: who chose it both times, before only, after only, never."""

    both: int
    before_only: int
    after_only: int
    neither: int

    def __post_init__(self) -> None:
        """Raise ValueError for counts that cannot be."""
        if min(self.both, self.before_only, self.after_only, self.neither) < 0 or not self.n:
            raise ValueError("a table of pairs has no negative count and at least one person")

    @property
    def n(self) -> int:
        """How many people."""
        return self.both + self.before_only + self.after_only + self.neither

    @property
    def before(self) -> Proportion:
        """Who chose it before."""
        return Proportion(self.both + self.before_only, self.n)

    @property
    def after(self) -> Proportion:
        """Who chose it after."""
        return Proportion(self.both + self.after_only, self.n)


def paired_difference(pairs: Pairs, confidence: float = CONFIDENCE) -> Interval:
    """The difference after - before in a panel: Newcombe's score interval with a correlation corrected for continuity.

    Source: method 10 of Newcombe, Statistics in Medicine 17 (1998) 2635-2650.
    """
    return _paired_difference(pairs, quantile_of_normal(confidence))


def p_difference(first: Proportion, second: Proportion) -> float:
    """The two-sided p at which the interval of `difference` just touches zero, so that the two never disagree."""
    return _p(lambda z: _difference(first, second, z))


def p_paired_difference(pairs: Pairs) -> float:
    """The like of `p_difference` for a panel."""
    return _p(lambda z: _paired_difference(pairs, z))


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """P-values adjusted so that the chance of any false claim among them stays below the level; in the order given.

    Source: Holm, Scandinavian Journal of Statistics 6 (1979) 65-70.
    """
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return tuple(adjusted)


def quantile(values: Sequence[int], fraction: float, confidence: float = CONFIDENCE) -> Interval:
    """A quantile with the interval between two of the ordered values that covers it at least as often as `confidence`.

    The k-th and m-th of n ordered values cover the quantile q with probability P(k <= B < m), B binomial(n, q), or more where
    values repeat. Where so few values cannot bound it, the limits are the smallest and the largest value. The estimate is the
    value where the empirical distribution crosses q, or the middle of the two that do. Raises ValueError without values.
    Source: Conover, Practical Nonparametric Statistics, 3rd ed., Wiley 1999, section 3.2; definition 2 of Hyndman and Fan,
    The American Statistician 50 (1996) 361-365.
    """
    from scipy.special import bdtr, bdtrc  # noqa: PLC0415 see above

    if not values:
        raise ValueError("no values have no quantile")
    ordered = np.sort(np.asarray(values))
    n, tail = len(ordered), (1 - confidence) / 2
    estimate = float(np.quantile(ordered, fraction, method="averaged_inverted_cdf"))
    # The largest k with P(B < k) <= tail, the smallest m with P(B >= m) <= tail; ranks count from 1.
    ranks = np.arange(1, n + 1)
    below = max(ranks[bdtr(ranks - 1, n, fraction) <= tail], default=1)
    above = min(ranks[bdtrc(ranks - 1, n, fraction) <= tail], default=n)
    return Interval(estimate, float(ordered[below - 1]), float(ordered[above - 1]))


def _wilson(proportion: Proportion, z: float) -> Interval:
    p, n = proportion.value, proportion.effective_n
    if math.isinf(n):
        return Interval(p, p, p)
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # At the ends the formula gives the end itself, but for rounding.
    return Interval(p, 0.0 if p == 0 else max(0.0, centre - half), 1.0 if p == 1 else min(1.0, centre + half))


def _difference(first: Proportion, second: Proportion, z: float) -> Interval:
    return _squared_and_added(_wilson(first, z), _wilson(second, z), 0.0)


def _paired_difference(pairs: Pairs, z: float) -> Interval:
    return _squared_and_added(_wilson(pairs.after, z), _wilson(pairs.before, z), _correlation(pairs))


def _squared_and_added(first: Interval, second: Interval, correlation: float) -> Interval:
    """Newcombe's interval of first - second from the two intervals."""

    def reach(a: float, b: float) -> float:
        return math.sqrt(max(0.0, a * a - 2 * correlation * a * b + b * b))

    gap = first.estimate - second.estimate
    lo = gap - reach(first.estimate - first.lo, second.hi - second.estimate)
    hi = gap + reach(first.hi - first.estimate, second.estimate - second.lo)
    return Interval(gap, max(-1.0, lo), min(1.0, hi))


def _correlation(pairs: Pairs) -> float:
    """Phi, its numerator less n/2 where positive but not below zero; 0 where a margin is empty (Newcombe, as above)."""
    before, after = pairs.before.count, pairs.after.count
    margins = before * (pairs.n - before) * after * (pairs.n - after)
    if not margins:
        return 0.0
    numerator = float(pairs.both * pairs.neither - pairs.before_only * pairs.after_only)
    if numerator > 0:
        numerator = max(0.0, numerator - pairs.n / 2)
    return numerator / math.sqrt(margins)


def _p(interval: Callable[[float], Interval]) -> float:
    """The tail at which an interval, growing with z, first reaches zero."""
    from scipy.optimize import brentq  # noqa: PLC0415 see above
    from scipy.special import ndtr  # noqa: PLC0415

    def distance(z: float) -> float:
        reached = interval(z)
        return reached.lo if reached.estimate > 0 else -reached.hi

    if interval(0.0).estimate == 0:
        return 1.0
    if distance(_WIDEST_Z) > 0:
        return 0.0
    return float(2 * ndtr(-brentq(distance, 0.0, _WIDEST_Z)))
