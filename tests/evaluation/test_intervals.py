import math

import numpy as np
import pytest
import scipy.stats
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from earshot.evaluation import intervals


def right_answers(n, seed=0, rate=0.8):
    return np.random.default_rng(seed).random(n) < rate


def mean_error(values, groups, seed=0):
    counts = np.column_stack([values, np.ones(len(values))])
    sums = intervals.resampled_sums(counts, groups, rng=np.random.default_rng(seed))
    return intervals.standard_error(sums[:, 0] / sums[:, 1], groups.max() + 1)


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        (["b", "a", "b", "c"], [0, 1, 0, 2]),
        ([3, 3, 1], [0, 0, 1]),
        (["only", "only", "only"], [0, 1, 2]),
    ],
)
def test_units_are_numbered_as_they_appear_and_one_group_gives_way_to_its_items(groups, expected):
    assert intervals.units(groups).tolist() == expected


def test_every_resample_draws_as_many_groups_as_there_are():
    groups = intervals.units([0, 0, 1, 2, 2, 2])
    sums = intervals.resampled_sums(np.eye(3)[groups], groups, rng=np.random.default_rng(0))
    draws = sums / [2, 1, 3]  # how often each group was drawn
    assert sums.shape == (2000, 3)
    assert (draws.sum(axis=1) == 3).all()
    assert (draws == draws.round()).all()


def test_resampled_sums_do_not_depend_on_how_many_weights_are_held_at_once(monkeypatch):
    groups, values = np.arange(50), right_answers(50)[:, None]
    whole = intervals.resampled_sums(values, groups, rng=np.random.default_rng(0))
    monkeypatch.setattr(intervals, "CELLS", 700)
    assert (intervals.resampled_sums(values, groups, rng=np.random.default_rng(0)) == whole).all()


def test_standard_error_agrees_with_scipy_and_with_the_formula():
    values = right_answers(40)
    ours = mean_error(values, np.arange(40))
    reference = scipy.stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(1)
    )
    assert ours == pytest.approx(reference.standard_error * math.sqrt(40 / 39), rel=0.04)
    assert ours == pytest.approx(values.std(ddof=1) / math.sqrt(40), rel=0.04)


def test_resampling_groups_gives_a_larger_error_when_their_items_are_alike():
    values = np.repeat(right_answers(20), 10)
    by_group = mean_error(values, np.repeat(np.arange(20), 10))
    by_item = mean_error(values, np.arange(200))
    assert by_group == pytest.approx(by_item * math.sqrt(10), rel=0.1)


@pytest.mark.parametrize(("estimate", "n"), [(0.5, 4000), (0.9, 3000), (0.99, 10_000)])
def test_proportion_interval_is_wilsons_for_many_independent_items(estimate, n):
    error = math.sqrt(estimate * (1 - estimate) / n)
    expected = proportion_confint(round(estimate * n), n, method="wilson")
    assert intervals.proportion_interval(estimate, error, np.ones(n)) == pytest.approx(expected, abs=2e-5)


@pytest.mark.parametrize("estimate", [0.0, 1.0])
@pytest.mark.parametrize("sizes", [[1] * 30, [50] * 6, [10, 1]])
def test_all_right_or_all_wrong_leaves_room_for_doubt(estimate, sizes):
    low, high = intervals.proportion_interval(estimate, 0.0, np.array(sizes))
    assert low <= estimate <= high
    assert 0 <= low < high <= 1


def test_all_right_says_more_about_many_groups_than_about_few():
    lows = [intervals.proportion_interval(1.0, 0.0, np.full(g, 300 // g))[0] for g in (2, 6, 30, 300)]
    assert lows == sorted(lows)


def test_proportion_interval_shrinks_with_the_number_of_items():
    widths = []
    for n in (50, 200, 800):
        low, high = intervals.proportion_interval(0.8, math.sqrt(0.16 / n), np.ones(n))
        widths.append(high - low)
    assert widths[0] > 1.8 * widths[1] > 3.2 * widths[2]


@pytest.mark.parametrize(
    ("estimate", "error", "expected"),
    [
        (0.0, 0.0, (0.0, 0.0)),
        (0.1, 0.02, (0.1 - 2.2621572 * 0.02, 0.1 + 2.2621572 * 0.02)),  # Student's t, 9 degrees of freedom
        (0.9, 0.2, (0.9 - 2.2621572 * 0.2, 1.0)),
    ],
)
def test_difference_interval(estimate, error, expected):
    assert intervals.difference_interval(estimate, error, np.ones(10)) == pytest.approx(expected)


@pytest.mark.parametrize("estimate", [-1.0, -0.1, 0.1, 1.0])
def test_a_difference_without_variation_still_has_a_width(estimate):
    low, high = intervals.difference_interval(estimate, 0.0, np.ones(10))
    assert low < high
    assert low <= estimate <= high


def test_ratio_interval_agrees_with_the_definition_of_fieller():
    rng = np.random.default_rng(0)
    denominators = rng.normal(0.5, 0.08, 2000)
    numerators = 0.8 * denominators + rng.normal(0, 0.03, 2000)
    limits = intervals.ratio_interval(0.4, 0.5, numerators, denominators, 20)
    t = scipy.stats.t.ppf(0.975, 19)
    for limit in limits:
        error = np.std(numerators - limit * denominators) * math.sqrt(20 / 19)
        assert abs(0.4 - limit * 0.5) == pytest.approx(t * error)
    assert limits[0] < 0.8 < limits[1]


def test_ratio_interval_has_no_limits_when_the_denominator_may_be_zero():
    rng = np.random.default_rng(0)
    limits = intervals.ratio_interval(0.1, 0.1, rng.normal(0.1, 0.1, 500), rng.normal(0.1, 0.1, 500), 20)
    assert np.isnan(limits).all()


@pytest.mark.parametrize(("only_first", "only_second"), [(0, 0), (1, 0), (3, 9), (20, 20), (40, 12)])
def test_mcnemar_agrees_with_statsmodels(only_first, only_second):
    first = np.repeat([True, False, True, False], [only_first, only_second, 30, 5])
    second = np.repeat([False, True, True, False], [only_first, only_second, 30, 5])
    expected = reference_mcnemar([[30, only_first], [only_second, 5]], exact=True).pvalue
    *counts, p = intervals.mcnemar(first, second)
    assert counts == [only_first, only_second]
    assert p == pytest.approx(expected)


@pytest.mark.parametrize("p_values", [[0.01], [0.04, 0.01, 0.03], [0.2, 0.2, 1e-9, 0.9], [1.0, 1.0], []])
def test_holm_agrees_with_statsmodels(p_values):
    expected = multipletests(p_values, method="holm")[1] if p_values else []
    assert intervals.holm(p_values) == pytest.approx(expected)


def test_items_needed_by_hand():
    # (1.959964 · √0.2 + 0.841621 · √(0.2 − 0.01))² / 0.01 = (0.876523 + 0.366852)² / 0.01 = 154.6
    assert intervals.items_needed(0.1, 0.2) == 155
    assert intervals.items_needed(-0.1, 0.2) == 155


def test_items_needed_give_the_power_asked_for():
    n = intervals.items_needed(0.08, 0.2)
    rng = np.random.default_rng(0)
    first, second, _ = rng.multinomial(n, [0.14, 0.06, 0.8], size=4000).T
    found = np.abs(first - second) / np.sqrt(first + second) > 1.959964
    assert found.mean() == pytest.approx(0.8, abs=0.03)
