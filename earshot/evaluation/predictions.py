"""A table of predictions: `run,id,label,predicted` and one column of probabilities a class, in class order."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.core.errors import EarshotError, list_problems
from earshot.evaluation.intervals import units

COLUMNS = ["id", "label", "predicted"]
VIEWS = ["sound", "picture", "shuffled"]

Key = tuple[int, str, str]  # subset, view, model
Results = Mapping[Key, tuple[Mapping[str, Any], pd.DataFrame]]  # a model's metrics and its predictions
Part = dict[tuple[str, str], pd.DataFrame]  # predictions of one subset by view and model


def classes_of(predictions: pd.DataFrame) -> list[str]:
    """The classes of a table of predictions: its columns after `run,id,label,predicted`."""
    return [column for column in predictions.columns if column not in ("run", *COLUMNS)]


def codes(table: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The place of each item's label and of its predicted class in the class order, as two arrays of int."""
    order = pd.Index(classes_of(table))
    label, predicted = (order.get_indexer(pd.Index(table[column])) for column in ("label", "predicted"))
    return label, predicted


def is_right(table: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether each item got its label, shape (items,)."""
    return (table["label"] == table["predicted"]).to_numpy()


def group_codes(table: pd.DataFrame, groups: pd.Series) -> NDArray[np.int64]:
    """What to resample for the items of a table, from the Series id to group."""
    unknown = sorted(set(table["id"]) - set(groups.index))
    if unknown:
        raise list_problems(
            f"{len(unknown)} predicted items are not in the split. Run the stages split to evaluate again:",
            unknown,
        )
    return units(groups.loc[table["id"]].tolist())


def checked(predictions: pd.DataFrame, classes: Sequence[str] | None = None) -> pd.DataFrame:
    """The first run's rows sorted by id, or an EarshotError that says what is wrong with it."""
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
    if "run" in predictions:
        predictions = predictions[predictions["run"] == 1].drop(columns="run")
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


def aligned(results: Results) -> dict[int, Part]:
    """{subset: {(view, model): predictions}}, all of one subset over the same items in the same order.

    Subsets go by their number of classes, views in the order of `VIEWS`, models in the order given.
    """
    if not results:
        raise EarshotError("There is nothing to compare. List subsets, views and models in params.yaml.")
    parts: dict[int, Part] = {}
    for (subset, view, model), (_, predictions) in sorted(results.items(), key=_place):
        parts.setdefault(subset, {})[view, model] = checked(predictions)
    problems = [problem for subset, part in parts.items() for problem in _unequal(subset, part)]
    if problems:
        raise list_problems(
            "These models were tested on different items. Run the stage evaluate again for them:", problems
        )
    return parts


def no_skill(part: Part) -> float:
    """The accuracy that guessing gets at best: 1/k, or the largest class's share of the test items."""
    table = next(iter(part.values()))
    return max(1 / len(classes_of(table)), float(table["label"].value_counts(normalize=True).iloc[0]))


def _place(result: tuple[Key, tuple[Mapping[str, Any], pd.DataFrame]]) -> tuple[int, int]:
    (_, view, _), (_, predictions) = result
    return len(predictions.columns), VIEWS.index(view)


def _unequal(subset: int, part: Part) -> Iterator[str]:
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


def _problems(table: pd.DataFrame, classes: list[str]) -> Iterator[str]:
    for name in table["id"][table["id"].duplicated()].unique():
        yield f"{name}: predicted more than once"
    for column in ("label", "predicted"):
        for name, value in table.loc[~table[column].isin(classes), ["id", column]].to_numpy():
            yield f"{name}: {column} is {value!r}, not one of {', '.join(classes)}"
    probabilities = table[classes].to_numpy(dtype=float)
    total = probabilities.sum(axis=1)
    valid = (probabilities >= 0).all(axis=1) & (np.abs(total - 1) < 1e-3)  # False for NaN
    for name, row in zip(table["id"][~valid], probabilities[~valid], strict=True):
        values = ", ".join(f"{value:.4g}" for value in row)
        yield f"{name}: {values} are not probabilities that add up to 1"


def by_item(rows: pd.DataFrame, probabilities: NDArray[np.float32], *, classes: list[str]) -> pd.DataFrame:
    """A table of predictions from those of clips: an item's probabilities are the mean over its clips.

    rows : DataFrame with `id, label`, one row a clip
    probabilities : shape (clips, classes)
    """
    table = pd.DataFrame(probabilities.astype(np.float64), columns=classes)
    means = table.groupby(rows["id"].to_numpy(), sort=False).mean()
    labels = rows.drop_duplicates("id").set_index("id")["label"]
    predicted = np.array(classes)[means.to_numpy().argmax(axis=1)]
    means.insert(0, "predicted", predicted)
    means.insert(0, "label", labels[means.index])
    return means.rename_axis("id").reset_index()


def by_run(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One table of predictions with the column `run`, from those of the runs in the order of their numbers."""
    return pd.concat(
        [table.assign(run=run)[["run", *table.columns]] for run, table in enumerate(tables, 1)],
        ignore_index=True,
    )
