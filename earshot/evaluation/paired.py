"""Models on the same items: accuracies resampled on shared draws of groups, and the difference of two of them."""

import numpy as np

from earshot.core.rng import generator
from earshot.evaluation import intervals
from earshot.evaluation.predictions import is_right

SIGNIFICANT = 0.05


def answers(tables, units, *, seed):
    """Right or not, bool (items, tables); resampled accuracies, (resamples, tables); the sizes of the groups.

    tables : iterable of predictions, over the same items in the same order
    units : int array, shape (items,), the group of each item as `intervals.units` gives it
    """
    right = np.column_stack([is_right(table) for table in tables])
    resampled = intervals.resampled_means(right, units, rng=generator(seed, "bootstrap"))
    return right, resampled, np.bincount(units)


def difference(right, resampled, sizes, first, second):
    """How two columns of `answers` differ: the keys of `COLUMNS`.

    `difference` is the first's accuracy minus the second's, with its paired interval over groups; `p` is
    McNemar's, exact.
    """
    only_first, only_second, p = intervals.mcnemar(right[:, first], right[:, second])
    estimate = (only_first - only_second) / len(right)
    error = intervals.standard_error(resampled[:, first] - resampled[:, second], len(sizes))
    limits = intervals.difference_interval(estimate, error, sizes)
    return dict(zip(COLUMNS, (len(right), only_first, only_second, estimate, *limits, p), strict=True))


COLUMNS = ["n", "only_first", "only_second", "difference", "difference_low", "difference_high", "p"]


def shown(pair):
    """Whether a difference holds up: Holm's p is below 0.05, and the interval over groups leaves out 0."""
    return pair["p_holm"] < SIGNIFICANT and not pair["difference_low"] <= 0 <= pair["difference_high"]
