"""What the page tells of each run, and the columns that say something only where there are several."""

import math

import numpy as np
import pandas as pd

from earshot.models.card import RunFacts
from earshot.report import columns, models
from tests.evaluation.predictions import answers


def test_a_run_that_fell_out_of_line_is_marked():
    right = np.ones((5, 200), bool)
    for run, wrong in enumerate((4, 5, 60, 5, 6)):
        right[run, :wrong] = False
    facts = [RunFacts(epoch=run, epochs_trained=run + 5) for run in range(1, 6)]
    found = models.runs(facts, answers(right))
    assert [run["outOfLine"] for run in found] == [False, False, True, False, False]
    assert found[2] == {"run": 3, "accuracy": 0.7, "epoch": 3, "epochs": 8, "outOfLine": True}


def columns_of(runs, run_sd):
    row = {"subset": 2, "view": "sound", "model": "cnn", "chance": 0.5, "n_test": 9}
    scores = {"accuracy": 0.9, "accuracy_low": 0.8, "accuracy_high": 1.0, "ensemble_accuracy": 0.9}
    heads, _ = columns.table(pd.DataFrame([row | scores | {"runs": runs, "accuracy_run_sd": run_sd}]))
    return [column.key for column in heads]


def test_columns_of_runs_are_there_where_there_are_several():
    assert columns_of(5, 0.01) == ["accuracy", "runs", "accuracy_run_sd", "ensemble_accuracy"]
    assert columns_of(1, math.nan) == ["accuracy"]


def test_the_limits_of_a_bin_count_an_item_once_however_many_runs_answer_it():
    bins = pd.DataFrame({"accuracy": [0.5, 0.5, 1.0], "count": [40, 200, 5]})
    once, of_runs = models.with_limits(bins, runs=1), models.with_limits(bins, runs=5)
    assert of_runs.loc[1, ["low", "high"]].equals(once.loc[0, ["low", "high"]])
    assert once["low"][1] - once["low"][0] > 0.05  # more items, narrower
    assert (of_runs["low"][2], of_runs["high"][2]) == (0.0, 1.0)  # one item says nothing
