"""Which run of a model fell out of line."""

import numpy as np
import pandas as pd
import pytest

from earshot.evaluation.runs import FALSE_ALARMS, out_of_line, run_accuracies
from tests.evaluation.digits_runs import ITEMS, rights
from tests.evaluation.predictions import answers


def series(*accuracies):
    return pd.Series(accuracies, index=range(1, len(accuracies) + 1))


def test_accuracies_are_told_by_run():
    right = rights("lstm", [1, 2, 3])
    found = run_accuracies(answers(right))
    assert found.index.tolist() == [1, 2, 3]
    assert found.to_numpy() == pytest.approx(right.mean(axis=1))


@pytest.mark.parametrize("model", ["cnn", "lstm"])
def test_real_runs_are_in_line(model):
    assert out_of_line(run_accuracies(answers(rights(model))), n_test=ITEMS) == []


def test_a_collapsed_run_is_out_of_line():
    assert out_of_line(series(0.96, 0.97, 0.5, 0.95, 0.96), n_test=260) == [3]


def test_equal_runs_leave_room_for_what_items_cannot_show():
    assert out_of_line(series(0.95, 0.95, 0.95, 0.95, 0.93), n_test=260) == []


def test_one_mistake_more_is_in_line():
    assert out_of_line(series(1.0, 1.0, 51 / 52, 1.0, 1.0), n_test=52) == []


@pytest.mark.parametrize("accuracies", [[0.9], [0.9, 0.1], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]])
def test_few_runs_and_equal_runs_are_in_line(accuracies):
    assert out_of_line(series(*accuracies), n_test=100) == []


@pytest.mark.slow
def test_runs_of_one_procedure_are_rarely_out_of_line():
    """Normal runs whose spread is far above what items can show: the level is what the test promises, or less."""
    rng = np.random.default_rng(0)
    found = [out_of_line(series(*rng.normal(0.8, 0.05, 5)), n_test=100_000) for _ in range(2000)]
    assert 0.3 * FALSE_ALARMS < np.mean([len(runs) > 0 for runs in found]) < 1.5 * FALSE_ALARMS
