"""Operating points: the threshold from validation items, scores at it as scikit-learn's on test items."""

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as reference

from earshot.evaluation.operating import of_second, operating_points, threshold_of_cost, threshold_of_recall

CLASSES = ["noise", "bat"]


def answered(of_bat, label):
    predicted = np.where(np.asarray(of_bat) > 0.5, "bat", "noise")
    own = np.maximum(of_bat, 1 - np.asarray(of_bat))
    return pd.DataFrame({"label": label, "predicted": predicted, "probability": own})


def drawn(seed, n=400):
    rng = np.random.default_rng(seed)
    of_bat = rng.uniform(size=n)
    return answered(of_bat, np.where(rng.uniform(size=n) < of_bat, "bat", "noise"))


@pytest.mark.parametrize("recall", [0.5, 0.9, 1.0])
def test_the_threshold_of_a_recall_is_the_highest_that_reaches_it(recall):
    table = drawn(0)
    threshold = threshold_of_recall(table, recall=recall, classes=CLASSES)
    of_bat = of_second(table, CLASSES)[table["label"] == "bat"]
    assert (of_bat >= threshold).mean() >= recall > (of_bat > threshold).mean()


@pytest.mark.parametrize("miss_cost", [0.25, 1, 10])
def test_the_threshold_of_a_cost_is_the_cheapest(miss_cost):
    table = drawn(1, n=40_000)
    of_bat, bat = of_second(table, CLASSES), (table["label"] == "bat").to_numpy()

    def cost(threshold):
        found = of_bat >= threshold
        return miss_cost * (bat & ~found).sum() + (~bat & found).sum()

    cheapest = min(cost(threshold) for threshold in np.linspace(0, 1, 101))
    assert cost(threshold_of_cost(miss_cost)) < 1.02 * cheapest


def test_scores_at_an_operating_point_agree_with_scikit_learn():
    test = drawn(2)
    table = operating_points(drawn(3), test, classes=CLASSES)
    for point in table.to_dict("records"):
        found = np.where(of_second(test, CLASSES) >= point["threshold"], "bat", "noise")
        for name in ("precision", "recall", "f1"):
            score = getattr(reference, f"{name}_score")(
                test["label"], found, pos_label="bat", zero_division=0
            )
            assert point[name] == pytest.approx(score)
        cells = reference.confusion_matrix(test["label"], found, labels=CLASSES)
        assert cells.ravel().tolist() == [point[name] for name in ("rest", "false_alarms", "misses", "hits")]
