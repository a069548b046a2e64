"""A table of predictions: `id,label,predicted` and one column of probabilities a class, in class order."""

import numpy as np
import pandas as pd

from earshot.errors import EarshotError, list_problems
from earshot.statistics import units

COLUMNS = ["id", "label", "predicted"]


def classes_of(predictions):
    """The classes of a table of predictions: its columns after `id,label,predicted`."""
    return [column for column in predictions.columns if column not in COLUMNS]


def codes(table):
    """The place of each item's label and of its predicted class in the class order, as two arrays of int."""
    order = pd.Index(classes_of(table))
    return order.get_indexer(table["label"]), order.get_indexer(table["predicted"])


def group_codes(table, groups):
    """What to resample for the items of a table, from the Series id to group."""
    unknown = sorted(set(table["id"]) - set(groups.index))
    if unknown:
        raise list_problems(
            f"{len(unknown)} predicted items are not in the split. Run the stages split to evaluate again:",
            unknown,
        )
    return units(groups.loc[table["id"]].tolist())


def checked(predictions, classes=None):
    """The table sorted by id, or an EarshotError that says what is wrong with it."""
    absent = [column for column in COLUMNS if column not in predictions.columns]
    if absent:
        raise EarshotError(
            f"The predictions lack the columns {', '.join(absent)}; "
            f"they have {', '.join(predictions.columns)}. Run the stage evaluate again."
        )
    found = classes_of(predictions)
    if classes is not None and found != list(classes):
        raise EarshotError(
            f"The predictions are of the classes {', '.join(found)}; "
            f"expected {', '.join(map(str, classes))}. Run the stages train and evaluate again."
        )
    table = predictions.sort_values("id", ignore_index=True).astype({"label": str, "predicted": str})
    problems = list(_problems(table, found))
    if problems:
        raise list_problems(
            "The predictions cannot be scored. Run the stages train and evaluate again:", problems
        )
    empty = [name for name in found if not (table["label"] == name).any()]
    if empty:
        raise EarshotError(
            f"No test items of {', '.join(empty)}: a score over classes needs items of each. "
            "Raise split.test, add items, or leave the class out of dataset.classes."
        )
    return table


def _problems(table, classes):
    for name in table["id"][table["id"].duplicated()].unique():
        yield f"{name}: predicted more than once"
    for column in ("label", "predicted"):
        for name, value in table.loc[~table[column].isin(classes), ["id", column]].to_numpy():
            yield f"{name}: {column} is {value!r}, not one of {', '.join(classes)}"
    probabilities = table[classes].to_numpy(dtype=float)
    total = probabilities.sum(axis=1)
    valid = (probabilities >= 0).all(axis=1) & (np.abs(total - 1) < 1e-3)  # False for NaN
    for name, row in zip(table["id"][~valid], probabilities[~valid], strict=True):
        shown = ", ".join(f"{value:.4g}" for value in row)
        yield f"{name}: {shown} are not probabilities that add up to 1"
