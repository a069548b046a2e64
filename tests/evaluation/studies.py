"""Made-up studies of two classes, for the tests of what is said about them."""

from functools import partial
from unittest import mock

import numpy as np

from earshot.evaluation import compare, metrics
from earshot.evaluation.resampling import resampled_sums
from tests.evaluation.predictions import answers, each_its_own

N = 200


def right_at(rate, seed=None):
    """Right on this share of the items: the first ones wrong, or spread by a seed."""
    right = np.arange(N) >= round(N * (1 - rate))
    return right if seed is None else np.random.default_rng(seed).permutation(right)


def described(table, groups, classes):
    """The scores of a table; few resamples, which give the limits of macro F1, do where others are asked for."""
    few = partial(resampled_sums, resamples=50)
    with mock.patch.object(metrics, "resampled_sums", few):
        return metrics.describe(table, groups=groups, classes=classes, seed=0)


def study(answered, groups=None):
    """Results, groups, summary and pairs from {(view, model): right or not, of items or of runs and items}."""
    tables = {key: answers(right) for key, right in answered.items()}
    groups = each_its_own(next(iter(tables.values()))) if groups is None else groups
    results = {(2, *key): (described(table, groups, ["a", "b"]), table) for key, table in tables.items()}
    pairs = compare.pairs(results, groups=groups)
    return results, groups, compare.summary(results, {}, groups=groups), pairs
