"""Which items of a part are explained and shown: by a fixed order, never picked by hand."""

import re

import numpy as np
import pandas as pd

from earshot.core.errors import EarshotError
from earshot.evaluation.predictions import by_item

VERDICTS = {True: "right", False: "wrong"}


def rows_of(table, *, part):
    """The clips of one part as they are, without the variants that training adds.

    table : DataFrame of dataset.subsets.labelled_rows
    part : str, `gradcam.part`
    """
    rows = table[(table["split"] == part) & (table["copy"] == 0)]
    if rows.empty:
        met = ", ".join(sorted(set(table["split"])))
        raise EarshotError(
            f"gradcam.part: {part} has no items in this split; it has {met}. Choose one of them, or raise split.{part}"
        )
    return rows.reset_index(drop=True)


def judged(rows, probabilities, *, classes):
    """What the model says of each item, and the clip that stands for it.

    rows : DataFrame, one row a clip, as `rows_of` gives it
    probabilities : array, shape (clips, classes)
    Returns DataFrame `id, label, predicted, probability, right, clip`, one row an item in the order of the rows:
    probability is that of the predicted class, clip the place in `rows` of the item's first clip.
    """
    told = by_item(rows, probabilities, classes=classes)
    return pd.DataFrame(
        {
            "id": told["id"],
            "label": told["label"],
            "predicted": told["predicted"],
            "probability": told[classes].max(axis=1),
            "right": told["label"] == told["predicted"],
            "clip": rows.reset_index().drop_duplicates("id")["index"].to_numpy(),
        }
    )


def chosen(items, *, per_class, classes):
    """The first items of each class that are right, and the first that are wrong.

    items : DataFrame of `judged`
    Returns them in class order, the right ones before the wrong, with `sheet`, the file that they are drawn in.
    """
    items = items[items.groupby(["label", "right"]).cumcount() < per_class]
    place = items["label"].map(classes.index)
    items = items.assign(
        sheet=[
            f"{number:03d}_{re.sub(r'[^A-Za-z0-9]+', '_', label)}_{VERDICTS[right]}.png"
            for number, label, right in zip(place, items["label"], items["right"], strict=True)
        ]
    )
    return items.iloc[np.lexsort((~items["right"], place))]


def spread(items, *, count, classes):
    """The first items of the classes in turn, `count` in all: the same ones whatever the model says of them."""
    turn = items.groupby("label").cumcount()
    place = items["label"].map(classes.index)
    return items.loc[np.lexsort((place, turn))[:count]]
