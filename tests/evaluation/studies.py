"""Made-up studies of two classes, for the tests of what is said about them."""

import numpy as np

from earshot.evaluation import compare, metrics
from tests.evaluation.predictions import answers, each_its_own

N = 200


def right_at(rate, seed=None):
    """Right on this share of the items: the first ones wrong, or spread by a seed."""
    right = np.arange(N) >= round(N * (1 - rate))
    return right if seed is None else np.random.default_rng(seed).permutation(right)


def study(answered, groups=None):
    """Results, groups, summary and pairs from {(view, model): right or not, of items or of runs and items}."""
    tables = {key: answers(right) for key, right in answered.items()}
    groups = each_its_own(next(iter(tables.values()))) if groups is None else groups
    results = {
        (2, *key): (metrics.describe(table, groups=groups, classes=["a", "b"], seed=0), table)
        for key, table in tables.items()
    }
    pairs = compare.pairs(results, groups=groups)
    return results, groups, compare.summary(results, {}, groups=groups), pairs
