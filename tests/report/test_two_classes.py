"""The curves of two classes run through what thresholds do."""

import numpy as np
import pandas as pd
import pytest

from earshot.evaluation.operating import COLUMNS
from earshot.report.two_classes import MOST, two_classes


def predictions(scores, truth):
    table = pd.DataFrame(
        {"run": 1, "id": [f"{n:04}" for n in range(len(scores))], "label": np.where(truth, "b", "a")}
    )
    return table.assign(predicted=np.where(scores > 0.5, "b", "a"), a=1 - scores, b=scores)


def test_a_perfect_model_has_the_whole_area():
    scores, truth = np.array([0.1, 0.2, 0.8, 0.9]), np.array([False, False, True, True])
    row = ("recall", 0.9, 0.7, 1.0, 1.0, 1.0, 2, 0, 0, 2)
    found = two_classes(predictions(scores, truth), pd.DataFrame([row], columns=COLUMNS), validated=True)
    assert (found["positive"], found["auc"], found["averagePrecision"]) == ("b", 1.0, 1.0)
    (point,) = (row for row in found["roc"] if row["kind"] == "point")
    assert (point["x"], point["y"], point["name"]) == (0, 1, "recall of 90% in validation")


def test_only_thresholds_that_mean_something_are_points():
    scores, truth = np.array([0.1, 0.2, 0.8, 0.9]), np.array([False, False, True, True])
    rows = [
        ("recall", 0.9, 0.0, 0.5, 1.0, 2 / 3, 2, 2, 0, 0),
        ("miss_cost", 0.01, 1 / 1.01, 0.0, 0.0, 0.0, 0, 0, 2, 2),  # finds nothing: its precision is undefined
        ("miss_cost", 1.0, 0.5, 1.0, 1.0, 1.0, 2, 0, 0, 2),
    ]
    recall, cost = "recall of 90% in validation", "a miss costs 1 false alarms"
    for validated, names in ((True, [recall, cost]), (False, [cost])):
        table = pd.DataFrame(rows, columns=COLUMNS)
        found = two_classes(predictions(scores, truth), table, validated=validated)
        for curve in ("roc", "found"):
            assert [row["name"] for row in found[curve] if row["kind"] == "point"] == names
        assert ("no validation items" in found["dots"]) == (not validated)


def test_a_long_curve_keeps_its_ends():
    rng = np.random.default_rng(0)
    truth = rng.random(3000) < 0.5
    found = two_classes(predictions(rng.random(3000), truth), pd.DataFrame(columns=COLUMNS), validated=True)
    assert found["auc"] == pytest.approx(0.5, abs=0.03)
    for name, ends in (("roc", [(0, 0), (1, 1)]), ("found", [(0, 1), (1, truth.mean())])):
        rows = found[name]
        assert len(rows) <= MOST
        assert [rows[0]["x"], rows[-1]["x"]] == [x for x, _ in ends]
        assert [rows[0]["y"], rows[-1]["y"]] == pytest.approx([y for _, y in ends], abs=1e-3)
