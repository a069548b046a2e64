"""Two procedures on the same test items: how their accuracies differ, and how sure that is.

Where several runs stand for each, this speaks of the procedures; where one does, of these trained models.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earshot.evaluation.intervals import difference_interval, difference_p, proportion_interval, proportion_p
from earshot.evaluation.rounding import rounded_values
from earshot.evaluation.significance import SIGNIFICANT, items_needed, mcnemar
from earshot.evaluation.variance import Spread, components, difference_components, spread

INTERVAL, MCNEMAR = "interval", "McNemar"
COLUMNS = [
    "first_runs",
    "second_runs",
    "n",
    "difference",
    "difference_low",
    "difference_high",
    "items_error",
    "runs_error",
    "test",
    "p",
]


def difference(
    first: NDArray[np.bool_], second: NDArray[np.bool_], groups: NDArray[np.int64]
) -> dict[str, Any]:
    """How the accuracies of two procedures differ: the keys of `COLUMNS`.

    first, second : whether each run is right on each item, shape (runs, items); runs may differ in number
    groups : shape (items,), the code of each item's group

    `difference` is the first's accuracy minus the second's, with the interval and p of
    `earshot.evaluation.intervals`. `items_error` and `runs_error` are its standard errors, √V_G and √S. For one run
    of each, p is McNemar's where that is larger; `test` says which of `INTERVAL` and `MCNEMAR` p comes from.
    """
    one, other = components(first, groups), components(second, groups)
    variance = spread(difference_components(first, second, groups), one, other)
    sizes, estimate = np.bincount(groups), round(one.value - other.value, 12)
    p, test = difference_p(estimate, variance, sizes), INTERVAL
    if len(first) == len(second) == 1:
        exact = mcnemar(first[0], second[0])[2]
        p, test = (exact, MCNEMAR) if exact >= p else (p, INTERVAL)
    limits = difference_interval(estimate, variance, sizes)
    about = first.shape[0], second.shape[0], len(groups), estimate
    return _row(about, limits, variance, test, p)


def above_chance(right: NDArray[np.bool_], groups: NDArray[np.int64], *, no_skill: float) -> dict[str, Any]:
    """How far a procedure's accuracy is from what needs no skill: the keys of `COLUMNS`, with no second runs."""
    parts = components(right, groups)
    sizes, variance = np.bincount(groups), spread(parts.v_g, parts)
    low, high = proportion_interval(parts.value, variance, sizes)
    p = proportion_p(parts.value, no_skill, variance, sizes)
    about = parts.n_runs, 0, len(groups), round(parts.value - no_skill, 12)
    return _row(about, (low - no_skill, high - no_skill), variance, INTERVAL, p)


def is_significant(pair: Mapping[str, Any]) -> bool:
    """Whether Holm's p of a pair is below .05; then its interval leaves out 0.

    pair : a row with the keys of `COLUMNS` and `p_holm`
    """
    return bool(pair["p_holm"] < SIGNIFICANT)


def of_trained_models(pair: Mapping[str, Any]) -> bool:
    """Whether one run stands for each side, so that the pair speaks of two trained models."""
    return bool(pair["first_runs"] == 1 and pair["second_runs"] <= 1)


def items_to_find(family: Sequence[Mapping[str, Any]]) -> list[int | None]:
    """For each pair, how many test items it takes to find a difference of its size, with as many runs.

    family : the pairs that Holm corrects together, rows with the keys of `COLUMNS` and `p_holm`

    None where there are enough, where there is no difference, where more runs are needed, and for the floor, which is
    not to differ. The level is the one at
    which Holm tests the first of the pairs that are not significant.
    """
    n_open = sum(not is_significant(pair) for pair in family)
    return [None if is_significant(pair) else _needed(pair, SIGNIFICANT / n_open) for pair in family]


def _needed(pair: Mapping[str, Any], alpha: float) -> int | None:
    if not pair["difference"] or not pair["second_runs"] or not math.isfinite(pair["items_error"]):
        return None
    variances = {
        "item_variance": pair["items_error"] ** 2 * pair["n"],
        "run_variance": pair["runs_error"] ** 2,
    }
    needed = items_needed(pair["difference"], alpha=alpha, **variances)
    return int(needed) if pair["n"] < needed < math.inf else None


def _row(
    about: tuple[int, int, int, float], limits: tuple[float, float], variance: Spread, test: str, p: float
) -> dict[str, Any]:
    errors = math.sqrt(variance.groups), math.sqrt(variance.runs)
    return rounded_values(dict(zip(COLUMNS, (*about, *limits, *errors, test, p), strict=True)))
