import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as reference
from sklearn.calibration import calibration_curve
from sklearn.preprocessing import normalize

from earshot.core.errors import EarshotError
from earshot.evaluation import metrics
from tests.evaluation.predictions import each_its_own, predictions

CLASSES = ["ant", "bee", "cat"]


@pytest.fixture
def table():
    return predictions(np.arange(90) % 3, CLASSES, skill=1.5)


def described(table, groups=None, seed=7):
    groups = each_its_own(table) if groups is None else groups
    return metrics.describe(table, groups=groups, classes=CLASSES, seed=seed)


def test_metrics_agree_with_scikit_learn(table):
    label, predicted = table["label"], table["predicted"]
    macro = {"average": "macro", "zero_division": 0}
    expected = {
        "accuracy": reference.accuracy_score(label, predicted),
        "balanced_accuracy": reference.balanced_accuracy_score(label, predicted),
        "macro_f1": reference.f1_score(label, predicted, **macro),
        "weighted_f1": reference.f1_score(label, predicted, average="weighted"),
        "precision": reference.precision_score(label, predicted, **macro),
        "recall": reference.recall_score(label, predicted, **macro),
        "log_loss": reference.log_loss(label, table[CLASSES], labels=CLASSES),
        "chance": 1 / 3,
        "n_test": 90,
    }
    found = described(table)
    assert {key: found[key] for key in expected} == pytest.approx(expected)


def test_metrics_agree_with_scikit_learn_when_a_class_is_never_predicted(table):
    table["predicted"] = table["predicted"].replace("cat", "ant")
    found = described(table)
    for key, score in (("precision", reference.precision_score), ("macro_f1", reference.f1_score)):
        expected = score(table["label"], table["predicted"], average="macro", zero_division=0)
        assert found[key] == pytest.approx(expected)


def test_metrics_have_the_agreed_keys_in_plain_numbers(table):
    found = described(table)
    assert list(found) == metrics.KEYS
    of_one_run = {"n_test": int, "runs": int, "accuracy_run_sd": type(None), "macro_f1_run_sd": type(None)}
    assert {key: type(value) for key, value in found.items()} == dict.fromkeys(
        metrics.KEYS, float
    ) | of_one_run


@pytest.mark.parametrize("runs", [1, 3])
def test_the_second_of_two_classes_is_the_positive_one(runs):
    table = predictions(np.arange(90) % 2, CLASSES[:2], skill=0.5, runs=runs)
    found = metrics.describe(table, groups=each_its_own(table), classes=CLASSES[:2], seed=0)
    assert list(found) == [*metrics.KEYS, *metrics.POSITIVE]
    for key, score in zip(metrics.POSITIVE, (reference.precision_score, reference.recall_score), strict=True):
        each = [
            score(run["label"], run["predicted"], pos_label=CLASSES[1]) for _, run in table.groupby("run")
        ]
        assert found[key] == pytest.approx(np.mean(each))


def test_scores_of_several_runs_are_means_with_their_deviation_beside_them():
    table = predictions(np.arange(90) % 3, CLASSES, skill=1.5, runs=4)
    runs = [run.assign(run=1) for _, run in table.groupby("run")]
    found, each = described(table), pd.DataFrame([described(run) for run in runs])
    for key in ("accuracy", "macro_f1", "balanced_accuracy", "log_loss", "ece", "precision"):
        assert found[key] == pytest.approx(each[key].mean())
    for key in ("accuracy", "macro_f1"):
        assert found[f"{key}_run_sd"] == pytest.approx(each[key].std())
    assert (found["runs"], found["n_test"]) == (4, 90)


def test_the_ensemble_is_that_of_the_averaged_probabilities():
    table = predictions(np.arange(90) % 3, CLASSES, skill=1.5, runs=4)
    mean = table.groupby("id")[CLASSES].mean()
    named = np.array(CLASSES)[mean.to_numpy().argmax(axis=1)]
    label = table[table["run"] == 1]["label"]
    found = described(table)
    assert found["ensemble_accuracy"] == pytest.approx(reference.accuracy_score(label, named))
    assert found["ensemble_macro_f1"] == pytest.approx(reference.f1_score(label, named, average="macro"))
    assert found["ensemble_accuracy"] > found["accuracy"]


def test_the_calibrated_scores_are_those_of_the_averaged_probabilities_at_the_temperature():
    table = predictions(np.arange(90) % 3, CLASSES, skill=1.5, runs=4)
    mean, label = table.groupby("id")[CLASSES].mean(), table[table["run"] == 1]["label"]
    found = metrics.describe(table, groups=each_its_own(table), classes=CLASSES, seed=7, temperature=0.5)
    for name, probabilities in {"ensemble": mean, "calibrated": normalize(mean**2, norm="l1")}.items():
        expected = reference.log_loss(label, probabilities, labels=CLASSES)
        assert found[f"{name}_log_loss"] == pytest.approx(expected)
    assert found["temperature"] == 0.5
    others = {key: value for key, value in found.items() if not key.startswith("calibrated")}
    assert others == {key: described(table)[key] for key in others} | {"temperature": 0.5}


def test_runs_may_have_labels_of_their_own():
    table = predictions(np.arange(90) % 3, CLASSES, skill=9, runs=2)
    second = table["run"] == 2
    table.loc[second, "label"] = np.roll(table.loc[second, "label"], 1)
    found = described(table)
    assert found["accuracy"] == found["ensemble_accuracy"] == 0.5


def test_the_limits_of_macro_f1_agree_with_those_of_accuracy_where_the_two_are_alike():
    """Two classes of one size whose mistakes are as many: macro F1 is accuracy but for a hundredth."""
    table = predictions(np.arange(400) % 2, ["ant", "bee"], skill=1.2, runs=5)
    found = metrics.describe(table, groups=each_its_own(table), classes=["ant", "bee"], seed=0)
    for end in ("low", "high"):
        assert found[f"macro_f1_{end}"] == pytest.approx(found[f"accuracy_{end}"], abs=0.006)


def test_limits_enclose_their_score(table):
    found = described(table)
    for key in ("accuracy", "macro_f1"):
        assert 0 < found[f"{key}_low"] < found[key] < found[f"{key}_high"] < 1


def test_the_order_of_rows_and_the_names_of_groups_do_not_matter(table):
    groups = pd.Series(np.arange(90) // 5, index=table["id"])
    again = described(table.sample(frac=1, random_state=0), groups=("g" + groups.astype(str)).iloc[::-1])
    assert again == described(table, groups=groups)


def test_the_seed_moves_the_limits_and_nothing_else(table):
    first, second = described(table, seed=1), described(table, seed=2)
    changed = {key for key in first if first[key] != second[key]}
    assert changed == {"macro_f1_low", "macro_f1_high"}
    assert first["macro_f1_low"] == pytest.approx(second["macro_f1_low"], abs=0.01)


def test_all_right_is_not_certainty(table):
    table["predicted"] = table["label"]
    found = described(table)
    assert found["accuracy"] == found["accuracy_high"] == 1
    assert found["accuracy_low"] == pytest.approx(1 - 4 / 94, abs=0.005)  # Wilson with z² taken as 4


def test_log_loss_of_a_certain_mistake_is_finite(table):
    table.loc[0, CLASSES] = [0.0, 1.0, 0.0]
    assert described(table)["log_loss"] == pytest.approx(
        reference.log_loss(table["label"], table[CLASSES], labels=CLASSES)
    )


def test_reliability_agrees_with_scikit_learn(table):
    found = metrics.reliability(table)
    right, confidence = table["label"] == table["predicted"], table[CLASSES].max(axis=1)
    accuracy, mean_confidence = calibration_curve(right, confidence, n_bins=10)
    assert found["accuracy"].to_numpy() == pytest.approx(accuracy)
    assert found["confidence"].to_numpy() == pytest.approx(mean_confidence)
    assert found["count"].sum() == 90


def test_expected_calibration_error_by_hand():
    # Bin .6 to .7: two items at .7, one right. Bin .9 to 1: two items at .95, both right.
    table = pd.DataFrame(
        {
            "run": 1,
            "id": ["1", "2", "3", "4"],
            "label": ["a", "b", "a", "b"],
            "predicted": ["a", "a", "a", "b"],
            "a": [0.7, 0.7, 0.95, 0.05],
            "b": [0.3, 0.3, 0.05, 0.95],
        }
    )
    found = metrics.describe(table, groups=each_its_own(table), classes=["a", "b"], seed=0)
    assert found["ece"] == pytest.approx((2 * 0.2 + 2 * 0.05) / 4)


def test_per_class_agrees_with_scikit_learn(table):
    expected = reference.precision_recall_fscore_support(table["label"], table["predicted"], labels=CLASSES)
    found = metrics.per_class(table, CLASSES)
    assert found["class"].tolist() == CLASSES
    assert pytest.approx(np.array(expected)) == found[["precision", "recall", "f1", "support"]].to_numpy().T


def test_the_support_of_a_class_is_in_items_however_many_runs_there_are():
    table = predictions(np.arange(90) % 3, CLASSES, skill=1.5, runs=2)
    found = metrics.per_class(table, CLASSES)
    expected = reference.precision_recall_fscore_support(table["label"], table["predicted"], labels=CLASSES)
    assert found["support"].tolist() == [30, 30, 30]
    assert found["recall"].to_numpy() == pytest.approx(expected[1])


def test_confusion_has_one_row_an_item(table):
    found = metrics.confusion(table)
    assert list(found.columns) == ["actual", "predicted"]
    counts = pd.crosstab(found["actual"], found["predicted"]).to_numpy()
    assert counts.tolist() == reference.confusion_matrix(table["label"], table["predicted"]).tolist()


def unknown_label(table):
    table.loc[4, "label"] = "dog"


def missing_label(table):
    table.loc[4, "label"] = np.nan


def unknown_prediction(table):
    table.loc[4, "predicted"] = "dog"


def twice(table):
    table.loc[4, "id"] = "item003"


def in_one_run_only(table):
    table.loc[90] = table.loc[5]
    table.loc[90, "run"] = 2


def not_a_number(table):
    table.loc[4, "bee"] = np.nan


def too_much(table):
    table.loc[4, CLASSES] = [0.5, 0.5, 0.5]


def negative(table):
    table.loc[4, CLASSES] = [-0.5, 1.0, 0.5]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (unknown_label, "item004: label is 'dog', not one of ant, bee, cat"),
        (missing_label, "item004: label is nan"),
        (unknown_prediction, "item004: predicted is 'dog'"),
        (twice, "item003: predicted more than once in one run"),
        (in_one_run_only, "item000: predicted in 1 of 2 runs"),
        (not_a_number, "item004: .*nan.* are not probabilities"),
        (too_much, "item004: 0.5, 0.5, 0.5 are not probabilities"),
        (negative, "item004: -0.5, 1, 0.5 are not probabilities"),
    ],
)
def test_a_bad_row_is_named(table, spoil, message):
    spoil(table)
    with pytest.raises(EarshotError, match=message):
        described(table)


def test_a_missing_prediction_is_named(table):
    with pytest.raises(EarshotError, match=r"1 of 90 items have no prediction[^\0]*item004"):
        described(table.drop(index=4), groups=each_its_own(table))


def test_an_item_outside_the_split_is_named(table):
    with pytest.raises(EarshotError, match=r"not in the split[^\0]*item004"):
        described(table, groups=each_its_own(table).drop("item004"))


def test_a_class_without_test_items_is_named(table):
    with pytest.raises(EarshotError, match="No test items of cat"):
        described(table[table["label"] != "cat"])


def test_other_classes_than_expected_are_named(table):
    with pytest.raises(EarshotError, match="of the classes ant, bee, cat; expected ant, bee"):
        metrics.describe(table, groups=each_its_own(table), classes=["ant", "bee"], seed=0)


def test_absent_columns_are_named(table):
    with pytest.raises(EarshotError, match="lack the columns predicted"):
        described(table.drop(columns="predicted"))
