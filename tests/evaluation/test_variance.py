"""The parts of a score's variance, against slow loops over the formulas and against the bootstrap."""

import math

import numpy as np
import pytest
import scipy.stats

from earshot.evaluation import variance
from earshot.evaluation.resampling import resampled_sums


@pytest.fixture
def study():
    """(right of shape (4, 60), groups of unequal sizes)."""
    rng = np.random.default_rng(0)
    groups = rng.permutation(np.repeat(np.arange(8), [2, 4, 6, 8, 8, 10, 10, 12]))
    ease = rng.normal(size=8)[groups] + rng.normal(size=60)
    return ease + rng.normal(size=(4, 60)) + rng.normal(size=(4, 1)) > -1, groups


def by_loops(right, groups):
    """V_G, V_R and V_GR as the recipe writes them."""
    n_runs, n = right.shape
    n_groups = groups.max() + 1
    accuracy = [sum(run) / n for run in right]
    mean = sum(accuracy) / n_runs
    v_g = v_gr = 0.0
    for g in range(n_groups):
        totals = [sum(run[groups == g]) / n for run in right]
        weight = sum(groups == g) / n
        total = sum(totals) / n_runs
        v_g += (total - weight * mean) ** 2
        for own, a in zip(totals, accuracy, strict=True):
            v_gr += (own - total - weight * (a - mean)) ** 2
    correction = n_groups / (n_groups - 1)
    v_r = sum((a - mean) ** 2 for a in accuracy) / (n_runs * (n_runs - 1))
    return correction * v_g, v_r, correction * v_gr / (n_runs * (n_runs - 1))


def test_components_are_those_of_the_formulas(study):
    right, groups = study
    found = variance.components(right, groups)
    assert found.value == pytest.approx(right.mean())
    assert (found.v_g, found.v_r, found.v_gr) == pytest.approx(by_loops(right, groups))
    assert found.s == pytest.approx(found.v_r - found.v_gr)
    assert (found.n_runs, found.n_groups) == (4, 8)


def test_one_run_and_items_of_their_own_have_the_variance_of_a_mean():
    right = np.random.default_rng(0).random(200) < 0.8
    found = variance.components(right[None], np.arange(200))
    assert math.sqrt(found.v_g) == pytest.approx(scipy.stats.sem(right))
    assert found.v_r == found.v_gr == found.s == 0


def test_runs_that_agree_on_every_item_have_no_variance(study):
    right, groups = study
    found = variance.components(np.repeat(right[:1], 3, axis=0), groups)
    assert found.v_r == found.v_gr == 0


def test_the_bootstrap_gives_the_same_components(study):
    right, groups = study
    n = np.ones((1, len(groups)), dtype=int)
    sums = resampled_sums(np.vstack([right, n]).T, groups, rng=np.random.default_rng(0), resamples=20_000)
    found = variance.resampled_components(right.mean(axis=1), (sums[:, :-1] / sums[:, -1:]).T, 8)
    expected = variance.components(right, groups)
    assert found.v_r == pytest.approx(expected.v_r)
    assert found.v_g == pytest.approx(
        expected.v_g, rel=0.15
    )  # a mean of resamples is a ratio, and no linear one
    assert found.v_gr == pytest.approx(expected.v_gr, rel=0.15)


def test_the_difference_of_one_run_each_has_the_variance_of_paired_differences():
    rng = np.random.default_rng(1)
    first, second = rng.random((2, 1, 150)) < 0.7
    found = variance.difference_components(first, second, np.arange(150))
    assert math.sqrt(found) == pytest.approx(scipy.stats.sem(first[0].astype(int) - second[0]))


def test_the_variance_of_a_difference_is_that_of_both_less_twice_what_they_share(study):
    right, groups = study
    first, second = right[:1], right[1:]  # runs of other numbers
    parts = [variance.components(own, groups).v_g for own in (first, second)]
    shared = variance.covariance(first, second, groups)
    assert variance.difference_components(first, second, groups) == pytest.approx(sum(parts) - 2 * shared)


def parts_of(v_r, v_gr, runs):
    return variance.Components(0.8, 0.01, v_r, v_gr, n_groups=20, n_runs=runs)


def test_degrees_of_freedom_of_two_procedures_are_satterthwaites():
    found = variance.spread(0.01, parts_of(0.003, 0.001, 5), parts_of(0.001, 0.0002, 3))
    assert found.runs == pytest.approx(0.0028)
    assert found.runs_df == pytest.approx(0.004**2 / (0.003**2 / 4 + 0.001**2 / 2))
    assert found.groups_df == 19


def test_a_single_run_adds_no_variance_of_runs():
    alone, found = parts_of(0.0, 0.0, 1), parts_of(0.003, 0.001, 5)
    assert variance.spread(0.01, found, alone) == variance.spread(0.01, found)
    assert variance.spread(0.01, alone).runs == 0


def test_runs_that_differ_less_than_their_items_say_add_nothing():
    assert variance.spread(0.01, parts_of(0.001, 0.002, 5)).runs == 0


def test_the_half_width_is_that_of_the_formula():
    spread = variance.Spread(0.0004, 19, 0.0001, 4)
    t = [scipy.stats.t.ppf(0.975, df) for df in (19, 4)]
    assert spread.half_width() == pytest.approx(math.sqrt(t[0] ** 2 * 0.0004 + t[1] ** 2 * 0.0001))


@pytest.mark.parametrize(
    "spread", [(4e-4, 19, 0, 4), (0, 19, 1e-4, 4), (4e-4, 19, 1e-4, 4), (1e-4, 5, 9e-4, 2.7)]
)
@pytest.mark.parametrize("distance", [0.001, 0.04, -0.04, 0.3])
def test_p_is_the_level_whose_half_width_is_the_distance(spread, distance):
    spread = variance.Spread(*spread)
    assert spread.half_width(spread.p_value(distance)) == pytest.approx(abs(distance))


def test_p_of_one_part_is_students():
    statistic = 0.05 / 0.02
    assert variance.Spread(0.0004, 19, 0, 0).p_value(0.05) == pytest.approx(
        2 * scipy.stats.t.sf(statistic, 19)
    )


def test_p_of_no_distance_is_one():
    assert variance.Spread(0.0004, 19, 0.0001, 4).p_value(0) == variance.Spread(0, 19, 0, 0).p_value(0) == 1
