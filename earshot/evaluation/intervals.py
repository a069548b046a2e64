"""Intervals and tests that respect groups: items of one group are alike, so groups are what is resampled.

Resampling gives the standard error; the limits come from it and Student's t with one degree of freedom less
than there are groups. The plain percentiles of the resamples are too narrow where groups are few (six groups:
84 to 86 % of studies covered instead of 95 %) and where accuracy nears 1; `benchmarks/coverage.py` measures
both.
"""

import math
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, ndtri, stdtrit

LEVEL = 0.95
RESAMPLES = 2000
CELLS = 2**21  # weights held at once: bounds the memory, 8 MB of float32
ALIKE = 0.1  # intraclass correlation taken for granted where the data show no variation at all


def units(groups: Sequence[Hashable]) -> NDArray[np.int64]:
    """What is resampled: a code 0..G-1 for each item, in the order in which groups first appear.

    groups : one for each item

    One group alone cannot be resampled. Then each item is a unit, and an interval speaks of that group only.
    """
    numbers = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    if len(numbers) == 1:
        return np.arange(len(groups))
    return np.array([numbers[group] for group in groups])


def resampled_sums(
    counts: NDArray[Any], groups: NDArray[np.int64], *, rng: np.random.Generator, resamples: int = RESAMPLES
) -> NDArray[np.float64]:
    """Sums over the items of resampled groups, shape (resamples, columns).

    counts : whole numbers, shape (items, columns)
    groups : the code of each item's group, as `units` gives it

    Each resample draws as many groups as there are, with replacement; all columns share the draws, so that
    differences between columns are paired. float32 holds whole sums up to 16.7 million exactly, whatever the
    order of addition, so the result is the same on every machine.
    """
    sizes = np.bincount(groups)
    firsts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    order = np.argsort(groups, kind="stable")
    sums = np.add.reduceat(np.asarray(counts, dtype=np.float32)[order], firsts)  # (groups, columns)
    n_groups = len(sizes)
    rows = max(1, CELLS // n_groups)
    parts = []
    for start in range(0, resamples, rows):
        rows = min(rows, resamples - start)
        drawn = rng.integers(n_groups, size=(rows, n_groups)) + np.arange(rows)[:, None] * n_groups
        weights = np.bincount(drawn.ravel(), minlength=rows * n_groups).reshape(rows, n_groups)
        parts.append(weights.astype(np.float32) @ sums)
    return np.concatenate(parts).astype(np.float64)


def resampled_means(
    values: NDArray[Any], groups: NDArray[np.int64], *, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Means over the items of resampled groups, shape (resamples, columns); see `resampled_sums`.

    values : whole numbers or bool, shape (items, columns)
    """
    counts = np.column_stack([values, np.ones(len(values), dtype=bool)])
    sums = resampled_sums(counts, groups, rng=rng)
    return sums[:, :-1] / sums[:, -1:]


def standard_error(estimates: NDArray[np.float64], n_groups: int) -> float:
    """Standard error of an estimate, from its values on resampled groups; 0 where they do not vary.

    The factor sqrt(G / (G - 1)) undoes the bootstrap's division by G: Hesterberg (2015), "What teachers
    should know about the bootstrap".
    """
    if np.ptp(estimates) < 1e-12:
        return 0.0
    return float(np.std(estimates) * math.sqrt(n_groups / (n_groups - 1)))


def proportion_interval(estimate: float, error: float, sizes: NDArray[np.int64]) -> tuple[float, float]:
    """Wilson's interval with the sample size that the standard error implies, as (low, high).

    estimate : in [0, 1], an accuracy or a mean of F1 scores
    error : its standard error
    sizes : items in each group

    n = estimate (1 - estimate) / error², with Student's t for the normal quantile: Korn and Graubard (1998),
    "Confidence intervals for proportions with small expected number of positive counts estimated from survey
    data"; Dean and Pagano (2015), "Evaluating confidence interval methods for binomial proportions in
    clustered surveys". Without variation, as when every item is right, the data cannot say how alike the
    items of a group are; n is then Kish's (1965) effective size for a correlation of `ALIKE`. So 100 % is
    never [1, 1].
    """
    t = _quantile(len(sizes))
    n = estimate * (1 - estimate) / error**2 if error > 0 else _effective_size(sizes)
    centre = (estimate + t**2 / (2 * n)) / (1 + t**2 / n)
    half = t / (1 + t**2 / n) * math.sqrt(estimate * (1 - estimate) / n + t**2 / (4 * n**2))
    return max(0.0, min(centre - half, estimate)), min(1.0, max(centre + half, estimate))


def difference_interval(estimate: float, error: float, sizes: NDArray[np.int64]) -> tuple[float, float]:
    """Interval of a paired difference of two accuracies, as (low, high): estimate ± t · error.

    It is [0, 0] where the two are right on the same items. A difference that is the same in every group shows
    no variation, and gets the limits of a proportion of that size.
    """
    if error == 0 and estimate != 0:
        low, high = proportion_interval(abs(estimate), 0.0, sizes)
        return (low, high) if estimate > 0 else (-high, -low)
    half = _quantile(len(sizes)) * error
    return max(-1.0, estimate - half), min(1.0, estimate + half)


def ratio_interval(
    numerator: float,
    denominator: float,
    resampled_numerators: NDArray[np.float64],
    resampled_denominators: NDArray[np.float64],
    n_groups: int,
) -> tuple[float, float]:
    """Fieller's interval of a ratio of two paired estimates, as (low, high); NaN where it has no limits.

    resampled_numerators, resampled_denominators : shape (resamples,), on the same draws

    Fieller (1954), "Some problems in interval estimation": all ratios r for which numerator - r · denominator
    is within t standard errors of 0. It has limits only if the denominator itself differs from 0.
    """
    t = _quantile(n_groups)
    cov = np.cov(resampled_numerators, resampled_denominators, bias=True) * n_groups / (n_groups - 1) * t**2
    a = denominator**2 - cov[1, 1]
    b = numerator * denominator - cov[0, 1]
    c = numerator**2 - cov[0, 0]
    if a <= 1e-12:
        return math.nan, math.nan
    half = math.sqrt(max(0.0, b**2 - a * c))
    return float((b - half) / a), float((b + half) / a)


def mcnemar(first_right: NDArray[np.bool_], second_right: NDArray[np.bool_]) -> tuple[int, int, float]:
    """Exact McNemar test of two classifiers on the same items, as (only_first, only_second, p).

    first_right, second_right : shape (items,)

    McNemar (1947): of the items that just one of them gets right, each should have half. Two-sided binomial
    p. It takes the items as independent; the interval of the difference is the one that respects groups.
    """
    only_first = int(np.sum(first_right & ~second_right))
    only_second = int(np.sum(second_right & ~first_right))
    p = 2 * bdtr(float(min(only_first, only_second)), only_first + only_second, 0.5)
    return only_first, only_second, min(1.0, float(p))


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Holm's (1979) step-down correction of a family of p-values, in the order given."""
    values = np.asarray(p_values, dtype=float)
    order = np.argsort(values, kind="stable")
    steps = values[order] * np.arange(len(order), 0, -1)
    corrected = np.empty_like(values)
    corrected[order] = np.minimum(1, np.maximum.accumulate(steps))
    return corrected


def items_needed(difference: float, discordant: float, *, alpha: float = 0.05, power: float = 0.8) -> int:
    """How many independent items a paired, two-sided test needs to find a difference.

    difference : of the two accuracies, not 0
    discordant : the share of items that just one of the two gets right
    alpha, power : the test's level, and the share of studies that are to find the difference

    Connor (1987), "Sample size for testing differences in proportions for the paired-sample design".
    """
    at_null = ndtri(1 - alpha / 2) * math.sqrt(discordant)
    at_difference = ndtri(power) * math.sqrt(max(0.0, discordant - difference**2))
    return math.ceil((at_null + at_difference) ** 2 / difference**2)


def _quantile(n_groups: int) -> float:
    return float(stdtrit(n_groups - 1, (1 + LEVEL) / 2))


def _effective_size(sizes: NDArray[np.int64]) -> float:
    mean_size = np.sum(np.square(sizes)) / np.sum(sizes)  # of the group that an item is in
    return float(np.sum(sizes) / (1 + (mean_size - 1) * ALIKE))
