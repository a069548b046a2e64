"""Intervals and the p-values that agree with them: real runs with known results, formulas, and what does not vary."""

import math

import numpy as np
import pytest
import scipy.stats
from statsmodels.stats.proportion import proportion_confint

from earshot.evaluation import intervals
from earshot.evaluation.variance import (
    Components,
    Spread,
    components,
    covariance,
    difference_components,
    spread,
)
from tests.evaluation.digits_runs import ITEMS, KNOWN, rights

NOTHING = Spread(0.0, 9, 0.0, 0.0)


def of_error(error, n_groups):
    """A spread of items alone."""
    return Spread(error**2, n_groups - 1, 0.0, 0.0)


@pytest.mark.parametrize(("runs", "cnn", "lstm"), [row[:3] for row in KNOWN])
def test_accuracies_of_real_runs_have_the_intervals_of_the_recipe(runs, cnn, lstm):
    for model, expected in (("cnn", cnn), ("lstm", lstm)):
        parts = components(rights(model, runs), np.arange(ITEMS))
        limits = intervals.proportion_interval(parts.value, spread(parts.v_g, parts), np.ones(ITEMS))
        assert (parts.value, *limits) == pytest.approx(expected, abs=6e-5)


@pytest.mark.parametrize(("runs", "expected", "p"), [(row[0], *row[3:]) for row in KNOWN])
def test_the_difference_of_real_runs_has_the_interval_and_the_p_of_the_recipe(runs, expected, p):
    (first, second), groups, sizes = (
        [rights(name, runs) for name in ("cnn", "lstm")],
        np.arange(ITEMS),
        np.ones(ITEMS),
    )
    found = spread(
        difference_components(first, second, groups), *(components(own, groups) for own in (first, second))
    )
    estimate = first.mean() - second.mean()
    limits = intervals.difference_interval(estimate, found, sizes)
    assert (estimate, *limits) == pytest.approx(expected, abs=6e-5)
    assert intervals.difference_p(estimate, found, sizes) == pytest.approx(p, abs=6e-5)


@pytest.mark.parametrize(("estimate", "n"), [(0.5, 4000), (0.9, 3000), (0.99, 10_000)])
def test_proportion_interval_is_wilsons_for_many_independent_items(estimate, n):
    error = math.sqrt(estimate * (1 - estimate) / n)
    expected = proportion_confint(round(estimate * n), n, method="wilson")
    found = intervals.proportion_interval(estimate, of_error(error, n), np.ones(n))
    assert found == pytest.approx(expected, abs=2e-5)


@pytest.mark.parametrize("estimate", [0.0, 1.0])
@pytest.mark.parametrize("sizes", [[1] * 30, [50] * 6, [10, 1]])
def test_all_right_or_all_wrong_leaves_room_for_doubt(estimate, sizes):
    low, high = intervals.proportion_interval(estimate, NOTHING, np.array(sizes))
    assert low <= estimate <= high
    assert 0 <= low < high <= 1


def test_all_right_says_more_about_many_groups_than_about_few():
    lows = [intervals.proportion_interval(1.0, NOTHING, np.full(g, 300 // g))[0] for g in (2, 6, 30, 300)]
    assert lows == sorted(lows)


@pytest.mark.parametrize("null", [0.1, 0.5, 0.75, 0.83])
def test_p_of_a_score_is_the_level_at_which_its_interval_reaches_the_null(null):
    found = Spread(0.0004, 19, 0.0003, 4)
    p = intervals.proportion_p(0.8, null, found, np.ones(20))
    k = found.half_width(p) ** 2 / (0.8 * 0.2)
    assert (0.8 - null) ** 2 == pytest.approx(k * null * (1 - null))  # Wilson's limits solve this for null
    low, high = intervals.proportion_interval(0.8, found, np.ones(20))
    assert (p < 0.05) == (not low <= null <= high)


@pytest.mark.parametrize(("sizes", "significant"), [([1] * 60, True), ([1] * 3, False)])
def test_all_right_is_above_chance_where_there_are_items_enough(sizes, significant):
    sizes = np.array(sizes)
    assert (intervals.proportion_p(1.0, 0.5, NOTHING, sizes) < 0.05) == significant
    assert (intervals.proportion_interval(1.0, NOTHING, sizes)[0] > 0.5) == significant


@pytest.mark.parametrize(
    ("estimate", "error", "expected"),
    [
        (0.0, 0.0, (0.0, 0.0)),
        (0.1, 0.02, (0.1 - 2.2621572 * 0.02, 0.1 + 2.2621572 * 0.02)),  # Student's t, 9 degrees of freedom
        (0.9, 0.2, (0.9 - 2.2621572 * 0.2, 1.0)),
    ],
)
def test_difference_interval(estimate, error, expected):
    found = intervals.difference_interval(estimate, of_error(error, 10), np.ones(10))
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("estimate", [-1.0, -0.1, 0.1, 1.0])
@pytest.mark.parametrize("sizes", [[1] * 10, [1] * 400, [100, 100]])
def test_a_difference_without_variation_has_a_width_and_a_p_that_agrees(estimate, sizes):
    sizes = np.array(sizes)
    found = Spread(0.0, len(sizes) - 1, 0.0, 0.0)
    low, high = intervals.difference_interval(estimate, found, sizes)
    assert low < high
    assert low <= estimate <= high
    assert (intervals.difference_p(estimate, found, sizes) < 0.05) == (low > 0 or high < 0)


def test_no_difference_at_all_has_p_1():
    assert intervals.difference_p(0.0, NOTHING, np.ones(10)) == 1


def test_one_group_says_nothing():
    sizes, found = np.array([1]), Spread(math.inf, 0, 0.0, 0.0)
    assert intervals.proportion_interval(1.0, found, sizes) == (0, 1)
    assert intervals.difference_interval(1.0, found, sizes) == (-1, 1)
    assert intervals.proportion_p(1.0, 0.5, found, sizes) == intervals.difference_p(1.0, found, sizes) == 1


def test_ratio_interval_of_one_run_is_that_of_fieller():
    """At its limits r, s - r p is t standard errors from 0, as the paired values of the items give them."""
    second = np.random.default_rng(0).random(80) < 0.9
    first = second & (np.random.default_rng(1).random(80) < 0.9)
    groups = np.arange(80)
    parts = [components(own[None], groups) for own in (first, second)]
    limits = intervals.ratio_interval(*parts, covariance(first[None], second[None], groups))
    t = scipy.stats.t.ppf(0.975, 79)
    for limit in limits:
        values = first - limit * second
        assert abs(values.mean()) == pytest.approx(t * scipy.stats.sem(values))
    assert limits[0] < first.mean() / second.mean() < limits[1]


def test_ratio_interval_counts_the_runs():
    """Fieller's quadratic by its roots, with κ as the recipe writes it."""
    groups = np.arange(ITEMS)
    right = [rights(model, range(1, 6)) for model in ("lstm", "cnn")]
    s, p = (components(own, groups) for own in right)
    shared = covariance(*right, groups)
    r = s.value / p.value
    v, w = s.v_r, r**2 * p.v_r
    nu = (v + w) ** 2 / (v**2 / 4 + w**2 / 4)
    t2, t2_nu = (scipy.stats.t.ppf(0.975, df) ** 2 for df in (ITEMS - 1, nu))
    kappa = t2_nu * max(0, s.s + r**2 * p.s) / (v + w)
    a = p.value**2 - t2 * p.v_g - kappa * p.v_r
    b = s.value * p.value - t2 * shared
    c = s.value**2 - t2 * s.v_g - kappa * s.v_r
    assert intervals.ratio_interval(s, p, shared) == pytest.approx(np.sort(np.roots([a, -2 * b, c])))


def test_ratio_interval_has_no_limits_when_the_denominator_may_be_zero():
    parts = Components(0.1, 0.01, 0.0, 0.0, n_groups=20, n_runs=1)
    assert np.isnan(intervals.ratio_interval(parts, parts, 0.0)).all()
