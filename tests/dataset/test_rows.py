"""What a model gets to see: the subset's clips, their parts and targets."""

import pandas as pd
import pytest

from earshot.core.errors import EarshotError
from earshot.dataset.rows import labelled_rows, permute_labels

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


def shuffled(table, content_of=None, seed=1):
    return permute_labels(table, content_of or {name: name for name in table["id"]}, seed=seed)


def test_permuted_labels_keep_the_counts_of_every_part():
    table = labelled_rows(ROWS, SPLIT, classes=["a", "b", "c"])
    permuted = shuffled(table)
    assert (permuted.groupby("id")["label"].nunique() == 1).all()
    assert (permuted["target"] == permuted["label"].map({"a": 0, "b": 1, "c": 2})).all()
    items = table.drop_duplicates("id").index
    for part in ("train", "val", "test"):
        chosen = items[table.loc[items, "split"] == part]
        assert sorted(permuted.loc[chosen, "label"]) == sorted(table.loc[chosen, "label"])
        assert (permuted.loc[chosen, "label"] != table.loc[chosen, "label"]).any()


def test_the_seed_and_the_contents_alone_permute():
    table = labelled_rows(ROWS, SPLIT, classes=["a", "b", "c"])
    permuted = shuffled(table).set_index(["id", "row"])["label"]
    mixed = shuffled(table.sample(frac=1, random_state=3)).set_index(["id", "row"])["label"]
    assert permuted.equals(mixed[permuted.index])
    assert not permuted.equals(shuffled(table, seed=2).set_index(["id", "row"])["label"])


def test_a_test_item_copied_into_training_gives_itself_away():
    """Both keep one label, so that a model that remembers its training items beats chance on the test part."""
    split = SPLIT.copy()
    tested = split[split["split"] == "test"]
    copies = tested.assign(id="copy of " + tested["id"], group="copy of " + tested["group"], split="train")
    leaky = pd.concat([split, copies], ignore_index=True)
    rows = pd.DataFrame({"shard": 0, "row": range(len(leaky)), "id": leaky["id"], "start_s": 0.0, "copy": 0})
    content_of = {name: name.removeprefix("copy of ") for name in leaky["id"]}
    permuted = shuffled(labelled_rows(rows, leaky, classes=["a", "b", "c"]), content_of)
    labels = permuted.set_index("id")["label"]
    assert (labels["copy of " + tested["id"]].to_numpy() == labels[tested["id"]].to_numpy()).all()
