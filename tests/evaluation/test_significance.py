import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar
from statsmodels.stats.multitest import multipletests

from earshot.evaluation.significance import holm, items_needed, mcnemar


@pytest.mark.parametrize(("only_first", "only_second"), [(0, 0), (1, 0), (3, 9), (20, 20), (40, 12)])
def test_mcnemar_agrees_with_statsmodels(only_first, only_second):
    first = np.repeat([True, False, True, False], [only_first, only_second, 30, 5])
    second = np.repeat([False, True, True, False], [only_first, only_second, 30, 5])
    expected = reference_mcnemar([[30, only_first], [only_second, 5]], exact=True).pvalue
    *counts, p = mcnemar(first, second)
    assert counts == [only_first, only_second]
    assert p == pytest.approx(expected)


@pytest.mark.parametrize("p_values", [[0.01], [0.04, 0.01, 0.03], [0.2, 0.2, 1e-9, 0.9], [1.0, 1.0], []])
def test_holm_agrees_with_statsmodels(p_values):
    expected = multipletests(p_values, method="holm")[1] if p_values else []
    assert holm(p_values) == pytest.approx(expected)


def test_items_needed_by_hand():
    # (1.959964 + 0.841621)² · 0.19 / 0.01 = 7.848879 · 19 = 149.1
    assert items_needed(0.1, item_variance=0.19, run_variance=0) == 150
    assert items_needed(-0.1, item_variance=0.19, run_variance=0) == 150


def test_no_number_of_items_makes_up_for_runs():
    # .01 / 7.848879 = .001274 is what both variances may add up to
    assert items_needed(0.1, item_variance=0.19, run_variance=0.0012) > 2000
    assert items_needed(0.1, item_variance=0.19, run_variance=0.0013) == float("inf")


def test_items_needed_give_the_power_asked_for():
    n = items_needed(0.08, item_variance=0.2 - 0.08**2, run_variance=0)
    rng = np.random.default_rng(0)
    first, second, _ = rng.multinomial(n, [0.14, 0.06, 0.8], size=4000).T
    difference = (first - second) / n
    error = np.sqrt(((first + second) / n - difference**2) / n)
    assert (np.abs(difference) > 1.959964 * error).mean() == pytest.approx(0.8, abs=0.03)
