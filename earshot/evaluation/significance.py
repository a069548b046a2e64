"""Tests: two trained models item by item, a family of p-values, and the items that it takes to find a difference."""

import math
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, ndtri

from earshot.evaluation.rounding import rounded

SIGNIFICANT = 0.05


def mcnemar(first_right: NDArray[np.bool_], second_right: NDArray[np.bool_]) -> tuple[int, int, float]:
    """Exact McNemar test of two trained models on the same items, as (only_first, only_second, p).

    first_right, second_right : shape (items,)

    McNemar (1947): of the items that just one of them gets right, each should have half. Two-sided binomial
    p. It takes the items as independent, and knows nothing of what other runs of training would give.
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


def holm_within(p_values: ArrayLike, questions: Sequence[Hashable]) -> list[float]:
    """`holm` of the p-values of each question on its own, in the order given, rounded as tables have them.

    questions : of each p-value, the one that it answers
    """
    values, corrected = np.asarray(p_values, dtype=float), np.ones(len(questions))
    for question in dict.fromkeys(questions):
        family = [place for place, asked in enumerate(questions) if asked == question]
        corrected[family] = holm(values[family])
    return [rounded(value) for value in corrected.tolist()]


def items_needed(
    difference: float, *, item_variance: float, run_variance: float, alpha: float = 0.05, power: float = 0.8
) -> float:
    """How many test items a two-sided test needs to find a difference, with as many runs; inf where none are enough.

    difference : of the two accuracies, not 0
    item_variance : of the difference on one item, V_G times the number of items
    run_variance : S, which no number of items makes smaller
    alpha, power : the test's level, and the share of studies that are to find the difference

    The n at which difference² = (z_{1-α/2} + z_power)² (item_variance / n + run_variance).
    """
    z = float(ndtri(1 - alpha / 2) + ndtri(power))
    left = difference**2 / z**2 - run_variance
    return math.ceil(item_variance / left) if left > 0 else math.inf
