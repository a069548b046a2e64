"""The split: stratified, groups whole, ratios met or refused."""

import numpy as np
import pandas as pd
import pytest

from earshot.core.errors import EarshotError
from earshot.dataset.split import given_parts, official_test, split, summarize
from tests.dataset.test_balance import items

RATIOS = {"train": 0.7, "val": 0.15, "test": 0.15}


@pytest.mark.parametrize("size", [20, 33, 100, 174])
def test_each_class_is_within_one_item_of_its_ratios(size):
    result = split(items(a=[1] * size, b=[1] * size), ratios=RATIOS, seed=1)
    for _, rows in result.groupby("label"):
        for part, ratio in RATIOS.items():
            assert abs((rows["split"] == part).sum() - ratio * size) <= 1


def test_no_group_is_cut_and_ratios_are_near():
    rng = np.random.default_rng(0)
    table = items(a=list(rng.integers(1, 6, 60)), b=list(rng.integers(1, 6, 60)))
    result = split(table, ratios=RATIOS, seed=3)
    assert (result.groupby("group")["split"].nunique() == 1).all()
    shares = result.groupby("label")["split"].value_counts(normalize=True)
    assert all(abs(shares[label, part] - ratio) < 0.03 for label in "ab" for part, ratio in RATIOS.items())


def test_groups_that_span_classes_stay_whole():
    rows = [(f"{c}_{s}_{i}", c, s) for c in "0123" for s in "uvwxyz" for i in range(5)]
    result = split(pd.DataFrame(rows, columns=["id", "label", "group"]), ratios=RATIOS, seed=1)
    assert result.groupby("split")["group"].nunique().to_dict() == {"train": 4, "val": 1, "test": 1}
    assert summarize(result, list(result["id"]))["groups_in_two_parts"] == 0


def test_the_seed_alone_decides():
    table = items(a=[1] * 50, b=[1] * 50)
    first = split(table, ratios=RATIOS, seed=1).set_index("id")["split"]
    mixed = split(table.sample(frac=1, random_state=4), ratios=RATIOS, seed=1).set_index("id")["split"]
    assert first.equals(mixed[first.index])
    assert not first.equals(split(table, ratios=RATIOS, seed=2).set_index("id")["split"])


@pytest.mark.parametrize(("size", "lacking"), [(1, 4), (2, 3), (4, 1)])
def test_a_class_too_small_for_the_ratios_is_named_with_what_it_lacks(size, lacking):
    with pytest.raises(EarshotError, match=rf"class 'b' has {size} item.* {lacking} lacking"):
        split(items(a=[1] * 20, b=[1] * size), ratios=RATIOS, seed=1)


def test_a_class_that_meets_the_least_number_is_split():
    result = split(items(a=[1] * 20, b=[1] * 5), ratios=RATIOS, seed=1)
    assert set(result.loc[result["label"] == "b", "split"]) == {"train", "val", "test"}


@pytest.mark.parametrize(
    "own", [["test", "", "", ""], ["test", "train", "train", "val"], ["val", "train", "train", "train"]]
)
def test_the_data_sets_own_parts_are_kept_and_the_others_dealt_out_of_its_training_part(own):
    table = items(a=[1] * 20, b=[1] * 20).assign(split=own * 10, path="", fold="")
    result = split(table, ratios=RATIOS, seed=1, given=given_parts(table, test=None))
    for part in set(own) - {"", "train"}:
        assert list(result["split"] == part) == list(table["split"] == part)
    assert set(result["split"]) == {"train", "val", "test"}
    if len(set(own)) == 3:
        assert list(result["split"]) == list(table["split"])


def test_own_parts_and_a_test_pattern_join_unless_both_name_the_test_part():
    table = pd.DataFrame({"path": ["1", "2", "3"], "fold": "", "split": ["train", "val", "train"]})
    assert given_parts(table, test="3") == ["train", "val", "test"]
    with pytest.raises(EarshotError, match="both say which items are the test part"):
        given_parts(table.assign(split=["train", "val", "test"]), test="3")


def test_own_parts_without_a_training_part_are_refused():
    table = pd.DataFrame({"path": ["1", "2"], "fold": "", "split": ["val", "test"]})
    with pytest.raises(EarshotError, match="names test and val and no training part"):
        given_parts(table, test=None)


def test_own_parts_that_cut_a_group_are_refused():
    table = items(a=[2] * 10, b=[2] * 10)
    with pytest.raises(EarshotError, match=r"own parts .* cut 20 group"):
        split(table, ratios=RATIOS, seed=1, given=["test", ""] * 20)


def named(*paths, folds=None):
    return pd.DataFrame({"path": paths, "fold": folds or [""] * len(paths)})


@pytest.mark.parametrize(
    ("test", "folds", "chosen"),
    [
        (r"_[0-4]\.wav$", None, [True, False, False]),
        ("b", ["1", "2", "2"], [False, True, False]),
        ("2", ["1", "2", "2"], [False, True, True]),
        (2, ["1", "2", "2"], [False, True, True]),
    ],
)
def test_the_official_test_part_is_a_fold_or_found_in_the_path(test, folds, chosen):
    assert list(official_test(named("a_1.wav", "b_5.wav", "c_12.wav", folds=folds), test)) == chosen


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ("(", "no regular expression"),
        ("wav", "takes 3 of 3"),
        ("x", "takes 0 of 3"),
        (7, "The folds are 1, 2"),
    ],
)
def test_a_test_part_of_nothing_or_all_is_refused(test, message):
    with pytest.raises(EarshotError, match=message):
        official_test(named("a.wav", "b.wav", "c.wav", folds=["1", "2", "2"]), test)


def test_a_class_that_the_official_test_part_lacks_is_named():
    table = items(a=[1] * 20, b=[1] * 20)
    test = (table["label"] == "a") & (table.groupby("label").cumcount() < 4)
    with pytest.raises(EarshotError, match=r"class 'b' has no item in test.*") as error:
        split(table, ratios=RATIOS, seed=1, given=["test" if chosen else "" for chosen in test])
    assert "leave the class out (dataset.classes)" in str(error.value)


def test_the_report_counts_parts():
    result = split(items(a=[1] * 20, b=[1] * 20), ratios=RATIOS, seed=1)
    counts = summarize(result, list(result["id"]))
    assert counts["train"]["items"] + counts["val"]["items"] + counts["test"]["items"] == 40
    assert counts["test"]["class_share"] == {"a": 0.5, "b": 0.5}


def test_the_report_counts_what_is_found_twice():
    result = pd.DataFrame({"id": list("abcd"), "label": list("xxyy"), "group": list("1233")})
    counts = summarize(result.assign(split=["train", "val", "test", "train"]), ["p", "p", "q", "q"])
    assert (counts["groups_in_two_parts"], counts["duplicates"], counts["duplicates_in_two_parts"]) == (
        1,
        2,
        2,
    )
