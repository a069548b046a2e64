"""A table of predictions: `id,label,predicted` and one column of probabilities a class, in class order."""

import numpy as np
import pandas as pd

from earshot.core.errors import EarshotError, list_problems
from earshot.evaluation.intervals import units

COLUMNS = ["id", "label", "predicted"]
VIEWS = ["sound", "picture", "shuffled"]


def classes_of(predictions):
    """The classes of a table of predictions: its columns after `id,label,predicted`."""
    return [column for column in predictions.columns if column not in COLUMNS]


def codes(table):
    """The place of each item's label and of its predicted class in the class order, as two arrays of int."""
    order = pd.Index(classes_of(table))
    return order.get_indexer(table["label"]), order.get_indexer(table["predicted"])


def is_right(table):
    """Whether each item got its label, bool, shape (items,)."""
    return (table["label"] == table["predicted"]).to_numpy()


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


def aligned(results):
    """{subset: {(view, model): predictions}}, all of one subset over the same items in the same order.

    Subsets go by their number of classes, views in the order of `VIEWS`, models in the order given.
    """
    if not results:
        raise EarshotError("There is nothing to compare. List subsets, views and models in params.yaml.")
    parts = {}
    for (subset, view, model), (_, predictions) in sorted(results.items(), key=_place):
        parts.setdefault(subset, {})[view, model] = checked(predictions)
    problems = [problem for subset, part in parts.items() for problem in _unequal(subset, part)]
    if problems:
        raise list_problems(
            "These models were tested on different items. Run the stage evaluate again for them:", problems
        )
    return parts


def _place(result):
    (_, view, _), (_, predictions) = result
    return len(predictions.columns), VIEWS.index(view)


def _unequal(subset, part):
    first, *others = part
    for other in others:
        # id and label in one, so that an item whose label changed is found too; shuffled labels have to differ
        either_shuffled = "shuffled" in (first[0], other[0])
        labels = [
            dict(zip(part[key]["id"], part[key]["id" if either_shuffled else "label"], strict=True))
            for key in (first, other)
        ]
        unequal = sorted({name for name, _ in labels[0].items() ^ labels[1].items()})
        if unequal:
            yield (
                f"subset {subset}: {'/'.join(first)} and {'/'.join(other)} differ in {len(unequal)} items, "
                f"{unequal[0]} for one"
            )


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


def by_item(rows, probabilities, *, classes):
    """A table of predictions from those of clips: an item's probabilities are the mean over its clips.

    rows : DataFrame with `id, label`, one row a clip
    probabilities : array, shape (clips, classes)
    """
    table = pd.DataFrame(probabilities.astype(np.float64), columns=classes)
    means = table.groupby(rows["id"].to_numpy(), sort=False).mean()
    labels = rows.drop_duplicates("id").set_index("id")["label"]
    predicted = np.array(classes)[means.to_numpy().argmax(axis=1)]
    means.insert(0, "predicted", predicted)
    means.insert(0, "label", labels[means.index])
    return means.rename_axis("id").reset_index()
