"""Which items of a part are shown and which are checked: by a fixed order, never picked by hand."""

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.evaluation.predictions import by_item
from earshot.explanation.maps import VERDICTS

NAME_LENGTH = 80  # of a class in a file's name, which file systems bound by 255 bytes


def predicted_items(
    rows: pd.DataFrame, probabilities: NDArray[np.float32], *, classes: list[str]
) -> pd.DataFrame:
    """What the model predicts for each item, and the clip that stands for the item.

    rows : one row a clip, as `explain_part.rows_of_part` gives it
    probabilities : shape (clips, classes)
    Returns DataFrame `id, label, predicted, probability, right, clip, shard`, one row an item in the order of the
    rows: probability is that of the predicted class, clip the place in `rows` of the item's first clip, shard its own.
    """
    first = rows.reset_index(names="clip").drop_duplicates("id")
    predictions = by_item(rows, probabilities, classes=classes)
    return pd.DataFrame(
        {
            "id": predictions["id"],
            "label": predictions["label"],
            "predicted": predictions["predicted"],
            "probability": predictions[classes].max(axis=1),
            "right": predictions["label"] == predictions["predicted"],
            "clip": first["clip"].to_numpy(),
            "shard": first["shard"].to_numpy(),
        }
    )


def first_right_and_wrong(items: pd.DataFrame, *, per_class: int, classes: list[str]) -> pd.DataFrame:
    """The first `per_class` items of each class that are right, and the first that are wrong.

    items : as `predicted_items` gives them
    Returns them in class order, the right ones before the wrong, with `sheet`, the file that they are drawn in.
    """
    items = items[items.groupby(["label", "right"]).cumcount() < per_class]
    number = class_numbers(items["label"], classes)
    items = items.assign(
        sheet=[
            f"{place:03d}_{re.sub(r'[^A-Za-z0-9]+', '_', label)[:NAME_LENGTH]}_{VERDICTS[right]}.png"
            for place, label, right in zip(number, items["label"], items["right"], strict=True)
        ]
    )
    return items.iloc[np.lexsort((~items["right"], number))]


def sample_evenly(items: pd.DataFrame, *, count: int, classes: list[str]) -> pd.DataFrame:
    """The first items of the classes in turn, `count` in all: the same ones whatever the model predicts."""
    turn = items.groupby("label").cumcount()
    return items.iloc[np.lexsort((class_numbers(items["label"], classes), turn))[:count]]


def class_numbers(labels: "pd.Series[str]", classes: list[str]) -> NDArray[np.int64]:
    """The place of each label in the class order."""
    return pd.Index(classes).get_indexer(pd.Index(labels)).astype(np.int64)
