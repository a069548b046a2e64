"""Groups: what shares a source is in one, and none is cut."""

import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.model_selection import StratifiedGroupKFold

from earshot.dataset.groups import are_named, contents, deal_groups, duplicates, join_groups, name_groups
from earshot.dataset.items import list_items
from earshot.dataset.probe import probe


def grouped(root):
    items = probe(list_items(root, kind="pictures"), kind="pictures")
    return items.assign(group=name_groups(items))


def test_byte_identical_files_share_a_group_and_are_reported(picture_folders):
    shutil.copy(picture_folders / "a" / "3.png", picture_folders / "b" / "copy.png")
    items = grouped(picture_folders)
    assert duplicates(items) == [["a/3", "b/copy"]]
    assert items["group"].nunique() == len(items) - 1


def test_groups_are_named_where_the_data_set_brings_them():
    items = pd.DataFrame({"id": ["a", "b", "c"], "hash": ["1" * 64, "2" * 64, "2" * 64]})
    own = items.assign(group=name_groups(items))
    assert not are_named(own)
    assert not are_named(own.assign(group=join_groups(own, pd.DataFrame({"first": ["a"], "second": ["b"]}))))
    assert are_named(items.assign(group=name_groups(items, ["one", "two", "three"])))


def test_groups_that_share_a_file_become_one():
    items = pd.DataFrame({"hash": ["1", "2", "1", "3", "2"]})
    assert name_groups(items, ["x", "y", "y", "z", "w"]) == ["w", "w", "w", "z", "w"]


def test_parts_of_one_file_are_one_group_and_no_duplicates_unless_told_otherwise():
    items = pd.DataFrame({"id": list("abc"), "hash": ["1"] * 3, "start_s": [0.0, 1, 0], "end_s": [1.0, 2, 1]})
    assert len(set(name_groups(items))) == 1
    assert duplicates(items) == [["a", "c"]]
    assert name_groups(items, ["x", "y", "z"]) == ["x", "y", "x"]
    assert len(set(contents(items))) == 2


def test_other_files_coming_or_going_change_no_id_and_no_group(picture_folders):
    before = grouped(picture_folders).set_index("id")["group"]
    (picture_folders / "a" / "0.png").unlink()
    (picture_folders / "a" / "5.png").rename(picture_folders / "a" / "renamed.png")
    Image.new("L", (9, 9)).save(picture_folders / "b" / "0a.png")
    after = grouped(picture_folders).set_index("id")["group"]
    both = before.index.intersection(after.index)
    assert len(both) == 14
    assert before[both].equals(after[both])


def unequal_groups(name):
    """A table `label, group`, one row an item, whose groups are of very different sizes."""
    rng = np.random.default_rng(0)
    if name == "speakers who say all words, some of them often":
        takes = rng.integers(2, 40, 30)
        rows = [(word, f"s{s}") for s, count in enumerate(takes) for word in "abcde" for _ in range(count)]
    else:
        sizes = 1 + rng.lognormal(1, 1, (5, 40)).astype(int)
        rows = [(f"{c}", f"{c}-{g}") for c in range(5) for g in range(40) for _ in range(sizes[c, g])]
    return pd.DataFrame(rows, columns=["label", "group"])


UNEQUAL = ["speakers who say all words, some of them often", "recordings of one class each"]


@pytest.mark.parametrize("name", UNEQUAL)
def test_unequal_shares_are_met_by_unequal_groups(name):
    items, shares = unequal_groups(name), np.array([0.7, 0.15, 0.15])
    counts = pd.crosstab(items["group"], items["label"])
    places = deal_groups(counts, shares, seed=1, name="split")
    assert set(places) == set(items["group"])
    met = pd.crosstab(items["label"], items["group"].map(places), normalize="index")
    assert abs(met.to_numpy() - shares).max() < 0.02


@pytest.mark.parametrize("name", UNEQUAL)
def test_equal_shares_are_met_at_least_as_well_as_by_scikit_learn(name):
    def farthest(places):
        return abs(pd.crosstab(items["label"], places, normalize="index").to_numpy() - 0.2).max()

    items = unequal_groups(name)
    counts = pd.crosstab(items["group"], items["label"])
    ours = items["group"].map(deal_groups(counts, np.full(5, 0.2), seed=1, name="folds"))
    splitter = StratifiedGroupKFold(n_splits=5, shuffle=True, random_state=1)
    reference = np.zeros(len(items))
    for place, (_, held_out) in enumerate(splitter.split(items, items["label"], items["group"])):
        reference[held_out] = place
    assert farthest(ours) <= farthest(reference)


def test_groups_of_near_duplicates_become_one():
    items = pd.DataFrame({"id": list("abcde"), "group": ["v", "w", "x", "y", "w"]})
    pairs = pd.DataFrame({"first": ["b", "d", "a"], "second": ["c", "c", "gone"]})
    assert join_groups(items, pairs) == ["v", "w", "w", "w", "w"]
