"""Groups drawn anew: every resample is whole groups, and the spread of its means is that of the formula."""

import math

import numpy as np
import pytest
import scipy.stats

from earshot.evaluation import resampling


def right_answers(n, seed=0, rate=0.8):
    return np.random.default_rng(seed).random(n) < rate


def mean_error(values, groups, seed=0):
    counts = np.column_stack([values, np.ones(len(values))])
    sums = resampling.resampled_sums(counts, groups, rng=np.random.default_rng(seed))
    return (sums[:, 0] / sums[:, 1]).std()


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        (["b", "a", "b", "c"], [0, 1, 0, 2]),
        ([3, 3, 1], [0, 0, 1]),
        (["only", "only", "only"], [0, 1, 2]),
    ],
)
def test_units_are_numbered_as_they_appear_and_one_group_gives_way_to_its_items(groups, expected):
    assert resampling.units(groups).tolist() == expected


def test_every_resample_draws_as_many_groups_as_there_are():
    groups = resampling.units([0, 0, 1, 2, 2, 2])
    sums = resampling.resampled_sums(np.eye(3)[groups], groups, rng=np.random.default_rng(0))
    draws = sums / [2, 1, 3]  # how often each group was drawn
    assert sums.shape == (2000, 3)
    assert (draws.sum(axis=1) == 3).all()
    assert (draws == draws.round()).all()


def test_resampled_sums_do_not_depend_on_how_many_weights_are_held_at_once(monkeypatch):
    groups, values = np.arange(50), right_answers(50)[:, None]
    whole = resampling.resampled_sums(values, groups, rng=np.random.default_rng(0))
    monkeypatch.setattr(resampling, "CELLS", 700)
    assert (resampling.resampled_sums(values, groups, rng=np.random.default_rng(0)) == whole).all()


def test_the_error_of_a_mean_agrees_with_scipy():
    values = right_answers(40)
    reference = scipy.stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(1)
    )
    assert mean_error(values, np.arange(40)) == pytest.approx(reference.standard_error, rel=0.04)


def test_resampling_groups_gives_a_larger_error_when_their_items_are_alike():
    values = np.repeat(right_answers(20), 10)
    by_group = mean_error(values, np.repeat(np.arange(20), 10))
    by_item = mean_error(values, np.arange(200))
    assert by_group == pytest.approx(by_item * math.sqrt(10), rel=0.1)
