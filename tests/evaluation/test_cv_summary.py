"""What the folds say of the configurations, against scipy, scikit-learn and arithmetic."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn import metrics

from earshot.evaluation.cv_summary import (
    MEASURES,
    chosen_elsewhere,
    configuration_scores,
    cv_metrics,
    fold_points,
    fold_scores,
)


def some_folds(*accuracies):
    """Folds of configurations 1, 2, …, each given by its accuracies."""
    return pd.DataFrame(
        [
            {"configuration": c, "fold": str(f), "accuracy": a, "macro_f1": 1 - a, "log_loss": 2 * a}
            for c, own in enumerate(accuracies, start=1)
            for f, a in enumerate(own, start=1)
        ]
    )


def some_predictions(n=40, seed=0):
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(3), n)
    labels, classes = rng.integers(0, 3, n), np.array(["a", "b", "c"])
    table = pd.DataFrame({"id": [f"{i:03d}" for i in range(n)], "label": classes[labels]})
    return table.assign(predicted=classes[p.argmax(axis=1)], **dict(zip(classes, p.T, strict=True)))


def test_a_folds_scores_are_scikit_learns():
    table = some_predictions()
    told = fold_scores(table)
    assert told["n"] == 40
    assert told["accuracy"] == pytest.approx(metrics.accuracy_score(table["label"], table["predicted"]))
    assert told["macro_f1"] == pytest.approx(
        metrics.f1_score(table["label"], table["predicted"], average="macro")
    )
    assert told["log_loss"] == pytest.approx(metrics.log_loss(table["label"], table[["a", "b", "c"]]))


def test_a_fold_may_lack_a_class():
    table = some_predictions()
    assert fold_scores(table[table["label"] != "c"])["n"] < 40


def test_the_interval_of_the_mean_is_students():
    accuracies = [0.5, 0.6, 0.8]
    row = configuration_scores(some_folds(accuracies), select="accuracy").iloc[0]
    low, high = stats.t.interval(0.95, 2, np.mean(accuracies), stats.sem(accuracies))
    assert (row["accuracy_low"], row["accuracy_high"]) == pytest.approx((low, min(1, high)))
    assert row["accuracy_std"] == pytest.approx(np.std(accuracies, ddof=1))


def test_the_best_comes_first_and_of_equals_the_earlier():
    folds = some_folds([0.5, 0.7], [0.9, 0.7], [0.7, 0.9])
    assert configuration_scores(folds, select="accuracy")["configuration"].tolist() == [2, 3, 1]
    assert configuration_scores(folds, select="macro_f1")["configuration"].tolist() == [1, 2, 3]


def test_a_fold_has_no_say_in_the_choice_that_it_scores():
    """Without fold 1, configuration 2 is best; without fold 2 or 3, configuration 1: .1, .6 and .6 are scored."""
    folds = some_folds([0.9, 0.6, 0.6], [0.1, 0.7, 0.7])
    told = chosen_elsewhere(folds, measure="accuracy", select="accuracy")
    assert told == pytest.approx((0.1 + 0.6 + 0.6) / 3)


def test_one_configuration_is_not_flattered():
    folds = some_folds([0.5, 0.6, 0.8])
    told = chosen_elsewhere(folds, measure="accuracy", select="accuracy")
    assert told == pytest.approx(np.mean([0.5, 0.6, 0.8]))


def test_metrics_are_flat_plain_and_of_the_best():
    folds = some_folds([0.5, 0.6], [0.7, 0.8])
    table = configuration_scores(folds, select="accuracy")
    told = cv_metrics(folds, table, some_predictions().assign(fold="1"), select="accuracy")
    assert (told["configuration"], told["configurations"], told["folds"]) == (2, 2, 2)
    assert told["accuracy_mean"] == pytest.approx(0.75)
    assert {f"{measure}_chosen_elsewhere" for measure in MEASURES} <= told.keys()
    assert told["out_of_fold_n"] == 40
    assert {type(value) for value in told.values()} <= {int, float}


def test_the_plot_has_a_point_a_configuration_and_fold():
    folds = some_folds([0.5, 0.6], [0.7, 0.8])
    table = configuration_scores(folds, select="accuracy")
    points = fold_points(folds, table, settings={1: "lr=1", 2: "lr=2"}, select="accuracy")
    assert points["settings"].tolist() == ["2: lr=2"] * 2 + ["1: lr=1"] * 2
    assert points["score"].tolist() == [0.7, 0.8, 0.5, 0.6]
