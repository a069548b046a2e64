"""Which items are shown: by order alone."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from earshot.core.errors import EarshotError
from earshot.explanation.examples import (
    first_right_and_wrong,
    predicted_items,
    rows_of_part,
    sample_evenly,
)
from earshot.training.data import ModelData

CLASSES = ["b", "a"]


def clips(*, per_item=1):
    """A table with rows of twelve items, classes a and b in turn, some in train."""
    rows = [
        {"id": f"{number}", "label": "ab"[number % 2], "split": "test" if number < 10 else "train"}
        for number in range(12)
        for _ in range(per_item)
    ]
    return pd.DataFrame(rows).assign(copy=0, shard=0)


def part_of(table, part="test"):
    return rows_of_part(ModelData(Path("nowhere"), table, CLASSES), part)


def test_a_parts_rows_are_without_variants():
    table = clips().assign(copy=[0, 1] * 6)
    assert part_of(table)["id"].tolist() == ["0", "2", "4", "6", "8"]
    assert part_of(table).index.tolist() == list(range(5))


def test_an_empty_part_says_which_there_are():
    with pytest.raises(EarshotError, match=r"gradcam.part: val has no items.*it has test, train.*split.val"):
        part_of(clips(), "val")


def test_an_item_is_predicted_by_the_mean_of_its_clips_and_stood_for_by_the_first():
    rows = part_of(clips(per_item=2))
    probabilities = np.tile([[0.9, 0.1], [0.3, 0.7]], (10, 1))  # mean .6, .4: class b
    items = predicted_items(rows, probabilities, classes=CLASSES)
    assert items["clip"].tolist() == list(range(0, 20, 2))
    assert set(items["predicted"]) == {"b"}
    assert items["probability"].to_numpy() == pytest.approx(0.6)
    assert items["right"].tolist() == [False, True] * 5


def test_the_first_of_each_class_are_shown_right_before_wrong():
    items = predicted_items(part_of(clips()), np.tile([[0.4, 0.6], [0.4, 0.6]], (5, 1)), classes=CLASSES)
    shown = first_right_and_wrong(items, per_class=2, classes=CLASSES)
    assert shown["id"].tolist() == ["1", "3", "0", "2"]
    assert shown["sheet"].tolist() == ["000_b_wrong.png"] * 2 + ["001_a_right.png"] * 2


def test_a_class_name_makes_a_safe_file_name():
    items = pd.DataFrame({"id": ["0"], "label": ["../ä b"], "right": [True]})
    long = items.assign(label="a" * 240)
    assert first_right_and_wrong(long, per_class=1, classes=["a" * 240])["sheet"].str.len().max() < 120
    assert first_right_and_wrong(items, per_class=1, classes=["../ä b"])["sheet"].tolist() == [
        "000__b_right.png"
    ]


def test_the_checked_items_do_not_depend_on_the_model():
    rows = part_of(clips())
    rng = np.random.default_rng(0)
    several = [
        sample_evenly(
            predicted_items(rows, rng.dirichlet([1, 1], len(rows)), classes=CLASSES), count=5, classes=CLASSES
        )
        for _ in range(5)
    ]
    assert {tuple(items["id"]) for items in several} == {("1", "0", "3", "2", "5")}
