"""Which items are shown, which are checked and which a method is chosen by: by a fixed order, never picked by hand."""

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.config.gradcam import GradCam
from earshot.core.errors import EarshotError
from earshot.evaluation.predictions import by_item
from earshot.explanation.maps import VERDICTS
from earshot.training.data import ModelData

NAME_LENGTH = 80  # of a class in a file's name, which file systems bound by 255 bytes


def rows_of_part(data: ModelData, part: str) -> pd.DataFrame:
    """The clips of one part, `gradcam.part`, numbered from 0. Raises EarshotError where it has none."""
    rows = data.rows(part)
    if rows.empty:
        present = ", ".join(sorted(set(data.table["split"])))
        raise EarshotError(
            f"gradcam.part: {part} has no items in this split; it has {present}. Choose one of them, "
            f"or raise split.{part}"
        )
    return rows.reset_index(drop=True)


def predicted_items(
    rows: pd.DataFrame, probabilities: NDArray[np.float32], *, classes: list[str]
) -> pd.DataFrame:
    """What the model predicts for each item, and the clip that stands for the item.

    rows : one row a clip, as `rows_of_part` gives it
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


def items_to_choose_by(data: ModelData, *, settings: GradCam) -> pd.DataFrame:
    """The clips of the items that the method is chosen by: of the first of val, train and test that is not shown.

    Where there is no other part than the one that is shown, they are of that.
    """
    parts = [part for part in ("val", "train", "test") if part != settings.part]
    rows = next(rows for rows in map(data.rows, [*parts, settings.part]) if not rows.empty)
    first = sample_evenly(rows.drop_duplicates("id"), count=settings.checked, classes=data.classes)
    return rows[rows["id"].isin(first["id"])].reset_index(drop=True)


def class_numbers(labels: "pd.Series[str]", classes: list[str]) -> NDArray[np.int64]:
    """The place of each label in the class order."""
    return pd.Index(classes).get_indexer(pd.Index(labels)).astype(np.int64)
