"""Balancing: the same count for every class, groups whole, stable."""

import pandas as pd
import pytest

from earshot.core.errors import EarshotError
from earshot.dataset.balance import balance


def items(**groups):
    """A table of items from `label=[sizes of its groups]`."""
    rows = [
        (f"{label}/{group}/{item}", label, f"{label}{group}")
        for label, sizes in groups.items()
        for group, size in enumerate(sizes)
        for item in range(size)
    ]
    return pd.DataFrame(rows, columns=["id", "label", "group"])


@pytest.mark.parametrize(
    ("groups", "count"),
    [
        ({"a": [1] * 9, "b": [1] * 4, "c": [1] * 6}, 4),
        ({"a": [3, 3, 3], "b": [2, 2, 2]}, 6),
        ({"a": [5, 4], "b": [4, 4]}, 4),
        ({"a": [7, 2, 1], "b": [9]}, 9),
    ],
)
def test_every_class_keeps_the_largest_count_that_whole_groups_make(groups, count):
    table = items(**groups)
    kept = balance(table, method="downsample", classes=list(groups), seed=1)
    assert kept["label"].value_counts().to_dict() == dict.fromkeys(groups, count)
    whole = table.groupby("group").size()
    assert (kept.groupby("group").size() == whole[sorted(set(kept["group"]))]).all()


def test_groups_that_never_add_up_are_refused_with_their_sizes():
    with pytest.raises(EarshotError, match=r"a \[2, 2\].*b \[3\]"):
        balance(items(a=[2, 2], b=[3]), method="downsample", classes=["a", "b"], seed=1)


def test_a_class_that_rejects_in_one_group_larger_than_the_others_is_refused():
    table = items(dog=[1] * 10, owl=[1] * 10, noise=[50])
    options = {"classes": ["dog", "owl", "noise"], "rejecting": ["noise"], "seed": 1}
    with pytest.raises(EarshotError, match=r"downsample finds no number .* noise \[50\]"):
        balance(table, method="downsample", **options)


def test_none_keeps_all_of_the_study_and_nothing_else():
    table = items(a=[1] * 5, b=[1] * 2, c=[1])
    assert len(balance(table, method="none", classes=["a", "b"], seed=1)) == 7


def test_the_seed_alone_chooses():
    table = items(a=[1] * 40, b=[1] * 10)
    first = balance(table, method="downsample", classes=["a", "b"], seed=1)
    mixed = balance(table.sample(frac=1, random_state=0), method="downsample", classes=["a", "b"], seed=1)
    other = balance(table, method="downsample", classes=["a", "b"], seed=2)
    assert set(first["id"]) == set(mixed["id"]) != set(other["id"])


def test_a_file_that_goes_moves_at_most_one_other():
    table = items(a=[1] * 40, b=[1] * 10)
    kept = balance(table, method="downsample", classes=["a", "b"], seed=1)
    fewer = table[table["id"] != kept["id"].iloc[0]]
    after = balance(fewer, method="downsample", classes=["a", "b"], seed=1)
    assert len(set(after["id"]) - set(kept["id"])) == 1


@pytest.mark.parametrize(("noise", "count"), [([2, 1], 3), ([4, 3], 7), ([4] * 9, 8)])
def test_a_class_that_rejects_has_as_many_items_as_the_others_or_fewer(noise, count):
    table = items(a=[2] * 4, b=[1] * 9, noise=noise)
    classes = ["a", "b", "noise"]
    balanced = balance(table, method="downsample", classes=classes, rejecting=["noise"], seed=1)
    counts = balanced["label"].value_counts().to_dict()
    assert counts == {"a": 8, "b": 8, "noise": count}
