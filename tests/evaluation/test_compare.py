from functools import partial

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from earshot.core.errors import EarshotError
from earshot.core.io import read_table, write_table
from earshot.evaluation import compare, metrics, retention
from earshot.evaluation.predictions import checked, classes_of
from tests.evaluation.predictions import answers, each_its_own, predictions
from tests.evaluation.studies import described

CLASSES = [f"c{number}" for number in range(10)]
N = 120


def scored(table, groups=None):
    groups = each_its_own(table) if groups is None else groups
    return described(table, groups, classes_of(table)) | {"parameters": 7}, table


@pytest.fixture(scope="module")
def made():
    """Two subsets, three views, two models; the picture is easier than the sound, shuffled labels are noise."""
    skills = {"shuffled": 0.0, "picture": 3.5, "sound": 2.5}
    found = {}
    for k in (10, 2):
        for view, skill in skills.items():
            for seed, model in enumerate(["cnn", "lstm"]):
                labels = np.arange(N) % k
                found[k, view, model] = scored(
                    predictions(labels, CLASSES[:k], skill=skill, seed=seed + int(skill))
                )
    return found


@pytest.fixture
def results(made):
    return {cell: (dict(scores), table.copy()) for cell, (scores, table) in made.items()}


@pytest.fixture
def groups(results):
    return each_its_own(results[10, "sound", "cnn"][1])


def pair_of(right_first, right_second, groups=None):
    """The one row of `pairs` for two models that are right on these items."""
    first, second = answers(right_first), answers(right_second)
    groups = each_its_own(first) if groups is None else groups
    results = {(2, "sound", "first"): scored(first, groups), (2, "sound", "second"): scored(second, groups)}
    return compare.pairs(results, groups=groups).iloc[0]


def right_at(rate, n=N):
    return np.arange(n) >= round(n * (1 - rate))


def test_summary_has_one_row_a_model_by_classes_and_view(results, groups):
    table = compare.summary(results, {}, groups=groups)
    assert table["subset"].tolist() == [2] * 6 + [10] * 6
    assert table["view"].tolist() == ["sound", "sound", "picture", "picture", "shuffled", "shuffled"] * 2
    added = ["parameters", "information_bits", *retention.KEYS]
    assert list(table.columns) == ["subset", "view", "model", *metrics.KEYS, *metrics.POSITIVE, *added]
    assert table["retention"].notna().tolist() == [True, True, False, False, False, False] * 2


def test_pairs_are_what_a_study_asks_and_no_others(results, groups):
    table = compare.pairs(results, groups=groups)
    asked = [
        ("models on sound", "sound", "cnn", "sound", "lstm"),
        ("models on picture", "picture", "cnn", "picture", "lstm"),
        ("sound against picture", "sound", "cnn", "picture", "cnn"),
        ("sound against picture", "sound", "lstm", "picture", "lstm"),
        ("shuffled against chance", "shuffled", "cnn", "chance", ""),
        ("shuffled against chance", "shuffled", "lstm", "chance", ""),
    ]
    columns = ["question", "first_view", "first_model", "second_view", "second_model"]
    for subset in (2, 10):
        rows = table.loc[table["subset"] == subset, columns]
        assert list(rows.itertuples(index=False, name=None)) == asked


def test_in_colour_the_sound_and_the_picture_are_measured_against_it(results, groups):
    labels = np.arange(N) % 10
    for model in ("cnn", "lstm"):
        results[10, "colour", model] = scored(predictions(labels, CLASSES, skill=5.0, seed=9))
    table = compare.summary(results, {}, groups=groups)
    rows = table[table["subset"] == 10].set_index(["view", "model"])
    accuracy = rows["accuracy"] - 0.1
    for view in ("sound", "picture"):
        expected = accuracy[view, "cnn"] / accuracy["colour", "cnn"]
        assert rows["retention"][view, "cnn"] == pytest.approx(expected, abs=1e-5)
    asked = compare.pairs(results, groups=groups)
    questions = list(dict.fromkeys(asked.loc[asked["subset"] == 10, "question"]))
    assert questions == [
        *("models on sound", "models on picture", "models on colour"),
        *("sound against colour", "sound against picture", "picture against colour"),
        "shuffled against chance",
    ]


def test_a_view_alone_with_one_model_asks_nothing(results, groups):
    (key, *_) = [key for key in results if key[1] == "sound"]
    assert compare.pairs({key: results[key]}, groups=groups).empty


def test_a_pair_agrees_with_its_accuracies(results, groups):
    table = compare.pairs(results, groups=groups)
    for pair in table.to_dict("records"):
        first = results[pair["subset"], pair["first_view"], pair["first_model"]][0]["accuracy"]
        second = 1 / pair["subset"]
        if pair["second_view"] != "chance":
            second = results[pair["subset"], pair["second_view"], pair["second_model"]][0]["accuracy"]
        assert pair["difference"] == pytest.approx(first - second)
        assert pair["difference_low"] <= pair["difference"] <= pair["difference_high"]
        assert pair["p_holm"] >= pair["p"]


def test_p_values_are_corrected_within_a_question_of_a_subset(results, groups):
    table = compare.pairs(results, groups=groups)
    for _, rows in table.groupby(["subset", "question"]):
        expected = multipletests(rows["p"], method="holm")[1]
        assert rows["p_holm"].to_numpy() == pytest.approx(expected)


def test_the_floor_costs_the_other_questions_nothing(results, groups):
    without = {key: value for key, value in results.items() if key[1] != "shuffled"}
    table, alone = (compare.pairs(some, groups=groups) for some in (results, without))
    asked = table[table["first_view"] != "shuffled"].reset_index(drop=True)
    pd.testing.assert_frame_equal(asked, alone)


def test_the_floor_is_tested_against_what_needs_no_skill():
    """Nine of ten items are of one class, which naming that class is right on."""
    table = answers(np.ones(N, dtype=bool))
    label = np.where(np.arange(N) % 10 == 0, "b", "a")
    table = table.assign(label=label, predicted="a", a=0.9, b=0.1)
    found = compare.pairs({(2, "shuffled", "cnn"): scored(table)}, groups=each_its_own(table)).iloc[0]
    assert found["difference"] == 0
    assert found["p_holm"] == 1


def test_runs_of_models_may_differ_in_number():
    right = np.random.default_rng(0).random((5, N)) < 0.9
    pair = pair_of(right, right[:1])
    assert (pair["first_runs"], pair["second_runs"], pair["n"]) == (5, 1, N)
    assert pair["difference"] == pytest.approx(right.mean() - right[0].mean())
    assert pair["test"] == "interval"


def test_runs_shuffle_labels_of_their_own():
    runs = [
        predictions(np.random.default_rng(run).permutation(N) % 2, ["c0", "c1"], skill=0) for run in (1, 2)
    ]
    table = pd.concat([own.assign(run=run) for run, own in enumerate(runs, 1)], ignore_index=True)
    sound = predictions(np.arange(N) % 2, ["c0", "c1"], skill=3, runs=2)
    results = {(2, "sound", "cnn"): scored(sound), (2, "shuffled", "cnn"): scored(table)}
    (pair,) = compare.pairs(results, groups=each_its_own(table)).to_dict("records")
    assert pair["difference"] == pytest.approx((table["label"] == table["predicted"]).mean() - 0.5)


def test_the_interval_of_identical_models_is_zero():
    pair = pair_of(right_at(0.8), right_at(0.8))
    assert pair[["difference", "difference_low", "difference_high"]].tolist() == [0, 0, 0]
    assert pair["p"] == 1


def test_the_interval_of_identical_runs_is_as_wide_as_runs_differ():
    right = np.random.default_rng(0).random((5, N)) < 0.9
    pair = pair_of(right, right)
    assert (pair["difference"], pair["p"], pair["items_error"]) == (0, 1, 0)
    assert pair["difference_low"] == -pair["difference_high"] <= 0


def test_the_interval_of_a_difference_is_paired():
    # Unpaired, the standard error would be √(2 · .16 / 120) = .052.
    pair = pair_of(right_at(0.8), right_at(0.75))
    assert pair["difference"] == pytest.approx(0.05)
    assert pair["difference_high"] - pair["difference"] < 0.045


def test_the_interval_of_a_difference_shrinks_with_the_number_of_items():
    widths = []
    for n in (60, 240, 960):
        pair = pair_of(right_at(0.8, n), right_at(0.7, n))
        widths.append(pair["difference_high"] - pair["difference_low"])
    assert widths[0] > 1.7 * widths[1] > 2.9 * widths[2]


def test_the_interval_of_a_difference_is_wider_where_groups_are_alike():
    first, second = right_at(0.8), right_at(0.6)
    blocks = pd.Series(np.arange(N) // 12, index=answers(first)["id"])
    wide, narrow = pair_of(first, second, blocks), pair_of(first, second)
    assert wide["difference_high"] - wide["difference_low"] > 1.5 * (
        narrow["difference_high"] - narrow["difference_low"]
    )


def test_neither_the_order_of_rows_nor_that_of_models_matters(results, groups):
    mixed = {
        key: (found, table.sample(frac=1, random_state=0))
        for key, (found, table) in reversed(results.items())
    }
    order = {key: mixed[key] for key in sorted(mixed, key=lambda key: key[2])}  # cnn before lstm, as above
    for function in (partial(compare.summary, transfers={}), compare.pairs):
        again = function(order, groups=groups.iloc[::-1])
        pd.testing.assert_frame_equal(again, function(results, groups=groups))


def test_summary_metrics_hold_accuracy_retention_and_the_count_of_warnings(results, groups):
    table = compare.summary(results, {}, groups=groups)
    tree = compare.summary_metrics(table, warnings=2)
    assert list(tree) == ["2", "10", "warnings"]
    assert tree["warnings"] == 2
    assert tree["10"]["sound"]["cnn"] == {
        "accuracy": table.loc[6, "accuracy"],
        "retention": table.loc[6, "retention"],
    }
    assert list(tree["2"]["picture"]["lstm"]) == ["accuracy"]


def test_accuracy_by_classes_has_a_line_for_each_model_and_for_chance(results, groups):
    predictions = {model: table for model, (_, table) in results.items()}
    lines = compare.accuracy_by_classes(compare.summary(results, {}, groups=groups), predictions)
    assert lines.groupby("series").size().to_dict() == {
        **{f"{model} on {view}": 2 for model in ("cnn", "lstm") for view in ("sound", "picture", "shuffled")},
        "chance": 2,
    }
    assert set(lines["run"]) == {"all"}
    assert lines[lines["series"] == "chance"].set_index("classes")["accuracy"].to_dict() == {2: 0.5, 10: 0.1}


def test_accuracy_by_classes_has_a_row_for_each_of_several_runs():
    right = np.ones((2, 8), bool)
    right[1, :2] = False
    table = answers(right)
    groups = each_its_own(table)
    results = {
        (2, "sound", "cnn"): (metrics.describe(table, groups=groups, classes=["a", "b"], seed=0), table)
    }
    lines = compare.accuracy_by_classes(
        compare.summary(results, {}, groups=groups), {(2, "sound", "cnn"): table}
    )
    assert list(lines["run"]) == ["all", 1, 2, "all"]
    assert list(lines["accuracy"]) == [0.875, 1.0, 0.75, 0.5]
    assert list(lines["accuracy_low"].notna()) == [True, False, False, True]


def test_the_best_is_of_the_largest_subset_and_on_sound():
    table = pd.DataFrame(
        [(2, "sound", "a", 1.0, 0.5), (4, "picture", "b", 0.9, 0.25), (4, "sound", "b", 0.6, 0.25)],
        columns=["subset", "view", "model", "accuracy", "chance"],
    )
    assert (compare.best_row(table)["subset"], compare.best_row(table)["view"]) == (4, "sound")


def test_different_items_are_named(results, groups):
    found, table = results[2, "picture", "lstm"]
    results[2, "picture", "lstm"] = found, table.drop(index=3)
    with pytest.raises(EarshotError, match=r"sound/cnn and picture/lstm differ in 1 items, item003"):
        compare.pairs(results, groups=groups)


def test_different_labels_are_named(results, groups):
    results[2, "picture", "lstm"][1].loc[3, "label"] = "c0"
    with pytest.raises(EarshotError, match=r"picture/lstm differ in 1 items, item003"):
        compare.summary(results, {}, groups=groups)


def test_nothing_to_compare_is_said(groups):
    with pytest.raises(EarshotError, match="nothing to compare"):
        compare.summary({}, {}, groups=groups)


def test_a_class_may_be_called_as_a_column_of_another_table(tmp_path):
    """`correct` is text in the table of wrong labels, and a probability here."""
    write_table(tmp_path / "a.csv", answers([1, 1, 0, 1], first="correct", second="fold"))
    table = checked(read_table(tmp_path / "a.csv"))
    assert table[["correct", "fold"]].to_numpy().dtype == float
