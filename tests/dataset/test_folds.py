"""Folds: every item held out once, groups whole, classes in proportion."""

import pandas as pd
import pytest
from sklearn.model_selection import LeaveOneGroupOut

from earshot.core.errors import EarshotError
from earshot.dataset.folds import give_folds, parts_of_fold


def some_items(*, groups=12, per_group=4, classes="ab", fold=""):
    """Every group has items of every class."""
    return pd.DataFrame(
        [
            {"id": f"{g}/{label}{n}", "label": label, "group": f"g{g}", "fold": fold}
            for g in range(groups)
            for label in classes
            for n in range(per_group)
        ]
    )


@pytest.mark.parametrize("k", [2, 3, 5])
def test_groups_are_whole_and_classes_keep_their_shares(k):
    items = some_items(groups=30, per_group=2, classes="abc")
    names = give_folds(items, folds=k, seed=1)
    assert sorted(names.unique()) == [str(number + 1) for number in range(k)]
    assert names.groupby(items["group"]).nunique().eq(1).all()
    counts = pd.crosstab(names, items["label"])
    assert counts.to_numpy().tolist() == [[60 // k] * 3] * k


def test_single_items_are_dealt_evenly():
    """10 classes of 23 items in 5 folds: 46 items each, 4 or 5 of a class."""
    items = pd.DataFrame([{"id": f"{c}-{n}", "label": str(c)} for c in range(10) for n in range(23)])
    items = items.assign(group=items["id"], fold="")
    names = give_folds(items, folds=5, seed=1)
    assert names.value_counts().tolist() == [46] * 5
    assert set(pd.crosstab(names, items["label"]).to_numpy().ravel()) == {4, 5}


@pytest.mark.parametrize("per_group", [1, 2])
def test_the_order_of_the_rows_does_not_matter_and_the_seed_does(per_group):
    items = some_items(per_group=per_group, classes="ab")
    mixed = items.sample(frac=1, random_state=0)
    names = give_folds(items, folds=3, seed=1)
    assert give_folds(mixed, folds=3, seed=1).sort_index().equals(names)
    assert not give_folds(items, folds=3, seed=2).equals(names)


def test_leave_one_group_out_is_scikit_learns():
    items = some_items()
    names = give_folds(items, folds="leave_one_group_out", seed=1)
    held_out = [set(items.index[names == name]) for name in sorted(names.unique())]
    splits = LeaveOneGroupOut().split(items, groups=items["group"])
    assert held_out == [set(test) for _, test in splits]


def test_official_folds_are_the_data_sets():
    items = some_items().assign(fold=lambda table: table["group"].str[-1])
    assert give_folds(items, folds="official", seed=1).equals(items["fold"])


@pytest.mark.parametrize("val", [0.15, 0.3])
def test_early_stopping_watches_whole_groups_of_the_training_folds(val):
    items = some_items(groups=20)
    names = give_folds(items, folds=4, seed=1)
    parts = parts_of_fold(items, names, held_out="2", val=val, seed=1)
    assert (parts == "test").equals(names == "2")
    assert parts.groupby(items["group"]).nunique().eq(1).all()
    assert pd.crosstab(parts, items["label"]).loc["val"].nunique() == 1
    share = (parts == "val").sum() / (parts != "test").sum()
    assert share == pytest.approx(val, abs=0.07)


def test_of_few_groups_one_is_watched():
    items = some_items(groups=4)
    names = give_folds(items, folds="leave_one_group_out", seed=1)
    parts = parts_of_fold(items, names, held_out="g0", val=0.15, seed=1)
    assert items["group"][parts == "val"].nunique() == 1


def test_nothing_is_watched_where_a_class_would_lose_its_only_training_group():
    items = pd.DataFrame({"id": list("pqrs"), "label": list("aabb"), "group": list("1234"), "fold": ""})
    names = give_folds(items.assign(fold=list("1212")), folds="official", seed=1)
    assert "val" not in set(parts_of_fold(items, names, held_out="1", val=0.2, seed=1))


def test_no_share_watches_nothing():
    items = some_items()
    names = give_folds(items, folds=3, seed=1)
    assert "val" not in set(parts_of_fold(items, names, held_out="1", val=0.0, seed=1))


@pytest.mark.parametrize(
    ("items", "folds", "message"),
    [
        (some_items(groups=3), 5, r"class 'a' has 12 item\(s\) in 3 group\(s\): 5 are wanted"),
        (some_items(fold=""), "official", "96 of 96 items have no fold"),
        (some_items(fold="1"), "official", "one fold only"),
        (some_items().assign(fold=["1", "2"] * 48), "official", r"cut 12 group\(s\) in two, g0, g1"),
        (some_items(groups=1), "leave_one_group_out", "one fold only"),
        (
            some_items().assign(group=lambda table: table["id"]),
            "leave_one_group_out",
            "each of the 96 items is a group of its own",
        ),
        (
            some_items(groups=2).assign(group=lambda table: table["label"]),
            "leave_one_group_out",
            r"class 'a' lies in fold a alone, 8 item\(s\)",
        ),
    ],
)
def test_folds_that_cannot_be_made_say_why(items, folds, message):
    with pytest.raises(EarshotError, match=message):
        give_folds(items, folds=folds, seed=1)
