"""Models on the same items: accuracies resampled on shared draws of groups, and the difference of two of them."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.core.rng import generator
from earshot.evaluation import intervals
from earshot.evaluation.predictions import is_right

SIGNIFICANT = 0.05
COLUMNS = ["n", "only_first", "only_second", "difference", "difference_low", "difference_high", "p"]


def answers(
    tables: Iterable[pd.DataFrame], units: NDArray[np.int64], *, seed: int
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.int64]]:
    """Right or not, (items, tables); resampled accuracies, (resamples, tables); the sizes of the groups.

    tables : predictions of the same items in the same order
    units : shape (items,), the group of each item as `intervals.units` gives it
    """
    right = np.column_stack([is_right(table) for table in tables])
    resampled = intervals.resampled_means(right, units, rng=generator(seed, "bootstrap"))
    return right, resampled, np.bincount(units)


def difference(
    right: NDArray[np.bool_],
    resampled: NDArray[np.float64],
    sizes: NDArray[np.int64],
    first: int,
    second: int,
) -> dict[str, Any]:
    """How two columns of `answers` differ: the keys of `COLUMNS`.

    `difference` is the first's accuracy minus the second's, with its paired interval over groups; `p` is
    McNemar's, exact.
    """
    only_first, only_second, p = intervals.mcnemar(right[:, first], right[:, second])
    estimate = (only_first - only_second) / len(right)
    error = intervals.standard_error(resampled[:, first] - resampled[:, second], len(sizes))
    limits = intervals.difference_interval(estimate, error, sizes)
    return dict(zip(COLUMNS, (len(right), only_first, only_second, estimate, *limits, p), strict=True))


def is_significant(pair: Mapping[str, Any]) -> bool:
    """Whether Holm's p is below 0.05 and the interval over groups leaves out 0.

    pair : a row with the keys of `COLUMNS` and `p_holm`
    """
    return pair["p_holm"] < SIGNIFICANT and not pair["difference_low"] <= 0 <= pair["difference_high"]


def items_to_find(family: list[dict[str, Any]]) -> list[int | None]:
    """For each pair, how many test items it takes to find a difference of its size; None where there are enough.

    family : the pairs that Holm corrects together, rows with the keys of `COLUMNS` and `p_holm`

    Pairs that are significant need none. The level is the one at which Holm tests the first of the other pairs.
    """
    n_open = sum(not is_significant(pair) for pair in family)
    return [None if is_significant(pair) else _needed(pair, SIGNIFICANT / n_open) for pair in family]


def _needed(pair: dict[str, Any], alpha: float) -> int | None:
    if not pair["difference"] or math.isnan(pair["difference"]):
        return None
    discordant = (pair["only_first"] + pair["only_second"]) / pair["n"]
    needed = intervals.items_needed(pair["difference"], discordant, alpha=alpha)
    return needed if needed > pair["n"] else None
