"""What a model gets to see: the subset's clips, their parts and targets."""

import pandas as pd
import pytest

from earshot.dataset.subsets import labelled_rows, permute_targets, subset_classes
from earshot.errors import EarshotError

SPLIT = pd.DataFrame(
    [
        (f"{label}{n}", label, f"g{label}{n}", ["train", "train", "val", "test"][n % 4])
        for label in "cab"
        for n in range(40)
    ],
    columns=["id", "label", "group", "split"],
)
ROWS = pd.DataFrame(
    [(0, row, name, 0.0, 0) for row, name in enumerate(list(SPLIT["id"]) + list(SPLIT["id"][:10]))],
    columns=["shard", "row", "id", "start_s", "copy"],
)


def test_subsets_are_nested_and_follow_the_order_asked_for():
    assert subset_classes(SPLIT, subset=2, classes=None) == ["a", "b"]
    assert subset_classes(SPLIT, subset=2, classes=["c", "a", "b"]) == ["c", "a"]
    assert subset_classes(SPLIT, subset=3, classes=["c", "a", "b"])[:2] == ["c", "a"]


def test_rows_carry_their_items_part_and_target():
    table = labelled_rows(ROWS, SPLIT, classes=["c", "a"])
    assert set(table["label"]) == {"a", "c"}
    assert (table["target"] == table["label"].map({"c": 0, "a": 1})).all()
    clips = table[table["id"] == "c3"]
    assert list(clips["split"]) == ["test", "test"]


def test_variants_are_seen_in_training_alone():
    variants = ROWS.assign(copy=1, row=ROWS["row"] + len(ROWS))
    plain = labelled_rows(ROWS, SPLIT, classes=["a", "b"])
    table = labelled_rows(pd.concat([ROWS, variants]), SPLIT, classes=["a", "b"])
    assert set(table.loc[table["copy"] == 1, "split"]) == {"train"}
    assert table[table["copy"] == 0].reset_index(drop=True).equals(plain)


def test_an_item_without_features_is_missed():
    with pytest.raises(EarshotError, match=r"1 item\(s\) have no features, a0 for one"):
        labelled_rows(ROWS[ROWS["id"] != "a0"], SPLIT, classes=["a", "b"])


def test_permuted_targets_keep_counts_items_and_the_test_part():
    table = labelled_rows(ROWS, SPLIT, classes=["a", "b", "c"])
    shuffled = permute_targets(table, seed=1)
    assert (shuffled.groupby("id")["target"].nunique() == 1).all()
    test = table["split"] == "test"
    assert (shuffled["target"] == table["target"])[test].all()
    assert not (shuffled["target"] == table["target"])[~test].all()
    items = table.drop_duplicates("id").index
    for part in ("train", "val"):
        chosen = items[table.loc[items, "split"] == part]
        assert sorted(shuffled.loc[chosen, "target"]) == sorted(table.loc[chosen, "target"])
    assert permute_targets(table, seed=1).equals(shuffled)
